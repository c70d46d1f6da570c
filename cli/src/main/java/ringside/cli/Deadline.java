package ringside.cli;

import java.io.Closeable;
import ringside.machine.Machine;

/** Stops a machine, or does something else, after so much host time; null seconds: never. */
final class Deadline implements Closeable {
    private final Thread timer;

    Deadline(Double seconds, Machine machine) {
        this(seconds, machine::requestStop);
    }

    /** @param action called on a thread of its own */
    Deadline(Double seconds, Runnable action) {
        if (seconds == null) {
            timer = null;
            return;
        }
        timer = new Thread(() -> {
            try {
                Thread.sleep((long) (seconds * 1000));
                action.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "timeout");
        timer.setDaemon(true);
        timer.start();
    }

    @Override
    public void close() {
        if (timer != null) timer.interrupt();
    }
}
