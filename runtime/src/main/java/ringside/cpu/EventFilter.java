package ringside.cpu;

/**
 * Looks at every exception, software interrupt, external interrupt and NMI before the processor delivers it. For a laboratory
 * that ends at the first event, and for a debugger that stops at one. Set as {@link Cpu#filter}.
 */
@FunctionalInterface
public interface EventFilter {
    /** Pseudo-vector of a fetch at an address of {@link Cpu#breakpoints}; only ever given to a filter. */
    int BREAKPOINT = 256;

    /**
     * @param vector 0..255, or {@link #BREAKPOINT}
     * @param error the error code, or -1 if the event has none
     * @param software the event is that of INT n, INT3 or INTO and RIP points behind the instruction; otherwise RIP is the faulting or next
     *     instruction's
     * @return true if the filter has taken the event and the processor must not deliver it
     */
    boolean take(Cpu cpu, int vector, int error, boolean software);
}
