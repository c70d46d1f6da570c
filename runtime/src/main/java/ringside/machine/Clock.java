package ringside.machine;

/** Virtual time: nanoseconds since power-on, derived from retired instructions and the time skipped in HLT. */
@FunctionalInterface
public interface Clock {
    long now();
}
