package ringside.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The mode of the terminal at standard input, by the C library's termios: taken as a whole and put back as a whole,
 * speed and all that this program knows nothing of included. A guest's terminal is raw but for its output, where a line
 * feed still begins a line.
 */
final class TerminalMode {
    /** Larger than struct termios is anywhere. */
    private static final int BYTES = 512;

    private static final int STANDARD_INPUT = 0;
    static final int STANDARD_ERROR = 2;
    /** TCSANOW: a terminal whose output is held by Ctrl-S holds nobody up. */
    private static final int NOW = 0;
    /** The field c_oflag, behind c_iflag: 32 bits each on Linux, 64 on macOS. */
    private static final int FLAGS = System.getProperty("os.name").startsWith("Mac") ? 8 : 4;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle GET = function(
            "tcgetattr", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle SET = function(
            "tcsetattr",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    private static final MethodHandle MAKE_RAW = function("cfmakeraw", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    private static final MethodHandle IS_TERMINAL =
            function("isatty", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final byte[] attributes;

    private TerminalMode(byte[] attributes) {
        this.attributes = attributes;
    }

    private static MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    private interface Use {
        void of(MemorySegment attributes) throws Throwable;
    }

    /** @return what is in the C library's structure after its use */
    private static byte[] with(byte[] attributes, Use use) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocate(BYTES, 8);
            MemorySegment.copy(attributes, 0, a, ValueLayout.JAVA_BYTE, 0, BYTES);
            use.of(a);
            return a.toArray(ValueLayout.JAVA_BYTE);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param descriptor number of an open file */
    static boolean isTerminal(int descriptor) {
        try {
            return (int) IS_TERMINAL.invokeExact(descriptor) == 1;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws IOException if standard input is no terminal */
    static TerminalMode now() throws IOException {
        int[] failed = new int[1];
        byte[] attributes = with(new byte[BYTES], a -> failed[0] = (int) GET.invokeExact(STANDARD_INPUT, a));
        if (failed[0] != 0) throw new IOException("standard input is no terminal");
        return new TerminalMode(attributes);
    }

    /** @return this mode, but that every key goes to the program as it is, at once and without echo */
    TerminalMode raw() {
        byte[] raw = with(attributes, a -> {
            MAKE_RAW.invokeExact(a);
        });
        System.arraycopy(attributes, FLAGS, raw, FLAGS, FLAGS);
        return new TerminalMode(raw);
    }

    /** Gives the terminal this mode; a terminal that is gone stays so. */
    void set() {
        with(attributes, a -> {
            int ignored = (int) SET.invokeExact(STANDARD_INPUT, NOW, a);
        });
    }
}
