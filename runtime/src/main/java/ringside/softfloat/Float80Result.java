package ringside.softfloat;

import ringside.cpu.fpu.FpuState;

/**
 * Where the operations on 80-bit numbers put what they compute: one object for each CPU, so that nothing is allocated.
 */
public final class Float80Result {
    /** Sign in bit 15, biased exponent in bits 14:0. */
    public int signExponent;

    public long mantissa;
    /**
     * Exceptions found, as status-word bits IE to PE, and C1 if the result was rounded away from zero; quotient and
     * comparison bits C0 to C3 of those operations that set them. After an unmasked IE, DE or ZE the number is
     * meaningless and nothing must be stored.
     */
    public int flags;
    /** A second result: FSINCOS, FPTAN and FXTRACT push the number above onto the stack and leave this one under it. */
    public int secondSignExponent;

    public long secondMantissa;

    void set(int signExponent, long mantissa) {
        this.signExponent = signExponent;
        this.mantissa = mantissa;
    }

    void set(int signExponent, long mantissa, int flags) {
        this.signExponent = signExponent;
        this.mantissa = mantissa;
        this.flags = flags;
    }

    void second(int signExponent, long mantissa) {
        secondSignExponent = signExponent;
        secondMantissa = mantissa;
    }

    /** @return whether an exception that stops before the result (IE, DE, ZE) is unmasked in this control word */
    public boolean stopped(int control) {
        return (flags & ~control & (FpuState.IE | FpuState.DE | FpuState.ZE)) != 0;
    }
}
