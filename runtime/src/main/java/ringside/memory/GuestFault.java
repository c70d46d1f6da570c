package ringside.memory;

/**
 * Thrown when the current instruction faults; vector and error code are in the CPU's {@code faultVector} and
 * {@code faultError}. One preallocated instance per CPU, without a stack trace: raising costs no allocation. The
 * instruction has had no architectural effect except where the manual says so (completed iterations of a REP string
 * instruction).
 */
public final class GuestFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    GuestFault() {
        super("guest fault", null, false, false);
    }
}
