package ringside.cli;

import java.io.Closeable;
import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * A line on standard error that says how far a command is, renewed twice a second while it works, from the second
 * {@link #AFTER} on. It is shown on a terminal only, and taken away before anything else is written there.
 */
final class Progress implements Closeable {
    /** ms before the first line: what is done sooner needs none. */
    private static final long AFTER = 2_000;

    private static final long EVERY = 500;
    private static final String ERASE = "\r\033[K";

    private final PrintStream out;
    private final Supplier<String> text;
    private final Thread thread;
    private boolean shown;
    private boolean over;

    private Progress(PrintStream out, Supplier<String> text) {
        this.out = out;
        this.text = text;
        thread = Thread.ofPlatform().daemon().name("progress").unstarted(this::show);
    }

    /**
     * @param text says how far it is; called on another thread
     * @return a line that is shown if standard error is a terminal
     */
    static Progress of(Supplier<String> text) {
        Progress p = new Progress(Output.messages(), text);
        if (TerminalMode.isTerminal(TerminalMode.STANDARD_ERROR)) p.thread.start();
        return p;
    }

    private void show() {
        try {
            for (Thread.sleep(AFTER); ; Thread.sleep(EVERY)) {
                String line = text.get();
                synchronized (this) {
                    if (over) return;
                    out.print(ERASE + "ringside: " + line);
                    out.flush();
                    shown = true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes the line away for good; from any thread. */
    @Override
    public synchronized void close() {
        if (over) return;
        over = true;
        thread.interrupt();
        if (!shown) return;
        out.print(ERASE);
        out.flush();
    }
}
