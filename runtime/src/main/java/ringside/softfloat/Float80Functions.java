package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.C1;
import static ringside.cpu.fpu.FpuState.C2;
import static ringside.cpu.fpu.FpuState.DE;
import static ringside.cpu.fpu.FpuState.PE;
import static ringside.cpu.fpu.FpuState.UE;
import static ringside.cpu.fpu.FpuState.ZE;

import java.math.BigInteger;

/**
 * The transcendental instructions: FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1. Results are the exact
 * function's, rounded as the control word says; trigonometric arguments are reduced by the processors' 66-bit pi.
 * Source: Intel SDM vol. 1, 8.3.7 to 8.3.10; vol. 2.
 */
public final class Float80Functions {
    private static final int S = FixedPoint.SCALE;
    /** Arguments below 2^this are handled by the first term of the series. */
    private static final int TINY = -120;
    /** The 66-bit pi of SDM vol. 1, 8.3.8, times 2^66. */
    private static final BigInteger PI66 = new BigInteger("c90fdaa22168c234c", 16);

    private static final int PI66_SCALE = 66;
    private static final int GUARD = 128;

    private Float80Functions() {}

    // ---- numbers ----

    /** @return the significand times 2^(exponent) in fixed point; exponent of a finite number above about -280 */
    private static BigInteger fixed(int se, long m) {
        int shift = Float80.exponent(se, m) - Float80.BIAS - 63 + S;
        BigInteger v = unsigned(Float80.significand(m));
        return shift >= 0 ? v.shiftLeft(shift) : v.shiftRight(-shift);
    }

    private static BigInteger unsigned(long m) {
        return new BigInteger(Long.toUnsignedString(m));
    }

    private static int magnitude(int se, long m) {
        return Float80.exponent(se, m) - Float80.BIAS;
    }

    /** Rounds v * 2^-scale. @param exact whether v is the value itself; otherwise something small is behind it */
    private static void round(
            Float80Result r, int control, int sign, BigInteger v, int scale, boolean exact, int flags) {
        int bits = v.bitLength();
        BigInteger wide = bits >= 128 ? v.shiftRight(bits - 128) : v.shiftLeft(128 - bits);
        boolean sticky = !exact || bits > 128 && v.getLowestSetBit() < bits - 128;
        long hi = wide.shiftRight(64).longValue();
        long lo = wide.longValue() | (sticky ? 1 : 0);
        Rounding.finishExtended(r, control, sign, bits - 1 - scale + Float80.BIAS, hi, lo, flags);
    }

    private static void roundSigned(Float80Result r, int control, BigInteger v, int scale, int flags) {
        round(r, control, v.signum() < 0 ? 1 : 0, v.abs(), scale, false, flags);
    }

    /** Notes a denormal operand. @return whether the operation must stop */
    private static boolean denormals(Float80Result r, int control, boolean denormal) {
        r.flags = denormal ? DE : 0;
        return denormal && (control & DE) == 0;
    }

    private static void infinity(Float80Result r, int sign, int flags) {
        r.set(sign << 15 | Float80.MAX_EXPONENT, Float80.INTEGER, flags);
    }

    // ---- sine, cosine, tangent ----

    /** An angle brought to [-pi/4, pi/4]: the remainder, and the quadrant it came from. */
    private record Angle(BigInteger rest, int quadrant) {}

    private static Angle reduce(int se, long m) {
        BigInteger x = fixed(se, m);
        if (se >= 0x8000) x = x.negate();
        BigInteger half = PI66.shiftLeft(S - PI66_SCALE - 1);
        BigInteger n = x.shiftLeft(1).add(half).divide(half.shiftLeft(1));
        if (x.shiftLeft(1).add(half).signum() < 0
                && n.multiply(half.shiftLeft(1)).compareTo(x.shiftLeft(1).add(half)) != 0)
            n = n.subtract(BigInteger.ONE);
        return new Angle(x.subtract(n.multiply(half)), n.intValue() & 3);
    }

    /** What all trigonometric functions do with special arguments but zero. @return whether the result is complete */
    private static boolean special(Float80Result r, int control, int se, long m) {
        r.second(0, 0);
        if (Float80.nan(r, se, m)) {
            r.second(r.signExponent, r.mantissa);
            return true;
        }
        if (Float80.infinite(se, m)) {
            Float80.invalid(r);
            r.second(r.signExponent, r.mantissa);
            return true;
        }
        if (denormals(r, control, Float80.denormal(se, m))) return true;
        if ((se & Float80.MAX_EXPONENT) - Float80.BIAS >= 63) {
            r.set(se, m, C2);
            return true;
        }
        return false;
    }

    public static void sin(Float80Result r, int control, int se, long m) {
        if (special(r, control, se, m)) return;
        int flags = r.flags;
        if (m == 0) {
            r.set(se, m, flags);
        } else if (magnitude(se, m) < TINY) {
            nearly(r, control, se, m, -1, flags);
        } else {
            Angle a = reduce(se, m);
            roundSigned(r, control, sine(a.rest, a.quadrant), S, flags);
        }
    }

    public static void cos(Float80Result r, int control, int se, long m) {
        if (special(r, control, se, m)) return;
        cosine(r, control, se, m, r.flags);
    }

    private static void cosine(Float80Result r, int control, int se, long m, int flags) {
        if (m == 0) {
            r.set(Float80.BIAS, Float80.INTEGER, flags);
        } else if (magnitude(se, m) < TINY) {
            round(r, control, 0, FixedPoint.ONE.subtract(BigInteger.ONE), S, false, flags);
        } else {
            Angle a = reduce(se, m);
            roundSigned(r, control, sine(a.rest, a.quadrant + 1 & 3), S, flags);
        }
    }

    private static BigInteger sine(BigInteger rest, int quadrant) {
        BigInteger v = (quadrant & 1) == 0 ? FixedPoint.sin(rest) : FixedPoint.cos(rest);
        return quadrant >= 2 ? v.negate() : v;
    }

    /** FSINCOS: the sine is the second result, the cosine is pushed. */
    public static void sinCos(Float80Result r, int control, int se, long m) {
        sin(r, control, se, m);
        if ((r.flags & C2) != 0
                || Float80.nan(se, m)
                || Float80.unsupported(se, m)
                || Float80.infinite(se, m)
                || r.stopped(control)) return;
        int flags = r.flags;
        r.second(r.signExponent, r.mantissa);
        cosine(r, control, se, m, flags & ~C1);
        r.flags = r.flags & ~C1 | flags & C1;
    }

    /** FPTAN: the tangent is the second result, 1.0 is pushed. */
    public static void tan(Float80Result r, int control, int se, long m) {
        if (special(r, control, se, m)) return;
        int flags = r.flags;
        if (m == 0) {
            r.set(se, m, flags);
        } else if (magnitude(se, m) < TINY) {
            nearly(r, control, se, m, 1, flags);
        } else {
            Angle a = reduce(se, m);
            BigInteger s = FixedPoint.sin(a.rest);
            BigInteger c = FixedPoint.cos(a.rest);
            boolean odd = (a.quadrant & 1) != 0;
            roundSigned(r, control, odd ? FixedPoint.div(c, s).negate() : FixedPoint.div(s, c), S, flags);
        }
        r.second(r.signExponent, r.mantissa);
        r.set(Float80.BIAS, Float80.INTEGER, r.flags);
    }

    /** A value just below (-1) or above (1) a number in magnitude. */
    private static void nearly(Float80Result r, int control, int se, long m, int direction, int flags) {
        BigInteger v = unsigned(Float80.significand(m)).shiftLeft(GUARD).add(BigInteger.valueOf(direction));
        round(r, control, se >>> 15, v, 63 + GUARD - magnitude(se, m), false, flags);
    }

    // ---- arctangent ----

    /** FPATAN: the angle of the point (x, y), from -pi to pi. */
    public static void arctan(Float80Result r, int control, int xse, long xm, int yse, long ym) {
        if (Float80.nans(r, xse, xm, yse, ym)) return;
        if (denormals(r, control, Float80.denormal(xse, xm) || Float80.denormal(yse, ym))) return;
        int flags = r.flags;
        int sign = yse >>> 15;
        boolean left = xse >= 0x8000;
        boolean xi = Float80.infinite(xse, xm);
        boolean yi = Float80.infinite(yse, ym);
        if (yi) {
            quarters(r, control, sign, xi ? left ? 3 : 1 : 2, flags);
        } else if (ym == 0 || xi) {
            if (left) {
                quarters(r, control, sign, 4, flags);
            } else {
                r.set(sign << 15, 0, flags);
            }
        } else if (xm == 0) {
            quarters(r, control, sign, 2, flags);
        } else {
            finiteArctan(r, control, xse, xm, yse, ym, flags);
        }
    }

    /** Multiples of pi/4. */
    private static void quarters(Float80Result r, int control, int sign, int n, int flags) {
        round(r, control, sign, FixedPoint.PI.multiply(BigInteger.valueOf(n)), S + 2, false, flags);
    }

    private static void finiteArctan(Float80Result r, int control, int xse, long xm, int yse, long ym, int flags) {
        int d = magnitude(yse, ym) - magnitude(xse, xm);
        boolean left = xse >= 0x8000;
        int sign = yse >>> 15;
        BigInteger y = unsigned(Float80.significand(ym));
        BigInteger x = unsigned(Float80.significand(xm));
        if (d < TINY && !left) {
            // y/x less its cube's third: exact quotients are told from others by the remainder, both end below the
            // quotient's successor.
            BigInteger[] q = y.shiftLeft(GUARD + 64).divideAndRemainder(x);
            BigInteger v = q[1].signum() == 0 ? q[0].shiftLeft(1).subtract(BigInteger.ONE) : q[0].shiftLeft(1);
            round(r, control, sign, v, GUARD + 65 - d, false, flags);
            return;
        }
        boolean steep = d > 0 || d == 0 && y.compareTo(x) > 0;
        int shift = Math.min(Math.abs(d), S);
        BigInteger t = steep
                ? x.shiftLeft(S).divide(y).shiftRight(shift)
                : y.shiftLeft(S).divide(x);
        if (!steep) t = d <= 0 ? t.shiftRight(shift) : t.shiftLeft(shift);
        BigInteger a = FixedPoint.arctan(t);
        if (steep) a = FixedPoint.PI.shiftRight(1).subtract(a);
        if (left) a = FixedPoint.PI.subtract(a);
        round(r, control, sign, a, S, false, flags);
    }

    // ---- exponential and logarithm ----

    /**
     * F2XM1: 2^x - 1 for x from -1 to 1; other finite numbers, for which the result is undefined, are left as they are.
     */
    public static void exp2m1(Float80Result r, int control, int se, long m) {
        if (Float80.nan(r, se, m)) return;
        if (Float80.infinite(se, m)) {
            if (se < 0x8000) {
                r.set(se, m, 0);
            } else {
                r.set(0x8000 | Float80.BIAS, Float80.INTEGER, 0);
            }
            return;
        }
        if (denormals(r, control, Float80.denormal(se, m))) return;
        int flags = r.flags;
        int e = m == 0 ? 0 : magnitude(se, m);
        boolean one = m == Float80.INTEGER && e == 0;
        if (m == 0) {
            r.set(se, m, flags);
        } else if (one && se < 0x8000) {
            nearly(r, control, se, m, -1, flags);
        } else if (e >= 0 && !one) {
            r.set(se, m, flags | PE);
        } else if (one) {
            r.set(0x8000 | Float80.BIAS - 1, Float80.INTEGER, flags | PE);
        } else if (e < TINY) {
            round(
                    r,
                    control,
                    se >>> 15,
                    unsigned(Float80.significand(m)).multiply(FixedPoint.LN2),
                    S + 63 - e,
                    false,
                    flags);
        } else {
            BigInteger t = FixedPoint.mul(fixed(se, m), FixedPoint.LN2);
            roundSigned(r, control, FixedPoint.expm1(se >= 0x8000 ? t.negate() : t), S, flags);
        }
    }

    /** FYL2X: y log2 x */
    public static void yLog2x(Float80Result r, int control, int xse, long xm, int yse, long ym) {
        if (Float80.nans(r, xse, xm, yse, ym)) return;
        boolean yi = Float80.infinite(yse, ym);
        boolean one = xm == Float80.INTEGER && xse == Float80.BIAS;
        boolean bad = xm != 0 && xse >= 0x8000 || ym == 0 && (xm == 0 || Float80.infinite(xse, xm)) || yi && one;
        if (bad) {
            Float80.invalid(r);
            return;
        }
        int sign = yse >>> 15;
        if (xm == 0) {
            infinity(r, sign ^ 1, yi ? 0 : ZE);
            return;
        }
        if (denormals(r, control, Float80.denormal(xse, xm) || Float80.denormal(yse, ym))) return;
        int flags = r.flags;
        int below = xse < Float80.BIAS ? 1 : 0;
        if (Float80.infinite(xse, xm) || yi) {
            infinity(r, sign ^ below, flags);
        } else if (ym == 0 || one) {
            r.set((sign ^ (one ? 0 : below)) << 15, 0, flags);
        } else {
            int e = magnitude(xse, xm);
            boolean power = Float80.significand(xm) == Float80.INTEGER;
            BigInteger f = unsigned(Float80.significand(xm)).shiftLeft(S - 63);
            BigInteger log = power
                    ? BigInteger.valueOf(e).shiftLeft(S)
                    : e == -1
                            ? FixedPoint.log2(f.shiftRight(1))
                            : FixedPoint.log2(f).add(BigInteger.valueOf(e).shiftLeft(S));
            times(r, control, log, S, yse, ym, power, flags);
        }
    }

    /**
     * y times a number in fixed point. The processor reports every such result as inexact, and a tiny one as underflow.
     */
    private static void times(
            Float80Result r, int control, BigInteger log, int scale, int yse, long ym, boolean exact, int flags) {
        BigInteger v = log.multiply(unsigned(Float80.significand(ym)));
        round(
                r,
                control,
                yse >>> 15 ^ (v.signum() < 0 ? 1 : 0),
                v.abs(),
                scale + 63 - magnitude(yse, ym),
                exact,
                flags);
        r.flags |= (r.signExponent & Float80.MAX_EXPONENT) == 0 ? PE | UE : PE;
    }

    /** FYL2XP1: y log2(x + 1) for x above -1; for finite x below, where the result is undefined, it is x. */
    public static void yLog2xPlus1(Float80Result r, int control, int xse, long xm, int yse, long ym) {
        if (Float80.nans(r, xse, xm, yse, ym)) return;
        boolean yi = Float80.infinite(yse, ym);
        boolean xi = Float80.infinite(xse, xm);
        boolean bad = xi && xse >= 0x8000 || yi && xm == 0 || xi && ym == 0;
        if (bad) {
            Float80.invalid(r);
            return;
        }
        if (denormals(r, control, Float80.denormal(xse, xm) || Float80.denormal(yse, ym))) return;
        int flags = r.flags;
        int sign = (xse ^ yse) >>> 15;
        if (xi || yi) {
            infinity(r, sign, flags);
        } else if (xm == 0 || ym == 0) {
            r.set(sign << 15, 0, flags);
        } else if (xse >= 0x8000 + Float80.BIAS) {
            r.set(xse, xm, flags | PE);
        } else {
            finiteLog2xPlus1(r, control, xse, xm, yse, ym, flags);
        }
    }

    private static void finiteLog2xPlus1(Float80Result r, int control, int xse, long xm, int yse, long ym, int flags) {
        int e = magnitude(xse, xm);
        if (e < TINY) {
            BigInteger v = unsigned(Float80.significand(xm)).shiftLeft(2 * S).divide(FixedPoint.LN2);
            times(r, control, xse >= 0x8000 ? v.negate() : v, S + 63 - e, yse, ym, false, flags);
            return;
        }
        BigInteger x = e > 256 ? null : fixed(xse, xm);
        if (x == null) {
            // x + 1 and x agree in more bits than are kept
            yLog2x(r, control, xse, xm, yse, ym);
            r.flags |= flags | PE;
            return;
        }
        if (xse >= 0x8000) x = x.negate();
        BigInteger log;
        if (e < -2) {
            BigInteger z = FixedPoint.div(x, FixedPoint.ONE.shiftLeft(1).add(x));
            log = FixedPoint.div(FixedPoint.artanh(z).shiftLeft(1), FixedPoint.LN2);
        } else {
            log = FixedPoint.log2(FixedPoint.ONE.add(x));
        }
        boolean exact = FixedPoint.ONE.add(x).bitCount() == 1;
        times(r, control, log, S, yse, ym, exact, flags);
    }
}
