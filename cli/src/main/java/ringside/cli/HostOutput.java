package ringside.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;

/**
 * Standard output. What cannot be written ends the command: every failure is thrown as {@link Failed}, which no stream
 * or writer in between holds back, and which unwinds whatever the command was doing, a running guest included.
 */
final class HostOutput extends OutputStream {
    /** Standard output cannot be written. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final boolean closed;

        private Failed(IOException cause) {
            super(cause.getMessage(), cause);
            this.closed = String.valueOf(cause.getMessage()).contains("Broken pipe");
        }

        /** @return whether the reader of a pipe has gone, which is its right; otherwise what was printed is lost */
        boolean readerHasGone() {
            return closed;
        }
    }

    private static final int BUFFER = 1 << 13;

    private final OutputStream out;

    HostOutput(OutputStream out) {
        this.out = out;
    }

    /** Makes {@link System#out} such a stream, in the encoding that it had. */
    static void install() {
        Charset encoding = System.out.charset();
        OutputStream file = new HostOutput(new FileOutputStream(FileDescriptor.out));
        System.setOut(new PrintStream(new java.io.BufferedOutputStream(file, BUFFER), true, encoding));
    }

    @Override
    public void write(int b) {
        try {
            out.write(b);
        } catch (IOException e) {
            throw new Failed(e);
        }
    }

    @Override
    public void write(byte[] b, int from, int length) {
        try {
            out.write(b, from, length);
        } catch (IOException e) {
            throw new Failed(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new Failed(e);
        }
    }
}
