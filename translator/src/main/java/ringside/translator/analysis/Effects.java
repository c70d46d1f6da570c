package ringside.translator.analysis;

import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.InstructionInfo.Flow;
import ringside.decoder.InstructionInfo.Privilege;
import ringside.decoder.InstructionInfo.Unit;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.StackEffect;

/**
 * What a handler may read and write of the registers that translated code keeps in locals: what the instruction does by
 * {@link InstructionInfo}, and everything where it changes the course of control or of the machine.
 *
 * @param reads set of general registers, those included that the handler may leave in part or wholly as they are
 * @param writes set of general registers
 */
public record Effects(int reads, int writes, boolean readsFlags, boolean writesFlags) {
    private static final Effects EVERYTHING = new Effects(0xffff, 0xffff, true, true);

    /** @return what the handler may read and write, with what it tells the shadow stack */
    public static Effects of(Op op) {
        // a move of the stack pointer looks whether any register keeps the old one
        return op.stackEffect() == StackEffect.MOVE ? EVERYTHING : of(op.instruction);
    }

    private static Effects of(Instruction in) {
        InstructionInfo info = InstructionInfo.of(in);
        if (!confined(in, info)) return EVERYTHING;
        int writes = info.registersWritten(in);
        boolean writesFlags = (info.flagsChanged() & InstructionInfo.ARITHMETIC) != 0;
        boolean readsFlags = (info.flagsRead() & InstructionInfo.ARITHMETIC) != 0;
        return new Effects(info.registersRead(in) | writes, writes, readsFlags || writesFlags, writesFlags);
    }

    /** Whether it touches its registers and flags and no more of what is kept in locals. */
    private static boolean confined(Instruction in, InstructionInfo info) {
        if (in.kind[0] == Instruction.SEGMENT || info.flow() != Flow.NEXT || info.stack() != InstructionInfo.Stack.NONE)
            return false;
        return switch (in.mnemonic) {
            case SWAPGS, CLI, STI, CLAC, STAC, RDTSC -> true;
            case LES, LDS, LSS, LFS, LGS -> false;
            default -> info.unit() != Unit.SYSTEM && info.privilege() == Privilege.USER || hint(in, info);
        };
    }

    /** Fences, prefetches and their like: system instructions without any operand that counts. */
    private static boolean hint(Instruction in, InstructionInfo info) {
        return !info.traps() && info.registersWritten(in) == 0 && info.flagsChanged() == 0;
    }
}
