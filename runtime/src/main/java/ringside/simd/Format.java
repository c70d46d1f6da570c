package ringside.simd;

/** An IEEE 754 binary interchange format of at most 64 bits; values of it stand right-aligned in a long. */
public enum Format {
    HALF(10, 5),
    SINGLE(23, 8),
    DOUBLE(52, 11);

    /** Bits of the fraction field. */
    final int fractionBits;

    final int bias;
    /** Least and greatest exponent of a normal number, unbiased. */
    final int minExponent;

    final int maxExponent;
    final long fractionMask;
    final long sign;
    /** Positive infinity; also the mask of the exponent field. */
    final long infinity;
    /** The bit that makes a NaN quiet. */
    final long quiet;
    /** The QNaN that an invalid operation yields ("QNaN floating-point indefinite"). */
    final long indefinite;

    Format(int fractionBits, int exponentBits) {
        this.fractionBits = fractionBits;
        bias = (1 << exponentBits - 1) - 1;
        minExponent = 1 - bias;
        maxExponent = bias;
        fractionMask = (1L << fractionBits) - 1;
        sign = 1L << fractionBits + exponentBits;
        infinity = (1L << exponentBits) - 1 << fractionBits;
        quiet = 1L << fractionBits - 1;
        indefinite = sign | infinity | quiet;
    }

    boolean isNan(long a) {
        return (a & (sign - 1)) > infinity;
    }

    boolean isSignalling(long a) {
        return isNan(a) && (a & quiet) == 0;
    }

    boolean isInfinite(long a) {
        return (a & (sign - 1)) == infinity;
    }

    boolean isZero(long a) {
        return (a & (sign - 1)) == 0;
    }

    boolean isDenormal(long a) {
        return (a & infinity) == 0 && (a & fractionMask) != 0;
    }

    boolean isNegative(long a) {
        return (a & sign) != 0;
    }

    /** @return the unbiased exponent of a finite, non-zero number, as if normalised */
    int exponent(long a) {
        int e = (int) ((a & infinity) >>> fractionBits);
        return e != 0 ? e - bias : 64 - bias - fractionBits - Long.numberOfLeadingZeros(a & fractionMask);
    }

    /** @return the significand of a finite, non-zero number with its leading bit at bit 63 */
    long significand(long a) {
        long f = a & fractionMask;
        if ((a & infinity) != 0) return (f | fractionMask + 1) << 63 - fractionBits;
        return f << Long.numberOfLeadingZeros(f);
    }
}
