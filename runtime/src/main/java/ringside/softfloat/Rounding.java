package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.C1;
import static ringside.cpu.fpu.FpuState.OE;
import static ringside.cpu.fpu.FpuState.PE;
import static ringside.cpu.fpu.FpuState.UE;

/**
 * From an exact (or sticky) 128-bit significand to an 80-bit register: rounding to the control word's precision in its
 * direction, overflow and underflow with their masked and unmasked responses. Tininess is found after rounding. Source:
 * Intel SDM vol. 1, 4.8.4, 4.9.1.4 to 4.9.1.6, 8.5.4 and 8.5.5.
 */
public final class Rounding {
    public static final int NEAREST = 0, DOWN = 1, UP = 2, ZERO = 3;
    /** Added to or taken from the exponent when underflow or overflow is unmasked. */
    static final int WRAP = 24576;

    private static final long HALF = 1L << 63;

    private Rounding() {}

    static int mode(int control) {
        return control >> 10 & 3;
    }

    static boolean down(int control) {
        return mode(control) == DOWN;
    }

    /**
     * @return significand bits that the precision control drops: 40 (single), 11 (double) or 0; the reserved value 01b
     *     acts as extended
     */
    private static int dropped(int control) {
        int p = control >> 8 & 3;
        return p == 0 ? 40 : p == 2 ? 11 : 0;
    }

    /**
     * Rounds and stores into {@code r}.
     *
     * @param e biased exponent, of any size
     * @param hi significand, integer bit set
     * @param lo fraction below it, the lowest bit sticky
     * @param flags exceptions found so far
     */
    static void finish(Float80Result r, int control, int sign, int e, long hi, long lo, int flags) {
        if ((control & 0x100) != 0 && e > 0 && e < Float80.MAX_EXPONENT - 1) {
            if (lo != 0) {
                flags |= PE;
                int mode = mode(control);
                boolean up = mode == NEAREST
                        ? lo < 0 && (lo != HALF || (hi & 1) != 0)
                        : mode == UP ? sign == 0 : mode == DOWN && sign != 0;
                if (up) {
                    flags |= C1;
                    if (++hi == 0) {
                        hi = HALF;
                        e++;
                    }
                }
            }
            r.signExponent = sign << 15 | e;
            r.mantissa = hi;
            r.flags = flags;
            return;
        }
        finishAny(r, control, sign, e, hi, lo, flags, dropped(control));
    }

    /** Rounds as extended precision whatever the precision control says. */
    static void finishExtended(Float80Result r, int control, int sign, int e, long hi, long lo, int flags) {
        finish(r, control | 0x300, sign, e, hi, lo, flags);
    }

    /**
     * Whether a magnitude is rounded up.
     *
     * @param drop bits of hi that go
     */
    static boolean roundsUp(int mode, int sign, long hi, long lo, int drop) {
        if (drop == 0) {
            if (lo == 0) return false;
            return mode == NEAREST
                    ? lo < 0 && (lo != HALF || (hi & 1) != 0)
                    : mode == UP ? sign == 0 : mode == DOWN && sign != 0;
        }
        long fraction = hi & (1L << drop) - 1;
        if ((fraction | lo) == 0) return false;
        if (mode == NEAREST) {
            long half = 1L << drop - 1;
            return fraction > half || fraction == half && (lo != 0 || (hi >>> drop & 1) != 0);
        }
        return mode == UP ? sign == 0 : mode == DOWN && sign != 0;
    }

    private static void finishAny(
            Float80Result r, int control, int sign, int e, long hi, long lo, int flags, int drop) {
        int mode = mode(control);
        long mask = (1L << drop) - 1;
        boolean inexact = (hi & mask | lo) != 0;
        boolean up = roundsUp(mode, sign, hi, lo, drop);
        long m = hi & ~mask;
        int rounded = e;
        if (up) {
            m += mask + 1;
            if (m == 0) {
                m = HALF;
                rounded++;
            }
        }
        int outcome = flags | (inexact ? PE : 0) | (up ? C1 : 0);
        if (rounded > 0 && rounded < Float80.MAX_EXPONENT) {
            r.set(sign << 15 | rounded, m, outcome);
        } else if (rounded > 0) {
            overflow(r, control, sign, rounded, m, outcome, ~mask);
        } else if ((control & UE) == 0) {
            if (rounded + WRAP > 0) {
                r.set(sign << 15 | rounded + WRAP, m, outcome | UE);
            } else {
                r.set(sign << 15, 0, (outcome | UE | PE) & ~C1);
            }
        } else {
            denormalise(r, mode, sign, 1 - e, hi, lo, flags, drop);
        }
    }

    private static void overflow(Float80Result r, int control, int sign, int e, long m, int outcome, long largest) {
        if ((control & OE) == 0) {
            // Only FSCALE can leave the range by more than the exponent is moved; the result is then infinity, and zero
            // below.
            if (e - WRAP < Float80.MAX_EXPONENT) {
                r.set(sign << 15 | e - WRAP, m, outcome | OE);
            } else {
                r.set(sign << 15 | Float80.MAX_EXPONENT, Float80.INTEGER, outcome | OE | PE | C1);
            }
            return;
        }
        int mode = mode(control);
        boolean infinity = mode == NEAREST || mode == UP && sign == 0 || mode == DOWN && sign != 0;
        if (infinity) {
            r.set(sign << 15 | Float80.MAX_EXPONENT, Float80.INTEGER, outcome | OE | PE | C1);
        } else {
            r.set(sign << 15 | Float80.MAX_EXPONENT - 1, largest, (outcome | OE | PE) & ~C1);
        }
    }

    private static void denormalise(
            Float80Result r, int mode, int sign, int shift, long hi, long lo, int flags, int drop) {
        if (shift >= 128) {
            hi = 0;
            lo = 1;
        } else if (shift >= 64) {
            lo = (shift == 64 ? hi : hi >>> shift - 64)
                    | (shift > 64 && hi << 128 - shift != 0 ? 1 : 0)
                    | (lo != 0 ? 1 : 0);
            hi = 0;
        } else {
            lo = hi << 64 - shift | lo >>> shift | (lo << 64 - shift != 0 ? 1 : 0);
            hi >>>= shift;
        }
        long mask = (1L << drop) - 1;
        boolean inexact = (hi & mask | lo) != 0;
        boolean up = roundsUp(mode, sign, hi, lo, drop);
        long m = (hi & ~mask) + (up ? mask + 1 : 0);
        r.set(sign << 15 | (m < 0 ? 1 : 0), m, flags | (inexact ? PE | UE : 0) | (up ? C1 : 0));
    }
}
