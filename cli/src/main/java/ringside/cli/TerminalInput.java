package ringside.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntPredicate;
import sun.misc.Signal;

/**
 * The host's side of the guest's serial input. A terminal is put into raw mode and always given back as it was, also on
 * Ctrl-C from elsewhere and on a crash (shutdown hook); anything else (pipe, file) is passed on byte by byte,
 * as fast as the guest reads it.
 * Ctrl-A is the escape key, as in QEMU's nographic mode.
 */
final class TerminalInput implements Closeable {
    private static final int ESCAPE = 1;
    private static final int PAUSE_MS = 5;
    private final IntPredicate guest;
    private final TerminalKeys keys;
    /** How the terminal was before, or null if standard input is none. */
    private final TerminalMode terminal;

    private final Thread hook;
    private boolean escaped;
    private volatile boolean closed;

    /** @param guest is offered each byte typed and says whether it took it @param keys what Ctrl-A and a letter do */
    TerminalInput(IntPredicate guest, TerminalKeys keys) throws IOException {
        this.guest = guest;
        this.keys = keys;
        boolean tty = System.console() != null && System.console().isTerminal();
        if (tty) {
            terminal = TerminalMode.now();
            hook = new Thread(terminal::set);
            Runtime.getRuntime().addShutdownHook(hook);
            TerminalMode raw = terminal.raw();
            raw.set();
            // whoever was stopped, by kill -STOP or the shell, finds the terminal as the shell had it
            Signal.handle(new Signal("CONT"), s -> {
                if (!closed) raw.set();
            });
        } else {
            terminal = null;
            hook = null;
        }
        Thread reader = new Thread(this::read, "terminal-input");
        reader.setDaemon(true);
        reader.start();
    }

    boolean isTerminal() {
        return terminal != null;
    }

    private void read() {
        InputStream in = System.in;
        try {
            for (int b; (b = in.read()) >= 0; ) accept(b);
        } catch (IOException e) {
            // Input ends; the guest simply hears nothing more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A pipe waits for the guest. What is typed while a guest listens to nothing is lost, so that the escape key is
     * always heard.
     */
    private void send(int b) throws InterruptedException {
        while (!guest.test(b) && terminal == null && !closed) Thread.sleep(PAUSE_MS);
    }

    private void accept(int b) throws InterruptedException {
        if (terminal == null) {
            send(b);
            return;
        }
        if (!escaped) {
            if (b == ESCAPE) {
                escaped = true;
            } else if (!keys.typed(b)) {
                send(b);
            }
            return;
        }
        escaped = false;
        switch (b) {
            case 'x', 'X' -> keys.quit();
            case 's', 'S' -> keys.save();
            case 'c', 'C' -> keys.monitor();
            case ESCAPE, 'a' -> {
                if (!keys.typed(ESCAPE)) send(ESCAPE);
            }
            case 'h', '?' ->
                Output.messages()
                        .print("\r\n"
                                + "Ctrl-A x  end the run\r\n"
                                + "Ctrl-A c  to the monitor, and back to the console\r\n"
                                + "Ctrl-A s  save a snapshot\r\n"
                                + "Ctrl-A a  send Ctrl-A to the guest\r\n"
                                + "Ctrl-A h  this help\r\n");
            default -> {
                if (keys.typed(ESCAPE)) break;
                send(ESCAPE);
                send(b);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        if (terminal == null) return;
        terminal.set();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs by itself.
        }
    }
}
