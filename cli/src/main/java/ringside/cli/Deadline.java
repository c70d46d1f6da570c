package ringside.cli;

import java.io.Closeable;
import ringside.machine.Machine;

/** Stops a machine after so much host time; null seconds: never. */
final class Deadline implements Closeable {
    private final Thread timer;

    Deadline(Double seconds, Machine machine) {
        if (seconds == null) {
            timer = null;
            return;
        }
        timer = new Thread(() -> {
            try {
                Thread.sleep((long) (seconds * 1000));
                machine.requestStop();
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
