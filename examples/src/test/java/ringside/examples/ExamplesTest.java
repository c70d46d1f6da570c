package ringside.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples of docs/embedding.md do what that page says. */
class ExamplesTest {
    private static final Path TESTDATA = Path.of("../testdata");

    @Test
    void aKernelsConsoleIsRead() throws Exception {
        String console = ReadTheConsole.of(TESTDATA.resolve("demo/demo.elf"), "");
        assertTrue(console.lines().count() > 3, console);
    }

    @Test
    void aLaboratorySumsAnArray() {
        assertEquals(42, SumInALaboratory.sum(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 0, 0, 0, 0}));
    }

    @Test
    void aTraceAtABreakpointNamesTheCallers() throws Exception {
        List<String> callers =
                UnwindAtABreakpoint.callers(TESTDATA.resolve("entrykernel/entry-none.elf"), "", "do_page_fault");
        assertTrue(callers.size() > 2, callers.toString());
        assertEquals("do_page_fault", callers.getFirst());
        assertEquals("exc_page_fault", callers.get(1));
    }
}
