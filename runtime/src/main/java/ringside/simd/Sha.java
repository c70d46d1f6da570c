package ringside.simd;

/**
 * The steps of SHA-1 and SHA-256 that the SHA instructions do, one 64-bit half of the result each. Pure. Intel SDM vol.
 * 2, SHA1RNDS4 and following.
 */
public final class Sha {
    private static final int[] K = {0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6};

    private Sha() {}

    private static int low(long a) {
        return (int) a;
    }

    private static int high(long a) {
        return (int) (a >>> 32);
    }

    private static long pair(int high, int low) {
        return low & 0xffff_ffffL | (long) high << 32;
    }

    public static long nextE(long a1, long b1) {
        return pair(high(b1) + Integer.rotateLeft(high(a1), 30), low(b1));
    }

    public static long message2(long a0, long a1, long b0, long b1, int half) {
        int w16 = Integer.rotateLeft(high(a1) ^ low(b1), 1);
        if (half == 1) return pair(w16, Integer.rotateLeft(low(a1) ^ high(b0), 1));
        return pair(Integer.rotateLeft(high(a0) ^ low(b0), 1), Integer.rotateLeft(low(a0) ^ w16, 1));
    }

    /** Four rounds of SHA-1. @param imm bits 1:0 choose the function and constant */
    public static long rounds4(long a0, long a1, long b0, long b1, int imm, int half) {
        int a = high(a1);
        int b = low(a1);
        int c = high(a0);
        int d = low(a0);
        int e = 0;
        for (int i = 0; i < 4; i++) {
            int w = i < 2 ? (i == 0 ? high(b1) : low(b1)) : i == 2 ? high(b0) : low(b0);
            int f = switch (imm & 3) {
                case 0 -> b & c ^ ~b & d;
                case 2 -> b & c ^ b & d ^ c & d;
                default -> b ^ c ^ d;
            };
            int next = f + Integer.rotateLeft(a, 5) + w + e + K[imm & 3];
            e = d;
            d = c;
            c = Integer.rotateLeft(b, 30);
            b = a;
            a = next;
        }
        return half == 1 ? pair(a, b) : pair(c, d);
    }

    private static int sigma0(int x) {
        return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
    }

    private static int sigma1(int x) {
        return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
    }

    /** Half of SHA256MSG1: two words of a plus sigma0 of the words behind each. @param next the lane behind a */
    public static long message1Of256(long a, long next) {
        return pair(high(a) + sigma0(low(next)), low(a) + sigma0(high(a)));
    }

    public static long message2Of256(long a0, long a1, long b1, int half) {
        int w16 = low(a0) + sigma1(low(b1));
        int w17 = high(a0) + sigma1(high(b1));
        return half == 0 ? pair(w17, w16) : pair(high(a1) + sigma1(w17), low(a1) + sigma1(w16));
    }

    /** Two rounds of SHA-256. @param wk the two sums of message word and constant (XMM0) */
    public static long rounds2(long a0, long a1, long b0, long b1, long wk, int half) {
        int a = high(b1);
        int b = low(b1);
        int c = high(a1);
        int d = low(a1);
        int e = high(b0);
        int f = low(b0);
        int g = high(a0);
        int h = low(a0);
        for (int i = 0; i < 2; i++) {
            int t = (e & f ^ ~e & g)
                    + (Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25))
                    + (i == 0 ? low(wk) : high(wk))
                    + h;
            int next = t
                    + (a & b ^ a & c ^ b & c)
                    + (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22));
            h = g;
            g = f;
            f = e;
            e = t + d;
            d = c;
            c = b;
            b = a;
            a = next;
        }
        return half == 1 ? pair(a, b) : pair(e, f);
    }
}
