package ringside.softfloat;

import java.math.BigInteger;

/**
 * Elementary functions in fixed point: a number is an integer times 2^-{@link #SCALE}. The results of the functions are
 * correct to some units of the last place, which leaves more than 100 bits behind those that an 80-bit result keeps.
 */
final class FixedPoint {
    /** Bits behind the point. */
    static final int SCALE = 352;

    static final BigInteger ONE = BigInteger.ONE.shiftLeft(SCALE);
    /** ln 2 = 2 artanh(1/3). */
    static final BigInteger LN2 = artanh(ONE.divide(BigInteger.valueOf(3))).shiftLeft(1);
    /** pi, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239). */
    static final BigInteger PI = series(ONE.divide(BigInteger.valueOf(5)), -1)
            .shiftLeft(4)
            .subtract(series(ONE.divide(BigInteger.valueOf(239)), -1).shiftLeft(2));
    /** Times an arctangent's argument is halved before its series is summed. */
    private static final int HALVINGS = 6;

    private FixedPoint() {}

    static BigInteger mul(BigInteger a, BigInteger b) {
        return a.multiply(b).shiftRight(SCALE);
    }

    static BigInteger div(BigInteger a, BigInteger b) {
        return a.shiftLeft(SCALE).divide(b);
    }

    /** z + sign z^3/3 + z^5/5 + sign z^7/7 ..: arctangent for -1, area hyperbolic tangent for 1; |z| well below 1. */
    private static BigInteger series(BigInteger z, int sign) {
        BigInteger square = mul(z, z);
        BigInteger power = z;
        BigInteger sum = z;
        for (int k = 3; power.signum() != 0; k += 2) {
            power = mul(power, square);
            if (sign < 0) power = power.negate();
            if (power.bitLength() < 8) break;
            sum = sum.add(power.divide(BigInteger.valueOf(k)));
        }
        return sum;
    }

    static BigInteger artanh(BigInteger z) {
        return series(z, 1);
    }

    /** @param t from 0 to 1 */
    static BigInteger arctan(BigInteger t) {
        for (int i = 0; i < HALVINGS; i++) {
            BigInteger root = ONE.add(mul(t, t)).shiftLeft(SCALE).sqrt();
            t = div(t, ONE.add(root));
        }
        return series(t, -1).shiftLeft(HALVINGS);
    }

    /** sin r for |r| up to about 1. */
    static BigInteger sin(BigInteger r) {
        return alternating(r, mul(r, r), 2);
    }

    static BigInteger cos(BigInteger r) {
        return alternating(ONE, mul(r, r), 1);
    }

    private static BigInteger alternating(BigInteger first, BigInteger square, int k) {
        BigInteger sum = first;
        BigInteger term = first;
        while (true) {
            term = mul(term, square)
                    .divide(BigInteger.valueOf((long) k * (k + 1)))
                    .negate();
            if (term.bitLength() < 4) return sum;
            sum = sum.add(term);
            k += 2;
        }
    }

    /** e^t - 1 for |t| up to about 1. */
    static BigInteger expm1(BigInteger t) {
        BigInteger sum = t;
        BigInteger term = t;
        for (int k = 2; term.bitLength() > 4; k++) {
            term = mul(term, t).divide(BigInteger.valueOf(k));
            sum = sum.add(term);
        }
        return sum;
    }

    /** log2 x for x greater than 0. */
    static BigInteger log2(BigInteger x) {
        int e = x.bitLength() - 1 - SCALE;
        BigInteger f = e >= 0 ? x.shiftRight(e) : x.shiftLeft(-e);
        // Near 1 from below, e = -1 and f is almost 2: halve it, so that nothing cancels.
        if (f.bitLength() > SCALE && f.compareTo(ONE.add(ONE.shiftRight(1))) > 0) {
            f = f.shiftRight(1);
            e++;
        }
        BigInteger z = div(f.subtract(ONE), f.add(ONE));
        return BigInteger.valueOf(e).shiftLeft(SCALE).add(div(artanh(z).shiftLeft(1), LN2));
    }
}
