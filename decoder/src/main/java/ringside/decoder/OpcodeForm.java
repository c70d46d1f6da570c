package ringside.decoder;

/**
 * What one encoding means: a leaf of an {@link OpcodeNode} tree, made from one line of an opcode table.
 *
 * <p>Attributes in the tables: {@code lock} allows LOCK with a memory destination; {@code d64} makes the operand size 8
 * in 64-bit mode unless 66 says 2; {@code f64} makes it 8 in 64-bit mode whatever the prefixes are; {@code mod3} takes
 * ModRM.mod for 3; {@code vsib} has a vector register as index and wants it to differ from the other vector operands.
 */
final class OpcodeForm {
    static final int LOCKABLE = 1, DEFAULT_64 = 2, FORCED_64 = 4, IGNORES_MOD = 8, VSIB = 16;

    final Mnemonic mnemonic;
    final OperandSpec[] operands;
    final int attributes;
    /** 66 selects this form and so does not change the operand size. */
    final boolean consumes66;

    final boolean usesVvvv;

    OpcodeForm(Mnemonic mnemonic, OperandSpec[] operands, int attributes, boolean consumes66) {
        this.mnemonic = mnemonic;
        this.operands = operands;
        this.attributes = attributes;
        this.consumes66 = consumes66;
        boolean vvvv = false;
        for (OperandSpec operand : operands) vvvv |= operand.usesVvvv();
        usesVvvv = vvvv;
    }

    boolean is(int attribute) {
        return (attributes & attribute) != 0;
    }

    static int attribute(String name) {
        return switch (name) {
            case "lock" -> LOCKABLE;
            case "d64" -> DEFAULT_64;
            case "f64" -> FORCED_64;
            case "mod3" -> IGNORES_MOD;
            case "vsib" -> VSIB;
            default -> 0;
        };
    }
}
