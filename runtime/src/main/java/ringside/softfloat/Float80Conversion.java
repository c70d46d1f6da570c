package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.C1;
import static ringside.cpu.fpu.FpuState.DE;
import static ringside.cpu.fpu.FpuState.IE;
import static ringside.cpu.fpu.FpuState.OE;
import static ringside.cpu.fpu.FpuState.PE;
import static ringside.cpu.fpu.FpuState.UE;

/**
 * Between the register format and the memory formats: single, double, integers of 16, 32 and 64 bits, packed BCD of 18
 * digits. Stores round in the control word's direction; precision control does not matter to them. Source: Intel SDM
 * vol. 1, 4.2, 4.7 and 8.2.
 */
public final class Float80Conversion {
    private static final long BCD_LIMIT = 1_000_000_000_000_000_000L;

    private Float80Conversion() {}

    // ---- from memory ----

    /** Expands a single without changing its value: a signaling NaN stays one. Flags: DE if it is denormal. */
    public static void expandSingle(Float80Result r, int bits) {
        int sign = bits >>> 31 << 15;
        int e = bits >>> 23 & 0xff;
        long f = (long) (bits & 0x7fffff) << 40;
        if (e - 1 < 0xfe && e != 0) {
            r.set(sign | e - 127 + Float80.BIAS, f | Float80.INTEGER, 0);
        } else {
            expandSpecial(r, sign, e != 0, f, 127);
        }
    }

    public static void expandDouble(Float80Result r, long bits) {
        int sign = (int) (bits >>> 63) << 15;
        int e = (int) (bits >>> 52) & 0x7ff;
        long f = (bits & 0xf_ffff_ffff_ffffL) << 11;
        if (e - 1 < 0x7fe && e != 0) {
            r.set(sign | e - 1023 + Float80.BIAS, f | Float80.INTEGER, 0);
        } else {
            expandSpecial(r, sign, e != 0, f, 1023);
        }
    }

    private static void expandSpecial(Float80Result r, int sign, boolean top, long f, int bias) {
        if (top) {
            r.set(sign | Float80.MAX_EXPONENT, f | Float80.INTEGER, 0);
        } else if (f == 0) {
            r.set(sign, 0, 0);
        } else {
            int n = Long.numberOfLeadingZeros(f);
            r.set(sign | 1 - bias + Float80.BIAS - n, f << n, DE);
        }
    }

    /** FLD of a single or double after expansion into {@code r}: a signaling NaN is quieted and invalid. */
    public static void finishLoad(Float80Result r) {
        if (Float80.signaling(r.signExponent, r.mantissa)) {
            r.mantissa |= Float80.QUIET;
            r.flags = IE;
        }
    }

    public static void fromInteger(Float80Result r, long v) {
        if (v == 0) {
            r.set(0, 0, 0);
            return;
        }
        long m = Math.abs(v);
        int n = Long.numberOfLeadingZeros(m);
        r.set((v < 0 ? 0x8000 : 0) | Float80.BIAS + 63 - n, m << n, 0);
    }

    /** Ten bytes of packed BCD. @param digits the low eight bytes @param top the ninth and tenth */
    public static void fromBcd(Float80Result r, long digits, int top) {
        long v = 0;
        for (int i = 4; i >= 0; i -= 4) v = v * 10 + (top >> i & 15);
        for (int i = 60; i >= 0; i -= 4) v = v * 10 + (digits >>> i & 15);
        fromInteger(r, v);
        r.signExponent |= top & 0x8000;
    }

    // ---- to memory; flags in r.flags, the value returned ----

    /** @return the bits of the single; nothing must be stored if r.flags has an unmasked IE, OE or UE */
    public static int toSingle(Float80Result r, int control, int se, long m) {
        return (int) narrow(r, control, se, m, 24, 127, 0xff);
    }

    /** @return the bits of the double; nothing must be stored if r.flags has an unmasked IE, OE or UE */
    public static long toDouble(Float80Result r, int control, int se, long m) {
        int e = (se & Float80.MAX_EXPONENT) - Float80.BIAS + 1023;
        if (m < 0 && (m & 0x7ff) == 0 && e > 0 && e < 0x7ff) {
            r.flags = 0;
            return (long) (se >>> 15) << 63 | (long) e << 52 | m << 1 >>> 12;
        }
        return narrow(r, control, se, m, 53, 1023, 0x7ff);
    }

    private static long narrow(Float80Result r, int control, int se, long m, int precision, int bias, int top) {
        int fractionBits = precision - 1;
        int drop = 64 - precision;
        boolean single = precision == 24;
        long sign = single ? (long) (se >>> 15) << 31 : (long) (se >>> 15) << 63;
        long infinity = sign | (long) top << fractionBits;
        long fractionMask = (1L << fractionBits) - 1;
        r.flags = 0;
        if (Float80.unsupported(se, m)) {
            r.flags = IE;
            return single ? 0xffc0_0000L : 0xfff8_0000_0000_0000L;
        }
        if ((se & Float80.MAX_EXPONENT) == Float80.MAX_EXPONENT) {
            if (m == Float80.INTEGER) return infinity;
            if ((m & Float80.QUIET) == 0) r.flags = IE;
            return infinity | (m | Float80.QUIET) >>> drop & fractionMask;
        }
        if (m == 0) return sign;
        int mode = Rounding.mode(control);
        int negative = se >>> 15;
        long s = Float80.significand(m);
        int e = Float80.exponent(se, m) - Float80.BIAS + bias;
        boolean up = Rounding.roundsUp(mode, negative, s, 0, drop);
        long q = (s >>> drop) + (up ? 1 : 0);
        boolean inexact = (s & (1L << drop) - 1) != 0;
        int rounded = q >>> precision != 0 ? e + 1 : e;
        if (rounded >= top) {
            boolean infinite = mode == Rounding.NEAREST
                    || mode == Rounding.UP && negative == 0
                    || mode == Rounding.DOWN && negative != 0;
            r.flags = OE | PE | (infinite ? C1 : 0);
            if ((control & OE) == 0) r.flags = OE | (inexact ? PE : 0) | (up ? C1 : 0);
            return infinite ? infinity : infinity - 1;
        }
        if (rounded > 0) {
            r.flags = (inexact ? PE : 0) | (up ? C1 : 0);
            // A carry out of the significand leaves all ones + 1: adding it to the exponent field is right.
            return sign | ((long) (e - 1) << fractionBits) + q;
        }
        if ((control & UE) == 0) {
            r.flags = UE | (inexact ? PE : 0) | (up ? C1 : 0);
            return 0;
        }
        int shift = 1 - e;
        long hi = shift >= 64 ? 0 : s >>> shift;
        long lo = shift > 64 ? 1 : shift == 64 ? s : s << 64 - shift;
        up = Rounding.roundsUp(mode, negative, hi, lo, drop);
        inexact = (hi & (1L << drop) - 1 | lo) != 0;
        r.flags = (inexact ? PE | UE : 0) | (up ? C1 : 0);
        return sign | (hi >>> drop) + (up ? 1 : 0);
    }

    /**
     * FIST and FISTTP.
     *
     * @param mode rounding direction
     * @param bits 16, 32 or 64
     * @return the integer, or the integer indefinite (only the sign bit set) with IE in r.flags
     */
    public static long toInteger(Float80Result r, int mode, int se, long m, int bits) {
        long indefinite = -1L << bits - 1;
        r.flags = 0;
        int e = (se & Float80.MAX_EXPONENT) - Float80.BIAS;
        if (e >= bits || Float80.unsupported(se, m)) {
            r.flags = IE;
            return indefinite;
        }
        if (m == 0) return 0;
        int negative = se >>> 15;
        long hi;
        long lo;
        if (e == 63) {
            hi = m;
            lo = 0;
        } else if (e >= 0) {
            hi = m >>> 63 - e;
            lo = m << e + 1;
        } else {
            hi = 0;
            lo = e == -1 ? m : 1;
        }
        boolean up = Rounding.roundsUp(mode, negative, hi, lo, 0);
        if (up) hi++;
        // The magnitude as an unsigned number: at most 2^(bits-1), and that only when negative.
        boolean fits = hi == Long.MIN_VALUE
                ? negative != 0 && bits == 64
                : hi >= 0 && (hi < -indefinite || hi == -indefinite && negative != 0 || bits == 64);
        if (!fits) {
            r.flags = IE;
            return indefinite;
        }
        r.flags = (lo != 0 ? PE : 0) | (up ? C1 : 0);
        return negative != 0 ? -hi : hi;
    }

    /** FBSTP: leaves the low eight bytes in r.mantissa and the upper two in r.signExponent. */
    public static void toBcd(Float80Result r, int control, int se, long m) {
        long v = toInteger(r, Rounding.mode(control), se, m, 64);
        long a = Math.abs(v);
        if ((r.flags & IE) != 0 || a < 0 || a >= BCD_LIMIT) {
            r.set(Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA, IE);
            return;
        }
        long digits = 0;
        for (int i = 0; i < 64; i += 4) {
            digits |= a % 10 << i;
            a /= 10;
        }
        r.mantissa = digits;
        r.signExponent = se & 0x8000 | (int) (a % 10 | a / 10 << 4);
    }
}
