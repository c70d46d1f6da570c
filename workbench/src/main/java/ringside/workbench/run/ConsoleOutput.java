package ringside.workbench.run;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/**
 * Where the guest's serial output goes: to the host's standard output, and through a watcher for {@code --until}.
 * Called on the CPU's thread, so a match ends the run at the same guest instruction every time.
 */
public final class ConsoleOutput {
    private static final int LONGEST_LINE = 4096;
    private final OutputStream out;
    private final Pattern until;
    private final Runnable matched;
    private final StringBuilder line = new StringBuilder();
    private boolean found;

    /**
     * @param out where to write, or null;
     * @param until what to look for, or null;
     * @param onMatch called once, on the CPU's thread
     */
    public ConsoleOutput(OutputStream out, Pattern until, Runnable onMatch) {
        this.out = out;
        this.until = until;
        this.matched = onMatch;
    }

    public void write(int b) {
        if (out != null) {
            try {
                out.write(b);
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (until == null || found) return;
        if (b == '\n' || line.length() >= LONGEST_LINE) {
            line.setLength(0);
            return;
        }
        if (b == '\r') return;
        line.append((char) (b & 0xff));
        if (until.matcher(line).find()) {
            found = true;
            matched.run();
        }
    }

    public boolean found() {
        return found;
    }
}
