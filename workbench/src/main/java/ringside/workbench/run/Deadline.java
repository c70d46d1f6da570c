package ringside.workbench.run;

import java.io.Closeable;

/** Does something after so much host time, such as to stop a machine; null seconds: never. */
public final class Deadline implements Closeable {
    private final Thread timer;
    private volatile boolean passed;

    /** @param action called on a thread of its own */
    public Deadline(Double seconds, Runnable action) {
        if (seconds == null) {
            timer = null;
            return;
        }
        timer = new Thread(
                () -> {
                    try {
                        Thread.sleep((long) (seconds * 1000));
                        passed = true;
                        action.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "timeout");
        timer.setDaemon(true);
        timer.start();
    }

    /** @return whether the time is over; readable from any thread */
    public boolean passed() {
        return passed;
    }

    @Override
    public void close() {
        if (timer != null) timer.interrupt();
    }
}
