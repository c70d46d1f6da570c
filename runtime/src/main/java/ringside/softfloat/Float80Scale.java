package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.C0;
import static ringside.cpu.fpu.FpuState.C1;
import static ringside.cpu.fpu.FpuState.C2;
import static ringside.cpu.fpu.FpuState.C3;
import static ringside.cpu.fpu.FpuState.DE;
import static ringside.cpu.fpu.FpuState.PE;
import static ringside.cpu.fpu.FpuState.ZE;

/** FRNDINT, FSCALE, FXTRACT, FPREM and FPREM1. Source: Intel SDM vol. 1, 8.3.5 and vol. 2. */
public final class Float80Scale {
    private Float80Scale() {}

    /** FRNDINT */
    public static void roundToInteger(Float80Result r, int control, int se, long m) {
        if (Float80.nan(r, se, m)) return;
        int flags = 0;
        if (Float80.denormal(se, m)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        int e = (se & Float80.MAX_EXPONENT) - Float80.BIAS;
        if (e >= 63 || m == 0) {
            r.set(se, m, flags);
            return;
        }
        int mode = Rounding.mode(control);
        int sign = se >>> 15;
        if (e < 0) {
            boolean up = Rounding.roundsUp(mode, sign, 0, e == -1 ? m : 1, 0);
            if (up) {
                r.set(sign << 15 | Float80.BIAS, Float80.INTEGER, flags | PE | C1);
            } else {
                r.set(sign << 15, 0, flags | PE);
            }
            return;
        }
        int drop = 63 - e;
        long mask = (1L << drop) - 1;
        boolean up = Rounding.roundsUp(mode, sign, m, 0, drop);
        if ((m & mask) != 0) flags |= PE;
        long v = m & ~mask;
        if (up) {
            flags |= C1;
            v += mask + 1;
            if (v == 0) {
                r.set(se + 1, Float80.INTEGER, flags);
                return;
            }
        }
        r.set(se, v, flags);
    }

    /** FSCALE: a * 2^trunc(b) */
    public static void scale(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (Float80.nans(r, ase, am, bse, bm)) return;
        boolean ai = Float80.infinite(ase, am);
        boolean bi = Float80.infinite(bse, bm);
        boolean negative = bse >= 0x8000;
        if (bi && (ai && negative || Float80.zero(ase, am) && !negative)) {
            Float80.invalid(r);
            return;
        }
        int flags = 0;
        if (Float80.denormal(ase, am) || Float80.denormal(bse, bm)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        int sign = ase & 0x8000;
        if (ai || am == 0) {
            r.set(ase, am, flags);
        } else if (bi) {
            r.set(negative ? sign : sign | Float80.MAX_EXPONENT, negative ? 0 : Float80.INTEGER, flags);
        } else {
            int e = (bse & Float80.MAX_EXPONENT) - Float80.BIAS;
            int n = e < 0 ? 0 : e >= 16 ? 1 << 16 : (int) (bm >>> 63 - e);
            if (n > 1 << 16) n = 1 << 16;
            Rounding.finishExtended(
                    r,
                    control,
                    ase >>> 15,
                    Float80.exponent(ase, am) + (negative ? -n : n),
                    Float80.significand(am),
                    0,
                    flags);
        }
    }

    /** FXTRACT: the significand (to be pushed) and under it the exponent as a number. */
    public static void extract(Float80Result r, int control, int se, long m) {
        if (Float80.nan(r, se, m)) {
            r.secondSignExponent = r.signExponent;
            r.secondMantissa = r.mantissa;
            return;
        }
        if (Float80.zero(se, m)) {
            r.set(se, m, ZE);
            r.secondSignExponent = 0x8000 | Float80.MAX_EXPONENT;
            r.secondMantissa = Float80.INTEGER;
            return;
        }
        if (Float80.infinite(se, m)) {
            r.set(se, m, 0);
            r.secondSignExponent = Float80.MAX_EXPONENT;
            r.secondMantissa = Float80.INTEGER;
            return;
        }
        int flags = 0;
        if (Float80.denormal(se, m)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        Float80Conversion.fromInteger(r, Float80.exponent(se, m) - Float80.BIAS);
        r.secondSignExponent = r.signExponent;
        r.secondMantissa = r.mantissa;
        r.set(se & 0x8000 | Float80.BIAS, Float80.significand(m), flags);
    }

    /**
     * FPREM and FPREM1: exact remainder of a / b, or one step of the reduction with C2 set.
     *
     * @param nearest FPREM1: the quotient is rounded to nearest, even on a tie, instead of truncated
     */
    public static void remainder(Float80Result r, int control, int ase, long am, int bse, long bm, boolean nearest) {
        if (Float80.nans(r, ase, am, bse, bm)) return;
        if (Float80.infinite(ase, am) || Float80.zero(bse, bm)) {
            Float80.invalid(r);
            return;
        }
        int flags = 0;
        if (Float80.denormal(ase, am) || Float80.denormal(bse, bm)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        if (am == 0) {
            r.set(ase, am, flags);
            return;
        }
        int sign = ase >>> 15;
        int ae = Float80.exponent(ase, am);
        long a = Float80.significand(am);
        if (Float80.infinite(bse, bm)) {
            Rounding.finishExtended(r, control, sign, ae, a, 0, flags);
            return;
        }
        int be = Float80.exponent(bse, bm);
        long b = Float80.significand(bm);
        int d = ae - be;
        if (d < (nearest ? -1 : 0)) {
            Rounding.finishExtended(r, control, sign, ae, a, 0, flags);
            return;
        }
        if (d < 64) {
            complete(r, control, sign, a, b, be, d, nearest, flags);
        } else {
            partial(r, control, sign, a, ae, b, d, flags);
        }
    }

    private static void complete(
            Float80Result r, int control, int sign, long a, long b, int be, int d, boolean nearest, int flags) {
        long q = 0;
        long rest;
        if (d < 0) {
            // a is between b/4 and b: q = 0, the rest is a itself, in units half as large.
            rest = a;
        } else {
            rest = a;
            for (int i = 0; i <= d; i++) {
                q <<= 1;
                boolean carry = false;
                if (i > 0) {
                    carry = rest < 0;
                    rest <<= 1;
                }
                if (carry || Long.compareUnsigned(rest, b) >= 0) {
                    rest -= b;
                    q |= 1;
                }
            }
        }
        int e = d < 0 ? be - 1 : be;
        if (nearest) {
            // Compare the rest with half of b.
            int c = d < 0 ? Long.compareUnsigned(rest, b) : rest < 0 ? 1 : Long.compareUnsigned(rest << 1, b);
            if (c > 0 || c == 0 && (q & 1) != 0) {
                q++;
                sign ^= 1;
                if (d < 0) {
                    // b - rest/2 in units of e: 2b - rest, below 2^64 since rest > b.
                    rest = (b << 1) - rest;
                } else {
                    rest = b - rest;
                }
            }
        }
        flags |= ((q & 4) != 0 ? C0 : 0) | ((q & 2) != 0 ? C3 : 0) | ((q & 1) != 0 ? C1 : 0);
        if (rest == 0) {
            r.set(sign << 15, 0, flags);
            return;
        }
        int n = Long.numberOfLeadingZeros(rest);
        int bits = flags & C1;
        Rounding.finishExtended(r, control, sign, e - n, rest << n, 0, flags & ~C1);
        r.flags = r.flags & ~C1 | bits;
    }

    /** Reduces the exponent difference by less than 64, as the manual lets the processor choose. */
    private static void partial(Float80Result r, int control, int sign, long a, int ae, long b, int d, int flags) {
        int n = d % 32 + 32;
        long rest = a;
        if (Long.compareUnsigned(rest, b) >= 0) rest -= b;
        for (int i = 0; i < n; i++) {
            boolean carry = rest < 0;
            rest <<= 1;
            if (carry || Long.compareUnsigned(rest, b) >= 0) rest -= b;
        }
        flags |= C2;
        if (rest == 0) {
            r.set(sign << 15, 0, flags);
            return;
        }
        int lead = Long.numberOfLeadingZeros(rest);
        Rounding.finishExtended(r, control, sign, ae - n - lead, rest << lead, 0, flags);
    }
}
