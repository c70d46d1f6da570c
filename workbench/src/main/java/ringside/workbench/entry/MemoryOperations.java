package ringside.workbench.entry;

import ringside.decoder.Instruction;

/**
 * Counts the loads and stores of an instruction, from its decoded form: each word that goes between the processor and
 * memory is one. The processor's own reads of descriptors and tables are not counted; the words that it pushes on an
 * entry are counted by {@link #DELIVERY}.
 */
public final class MemoryOperations {
    /** Words that an entry through the IDT pushes without an error code. */
    public static final int DELIVERY = 5;

    private static final int FRAME = 5;

    private MemoryOperations() {}

    /** @param rcx count register before it, for REP */
    public static long of(Instruction i, long rcx) {
        int m = i.memoryOperand();
        int operand = m < 0 || i.size[m] == 0 ? 0 : 1;
        return switch (i.mnemonic) {
            case PUSH, POP, CALL -> 1 + operand;
            case PUSHF, POPF, RET, LEAVE -> 1;
            case IRET -> FRAME;
            case MOVS -> i.has(Instruction.REP) ? 2 * rcx : 2;
            case LEA, NOP, INVLPG -> 0;
            case ADD, ADC, SUB, SBB, AND, OR, XOR, INC, DEC, NEG, NOT, XCHG, XADD, BTS, BTR, BTC ->
                m == 0 ? 2 : operand;
            default -> operand;
        };
    }
}
