package ringside.simd;

/**
 * The rounds of AES, and carry-less multiplication. A state is two lanes, byte 0 lowest, in columns of four bytes as
 * FIPS 197 numbers them; each method yields one lane (two columns). Pure. Intel SDM vol. 1, 12.13; vol. 2, AESENC and
 * following, PCLMULQDQ.
 */
public final class Aes {
    private static final byte[] SBOX = new byte[256];
    private static final byte[] INVERSE = new byte[256];

    static {
        int p = 1;
        int q = 1;
        do {
            p = (p ^ p << 1 ^ (p & 0x80) / 0x80 * 0x11b) & 0xff;
            q ^= q << 1;
            q ^= q << 2;
            q = (q ^ q << 4) & 0xff;
            if ((q & 0x80) != 0) q ^= 9;
            int x = q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4);
            SBOX[p] = (byte) (x ^ 0x63);
        } while (p != 1);
        SBOX[0] = 0x63;
        for (int i = 0; i < 256; i++) INVERSE[SBOX[i] & 0xff] = (byte) i;
    }

    private Aes() {}

    private static int at(long lo, long hi, int i) {
        return (int) ((i < 8 ? lo : hi) >>> 8 * (i & 7)) & 0xff;
    }

    /** ShiftRows and SubBytes. @param half 0 for columns 0 and 1, 1 for columns 2 and 3 */
    public static long substitute(long lo, long hi, int half) {
        long r = 0;
        for (int k = 0; k < 8; k++) {
            int i = half * 8 + k;
            r |= (SBOX[at(lo, hi, i + 4 * (i & 3) & 15)] & 0xffL) << 8 * k;
        }
        return r;
    }

    public static long inverseSubstitute(long lo, long hi, int half) {
        long r = 0;
        for (int k = 0; k < 8; k++) {
            int i = half * 8 + k;
            r |= (INVERSE[at(lo, hi, i - 4 * (i & 3) & 15)] & 0xffL) << 8 * k;
        }
        return r;
    }

    /** Doubles each byte in GF(2^8). */
    private static long twice(long a) {
        long top = a >>> 7 & 0x0101_0101_0101_0101L;
        return (a & 0x7f7f_7f7f_7f7f_7f7fL) << 1 ^ top * 0x1b;
    }

    /** Moves each byte of both columns one row up. */
    private static long rotate(long a, int rows) {
        int s = 8 * rows;
        long keep = 0xffff_ffffL >>> s;
        keep |= keep << 32;
        return a >>> s & keep | a << 32 - s & ~keep;
    }

    public static long mixColumns(long a) {
        long b = a ^ rotate(a, 1);
        return twice(b) ^ rotate(a, 1) ^ rotate(b, 2);
    }

    public static long inverseMixColumns(long a) {
        long b = a ^ rotate(a, 2);
        return mixColumns(a ^ twice(twice(b)));
    }

    private static long substituteWord(int w) {
        return SBOX[w & 0xff] & 0xffL
                | (SBOX[w >>> 8 & 0xff] & 0xffL) << 8
                | (SBOX[w >>> 16 & 0xff] & 0xffL) << 16
                | (SBOX[w >>> 24] & 0xffL) << 24;
    }

    /** AESKEYGENASSIST: one lane from the source lane that it depends on. */
    public static long keyAssist(long b, int roundConstant) {
        long s = substituteWord((int) (b >>> 32));
        long rotated = Integer.rotateRight((int) s, 8) & 0xffff_ffffL;
        return s | (rotated ^ roundConstant) << 32;
    }

    /** @return half 0 or 1 of the carry-less product */
    public static long carrylessMultiply(long a, long b, int half) {
        long lo = 0;
        long hi = 0;
        for (int i = 0; i < 64; i++) {
            if ((b >>> i & 1) == 0) continue;
            lo ^= a << i;
            if (i != 0) hi ^= a >>> 64 - i;
        }
        return half == 0 ? lo : hi;
    }
}
