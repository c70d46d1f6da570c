package ringside.unwinder;

/**
 * A stack of the guest.
 *
 * @param name as the kernel writes it: TASK, IRQ, NMI, #DF, #DB, #MC, ENTRY_TRAMPOLINE
 * @param low first byte, linear address
 * @param high first byte behind it
 */
public record Stack(String name, long low, long high) {
    /** For a stack that nothing is known about. */
    static final Stack UNKNOWN = new Stack("TASK", 0, 0);

    /**
     * {@return whether a linear address lies in this stack}
     *
     * @param address guest linear
     */
    public boolean contains(long address) {
        return Long.compareUnsigned(address, low) >= 0 && Long.compareUnsigned(address, high) < 0;
    }
}
