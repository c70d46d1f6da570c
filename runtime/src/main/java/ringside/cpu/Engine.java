package ringside.cpu;

import java.util.function.BiConsumer;

/** Executes guest instructions on one CPU. Both engines retire exactly the same instructions at the same counts. */
public interface Engine extends AutoCloseable {
    /**
     * Runs until the CPU's budget is used up to the instruction or {@code cpu.attention} is set, delivering faults on
     * the way. The budget is never overdrawn.
     */
    void run();

    /**
     * Executes exactly one instruction (one chunk of iterations of a REP string instruction), or delivers its fault.
     */
    void step();

    /** What an engine is at. */
    enum Work {
        /** Nothing: the machine sees to events, devices and interrupts, or waits. */
        NONE,
        /** Executing instructions by their handlers, and looking for what to execute. */
        INTERPRETING,
        /** Decoding a block. */
        DECODING,
        /** In translated code. */
        TRANSLATED
    }

    /** {@return what the engine is at in this moment; readable from any thread, for statistics only} */
    default Work work() {
        return Work.NONE;
    }

    /**
     * {@return how often the translated code that runs at the moment was entered so far, if the engine counts that,
     * otherwise 0; readable from any thread, for statistics only}
     */
    default long age() {
        return 0;
    }

    /** Gives back what it holds on the host, such as threads; it is not used any more. */
    @Override
    default void close() {}

    /**
     * Gives the engine's own figures for {@code --stats}, as name and value.
     *
     * @param line takes a name and its figure
     */
    default void report(BiConsumer<String, String> line) {}
}
