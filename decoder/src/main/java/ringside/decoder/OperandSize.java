package ringside.decoder;

/**
 * Sizes of operands as the opcode tables write them. A size is either a number of bytes (zero or positive) or one of
 * the negative codes below, which depend on the operand size, the address size, the mode or the vector length.
 *
 * <p>Intel SDM vol. 2, appendix A.2.2 (codes for operand type).
 */
final class OperandSize {
    /** {@code v}: 2, 4 or 8, the operand size. */
    static final short OPERAND = -1;
    /** {@code z}: 2 or 4, the operand size without 8. */
    static final short OPERAND_MAX_4 = -2;
    /** {@code y}: 4, or 8 with REX.W in 64-bit mode. */
    static final short GENERAL_4_OR_8 = -3;
    /** {@code n}: 8 in 64-bit mode, else 4. */
    static final short NATIVE = -4;
    /** {@code x}, {@code h}, {@code f}, {@code e}: the vector length, its half, quarter and eighth. */
    static final short VECTOR = -5, HALF_VECTOR = -6, QUARTER_VECTOR = -7, EIGHTH_VECTOR = -8;
    /** {@code p}: far pointer of operand size + 2 bytes. */
    static final short FAR_POINTER = -9;
    /** {@code s}: descriptor table register, 6 bytes or 10 in 64-bit mode. */
    static final short DESCRIPTOR_TABLE = -10;
    /** {@code a}: the pair of bounds of BOUND. */
    static final short BOUNDS = -11;
    /** {@code env}, {@code save}: x87 environment (14 or 28 bytes) and state (94 or 108). */
    static final short X87_ENVIRONMENT = -12, X87_STATE = -13;
    /** {@code addr}: the address size. */
    static final short ADDRESS = -14;

    private OperandSize() {}

    /**
     * @param code the letters behind the addressing method of an operand in the tables; empty for an operand without
     *     size
     */
    static short parse(String code) {
        return switch (code) {
            case "" -> 0;
            case "b" -> 1;
            case "w" -> 2;
            case "d" -> 4;
            case "q" -> 8;
            case "t" -> 10;
            case "o" -> 16;
            case "qq" -> 32;
            case "v" -> OPERAND;
            case "z" -> OPERAND_MAX_4;
            case "y" -> GENERAL_4_OR_8;
            case "n" -> NATIVE;
            case "x" -> VECTOR;
            case "h" -> HALF_VECTOR;
            case "f" -> QUARTER_VECTOR;
            case "e" -> EIGHTH_VECTOR;
            case "p" -> FAR_POINTER;
            case "s" -> DESCRIPTOR_TABLE;
            case "a" -> BOUNDS;
            case "env" -> X87_ENVIRONMENT;
            case "save" -> X87_STATE;
            case "addr" -> ADDRESS;
            default -> Short.parseShort(code);
        };
    }

    /** @return bytes */
    static int resolve(int size, Instruction in) {
        return size >= 0 ? size : resolveCode(size, in);
    }

    private static int resolveCode(int code, Instruction in) {
        return switch (code) {
            case OPERAND -> in.operandSize;
            case OPERAND_MAX_4 -> Math.min(in.operandSize, 4);
            case GENERAL_4_OR_8 -> in.mode == 64 && (in.rex & 8) != 0 ? 8 : 4;
            case NATIVE -> in.mode == 64 ? 8 : 4;
            case VECTOR -> 16 << in.vectorLength;
            case HALF_VECTOR -> 8 << in.vectorLength;
            case QUARTER_VECTOR -> 4 << in.vectorLength;
            case EIGHTH_VECTOR -> 2 << in.vectorLength;
            case FAR_POINTER -> in.operandSize + 2;
            case DESCRIPTOR_TABLE -> in.mode == 64 ? 10 : 6;
            case BOUNDS -> 2 * in.operandSize;
            case X87_ENVIRONMENT -> in.operandSize == 2 ? 14 : 28;
            case X87_STATE -> in.operandSize == 2 ? 94 : 108;
            default -> in.addressSize;
        };
    }
}
