package ringside.translator.support;

import ringside.cpu.Flags;

/**
 * The translator's form of the arithmetic flags: result r, operands a and b, and a kind. It costs nothing to set (the
 * values exist anyway) and becomes the runtime's form (result, aux: see {@link Flags}) where a region is left.
 *
 * <p>Bits 1:0 of the kind say where the carry, and without INC or DEC also AF and OF, come from: {@link #AUX} a is aux
 * itself, {@link #ADD} a + b = r, {@link #SUB} a - b = r. Bits above: {@link #INC} or {@link #DEC} of an operand of
 * that many bytes gave r and kept the carry. All operands and results are sign-extended to 64 bits, which preserves
 * signed and unsigned order, so the kind need not know their size.
 */
public final class LazyFlags {
    public static final int AUX = 0, ADD = 1, SUB = 2, SOURCE = 3;
    /** With the operand's size in bytes in bits 7:4. */
    public static final int INC = 4, DEC = 8;

    private LazyFlags() {}

    /** @return kind of an INC (or DEC) on top of the carry source {@code kind} */
    public static int step(int kind, int step) {
        return kind & SOURCE | step;
    }

    /** @return aux in the runtime's form */
    public static long aux(int kind, long a, long b, long r) {
        if (kind == AUX) return a;
        if (kind == SUB) return subAux(a, b, r);
        if (kind == ADD) return addAux(a, b, r);
        return stepAux(kind, a, b, r);
    }

    public static long subAux(long a, long b, long r) {
        long c = ~a & b | (~a | b) & r;
        return combine(c, (a ^ b) & (a ^ r));
    }

    public static long addAux(long a, long b, long r) {
        long c = a & b | (a | b) & ~r;
        return combine(c, ~(a ^ b) & (a ^ r));
    }

    /** @param c carries out of every bit @param o bit 63 = OF */
    private static long combine(long c, long o) {
        return c & 0x8000_0000_0000_0008L | (c ^ o) >>> 1 & 0x4000_0000_0000_0000L;
    }

    private static long stepAux(int kind, long a, long b, long r) {
        boolean cf = carry(kind & SOURCE, a, b);
        int bits = (kind >> 4) * 8;
        boolean of;
        long af;
        if ((kind & INC) != 0) {
            of = r == -1L << (bits - 1);
            af = (r & 15) == 0 ? 8 : 0;
        } else {
            of = r == ~(-1L << (bits - 1));
            af = (r & 15) == 15 ? 8 : 0;
        }
        return Flags.aux(cf, of) | af;
    }

    /** @return CF of a kind without INC or DEC, from the operands alone */
    private static boolean carry(int source, long a, long b) {
        return switch (source) {
            case AUX -> a < 0;
            case SUB -> Long.compareUnsigned(a, b) < 0;
            default -> Long.compareUnsigned(~a, b) < 0;
        };
    }

    /** @return CF of any kind */
    public static boolean carry(int kind, long a, long b, long r) {
        return carry(kind & SOURCE, a, b);
    }

    /** @return the condition of Jcc/SETcc/CMOVcc number 0..15 */
    public static boolean condition(int cc, int kind, long a, long b, long r) {
        return Flags.condition(cc, r, aux(kind, a, b, r));
    }
}
