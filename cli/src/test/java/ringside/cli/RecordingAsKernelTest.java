package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cli.UnwindCommandTest.Result;
import ringside.workbench.snapshot.Recording;

/**
 * A recording where a command takes a KERNEL: it tells of the recorded run what it tells of the kernel, and the guest
 * gets the input that was recorded, without which {@link RecordedSessionTest#ECHO} would wait for ever. gdb's part is
 * {@link WatchedRunTest}.
 */
class RecordingAsKernelTest {
    private static final Path KERNEL = Path.of("..", "testdata", "entrykernel", "entry-table.elf");
    /** Where ECHO is loaded; its HLT, which only a 'q' that was typed leads to. */
    private static final String RAW = "0x10000:long", HALT = "0x10016";

    @TempDir
    static Path folder;

    private static Path kernel, session;
    /** Instructions of the recorded session. */
    private static long length;

    @BeforeAll
    static void record() throws Exception {
        kernel = folder.resolve("kernel.rec");
        try (Child c = Child.ringside(
                folder, "run", KERNEL.toAbsolutePath().toString(), "-q", "-m", "16M", "--record", kernel.toString())) {
            assertEquals(0, c.end(), c.err());
        }
        Path echo = Files.write(folder.resolve("echo"), RecordedSessionTest.ECHO);
        session = folder.resolve("session.rec");
        try (Child c = Child.ringside(
                folder, "run", echo.toString(), "--raw", RAW, "-m", "4M", "-q", "--record", session.toString())) {
            c.type("hello");
            c.await("the echo", () -> c.out().equals("hello"));
            c.type("q");
            c.end();
        }
        try (Recording r = Recording.open(session)) {
            length = r.end().moment().instructions();
        }
    }

    /** @return what a command says on one engine; a session ends by halting, which has statuses of its own */
    private static Result of(String command, Path what, String engine, String... more) {
        List<String> all = new ArrayList<>(List.of(what.toString(), "--engine", engine));
        // a recording brings its machine
        if (what.equals(KERNEL)) all.addAll(List.of("-m", "16M"));
        all.addAll(List.of(more));
        Result r = UnwindCommandTest.run(command, all.toArray(String[]::new));
        if (!what.equals(session)) assertEquals(0, r.status(), r.err());
        return r;
    }

    /** @return what was said but for host times, and for which file and engine it was */
    private static String said(Result r) {
        return r.out()
                .lines()
                .map(l -> l.replaceFirst("[\\d.,]+ s, [\\d.,]+ points/s", "… s"))
                .map(l -> l.replaceFirst("[\\d.]+ % in translated code", "… %"))
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void auditProfileAndUnwindTellTheSameAsOfTheKernel(String engine) {
        assertEquals(said(of("audit", KERNEL, engine)), said(of("audit", kernel, engine)));
        assertEquals(said(of("profile", KERNEL, engine)), said(of("profile", kernel, engine)));
        String[] where = {"--at", "do_irq+4#3", "--at", "do_nmi"};
        assertEquals(
                of("unwind", KERNEL, engine, where).out(),
                of("unwind", kernel, engine, where).out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void theRecordedInputComesAgain(String engine) {
        Result unwound = of("unwind", session, engine, "--at", HALT);
        assertTrue(
                unwound.out().contains(String.format("Stopped at %s, %,d instructions", HALT, length - 1)),
                unwound.out() + unwound.err());
        Result profiled = of("profile", session, engine);
        assertTrue(profiled.out().startsWith(String.format("%,d instructions", length)), profiled.out());
    }

    @Test
    void compareRunsBothEnginesWithTheRecordedInput() throws IOException {
        Result compared = UnwindCommandTest.run("compare", session.toString());
        assertEquals(0, compared.status(), compared.err());
        assertTrue(compared.err().contains(String.format("no difference: %,d instructions", length)), compared.err());
        try (Recording r = Recording.open(session)) {
            assertTrue(compared.err().contains(r.end().hash()), compared.err());
        }
    }
}
