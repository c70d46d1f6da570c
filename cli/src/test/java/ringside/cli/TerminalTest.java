package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A terminal has the settings that it had, whichever way a run ends, and in between the guest gets every key. */
@EnabledOnOs(OS.LINUX)
class TerminalTest {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemorySegment NONE = MemorySegment.NULL;

    @TempDir
    Path folder;

    /** A pseudo terminal of which this test is the user. */
    private static final class Pty implements AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final int master;
        private final File terminal;

        Pty() throws Throwable {
            master = (int) Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("posix_openpt"),
                            FunctionDescriptor.of(INT, INT))
                    .invokeExact(2 | 0400);
            assertEquals(0L, call("grantpt", NONE, 0) | call("unlockpt", NONE, 0));
            MemorySegment name = arena.allocate(100);
            assertEquals(0L, call("ptsname_r", name, 100));
            terminal = new File(name.getString(0));
        }

        private long call(String function, MemorySegment p, long n) throws Throwable {
            Linker linker = Linker.nativeLinker();
            return (long) linker.downcallHandle(
                                    linker.defaultLookup().findOrThrow(function),
                                    FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG))
                            .invokeExact(master, p, n)
                    << 32
                    >> 32;
        }

        void type(String keys) throws Throwable {
            call("write", arena.allocateFrom(keys), keys.length());
        }

        /** @return the next piece of what the terminal shows; waits for one */
        String shown() throws Throwable {
            MemorySegment b = arena.allocate(1000);
            long n = call("read", b, 1000);
            assertTrue(n > 0, "the command ended without a word");
            return new String(b.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        }

        String settings() throws IOException {
            return new String(
                    new ProcessBuilder("stty", "-a")
                            .redirectInput(terminal)
                            .start()
                            .getInputStream()
                            .readAllBytes(),
                    StandardCharsets.US_ASCII);
        }

        @Override
        public void close() {
            try {
                call("close", NONE, 0);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            arena.close();
        }
    }

    @Test
    void aTerminalIsRawForTheGuestAndAfterwardsAsItWas() throws Throwable {
        String kernel = EndlessKernel.in(folder).toString();
        try (Pty pty = new Pty()) {
            new ProcessBuilder("stty", "intr", "^G", "min", "3", "-echoe")
                    .redirectInput(pty.terminal)
                    .start()
                    .waitFor();
            String before = pty.settings();
            assertTrue(before.contains("speed 38400") && before.contains("intr = ^G"), before);
            for (String end : new String[] {"keys", "TERM"}) {
                try (Child c = Child.on(pty.terminal, folder, "run", kernel)) {
                    for (String shown = ""; !shown.contains("!"); ) shown += pty.shown();
                    String during = pty.settings();
                    for (String setting : new String[] {
                        "-isig", "-icanon", "-echo ", "-icrnl", "-ixon", "\nopost", "speed 38400", "min = 1"
                    }) assertTrue(during.contains(setting), setting + during);
                    if (end.equals("keys")) {
                        pty.type("\u0003\u0007\u0001x");
                        assertEquals(ExitStatus.OK, c.end(), c.toString());
                    } else {
                        c.signal(end);
                        assertEquals(143, c.end(), c.toString());
                    }
                }
                assertEquals(before, pty.settings(), end);
            }
        }
    }
}
