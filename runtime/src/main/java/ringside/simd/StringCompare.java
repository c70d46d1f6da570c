package ringside.simd;

/**
 * PCMPESTRx and PCMPISTRx: comparison of two strings of up to 16 bytes or 8 words. Pure. Intel SDM vol. 2, 4.1
 * (immediate byte of these instructions).
 */
public final class StringCompare {
    private StringCompare() {}

    private static int element(long lo, long hi, int i, int imm) {
        if ((imm & 1) == 0) {
            int b = (int) ((i < 8 ? lo : hi) >>> 8 * (i & 7));
            return (imm & 2) != 0 ? (byte) b : b & 0xff;
        }
        int w = (int) ((i < 4 ? lo : hi) >>> 16 * (i & 3));
        return (imm & 2) != 0 ? (short) w : w & 0xffff;
    }

    /** @return elements before the first zero element */
    public static int implicitLength(long lo, long hi, int imm) {
        int n = (imm & 1) == 0 ? 16 : 8;
        for (int i = 0; i < n; i++) {
            if (element(lo, hi, i, imm) == 0) return i;
        }
        return n;
    }

    /** @return elements that a length register of the E forms gives: its absolute value, at most all */
    public static int explicitLength(long length, int imm) {
        int n = (imm & 1) == 0 ? 16 : 8;
        return length >= n || length <= -n ? n : (int) Math.abs(length);
    }

    /** @return the final comparison mask (IntRes2) of a set or pattern (a, lengthA) and a string (b, lengthB) */
    public static int mask(long a0, long a1, int lengthA, long b0, long b1, int lengthB, int imm) {
        int n = (imm & 1) == 0 ? 16 : 8;
        int result = 0;
        for (int j = 0; j < n; j++) {
            boolean hit = switch (imm >> 2 & 3) {
                case 0 -> anyEqual(a0, a1, lengthA, element(b0, b1, j, imm), imm) && j < lengthB;
                case 1 -> inRanges(a0, a1, lengthA, element(b0, b1, j, imm), imm) && j < lengthB;
                case 2 ->
                    j < lengthA && j < lengthB
                            ? element(a0, a1, j, imm) == element(b0, b1, j, imm)
                            : j >= lengthA && j >= lengthB;
                default -> startsAt(a0, a1, lengthA, b0, b1, lengthB, j, n, imm);
            };
            if (hit) result |= 1 << j;
        }
        return switch (imm >> 4 & 3) {
            case 1 -> result ^ (1 << n) - 1;
            case 3 -> result ^ (1 << lengthB) - 1;
            default -> result;
        };
    }

    private static boolean anyEqual(long a0, long a1, int length, int c, int imm) {
        for (int i = 0; i < length; i++) {
            if (element(a0, a1, i, imm) == c) return true;
        }
        return false;
    }

    private static boolean inRanges(long a0, long a1, int length, int c, int imm) {
        for (int i = 0; i + 1 < length; i += 2) {
            if (element(a0, a1, i, imm) <= c && c <= element(a0, a1, i + 1, imm)) return true;
        }
        return false;
    }

    private static boolean startsAt(
            long a0, long a1, int lengthA, long b0, long b1, int lengthB, int at, int n, int imm) {
        for (int i = 0; i < lengthA && at + i < n; i++) {
            if (at + i >= lengthB || element(a0, a1, i, imm) != element(b0, b1, at + i, imm)) return false;
        }
        return true;
    }

    /** @return the index that the I forms put into ECX */
    public static int index(int mask, int imm) {
        if (mask == 0) return (imm & 1) == 0 ? 16 : 8;
        return (imm & 0x40) != 0 ? 31 - Integer.numberOfLeadingZeros(mask) : Integer.numberOfTrailingZeros(mask);
    }

    /**
     * @return half 0 or 1 of what the M forms put into XMM0: the mask as bits, or one element of ones for each of its
     *     bits
     */
    public static long expand(int mask, int imm, int half) {
        if ((imm & 0x40) == 0) return half == 0 ? mask : 0;
        boolean bytes = (imm & 1) == 0;
        int width = bytes ? 8 : 16;
        int count = 64 / width;
        long r = 0;
        for (int i = 0; i < count; i++) {
            if ((mask >> half * count + i & 1) != 0) r |= (bytes ? 0xffL : 0xffffL) << width * i;
        }
        return r;
    }
}
