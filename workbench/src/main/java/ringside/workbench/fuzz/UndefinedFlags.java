package ringside.workbench.fuzz;

import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;

/**
 * Follows which arithmetic flags hold a value that the manuals leave undefined while a program runs: the rule by which
 * flags are masked when two processors are compared.
 */
final class UndefinedFlags {
    private int undefined;
    private boolean used;

    /** Flags that are undefined at this point. */
    int mask() {
        return undefined;
    }

    /** Whether an instruction has used one of them, so that other registers may differ too. */
    boolean used() {
        return used;
    }

    /** Takes the next instruction of the program. */
    void executed(Instruction i) {
        InstructionInfo info = InstructionInfo.of(i);
        used |= (info.flagsRead() & undefined) != 0;
        undefined = undefined & ~info.flagsWritten() | left(i);
    }

    /** Flags that the instruction leaves undefined, for some operands at least. */
    static int left(Instruction i) {
        return InstructionInfo.of(i).flagsUndefined() & InstructionInfo.ARITHMETIC;
    }
}
