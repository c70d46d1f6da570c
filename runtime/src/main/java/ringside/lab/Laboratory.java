package ringside.lab;

import ringside.cpu.Cpu;

/**
 * What runs experiments: a bare processor ({@link Lab}) or a whole PC ({@link PcLab}). One thread at a time;
 * {@link #stop} may be called from any.
 */
public interface Laboratory extends AutoCloseable {
    /** @param trace told about every instruction, or null @throws LabException if the experiment cannot be set up */
    Result run(Experiment e, Lab.Trace trace);

    /** @throws LabException if the experiment cannot be set up */
    default Result run(Experiment e) {
        return run(e, null);
    }

    /** Ends a running experiment with {@link Stop.Reason#STOPPED}. */
    void stop();

    /** Reads memory as the last experiment left it. */
    byte[] read(long address, int length);

    /** {@return the processor, as the last experiment left it} */
    Cpu processor();

    @Override
    void close();
}
