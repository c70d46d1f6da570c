package ringside.softfloat;

/** Unsigned arithmetic on 128 bits in two longs. */
final class Wide {
    private static final long LOW = 0xffff_ffffL;

    private Wide() {}

    /**
     * (hi:lo) / d, truncated.
     *
     * @param hi less than d
     * @param d with bit 63 set
     */
    static long divide(long hi, long lo, long d) {
        long dh = d >>> 32;
        long dl = d & LOW;
        long q1 = digit(hi, lo >>> 32, d, dh, dl);
        long rest = (hi << 32 | lo >>> 32) - q1 * d;
        long q0 = digit(rest, lo & LOW, d, dh, dl);
        return (q1 << 32) + q0;
    }

    /** One 32-bit digit of the quotient (hi * 2^32 + next) / d. */
    private static long digit(long hi, long next, long d, long dh, long dl) {
        long q = Long.divideUnsigned(hi, dh);
        long rest = hi - q * dh;
        while (q > LOW || Long.compareUnsigned(q * dl, rest << 32 | next) > 0) {
            q--;
            rest += dh;
            if (rest > LOW) break;
        }
        return q;
    }

    /** The integer square root of hi:lo, truncated. @param hi at least 2^62 */
    static long sqrt(long hi, long lo) {
        // hi as a double, unsigned; its root times 2^32 has 53 good bits, one Newton step gives the rest.
        double d = (hi >>> 1) * 2.0 + (hi & 1);
        double s = Math.sqrt(d) * 4294967296.0;
        long x = s >= 0x1p63 ? (s >= 0x1p64 ? -1L : (long) (s - 0x1p63) + Long.MIN_VALUE) : (long) s;
        if (Long.compareUnsigned(x, hi) <= 0 && x >= 0) x = Long.MIN_VALUE;
        for (int i = 0; i < 2; i++) {
            long square = x * x;
            long restHigh = hi - Math.unsignedMultiplyHigh(x, x) - (Long.compareUnsigned(lo, square) < 0 ? 1 : 0);
            long restLow = lo - square;
            // The rest is below 2^(64 + 13); divided by 2x it is the correction.
            double rest = restHigh * 0x1p64 + ((restLow >>> 1) * 2.0);
            long step = (long) Math.floor(rest / (2.0 * ((x >>> 1) * 2.0)));
            if (step == 0) break;
            long next = x + step;
            if (step > 0 && Long.compareUnsigned(next, x) < 0) next = -1L;
            x = next;
        }
        while (exceeds(x, hi, lo)) x--;
        while (x != -1L && !exceeds(x + 1, hi, lo)) x++;
        return x;
    }

    /** @return whether x squared is more than hi:lo */
    private static boolean exceeds(long x, long hi, long lo) {
        int c = Long.compareUnsigned(Math.unsignedMultiplyHigh(x, x), hi);
        return c > 0 || c == 0 && Long.compareUnsigned(x * x, lo) > 0;
    }
}
