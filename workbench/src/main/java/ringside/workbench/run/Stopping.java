package ringside.workbench.run;

/** Whether whoever started a long piece of work wants it to end; asked by the work, answered from any thread. */
public interface Stopping {
    /** Nobody wants it to end. */
    Stopping NEVER = () -> false;

    /** @return whether the work is to write what it has and return */
    boolean happened();

    /**
     * Told that the work waits for something outside that need not come, with all its results written: there is nothing
     * to wait for.
     */
    default void idle(boolean on) {}
}
