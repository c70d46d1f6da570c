package ringside.cpu;

/**
 * Thrown when the current instruction faults; vector and error code are in {@link Cpu#faultVector} and
 * {@link Cpu#faultError}. One preallocated instance per CPU, without a stack trace: raising costs no allocation. The instruction has
 * had no architectural effect except where the manual says so (completed iterations of a REP string instruction).
 */
public final class GuestFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    GuestFault() {
        super("guest fault", null, false, false);
    }
}
