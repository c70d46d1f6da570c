package ringside.simd;

import static ringside.simd.Mxcsr.DE;
import static ringside.simd.Mxcsr.IE;
import static ringside.simd.Mxcsr.OE;
import static ringside.simd.Mxcsr.PE;
import static ringside.simd.Mxcsr.UE;
import static ringside.simd.Mxcsr.ZE;

import ringside.cpu.Cpu;

/**
 * Exact SSE arithmetic in integers: every rounding mode, flush to zero, denormals as zeros and all exception flags, for
 * operands of one {@link Format}. The slow path behind {@link Doubles} and {@link Floats}. Exceptions gather in
 * {@link Cpu#simdFlags}.
 *
 * <p>A finite intermediate value is (sign, e, sig) = sig * 2^(e-63) with bit 63 of sig set and bit 0 sticky. Tininess
 * is detected after rounding. Source: Intel SDM vol. 1, 4.8, 4.9 and 11.5; IEEE 754.
 */
public final class SoftFloat {
    private SoftFloat() {}

    // ---- common ----

    /** @return the operand as the operation sees it: with DAZ a denormal is a zero of its sign */
    static long operand(Cpu cpu, Format f, long a) {
        return (cpu.mxcsr & Mxcsr.DAZ) != 0 && f.isDenormal(a) ? a & f.sign : a;
    }

    /** @return the NaN that two operands of which one is a NaN yield: the first if it is one */
    static long propagate(Cpu cpu, Format f, long a, long b) {
        if (f.isSignalling(a) || f.isSignalling(b)) cpu.simdFlags |= IE;
        return (f.isNan(a) ? a : b) | f.quiet;
    }

    private static long invalid(Cpu cpu, Format f) {
        cpu.simdFlags |= IE;
        return f.indefinite;
    }

    private static void noteDenormals(Cpu cpu, Format f, long a, long b) {
        if (f.isDenormal(a) || f.isDenormal(b)) cpu.simdFlags |= DE;
    }

    /** @return a >>> n with the bits shifted out ored into bit 0 */
    static long shiftRightJam(long a, int n) {
        if (n == 0) return a;
        if (n >= 64) return a != 0 ? 1 : 0;
        return a >>> n | (a << -n != 0 ? 1 : 0);
    }

    /** @return sig without its low {@code shift} bits, rounded */
    static long roundShift(long sig, int shift, int rounding, boolean negative) {
        long q = sig >>> shift;
        long rest = sig << 64 - shift;
        boolean up = switch (rounding) {
            case Mxcsr.NEAREST -> rest < 0 && (rest != Long.MIN_VALUE || (q & 1) != 0);
            case Mxcsr.DOWN -> negative && rest != 0;
            case Mxcsr.UP -> !negative && rest != 0;
            default -> false;
        };
        return up ? q + 1 : q;
    }

    /** Rounds by MXCSR and notes OE, UE and PE. */
    static long round(Cpu cpu, Format f, boolean negative, int e, long sig) {
        return round(cpu, f, negative, e, sig, Mxcsr.rounding(cpu), (cpu.mxcsr & Mxcsr.FTZ) != 0);
    }

    static long round(Cpu cpu, Format f, boolean negative, int e, long sig, int rounding, boolean flush) {
        int shift = 63 - f.fractionBits;
        long sign = negative ? f.sign : 0;
        boolean inexact = sig << 64 - shift != 0;
        long q = roundShift(sig, shift, rounding, negative);
        int rounded = e;
        if (q >>> f.fractionBits == 2) {
            q >>>= 1;
            rounded++;
        }
        if (rounded < f.minExponent) return tiny(cpu, f, negative, e, sig, inexact, rounding, flush);
        if (rounded > f.maxExponent) {
            cpu.simdFlags |= (cpu.mxcsr & Mxcsr.OM) != 0 || inexact ? OE | PE : OE;
            boolean toMax = rounding == Mxcsr.ZERO || rounding == (negative ? Mxcsr.UP : Mxcsr.DOWN);
            return sign | f.infinity - (toMax ? 1 : 0);
        }
        if (inexact) cpu.simdFlags |= PE;
        return sign | ((long) (rounded + f.bias) << f.fractionBits) + (q & f.fractionMask);
    }

    private static long tiny(
            Cpu cpu, Format f, boolean negative, int e, long sig, boolean inexact, int rounding, boolean flush) {
        long sign = negative ? f.sign : 0;
        if ((cpu.mxcsr & Mxcsr.UM) == 0) {
            cpu.simdFlags |= inexact ? UE | PE : UE;
            return sign;
        }
        if (flush) {
            cpu.simdFlags |= UE | PE;
            return sign;
        }
        int shift = 63 - f.fractionBits;
        long s = shiftRightJam(sig, f.minExponent - e);
        if (s << 64 - shift != 0) cpu.simdFlags |= UE | PE;
        return sign | roundShift(s, shift, rounding, negative);
    }

    private static long exactZero(Cpu cpu, Format f) {
        return Mxcsr.rounding(cpu) == Mxcsr.DOWN ? f.sign : 0;
    }

    // ---- operations ----

    public static long add(Cpu cpu, Format f, long a, long b) {
        return add(cpu, f, a, b, 0);
    }

    public static long subtract(Cpu cpu, Format f, long a, long b) {
        return add(cpu, f, a, b, f.sign);
    }

    private static long add(Cpu cpu, Format f, long a, long b, long flipB) {
        a = operand(cpu, f, a);
        b = operand(cpu, f, b);
        if (f.isNan(a) || f.isNan(b)) return propagate(cpu, f, a, b);
        b ^= flipB;
        if (f.isInfinite(a)) {
            if (f.isInfinite(b) && a != b) return invalid(cpu, f);
            noteDenormals(cpu, f, a, b);
            return a;
        }
        noteDenormals(cpu, f, a, b);
        if (f.isInfinite(b)) return b;
        if (f.isZero(a) && f.isZero(b)) return a == b ? a : exactZero(cpu, f);
        if (f.isZero(a)) return round(cpu, f, f.isNegative(b), f.exponent(b), f.significand(b));
        if (f.isZero(b)) return round(cpu, f, f.isNegative(a), f.exponent(a), f.significand(a));
        if (f.exponent(a) < f.exponent(b)) {
            long t = a;
            a = b;
            b = t;
        }
        int e = f.exponent(a);
        long sa = f.significand(a) >>> 1;
        long sb = shiftRightJam(f.significand(b) >>> 1, e - f.exponent(b));
        boolean negative = f.isNegative(a);
        long s;
        if (negative == f.isNegative(b)) {
            s = sa + sb;
        } else {
            s = sa - sb;
            if (s == 0) return exactZero(cpu, f);
            if (s < 0) {
                s = -s;
                negative = !negative;
            }
        }
        int lz = Long.numberOfLeadingZeros(s);
        return round(cpu, f, negative, e + 1 - lz, s << lz);
    }

    public static long multiply(Cpu cpu, Format f, long a, long b) {
        a = operand(cpu, f, a);
        b = operand(cpu, f, b);
        if (f.isNan(a) || f.isNan(b)) return propagate(cpu, f, a, b);
        boolean negative = f.isNegative(a) != f.isNegative(b);
        long sign = negative ? f.sign : 0;
        if (f.isInfinite(a) || f.isInfinite(b)) {
            if (f.isZero(a) || f.isZero(b)) return invalid(cpu, f);
            noteDenormals(cpu, f, a, b);
            return sign | f.infinity;
        }
        noteDenormals(cpu, f, a, b);
        if (f.isZero(a) || f.isZero(b)) return sign;
        long sa = f.significand(a);
        long sb = f.significand(b);
        int e = f.exponent(a) + f.exponent(b) + 1;
        long hi = Math.unsignedMultiplyHigh(sa, sb);
        long lo = sa * sb;
        if (hi >= 0) {
            hi = hi << 1 | lo >>> 63;
            lo <<= 1;
            e--;
        }
        return round(cpu, f, negative, e, hi | (lo != 0 ? 1 : 0));
    }

    public static long divide(Cpu cpu, Format f, long a, long b) {
        a = operand(cpu, f, a);
        b = operand(cpu, f, b);
        if (f.isNan(a) || f.isNan(b)) return propagate(cpu, f, a, b);
        boolean negative = f.isNegative(a) != f.isNegative(b);
        long sign = negative ? f.sign : 0;
        if (f.isInfinite(a)) {
            if (f.isInfinite(b)) return invalid(cpu, f);
            noteDenormals(cpu, f, a, b);
            return sign | f.infinity;
        }
        if (f.isZero(b)) {
            if (f.isZero(a)) return invalid(cpu, f);
            cpu.simdFlags |= ZE;
            return sign | f.infinity;
        }
        noteDenormals(cpu, f, a, b);
        if (f.isInfinite(b) || f.isZero(a)) return sign;
        long rest = f.significand(a);
        long d = f.significand(b);
        int e = f.exponent(a) - f.exponent(b);
        boolean carry = false;
        if (Long.compareUnsigned(rest, d) < 0) {
            e--;
            carry = rest < 0;
            rest <<= 1;
        }
        int bits = f.fractionBits + 3;
        long q = 0;
        for (int i = 0; i < bits; i++) {
            q <<= 1;
            if (carry || Long.compareUnsigned(rest, d) >= 0) {
                rest -= d;
                q |= 1;
            }
            carry = rest < 0;
            rest <<= 1;
        }
        return round(cpu, f, negative, e, q << 64 - bits | (carry || rest != 0 ? 1 : 0));
    }

    public static long squareRoot(Cpu cpu, Format f, long a) {
        a = operand(cpu, f, a);
        if (f.isNan(a)) return propagate(cpu, f, a, a);
        if (f.isZero(a)) return a;
        if (f.isNegative(a)) return invalid(cpu, f);
        if (f.isInfinite(a)) return a;
        noteDenormals(cpu, f, a, a);
        int e = f.exponent(a);
        long x = (e & 1) != 0 ? f.significand(a) : f.significand(a) >>> 1;
        int bits = f.fractionBits + 3;
        long root = 0;
        long rest = 0;
        for (int i = 0; i < bits; i++) {
            rest = rest << 2 | x >>> 62;
            x <<= 2;
            long trial = root << 2 | 1;
            root <<= 1;
            if (rest >= trial) {
                rest -= trial;
                root |= 1;
            }
        }
        return round(cpu, f, false, e >> 1, root << 64 - bits | (rest != 0 ? 1 : 0));
    }

    /**
     * Fused multiply-add a * b + c with one rounding; the caller gives signs of product and addend.
     *
     * @param flipProduct the format's sign bit to negate the product, or 0
     * @param flipAddend likewise for c
     */
    public static long fma(Cpu cpu, Format f, long a, long b, long c, long flipProduct, long flipAddend) {
        a = operand(cpu, f, a);
        b = operand(cpu, f, b);
        c = operand(cpu, f, c);
        boolean undefined = f.isInfinite(a) && f.isZero(b) || f.isZero(a) && f.isInfinite(b);
        if (f.isNan(a) || f.isNan(b) || f.isNan(c)) {
            if (f.isSignalling(a) || f.isSignalling(b) || f.isSignalling(c)) cpu.simdFlags |= IE;
            return (f.isNan(a) ? a : f.isNan(b) ? b : c) | f.quiet;
        }
        if (undefined) return invalid(cpu, f);
        c ^= flipAddend;
        boolean negative = f.isNegative(a) != f.isNegative(b) ^ flipProduct != 0;
        if (f.isInfinite(a) || f.isInfinite(b)) {
            if (f.isInfinite(c) && negative != f.isNegative(c)) return invalid(cpu, f);
            noteDenormals(cpu, f, a, b);
            noteDenormals(cpu, f, c, c);
            return (negative ? f.sign : 0) | f.infinity;
        }
        noteDenormals(cpu, f, a, b);
        noteDenormals(cpu, f, c, c);
        if (f.isInfinite(c)) return c;
        if (f.isZero(a) || f.isZero(b)) {
            if (f.isZero(c)) return negative == f.isNegative(c) ? c : exactZero(cpu, f);
            return round(cpu, f, f.isNegative(c), f.exponent(c), f.significand(c));
        }
        long sa = f.significand(a);
        long sb = f.significand(b);
        long hi = Math.unsignedMultiplyHigh(sa, sb);
        long lo = sa * sb;
        int e = f.exponent(a) + f.exponent(b) + 1;
        if (hi >= 0) {
            hi = hi << 1 | lo >>> 63;
            lo <<= 1;
            e--;
        }
        if (f.isZero(c)) return round(cpu, f, negative, e, hi | (lo != 0 ? 1 : 0));
        return sum(cpu, f, negative, e, hi, lo, f.isNegative(c), f.exponent(c), f.significand(c));
    }

    /** Adds (p, hi:lo, e) and (c, sc:0, ec), 128-bit significands with bit 127 set. */
    private static long sum(
            Cpu cpu, Format f, boolean negative, int e, long hi, long lo, boolean negativeC, int ec, long sc) {
        long chi = sc >>> 1;
        long clo = sc << 63;
        lo = lo >>> 1 | hi << 63;
        hi >>>= 1;
        int d = e - ec;
        if (d > 0) {
            clo = jamLow(chi, clo, d);
            chi = d >= 64 ? 0 : chi >>> d;
        } else if (d < 0) {
            lo = jamLow(hi, lo, -d);
            hi = -d >= 64 ? 0 : hi >>> -d;
            e = ec;
        }
        long rhi;
        long rlo;
        if (negative == negativeC) {
            rlo = lo + clo;
            rhi = hi + chi + (Long.compareUnsigned(rlo, lo) < 0 ? 1 : 0);
        } else {
            if (hi == chi && lo == clo) return exactZero(cpu, f);
            if (Long.compareUnsigned(hi, chi) < 0 || hi == chi && Long.compareUnsigned(lo, clo) < 0) {
                long t = hi;
                hi = chi;
                chi = t;
                t = lo;
                lo = clo;
                clo = t;
                negative = !negative;
            }
            rlo = lo - clo;
            rhi = hi - chi - (Long.compareUnsigned(lo, clo) < 0 ? 1 : 0);
        }
        e++;
        if (rhi == 0) {
            rhi = rlo;
            rlo = 0;
            e -= 64;
        }
        int lz = Long.numberOfLeadingZeros(rhi);
        if (lz > 0) {
            rhi = rhi << lz | rlo >>> -lz;
            rlo <<= lz;
            e -= lz;
        }
        return round(cpu, f, negative, e, rhi | (rlo != 0 ? 1 : 0));
    }

    /** @return the low word of hi:lo >>> n, what is shifted out ored into bit 0 */
    private static long jamLow(long hi, long lo, int n) {
        if (n < 64) return lo >>> n | hi << -n | (lo << -n != 0 ? 1 : 0);
        if (n == 64) return hi | (lo != 0 ? 1 : 0);
        return shiftRightJam(hi, n - 64) | (lo != 0 ? 1 : 0);
    }
}
