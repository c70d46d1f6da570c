package ringside.interpreter.core;

import ringside.decoder.Instruction;

/**
 * The constants that one copy of a handler template is specialised for; see {@link Specializer}.
 *
 * @param operation what it computes: an enum constant of the family, or null
 * @param size operand size in bytes: 1, 2, 4 or 8
 * @param destination kind of the first operand: REG, MEM, IMM or NONE
 * @param source kind of the second operand
 * @param variant anything else: a condition number, a second size, an addressing or stack mode
 */
public record Form(Object operation, int size, int destination, int source, int variant) {
    public static final int NONE = 0, REG = 1, MEM = 2, IMM = 3;

    /** @return the kind of an operand, NONE for one that the instruction does not have */
    public static int kind(Instruction i, int operand) {
        if (operand >= i.operandCount) return NONE;
        return switch (i.kind[operand]) {
            case Instruction.GPR, Instruction.GPR_HIGH -> REG;
            case Instruction.MEM -> MEM;
            case Instruction.IMM, Instruction.IMM2, Instruction.REL -> IMM;
            default -> -1;
        };
    }

    /** @return whether all operands are general registers, memory or immediates */
    public static boolean general(Instruction i) {
        for (int k = 0; k < i.operandCount; k++) {
            if (kind(i, k) < 0) return false;
        }
        return true;
    }
}
