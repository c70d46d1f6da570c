package ringside.bus;

/** Virtual time: nanoseconds since power-on, derived from retired instructions and the time skipped in HLT. */
@FunctionalInterface
public interface Clock {
    /** Virtual nanoseconds that one retired instruction takes. */
    long NS_PER_INSTRUCTION = 1;
    /** Ticks of the time-stamp counter in a virtual second. */
    long TSC_HZ = 1_000_000_000L;

    /** {@return virtual nanoseconds since power-on} */
    long now();
}
