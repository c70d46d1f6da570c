package ringside.interpreter.core;

import java.util.List;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;

/**
 * What an instruction that is no call, return or entry does to the stack pointer, as far as
 * {@link ringside.shadow.ShadowStack} must know. Lowering it by a push or a subtraction needs no report. Raising it
 * needs none if a return or a call follows in the same straight line with nothing pushed between, since those look at
 * the stack pointer themselves; nearly every epilogue is of that kind.
 */
public enum StackEffect {
    NONE,
    /** Raised within its stack: POP, ADD. Reported by {@code raised}. */
    RAISE,
    /** Set, perhaps to another stack. Reported by {@code moved} with the value before. */
    MOVE;

    /** What one instruction does, seen alone. */
    private enum Kind {
        OTHER,
        LOWER,
        RAISE,
        RESTORE,
        MOVE
    }

    /** @return the effects that must be reported, by position */
    static StackEffect[] of(List<Op> ops) {
        StackEffect[] effects = new StackEffect[ops.size()];
        boolean synchronised = false;
        for (int i = ops.size() - 1; i >= 0; i--) {
            Op op = ops.get(i);
            Kind k = op.undefined() ? Kind.OTHER : kind(op.instruction);
            if (op.endsBlock()) synchronised = looksItself(op.instruction.mnemonic);
            effects[i] = k == Kind.MOVE
                    ? MOVE
                    : synchronised || k != Kind.RAISE && k != Kind.RESTORE ? NONE : k == Kind.RAISE ? RAISE : MOVE;
            if (k == Kind.LOWER) synchronised = false;
            if (k == Kind.RAISE || k == Kind.RESTORE || k == Kind.MOVE) synchronised = true;
        }
        return effects;
    }

    /** Whether the shadow stack is told of it by the instruction itself. */
    private static boolean looksItself(Mnemonic m) {
        return switch (InstructionInfo.of(m).flow()) {
            case CALL, RETURN, FAR_CALL, FAR_RETURN, INTERRUPT_RETURN, SYSTEM_CALL, SYSTEM_RETURN, INTERRUPT ->
                m != Mnemonic.INTO;
            default -> false;
        };
    }

    private static Kind kind(Instruction in) {
        InstructionInfo info = InstructionInfo.of(in);
        if (info.flow() != InstructionInfo.Flow.NEXT) return Kind.OTHER;
        switch (info.stack()) {
            case PUSH, PUSH_ALL, ENTER -> {
                return Kind.LOWER;
            }
            case POP, POP_ALL -> {
                return stackPointer(in, 0) || stackSegment(in) ? Kind.MOVE : Kind.RAISE;
            }
            case LEAVE -> {
                return Kind.RESTORE;
            }
            case NONE -> {}
        }
        if (stackSegment(in) || in.mnemonic == Mnemonic.LSS) return Kind.MOVE;
        if ((info.registersWritten(in) >> Cpu.RSP & 1) == 0) return Kind.OTHER;
        return stackPointer(in, 0) ? explicit(in) : Kind.MOVE;
    }

    private static boolean stackPointer(Instruction in, int operand) {
        return stackRegister(in, operand, Cpu.RSP);
    }

    /** Whether SS is the destination. */
    private static boolean stackSegment(Instruction in) {
        return in.operandCount > 0 && in.kind[0] == Instruction.SEGMENT && in.reg[0] == Instruction.SS;
    }

    /** The stack pointer is the destination. */
    private static Kind explicit(Instruction in) {
        boolean immediate = in.operandCount > 1 && in.kind[1] == Instruction.IMM;
        return switch (in.mnemonic) {
            case ADD -> immediate && in.imm < 0 ? Kind.LOWER : Kind.RAISE;
            case SUB -> immediate && in.imm >= 0 ? Kind.LOWER : Kind.RAISE;
            case AND -> immediate ? Kind.LOWER : Kind.MOVE;
            case INC -> Kind.RAISE;
            case DEC -> Kind.LOWER;
            case MOV -> stackRegister(in, 1, Cpu.RBP) ? Kind.RESTORE : Kind.MOVE;
            case LEA -> {
                boolean plain = in.memIndex == Instruction.NO_REGISTER;
                if (plain && in.memBase == Cpu.RSP) yield in.disp < 0 ? Kind.LOWER : Kind.RAISE;
                yield plain && in.memBase == Cpu.RBP ? Kind.RESTORE : Kind.MOVE;
            }
            default -> Kind.MOVE;
        };
    }

    private static boolean stackRegister(Instruction in, int operand, int register) {
        return operand < in.operandCount && in.kind[operand] == Instruction.GPR && in.reg[operand] == register;
    }
}
