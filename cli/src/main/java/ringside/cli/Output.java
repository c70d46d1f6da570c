package ringside.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Where commands write: results go to {@link #results}, everything that is said about the work goes to
 * {@link #messages}. No other class of the command line names the process's streams.
 */
final class Output {
    private Output() {}

    static PrintStream results() {
        return System.out;
    }

    static PrintStream messages() {
        return System.err;
    }

    /** {@return a stream of its own to standard output, unbuffered: for what a guest writes} */
    static OutputStream console() {
        return new HostOutput(new FileOutputStream(FileDescriptor.out));
    }

    /** Writes out what results have been buffered. */
    static void flush() {
        System.out.flush();
    }

    /** Writes a whole result and flushes it. */
    static void result(String text) {
        System.out.print(text);
        System.out.flush();
    }

    /** Says one line on standard error, behind the program's name, after those before it. */
    static void line(String text) {
        System.err.println("ringside: " + text);
    }

    /** Says one line on standard error, behind the program's name. */
    static void say(String format, Object... arguments) {
        System.err.printf("ringside: " + format + "%n", arguments);
    }
}
