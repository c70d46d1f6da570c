package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.DE;
import static ringside.cpu.fpu.FpuState.IE;
import static ringside.cpu.fpu.FpuState.ZE;

/**
 * The double extended-precision format and its four basic operations and square root: pure functions of two operands
 * and the control word. A number is a sign and biased exponent (bit 15, bits 14:0) and a 64-bit significand with
 * explicit integer bit.
 *
 * <p>Each operation has a path for normal operands and one for everything else, which classifies in the order of Intel
 * SDM vol. 1, 4.9.2: unsupported formats, NaNs, other invalid operands, division by zero, denormals. Rounding is in
 * {@link Rounding}. Source: Intel SDM vol. 1, 4.2, 4.8, 8.5.
 */
public final class Float80 {
    public static final int BIAS = 0x3fff;
    public static final int MAX_EXPONENT = 0x7fff;
    /** Integer bit, and quiet bit of a NaN. */
    public static final long INTEGER = 1L << 63, QUIET = 1L << 62;
    /** The "real indefinite" QNaN that masked invalid operations give. */
    public static final int INDEFINITE_EXPONENT = 0xffff;

    public static final long INDEFINITE_MANTISSA = INTEGER | QUIET;

    private Float80() {}

    // ---- kinds of numbers ----

    /** @return whether it is a normal number: neither zero, denormal, infinity, NaN nor an unsupported format */
    static boolean normal(int se, long m) {
        return m < 0 && ((se & MAX_EXPONENT) - 1 & 0xffff) < MAX_EXPONENT - 1;
    }

    /** @return whether the encoding is one that the 387 and later reject: unnormal, pseudo-infinity, pseudo-NaN */
    public static boolean unsupported(int se, long m) {
        return (se & MAX_EXPONENT) != 0 && m >= 0;
    }

    public static boolean zero(int se, long m) {
        return (se & MAX_EXPONENT) == 0 && m == 0;
    }

    public static boolean denormal(int se, long m) {
        return (se & MAX_EXPONENT) == 0 && m != 0;
    }

    public static boolean infinite(int se, long m) {
        return (se & MAX_EXPONENT) == MAX_EXPONENT && m == INTEGER;
    }

    public static boolean nan(int se, long m) {
        return (se & MAX_EXPONENT) == MAX_EXPONENT && m < 0 && m != INTEGER;
    }

    public static boolean signaling(int se, long m) {
        return nan(se, m) && (m & QUIET) == 0;
    }

    static void invalid(Float80Result r) {
        r.set(INDEFINITE_EXPONENT, INDEFINITE_MANTISSA, IE);
    }

    /**
     * Handles unsupported formats and NaNs in two operands.
     *
     * @return whether there was one and the result is complete
     */
    static boolean nans(Float80Result r, int ase, long am, int bse, long bm) {
        if (unsupported(ase, am) || unsupported(bse, bm)) {
            invalid(r);
            return true;
        }
        boolean an = nan(ase, am);
        boolean bn = nan(bse, bm);
        if (!an && !bn) return false;
        boolean as = an && (am & QUIET) == 0;
        boolean bs = bn && (bm & QUIET) == 0;
        int flags = as || bs ? IE : 0;
        boolean first;
        if (an && bn) {
            if (as != bs) {
                first = bs;
            } else {
                int c = Long.compareUnsigned(am | QUIET, bm | QUIET);
                first = c > 0 || c == 0 && (ase & 0x8000) <= (bse & 0x8000);
            }
        } else {
            first = an;
        }
        if (first) {
            r.set(ase, am | QUIET, flags);
        } else {
            r.set(bse, bm | QUIET, flags);
        }
        return true;
    }

    /** As {@link #nans(Float80Result, int, long, int, long)} for one operand. */
    static boolean nan(Float80Result r, int se, long m) {
        if (unsupported(se, m)) {
            invalid(r);
            return true;
        }
        if (!nan(se, m)) return false;
        r.set(se, m | QUIET, (m & QUIET) == 0 ? IE : 0);
        return true;
    }

    /** @return the exponent of a finite number that is not zero once its significand is normalised */
    static int exponent(int se, long m) {
        int e = se & MAX_EXPONENT;
        return e != 0 ? e : 1 - Long.numberOfLeadingZeros(m);
    }

    /** @return the significand, integer bit set, of a finite number that is not zero */
    static long significand(long m) {
        return m << Long.numberOfLeadingZeros(m);
    }

    // ---- addition and subtraction ----

    /** a + b */
    public static void add(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (normal(ase, am) && normal(bse, bm)) {
            addFinite(r, control, ase >>> 15, ase & MAX_EXPONENT, am, bse >>> 15, bse & MAX_EXPONENT, bm, 0);
        } else {
            addSpecial(r, control, ase, am, bse, bm, 0);
        }
    }

    /** a - b */
    public static void sub(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (normal(ase, am) && normal(bse, bm)) {
            addFinite(r, control, ase >>> 15, ase & MAX_EXPONENT, am, bse >>> 15 ^ 1, bse & MAX_EXPONENT, bm, 0);
        } else {
            addSpecial(r, control, ase, am, bse, bm, 1);
        }
    }

    private static void addSpecial(Float80Result r, int control, int ase, long am, int bse, long bm, int negate) {
        if (nans(r, ase, am, bse, bm)) return;
        int as = ase >>> 15;
        int bs = bse >>> 15 ^ negate;
        boolean ai = infinite(ase, am);
        boolean bi = infinite(bse, bm);
        if (ai && bi && as != bs) {
            invalid(r);
            return;
        }
        int flags = 0;
        if (denormal(ase, am) || denormal(bse, bm)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        if (ai) {
            r.set(ase, am, flags);
        } else if (bi) {
            r.set(bs << 15 | MAX_EXPONENT, bm, flags);
        } else if (am == 0 && bm == 0) {
            int sign = as == bs ? as : Rounding.down(control) ? 1 : 0;
            r.set(sign << 15, 0, flags);
        } else if (am == 0) {
            Rounding.finish(r, control, bs, exponent(bse, bm), significand(bm), 0, flags);
        } else if (bm == 0) {
            Rounding.finish(r, control, as, exponent(ase, am), significand(am), 0, flags);
        } else {
            addFinite(
                    r, control, as, exponent(ase, am), significand(am), bs, exponent(bse, bm), significand(bm), flags);
        }
    }

    /** Adds two numbers that are not zero, with normalised significands. */
    private static void addFinite(
            Float80Result r, int control, int as, int ae, long am, int bs, int be, long bm, int flags) {
        int d = ae - be;
        if (d < 0 || d == 0 && Long.compareUnsigned(am, bm) < 0) {
            int te = ae;
            ae = be;
            be = te;
            long tm = am;
            am = bm;
            bm = tm;
            int ts = as;
            as = bs;
            bs = ts;
            d = -d;
        }
        long hi;
        long lo;
        if (d == 0) {
            hi = bm;
            lo = 0;
        } else if (d < 64) {
            hi = bm >>> d;
            lo = bm << 64 - d;
        } else {
            hi = 0;
            lo = d == 64 ? bm : d < 128 ? bm >>> d - 64 | (bm << 128 - d != 0 ? 1 : 0) : 1;
        }
        if (as == bs) {
            hi += am;
            if (Long.compareUnsigned(hi, am) < 0) {
                lo = lo >>> 1 | lo & 1 | hi << 63;
                hi = hi >>> 1 | INTEGER;
                ae++;
            }
        } else {
            hi = am - hi - (lo != 0 ? 1 : 0);
            lo = -lo;
            if (hi >= 0) {
                if (hi == 0) {
                    if (lo == 0) {
                        r.set(Rounding.down(control) ? 0x8000 : 0, 0, flags);
                        return;
                    }
                    hi = lo;
                    lo = 0;
                    ae -= 64;
                }
                int n = Long.numberOfLeadingZeros(hi);
                if (n != 0) {
                    hi = hi << n | lo >>> 64 - n;
                    lo <<= n;
                    ae -= n;
                }
            }
        }
        Rounding.finish(r, control, as, ae, hi, lo, flags);
    }

    // ---- multiplication ----

    /** a * b */
    public static void mul(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (normal(ase, am) && normal(bse, bm)) {
            mulFinite(r, control, (ase ^ bse) >>> 15, (ase & MAX_EXPONENT) + (bse & MAX_EXPONENT), am, bm, 0);
        } else {
            mulSpecial(r, control, ase, am, bse, bm);
        }
    }

    private static void mulFinite(Float80Result r, int control, int sign, int exponents, long am, long bm, int flags) {
        long hi = Math.unsignedMultiplyHigh(am, bm);
        long lo = am * bm;
        int e = exponents - BIAS + 1;
        if (hi >= 0) {
            hi = hi << 1 | lo >>> 63;
            lo <<= 1;
            e--;
        }
        Rounding.finish(r, control, sign, e, hi, lo, flags);
    }

    private static void mulSpecial(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (nans(r, ase, am, bse, bm)) return;
        boolean ai = infinite(ase, am);
        boolean bi = infinite(bse, bm);
        if (ai && zero(bse, bm) || bi && zero(ase, am)) {
            invalid(r);
            return;
        }
        int flags = 0;
        if (denormal(ase, am) || denormal(bse, bm)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        int sign = (ase ^ bse) >>> 15;
        if (ai || bi) {
            r.set(sign << 15 | MAX_EXPONENT, INTEGER, flags);
        } else if (am == 0 || bm == 0) {
            r.set(sign << 15, 0, flags);
        } else {
            mulFinite(r, control, sign, exponent(ase, am) + exponent(bse, bm), significand(am), significand(bm), flags);
        }
    }

    // ---- division ----

    /** a / b */
    public static void div(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (normal(ase, am) && normal(bse, bm)) {
            divFinite(r, control, (ase ^ bse) >>> 15, (ase & MAX_EXPONENT) - (bse & MAX_EXPONENT), am, bm, 0);
        } else {
            divSpecial(r, control, ase, am, bse, bm);
        }
    }

    private static void divFinite(Float80Result r, int control, int sign, int difference, long am, long bm, int flags) {
        int e = difference + BIAS - 1;
        long hi = am;
        long lo = 0;
        if (Long.compareUnsigned(am, bm) >= 0) {
            hi = am >>> 1;
            lo = am << 63;
            e++;
        }
        long q = Wide.divide(hi, lo, bm);
        long rest = lo - q * bm;
        long fraction = 0;
        if (rest != 0) {
            // The fraction behind the quotient against one half: 2 * rest against bm.
            int c = rest < 0 ? 1 : Long.compareUnsigned(rest << 1, bm);
            fraction = c > 0 ? 3L << 62 : c == 0 ? INTEGER : 1;
        }
        Rounding.finish(r, control, sign, e, q, fraction, flags);
    }

    private static void divSpecial(Float80Result r, int control, int ase, long am, int bse, long bm) {
        if (nans(r, ase, am, bse, bm)) return;
        boolean ai = infinite(ase, am);
        boolean bi = infinite(bse, bm);
        if (ai && bi || zero(ase, am) && zero(bse, bm)) {
            invalid(r);
            return;
        }
        int sign = (ase ^ bse) >>> 15;
        int flags = 0;
        if (zero(bse, bm) && !ai) {
            r.set(sign << 15 | MAX_EXPONENT, INTEGER, ZE);
            return;
        }
        if (denormal(ase, am) || denormal(bse, bm)) {
            flags = DE;
            r.flags = flags;
            if ((control & DE) == 0) return;
        }
        if (ai) {
            r.set(sign << 15 | MAX_EXPONENT, INTEGER, flags);
        } else if (bi || am == 0) {
            r.set(sign << 15, 0, flags);
        } else {
            divFinite(r, control, sign, exponent(ase, am) - exponent(bse, bm), significand(am), significand(bm), flags);
        }
    }

    // ---- square root ----

    public static void sqrt(Float80Result r, int control, int se, long m) {
        int flags = 0;
        if (!normal(se, m) || se >= 0x8000) {
            if (nan(r, se, m)) return;
            if (m == 0) {
                r.set(se, m, 0);
                return;
            }
            if (se >= 0x8000) {
                invalid(r);
                return;
            }
            if (infinite(se, m)) {
                r.set(se, m, 0);
                return;
            }
            if (denormal(se, m)) {
                flags = DE;
                r.flags = flags;
                if ((control & DE) == 0) return;
            }
        }
        int e = exponent(se, m) - BIAS;
        long x = significand(m);
        // The root of x * 2^64 (even exponent: of x * 2^63) has exactly 64 bits.
        boolean odd = (e & 1) != 0;
        long hi = odd ? x : x >>> 1;
        long lo = odd ? 0 : x << 63;
        long root = Wide.sqrt(hi, lo);
        long restLow = lo - root * root;
        long restHigh =
                hi - Math.unsignedMultiplyHigh(root, root) - (Long.compareUnsigned(lo, root * root) < 0 ? 1 : 0);
        long fraction = 0;
        if ((restHigh | restLow) != 0) {
            // (root + 1/2)^2 = root^2 + root + 1/4, so the fraction exceeds one half when the rest exceeds the root; it
            // never equals it.
            fraction = restHigh != 0 || Long.compareUnsigned(restLow, root) > 0 ? 3L << 62 : 1;
        }
        Rounding.finish(r, control, 0, (e >> 1) + BIAS, root, fraction, flags);
    }
}
