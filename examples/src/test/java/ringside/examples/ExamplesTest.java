package ringside.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.machine.Machine;
import ringside.machine.MachineBuilder;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** The examples of docs/embedding.md and docs/add-an-observer.md do what those pages say. */
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

    @Test
    void anObserverSeesTheStoresOfBothEngines(@TempDir Path folder) throws Exception {
        byte[] code = HexFormat.of()
                .parseHex(
                        "c604250000020001" // mov byte [0x20000], 1
                                + "48890425fc1f0200" // mov [0x21ffc], rax: into two pages
                                + "488b042500000300" // mov rax, [0x30000]
                                + "f4"); // hlt
        Path kernel = Files.write(folder.resolve("stores.bin"), code);
        BootOptions raw = BootOptions.NONE.withRaw(new BootOptions.RawCode(0x10000, BootOptions.CodeMode.LONG));
        for (MachineBuilder engine :
                List.of(Machine.builder(), Machine.builder().engine(Translator.factory(TranslatorOptions.after(1))))) {
            try (Machine machine = engine.memory(64 << 20).build()) {
                Loader.load(machine, kernel, raw);
                PagesWritten written = new PagesWritten();
                machine.cpu().observers.add(written);
                machine.run(1_000_000);
                assertEquals(4, machine.cpu().instructions());
                assertEquals(Set.of(0x20L, 0x21L, 0x22L), written.pages());
            }
        }
    }
}
