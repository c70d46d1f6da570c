package ringside.simd;

/**
 * Bytes as elements of the field of 256 and as vectors of 8 bits: multiplication modulo x^8 + x^4 + x^3 + x + 1,
 * inversion, and affine maps. Each method works on the 8 bytes of a lane. Pure. Intel SDM vol. 2, GF2P8MULB and
 * following.
 */
public final class Galois {
    private static final long EACH = 0x0101_0101_0101_0101L;
    private static final byte[] INVERSE = new byte[256];

    static {
        for (int x = 1; x < 256; x++) {
            // x to the power of 254
            int r = 1, square = x;
            for (int k = 1; k < 8; k++) {
                square = product(square, square);
                r = product(r, square);
            }
            INVERSE[x] = (byte) r;
        }
    }

    private Galois() {}

    private static int product(int a, int b) {
        return (int) multiply(a, b) & 0xff;
    }

    public static long multiply(long a, long b) {
        long r = 0;
        for (int k = 0; k < 8; k++) {
            r ^= a & (b >>> k & EACH) * 0xff;
            long top = a >>> 7 & EACH;
            a = (a & ~(EACH * 0x80)) << 1 ^ top * 0x1b;
        }
        return r;
    }

    /**
     * Multiplies each byte with a matrix of 8 by 8 bits, whose last row is its lowest byte, and adds a constant.
     *
     * @param x the bytes
     * @param matrix for all of them
     * @param constant in the low byte
     */
    public static long affine(long x, long matrix, int constant) {
        long r = (constant & 0xff) * EACH;
        for (int bit = 0; bit < 8; bit++) {
            long products = x & (matrix >>> 8 * (7 - bit) & 0xff) * EACH;
            products ^= products >>> 4;
            products ^= products >>> 2;
            products ^= products >>> 1;
            r ^= (products & EACH) << bit;
        }
        return r;
    }

    /** Each byte's inverse; that of 0 is 0. */
    public static long invert(long x) {
        long r = 0;
        for (int k = 0; k < 64; k += 8) r |= (INVERSE[(int) (x >>> k) & 0xff] & 0xffL) << k;
        return r;
    }
}
