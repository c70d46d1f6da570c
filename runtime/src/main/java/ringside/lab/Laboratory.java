package ringside.lab;

import ringside.cpu.Cpu;

/**
 * What runs experiments: a bare processor ({@link Lab}) or a whole PC ({@link PcLab}). One thread at a time;
 * {@link #stop} may be called from any.
 */
public interface Laboratory extends AutoCloseable {
    /**
     * Runs an experiment and reports each instruction before it is executed.
     *
     * @param e the experiment
     * @param trace told about every instruction, or null
     * @return the state after it
     * @throws LabException if the experiment cannot be set up
     */
    Result run(Experiment e, Lab.Trace trace);

    /**
     * Runs an experiment.
     *
     * @param e the experiment
     * @return the state after it
     * @throws LabException if the experiment cannot be set up
     */
    default Result run(Experiment e) {
        return run(e, null);
    }

    /** Ends a running experiment with {@link Stop.Reason#STOPPED}. */
    void stop();

    /**
     * Reads memory as the last experiment left it.
     *
     * @param address guest linear, of the first byte
     * @param length bytes
     * @return the bytes
     */
    byte[] read(long address, int length);

    /** {@return the processor, as the last experiment left it} */
    Cpu processor();

    @Override
    void close();
}
