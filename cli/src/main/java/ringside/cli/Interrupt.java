package ringside.cli;

/** What is still to be done when the user ends the process (Ctrl-C, SIGTERM) while this is open. It runs on a thread of its own while the process goes down. */
public final class Interrupt implements AutoCloseable {
    private final Thread hook;
    private volatile boolean happened;

    public Interrupt(Runnable action) {
        hook = new Thread(() -> {
            happened = true;
            action.run();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @return whether the process is going down; readable from any thread */
    public boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Going down already: the action has begun.
        }
    }
}
