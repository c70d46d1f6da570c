package ringside.interpreter.integer;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Vector;
import ringside.interpreter.core.GprAccess;

/**
 * Multiplication and division of the accumulator, and their flags. MUL and IMUL set CF and OF when the upper half is
 * more than an extension of the lower one and keep the other flags; DIV and IDIV set AF, clear SF, ZF and PF and keep
 * CF and OF (all undefined by the manual; as AMD's Zen 4 does it). Intel SDM vol. 2, MUL, IMUL, DIV, IDIV.
 */
final class Multiply {
    private Multiply() {}

    /** Sets CF and OF, keeps the rest. */
    static void flags(Cpu cpu, boolean overflow) {
        cpu.flagAux = Flags.withCarryOverflow(cpu.flagAux, overflow, overflow);
    }

    private static void divideFlags(Cpu cpu) {
        long kept = cpu.rflags() & (Flags.CF | Flags.OF);
        cpu.setArithmeticFlags(kept | Flags.AF);
    }

    /** MUL: {@code b} zero-extended. */
    static void unsigned(Cpu cpu, long b, int size) {
        long[] g = cpu.gpr;
        if (size == 8) {
            long a = g[Cpu.RAX];
            long high = Math.unsignedMultiplyHigh(a, b);
            g[Cpu.RAX] = a * b;
            g[Cpu.RDX] = high;
            flags(cpu, high != 0);
            return;
        }
        long r = GprAccess.get(g, Cpu.RAX, size) * b;
        setWide(g, r, size);
        flags(cpu, r >>> 8 * size != 0);
    }

    /** IMUL with one operand: {@code b} sign-extended. */
    static void signed(Cpu cpu, long b, int size) {
        long[] g = cpu.gpr;
        if (size == 8) {
            long a = g[Cpu.RAX];
            long high = Math.multiplyHigh(a, b);
            g[Cpu.RAX] = a * b;
            g[Cpu.RDX] = high;
            flags(cpu, high != a * b >> 63);
            return;
        }
        long r = GprAccess.signExtend(g[Cpu.RAX], size) * b;
        setWide(g, r, size);
        flags(cpu, GprAccess.signExtend(r, size) != r);
    }

    /** IMUL with two or three operands: both sign-extended. @return the product, cut to the size */
    static long truncated(Cpu cpu, long a, long b, int size) {
        long r = a * b;
        flags(cpu, size == 8 ? Math.multiplyHigh(a, b) != r >> 63 : GprAccess.signExtend(r, size) != r);
        return r;
    }

    /** Writes a product to AX, DX:AX or EDX:EAX. */
    private static void setWide(long[] g, long r, int size) {
        if (size == 1) {
            GprAccess.set(g, Cpu.RAX, 2, r);
        } else {
            GprAccess.set(g, Cpu.RAX, size, r);
            GprAccess.set(g, Cpu.RDX, size, r >>> 8 * size);
        }
    }

    private static long dividend(long[] g, int size) {
        if (size == 1) return g[Cpu.RAX] & 0xffff;
        return GprAccess.get(g, Cpu.RDX, size) << 8 * size | GprAccess.get(g, Cpu.RAX, size);
    }

    private static void setQuotient(long[] g, long q, long r, int size) {
        if (size == 1) {
            GprAccess.set(g, Cpu.RAX, 2, q & 0xff | (r & 0xff) << 8);
        } else {
            GprAccess.set(g, Cpu.RAX, size, q);
            GprAccess.set(g, Cpu.RDX, size, r);
        }
    }

    private static RuntimeException divideError(Cpu cpu) {
        return cpu.fault(Vector.DE, 0);
    }

    /** DIV: {@code b} zero-extended. */
    static void divideUnsigned(Cpu cpu, long b, int size) {
        long[] g = cpu.gpr;
        if (b == 0) throw divideError(cpu);
        long q;
        long r;
        if (size == 8) {
            long high = g[Cpu.RDX];
            long low = g[Cpu.RAX];
            if (Long.compareUnsigned(high, b) >= 0) throw divideError(cpu);
            q = divideWide(high, low, b);
            r = low - q * b;
        } else {
            long a = dividend(g, size);
            q = Long.divideUnsigned(a, b);
            r = a - q * b;
            if (q >>> 8 * size != 0) throw divideError(cpu);
        }
        setQuotient(g, q, r, size);
        divideFlags(cpu);
    }

    /** IDIV: {@code b} sign-extended. */
    static void divideSigned(Cpu cpu, long b, int size) {
        long[] g = cpu.gpr;
        if (b == 0) throw divideError(cpu);
        long q;
        long r;
        if (size == 8) {
            long high = g[Cpu.RDX];
            long low = g[Cpu.RAX];
            boolean negative = high < 0;
            if (negative) {
                low = -low;
                high = ~high + (low == 0 ? 1 : 0);
            }
            long divisor = Math.abs(b);
            if (Long.compareUnsigned(high, divisor) >= 0) throw divideError(cpu);
            q = divideWide(high, low, divisor);
            r = low - q * divisor;
            boolean negativeQuotient = negative != b < 0;
            if (negativeQuotient ? Long.compareUnsigned(q, Long.MIN_VALUE) > 0 : q < 0) throw divideError(cpu);
            if (negativeQuotient) q = -q;
            if (negative) r = -r;
        } else {
            long a = size == 1 ? (short) g[Cpu.RAX] : GprAccess.signExtend(dividend(g, size), 2 * size);
            if (a == Long.MIN_VALUE && b == -1) throw divideError(cpu);
            q = a / b;
            r = a % b;
            if (GprAccess.signExtend(q, size) != q) throw divideError(cpu);
        }
        setQuotient(g, q, r, size);
        divideFlags(cpu);
    }

    /**
     * Divides 128 by 64 bits, unsigned, in two steps of 32 quotient bits (Knuth's algorithm D).
     *
     * @param high less than {@code b}, so that the quotient fits
     */
    static long divideWide(long high, long low, long b) {
        if (high == 0) return Long.divideUnsigned(low, b);
        int s = Long.numberOfLeadingZeros(b);
        long d = b << s;
        long d1 = d >>> 32;
        long d0 = d & 0xffff_ffffL;
        long n32 = s == 0 ? high : high << s | low >>> 64 - s;
        long n10 = low << s;
        long q1 = quotientDigit(n32, n10 >>> 32, d1, d0);
        long n21 = (n32 << 32 | n10 >>> 32) - q1 * d;
        long q0 = quotientDigit(n21, n10 & 0xffff_ffffL, d1, d0);
        return (q1 << 32) + q0;
    }

    private static long quotientDigit(long upper, long next, long d1, long d0) {
        long q = Long.divideUnsigned(upper, d1);
        long r = upper - q * d1;
        while (q >>> 32 != 0 || Long.compareUnsigned(q * d0, r << 32 | next) > 0) {
            q--;
            r += d1;
            if (r >>> 32 != 0) break;
        }
        return q;
    }
}
