package ringside.interpreter.core;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;

/**
 * A pre-decoded instruction: the handler object that the interpreter calls, and that translated code calls for what it
 * does not inline. Immutable after creation and free of guest addresses (blocks are keyed by physical address, so the
 * same code may run at several linear addresses): what depends on the place comes from {@link Cpu#rip}, which points
 * behind this instruction while {@link #execute} runs.
 *
 * <p>A handler either completes, or throws {@link ringside.memory.GuestFault} or {@link ringside.memory.LeaveBlock}
 * with no architectural effect.
 */
public abstract class Op {
    /** The decoded form; kept for the translator, traces and error messages. */
    public Instruction instruction;
    /** Bytes. */
    public int length;

    public abstract void execute(Cpu cpu);

    /**
     * What has to be told to the shadow stack when it has been executed; {@link #execute} does so, code that replaces
     * it must.
     */
    public StackEffect stackEffect() {
        return StackEffect.NONE;
    }

    /** Whether executing it does nothing but raise #UD (an invalid form, or a feature that the CPU model lacks). */
    public boolean undefined() {
        return false;
    }

    /**
     * Whether a block must end behind this instruction: control transfers, everything that reads time or the
     * instruction count, touches ports, changes mode, paging, interruptibility or the privilege level, and REP string
     * instructions.
     */
    public boolean endsBlock() {
        return false;
    }
}
