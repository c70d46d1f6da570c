package ringside.simd;

import static ringside.simd.Mxcsr.DE;
import static ringside.simd.Mxcsr.IE;

import ringside.cpu.Cpu;

/** Comparison, minimum and maximum of the SSE and AVX groups. Intel SDM vol. 2, CMPPD, COMISD, MINPD. */
public final class FloatCompare {
    /** Relations of two numbers, bits of the sets in {@link #PREDICATES}. */
    public static final int LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8;

    /**
     * For each predicate of CMPxx (0..7) and VCMPxx (0..31): the set of relations for which it holds, plus
     * {@link #SIGNALS} if a QNaN is an invalid operand.
     */
    private static final int SIGNALS = 16;

    private static final byte[] PREDICATES = {
        EQUAL,
        LESS | SIGNALS,
        LESS | EQUAL | SIGNALS,
        UNORDERED,
        LESS | GREATER | UNORDERED,
        EQUAL | GREATER | UNORDERED | SIGNALS,
        GREATER | UNORDERED | SIGNALS,
        LESS | EQUAL | GREATER,
        EQUAL | UNORDERED,
        LESS | UNORDERED | SIGNALS,
        LESS | EQUAL | UNORDERED | SIGNALS,
        0,
        LESS | GREATER,
        EQUAL | GREATER | SIGNALS,
        GREATER | SIGNALS,
        LESS | EQUAL | GREATER | UNORDERED,
        EQUAL | SIGNALS,
        LESS,
        LESS | EQUAL,
        UNORDERED | SIGNALS,
        LESS | GREATER | UNORDERED | SIGNALS,
        EQUAL | GREATER | UNORDERED,
        GREATER | UNORDERED,
        LESS | EQUAL | GREATER | SIGNALS,
        EQUAL | UNORDERED | SIGNALS,
        LESS | UNORDERED,
        LESS | EQUAL | UNORDERED,
        SIGNALS,
        LESS | GREATER | SIGNALS,
        EQUAL | GREATER,
        GREATER,
        LESS | EQUAL | GREATER | UNORDERED | SIGNALS,
    };

    private FloatCompare() {}

    /** @param signalQuiet a QNaN raises IE as an SNaN does @return one of LESS, EQUAL, GREATER, UNORDERED */
    public static int compare(Cpu cpu, Format f, long a, long b, boolean signalQuiet) {
        a = SoftFloat.operand(cpu, f, a);
        b = SoftFloat.operand(cpu, f, b);
        if (f.isNan(a) || f.isNan(b)) {
            if (signalQuiet || f.isSignalling(a) || f.isSignalling(b)) cpu.simdFlags |= IE;
            return UNORDERED;
        }
        if (f.isDenormal(a) || f.isDenormal(b)) cpu.simdFlags |= DE;
        long x = ordered(f, a);
        long y = ordered(f, b);
        return x < y ? LESS : x == y ? EQUAL : GREATER;
    }

    /** @return a number that orders as the operand does; both zeros give 0 */
    private static long ordered(Format f, long a) {
        long m = a & f.sign - 1;
        return f.isNegative(a) ? -m : m;
    }

    public static boolean holds(Cpu cpu, Format f, long a, long b, int predicate) {
        int p = PREDICATES[predicate];
        return (p & compare(cpu, f, a, b, (p & SIGNALS) != 0)) != 0;
    }

    /** The second operand unless the first is less; both zeros and any NaN give the second. */
    public static long min(Cpu cpu, Format f, long a, long b) {
        return compare(cpu, f, a, b, true) == LESS ? SoftFloat.operand(cpu, f, a) : SoftFloat.operand(cpu, f, b);
    }

    public static long max(Cpu cpu, Format f, long a, long b) {
        return compare(cpu, f, a, b, true) == GREATER ? SoftFloat.operand(cpu, f, a) : SoftFloat.operand(cpu, f, b);
    }
}
