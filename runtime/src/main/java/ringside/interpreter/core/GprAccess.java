package ringside.interpreter.core;

import ringside.decoder.Instruction;

/**
 * Reads and writes of general registers by size, with the rules for the upper part: a 32-bit write clears it, 8- and
 * 16-bit writes keep it. A register is named 0..15, or 16..19 for AH, CH, DH, BH. Intel SDM vol. 1, 3.4.1.
 */
public final class GprAccess {
    private static final int HIGH = 16;

    private GprAccess() {}

    /** @return the name of the register in operand {@code k} */
    public static int of(Instruction i, int k) {
        return i.kind[k] == Instruction.GPR_HIGH ? i.reg[k] | HIGH : i.reg[k];
    }

    /** @return the register's value, zero-extended */
    public static long get(long[] gpr, int reg, int size) {
        return switch (size) {
            case 1 -> gpr[reg & 15] >>> (reg >> 1 & 8) & 0xff;
            case 2 -> gpr[reg] & 0xffff;
            case 4 -> gpr[reg] & 0xffff_ffffL;
            default -> gpr[reg];
        };
    }

    /** @param v bits above the size are ignored */
    public static void set(long[] gpr, int reg, int size, long v) {
        switch (size) {
            case 1 -> {
                int shift = reg >> 1 & 8;
                gpr[reg & 15] = gpr[reg & 15] & ~(0xffL << shift) | (v & 0xff) << shift;
            }
            case 2 -> gpr[reg] = gpr[reg] & ~0xffffL | v & 0xffff;
            case 4 -> gpr[reg] = v & 0xffff_ffffL;
            default -> gpr[reg] = v;
        }
    }

    public static long signExtend(long v, int size) {
        return switch (size) {
            case 1 -> (byte) v;
            case 2 -> (short) v;
            case 4 -> (int) v;
            default -> v;
        };
    }

    public static long zeroExtend(long v, int size) {
        return switch (size) {
            case 1 -> v & 0xff;
            case 2 -> v & 0xffff;
            case 4 -> v & 0xffff_ffffL;
            default -> v;
        };
    }
}
