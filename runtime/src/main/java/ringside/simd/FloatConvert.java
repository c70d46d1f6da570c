package ringside.simd;

import static ringside.simd.Mxcsr.DE;
import static ringside.simd.Mxcsr.IE;
import static ringside.simd.Mxcsr.PE;

import ringside.cpu.Cpu;

/**
 * Conversions between floating-point formats and integers, and rounding to integral values. Intel SDM vol. 2, CVTxx,
 * ROUNDxx; vol. 1, 4.9.1.
 */
public final class FloatConvert {
    private static final long LOW = 0xffff_ffffL;

    private FloatConvert() {}

    // ---- to integers ----

    /**
     * @param bits 32 or 64
     * @param rounding {@link Mxcsr} rounding control
     * @return the integer, sign-extended; the most negative one (integer indefinite) with IE if it does not fit
     */
    public static long toInteger(Cpu cpu, Format f, long a, int bits, int rounding) {
        a = SoftFloat.operand(cpu, f, a);
        long indefinite = -1L << bits - 1;
        if (f.isZero(a)) return 0;
        if (f.isNan(a) || f.isInfinite(a) || f.exponent(a) >= bits) {
            cpu.simdFlags |= IE;
            return indefinite;
        }
        int e = f.exponent(a);
        boolean negative = f.isNegative(a);
        long sig = f.significand(a);
        long q;
        boolean inexact = false;
        if (e == 63) {
            q = sig;
        } else {
            long s = SoftFloat.shiftRightJam(sig, Math.max(0, -1 - e));
            int shift = Math.min(64, 63 - e);
            inexact = shift == 64 || s << 64 - shift != 0;
            q = shift == 64
                    ? SoftFloat.roundShift(s >>> 1 | s & 1, 63, rounding, negative)
                    : SoftFloat.roundShift(s, shift, rounding, negative);
        }
        boolean fits = q >= 0 && q <= ~indefinite || negative && q == -indefinite;
        if (!fits) {
            cpu.simdFlags |= IE;
            return indefinite;
        }
        if (inexact) cpu.simdFlags |= PE;
        return negative ? -q : q;
    }

    /** Double to integer by MXCSR's rounding. */
    public static long doubleToInteger(Cpu cpu, long a, int bits) {
        return toInteger(cpu, Format.DOUBLE, a, bits, Mxcsr.rounding(cpu));
    }

    public static long floatToInteger(Cpu cpu, int a, int bits) {
        return toInteger(cpu, Format.SINGLE, a & LOW, bits, Mxcsr.rounding(cpu));
    }

    public static long truncateDouble(Cpu cpu, long a, int bits) {
        double x = Double.longBitsToDouble(a);
        if (bits == 32 ? x > -0x1p31 && x < 0x1p31 : x > -0x1p63 && x < 0x1p63) {
            long n = (long) x;
            if (n == x) return n;
        }
        return toInteger(cpu, Format.DOUBLE, a, bits, Mxcsr.ZERO);
    }

    public static long truncateFloat(Cpu cpu, int a, int bits) {
        return toInteger(cpu, Format.SINGLE, a & LOW, bits, Mxcsr.ZERO);
    }

    // ---- from integers ----

    private static long fromInteger(Cpu cpu, Format f, long n) {
        if (n == 0) return 0;
        long m = Math.abs(n);
        int lz = Long.numberOfLeadingZeros(m);
        return SoftFloat.round(cpu, f, n < 0, 63 - lz, m << lz);
    }

    public static long integerToDouble(Cpu cpu, long n) {
        double d = (double) n;
        if (Math.abs(n) <= 1L << 53 && n != Long.MIN_VALUE) return Double.doubleToRawLongBits(d);
        return fromInteger(cpu, Format.DOUBLE, n);
    }

    public static int integerToFloat(Cpu cpu, long n) {
        if (n >= -(1 << 24) && n <= 1 << 24) return Float.floatToRawIntBits((float) n);
        return (int) fromInteger(cpu, Format.SINGLE, n);
    }

    // ---- between formats ----

    public static long floatToDouble(Cpu cpu, int a) {
        int m = a & 0x7f80_0000;
        if (m != 0 && m != 0x7f80_0000) return Double.doubleToRawLongBits(Float.intBitsToFloat(a));
        return convert(cpu, Format.SINGLE, Format.DOUBLE, a & LOW);
    }

    public static int doubleToFloat(Cpu cpu, long a) {
        return (int) convert(cpu, Format.DOUBLE, Format.SINGLE, a);
    }

    private static long convert(Cpu cpu, Format from, Format to, long a) {
        a = SoftFloat.operand(cpu, from, a);
        long sign = from.isNegative(a) ? to.sign : 0;
        if (from.isNan(a)) {
            if (from.isSignalling(a)) cpu.simdFlags |= IE;
            return nan(from, to, a);
        }
        if (from.isInfinite(a)) return sign | to.infinity;
        if (from.isZero(a)) return sign;
        if (from.isDenormal(a)) cpu.simdFlags |= DE;
        return SoftFloat.round(cpu, to, sign != 0, from.exponent(a), from.significand(a));
    }

    /** The NaN in the other format: sign and upper fraction bits kept, made quiet. */
    private static long nan(Format from, Format to, long a) {
        long fraction = a & from.fractionMask;
        int d = to.fractionBits - from.fractionBits;
        fraction = d >= 0 ? fraction << d : fraction >>> -d;
        return (from.isNegative(a) ? to.sign : 0) | to.infinity | to.quiet | fraction;
    }

    /** VCVTPH2PS: the half's denormals are never flushed, and raise no DE. */
    public static int halfToFloat(Cpu cpu, int h) {
        Format from = Format.HALF;
        long a = h & 0xffff;
        long sign = from.isNegative(a) ? Format.SINGLE.sign : 0;
        if (from.isNan(a)) {
            if (from.isSignalling(a)) cpu.simdFlags |= IE;
            return (int) nan(from, Format.SINGLE, a);
        }
        if (from.isInfinite(a)) return (int) (sign | Format.SINGLE.infinity);
        if (from.isZero(a)) return (int) sign;
        return (int) SoftFloat.round(cpu, Format.SINGLE, sign != 0, from.exponent(a), from.significand(a));
    }

    /**
     * VCVTPS2PH: results are never flushed to zero.
     * @param imm bit 2: round by MXCSR; else bits 1:0 are the rounding
     */
    public static int floatToHalf(Cpu cpu, int bits, int imm) {
        Format from = Format.SINGLE;
        Format to = Format.HALF;
        long a = SoftFloat.operand(cpu, from, bits & LOW);
        long sign = from.isNegative(a) ? to.sign : 0;
        if (from.isNan(a)) {
            if (from.isSignalling(a)) cpu.simdFlags |= IE;
            return (int) nan(from, to, a);
        }
        if (from.isInfinite(a)) return (int) (sign | to.infinity);
        if (from.isZero(a)) return (int) sign;
        if (from.isDenormal(a)) cpu.simdFlags |= DE;
        int rounding = (imm & 4) != 0 ? Mxcsr.rounding(cpu) : imm & 3;
        return (int) SoftFloat.round(cpu, to, sign != 0, from.exponent(a), from.significand(a), rounding, false);
    }

    /**
     * ROUNDxx: to an integral value in the same format.
     *
     * @param imm bits 1:0 rounding, or bit 2: by MXCSR; bit 3: no PE
     */
    public static long roundToIntegral(Cpu cpu, Format f, long a, int imm) {
        a = SoftFloat.operand(cpu, f, a);
        if (f.isNan(a)) return SoftFloat.propagate(cpu, f, a, a);
        if (f.isInfinite(a) || f.isZero(a) || f.exponent(a) >= f.fractionBits) return a;
        int rounding = (imm & 4) != 0 ? Mxcsr.rounding(cpu) : imm & 3;
        boolean negative = f.isNegative(a);
        long sign = a & f.sign;
        int e = f.exponent(a);
        long q;
        boolean inexact;
        if (e < 0) {
            long s = SoftFloat.shiftRightJam(f.significand(a), -1 - e);
            q = SoftFloat.roundShift(s >>> 1 | s & 1, 63, rounding, negative);
            inexact = true;
        } else {
            int shift = 63 - e;
            long s = f.significand(a);
            inexact = s << 64 - shift != 0;
            q = SoftFloat.roundShift(s, shift, rounding, negative);
        }
        if (inexact && (imm & 8) == 0) cpu.simdFlags |= PE;
        if (q == 0) return sign;
        int lz = Long.numberOfLeadingZeros(q);
        int shift = 63 - f.fractionBits;
        return sign | ((long) (63 - lz + f.bias) << f.fractionBits) + (q << lz >>> shift & f.fractionMask);
    }
}
