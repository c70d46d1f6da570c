package ringside.cli;

import java.util.concurrent.TimeUnit;
import ringside.workbench.run.Stopping;

/**
 * Ctrl-C or SIGTERM while a command works: asks the work to stop, waits until it has written its results and closed
 * this, and says at the end where it was. Java ends the process when that is done, whatever other threads do, with exit
 * status 128 and the signal's number: 130 or 143.
 */
final class EndRequest implements Stopping, AutoCloseable {
    /** Seconds that the work has for its results. */
    private static final int WITHIN = 10;

    private static final int PAUSE_MS = 10;

    private final Runnable stop;
    private final Runnable say;
    private final int within;
    private final Thread hook = new Thread(this::interrupted, "interrupt");
    private volatile boolean happened;
    private volatile boolean idle;

    /** @param stop asks the work to stop; called again and again until it has @param say prints where the work was */
    EndRequest(Runnable stop, Runnable say) {
        this(stop, say, WITHIN);
    }

    /** @param within seconds that the work has for its results */
    EndRequest(Runnable stop, Runnable say, int within) {
        this.stop = stop;
        this.say = say;
        this.within = within;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void interrupted() {
        happened = true;
        try {
            for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(within);
                    !idle && System.nanoTime() - end < 0;
                    Thread.sleep(PAUSE_MS)) stop.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        say.run();
        Output.messages().flush();
    }

    /** @return whether the process is going down */
    @Override
    public boolean happened() {
        return happened;
    }

    @Override
    public void idle(boolean on) {
        idle = on;
    }

    @Override
    public void close() {
        idle = true;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Going down already.
        }
    }
}
