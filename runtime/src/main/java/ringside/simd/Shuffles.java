package ringside.simd;

/**
 * Packed integer operations that move or combine elements across 64-bit lanes: pack, unpack, shuffle, align, horizontal
 * arithmetic, widening. Each method yields one 64-bit lane of a result; the caller says from which source lanes. Pure.
 *
 * <p>Source: Intel SDM vol. 2.
 */
public final class Shuffles {
    private Shuffles() {}

    // ---- pack: the elements of lo, then those of hi, each saturated to half its width ----

    public static long packsswb(long lo, long hi) {
        return packWords(lo, -128, 127) | packWords(hi, -128, 127) << 32;
    }

    public static long packuswb(long lo, long hi) {
        return packWords(lo, 0, 255) | packWords(hi, 0, 255) << 32;
    }

    private static long packWords(long a, int min, int max) {
        return Math.clamp((short) a, min, max) & 0xffL
                | (Math.clamp((short) (a >>> 16), min, max) & 0xffL) << 8
                | (Math.clamp((short) (a >>> 32), min, max) & 0xffL) << 16
                | (Math.clamp((int) (a >> 48), min, max) & 0xffL) << 24;
    }

    public static long packssdw(long lo, long hi) {
        return packDwords(lo, -32768, 32767) | packDwords(hi, -32768, 32767) << 32;
    }

    public static long packusdw(long lo, long hi) {
        return packDwords(lo, 0, 65535) | packDwords(hi, 0, 65535) << 32;
    }

    private static long packDwords(long a, int min, int max) {
        return Math.clamp((int) a, min, max) & 0xffffL | (Math.clamp((int) (a >> 32), min, max) & 0xffffL) << 16;
    }

    // ---- interleave: elements of the low (high) half of a and b in turn, a first ----

    private static long spreadB(long a) {
        a &= 0xffff_ffffL;
        a = (a | a << 16) & 0x0000_ffff_0000_ffffL;
        return (a | a << 8) & 0x00ff_00ff_00ff_00ffL;
    }

    private static long spreadW(long a) {
        a &= 0xffff_ffffL;
        return (a | a << 16) & 0x0000_ffff_0000_ffffL;
    }

    public static long interleaveLowB(long a, long b) {
        return spreadB(a) | spreadB(b) << 8;
    }

    public static long interleaveHighB(long a, long b) {
        return interleaveLowB(a >>> 32, b >>> 32);
    }

    public static long interleaveLowW(long a, long b) {
        return spreadW(a) | spreadW(b) << 16;
    }

    public static long interleaveHighW(long a, long b) {
        return interleaveLowW(a >>> 32, b >>> 32);
    }

    public static long interleaveLowD(long a, long b) {
        return a & 0xffff_ffffL | b << 32;
    }

    public static long interleaveHighD(long a, long b) {
        return a >>> 32 | b & 0xffff_ffff_0000_0000L;
    }

    // ---- shuffles by immediate ----

    /** PSHUFW, and the shuffled half of PSHUFLW and PSHUFHW. */
    public static long pshufw(long a, int imm) {
        return (a >>> 16 * (imm & 3) & 0xffff)
                | (a >>> 16 * (imm >> 2 & 3) & 0xffff) << 16
                | (a >>> 16 * (imm >> 4 & 3) & 0xffff) << 32
                | a >>> 16 * (imm >> 6 & 3) << 48;
    }

    /** @return the doubleword number {@code i & 3} of the 128-bit value, zero-extended */
    public static long dword(long lo, long hi, int i) {
        return ((i & 2) == 0 ? lo : hi) >>> 32 * (i & 1) & 0xffff_ffffL;
    }

    /**
     * @return two doublewords of the 128-bit value chosen by bits 1:0 and 3:2 of imm; half of a PSHUFD or of a SHUFPS
     */
    public static long pickDwords(long lo, long hi, int imm) {
        return dword(lo, hi, imm) | dword(lo, hi, imm >> 2) << 32;
    }

    // ---- shuffles by bytes ----

    /** PSHUFB of a 64-bit register. */
    public static long pshufb(long a, long control) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            int c = (int) (control >>> i);
            if ((c & 0x80) == 0) r |= (a >>> 8 * (c & 7) & 0xff) << i;
        }
        return r;
    }

    /** PSHUFB: the eight bytes that this half of the control picks from the 128-bit source. */
    public static long pshufb(long lo, long hi, long control) {
        long r = 0;
        for (int i = 0; i < 64; i += 8) {
            int c = (int) (control >>> i);
            if ((c & 0x80) == 0) r |= (((c & 8) == 0 ? lo : hi) >>> 8 * (c & 7) & 0xff) << i;
        }
        return r;
    }

    /** @return bytes n..n+7 of the string (w0, w1, w2, w3), zeros behind it; PALIGNR and the byte shifts */
    public static long bytesAt(long w0, long w1, long w2, long w3, int n) {
        int i = n >> 3;
        int s = (n & 7) * 8;
        long lo = pick(w0, w1, w2, w3, i);
        return s == 0 ? lo : lo >>> s | pick(w0, w1, w2, w3, i + 1) << 64 - s;
    }

    private static long pick(long w0, long w1, long w2, long w3, int i) {
        return switch (i) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            case 3 -> w3;
            default -> 0;
        };
    }

    // ---- horizontal arithmetic: sums of neighbours in lo, then in hi ----

    private static int word(long a, int i) {
        return (short) (a >>> 16 * i);
    }

    private static long words(int w0, int w1, int w2, int w3) {
        return w0 & 0xffffL | (w1 & 0xffffL) << 16 | (w2 & 0xffffL) << 32 | (long) w3 << 48;
    }

    private static int saturate(int v) {
        return Math.clamp(v, -32768, 32767);
    }

    public static long phaddw(long lo, long hi) {
        return words(
                word(lo, 0) + word(lo, 1),
                word(lo, 2) + word(lo, 3),
                word(hi, 0) + word(hi, 1),
                word(hi, 2) + word(hi, 3));
    }

    public static long phsubw(long lo, long hi) {
        return words(
                word(lo, 0) - word(lo, 1),
                word(lo, 2) - word(lo, 3),
                word(hi, 0) - word(hi, 1),
                word(hi, 2) - word(hi, 3));
    }

    public static long phaddsw(long lo, long hi) {
        return words(
                saturate(word(lo, 0) + word(lo, 1)),
                saturate(word(lo, 2) + word(lo, 3)),
                saturate(word(hi, 0) + word(hi, 1)),
                saturate(word(hi, 2) + word(hi, 3)));
    }

    public static long phsubsw(long lo, long hi) {
        return words(
                saturate(word(lo, 0) - word(lo, 1)),
                saturate(word(lo, 2) - word(lo, 3)),
                saturate(word(hi, 0) - word(hi, 1)),
                saturate(word(hi, 2) - word(hi, 3)));
    }

    public static long phaddd(long lo, long hi) {
        return (lo + (lo >>> 32)) & 0xffff_ffffL | hi + (hi >>> 32) << 32;
    }

    public static long phsubd(long lo, long hi) {
        return (lo - (lo >>> 32)) & 0xffff_ffffL | hi - (hi >>> 32) << 32;
    }

    // ---- widening: the low elements of a, sign- or zero-extended, as many as fill one lane ----

    public static long signBytesToWords(long a) {
        return words((byte) a, (byte) (a >>> 8), (byte) (a >>> 16), (byte) (a >>> 24));
    }

    public static long signBytesToDwords(long a) {
        return (byte) a & 0xffff_ffffL | (long) (byte) (a >>> 8) << 32;
    }

    public static long signWordsToDwords(long a) {
        return (short) a & 0xffff_ffffL | (long) (short) (a >>> 16) << 32;
    }

    public static long zeroBytesToWords(long a) {
        return spreadB(a);
    }

    public static long zeroBytesToDwords(long a) {
        return a & 0xff | (a >>> 8 & 0xff) << 32;
    }

    public static long zeroWordsToDwords(long a) {
        return spreadW(a);
    }

    /** PHMINPOSUW: the smallest unsigned word in bits 15:0, the number of its first place in bits 18:16. */
    public static long phminposuw(long lo, long hi) {
        long min = 0x10000;
        long at = 0;
        for (int i = 0; i < 8; i++) {
            long w = (i < 4 ? lo : hi) >>> 16 * (i & 3) & 0xffff;
            if (w < min) {
                min = w;
                at = i;
            }
        }
        return min | at << 16;
    }

    /**
     * MPSADBW: one word sum of |a[n+i] - b[i]|, i = 0..3, for each of four successive n.
     * @param a 64 bits from the first byte used
     */
    public static long mpsadbw(long a, long b) {
        long r = 0;
        for (int n = 0; n < 4; n++) {
            int sum = 0;
            for (int i = 0; i < 4; i++)
                sum += Math.abs(((int) (a >>> 8 * (n + i)) & 0xff) - ((int) (b >>> 8 * i) & 0xff));
            r |= (long) sum << 16 * n;
        }
        return r;
    }
}
