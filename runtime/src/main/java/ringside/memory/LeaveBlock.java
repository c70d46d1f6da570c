package ringside.memory;

/**
 * Thrown inside block or region execution by an access that only single-step execution may do: a device register, or
 * a store into decoded code. The instruction has had no effect; the engine makes the state precise before it, and the
 * instruction is then executed alone by the interpreter in step mode. Preallocated, without a stack trace.
 */
public final class LeaveBlock extends RuntimeException {
    private static final long serialVersionUID = 1;

    LeaveBlock() {
        super("leave block", null, false, false);
    }
}
