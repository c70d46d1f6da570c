package ringside.cpu;

/**
 * What a CPU sees of the board: the port space, its interrupt controller, and time. Ports are 16-bit addresses, values
 * zero-extended; nobody claiming a port reads all ones.
 */
public interface CpuBus {
    /**
     * {@return what a port reads, zero-extended}
     *
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     */
    int in(int port, int bytes);

    /**
     * Writes a port.
     *
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     * @param value what is written
     */
    void out(int port, int bytes, int value);

    /**
     * {@return whether the interrupt controller has a vector to deliver now (priority taken into account, RFLAGS.IF
     * not)}
     */
    boolean interruptPending();

    /**
     * Acknowledges the highest interrupt.
     *
     * @return its vector 0..255
     */
    int acknowledgeInterrupt();

    /**
     * {@return the time-stamp counter before IA32_TSC_ADJUST and writes: virtual nanoseconds scaled by the TSC
     * frequency}
     */
    long timestamp();

    /** {@return task priority, CR8 (0..15)} */
    int taskPriority();

    /**
     * Sets the task priority, CR8.
     *
     * @param value 0..15
     */
    void setTaskPriority(int value);

    /**
     * MSRs that belong to the local APIC: IA32_APIC_BASE, x2APIC 800h..8FFh, IA32_TSC_DEADLINE.
     *
     * @param msr number of the register
     * @param value receives the value in its first element
     * @return false if it is none of them or the access is #GP
     */
    boolean readApicMsr(int msr, long[] value);

    /**
     * Writes an MSR that belongs to the local APIC; see {@link #readApicMsr}.
     *
     * @param msr number of the register
     * @param value what is written
     * @return false if it is none of them or the access is #GP
     */
    boolean writeApicMsr(int msr, long value);

    /** {@return whether the local APIC is enabled in IA32_APIC_BASE; CPUID says that there is none otherwise} */
    default boolean apicEnabled() {
        return true;
    }

    /** The guest moved its time-stamp counter against {@link #timestamp}; a TSC deadline is due at another time now. */
    default void timestampMoved() {}

    /**
     * FERR#: an unmasked x87 exception is pending and CR0.NE is clear. A PC latches it as IRQ 13 until port F0h is
     * written.
     */
    default void floatingPointError() {}

    /**
     * A fault could not be delivered, nor the double fault that followed: what the board does then (a PC resets).
     *
     * @param cpu the processor
     */
    void tripleFault(Cpu cpu);
}
