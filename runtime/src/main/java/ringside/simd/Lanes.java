package ringside.simd;

/**
 * Packed integer operations whose result lane depends only on the same 64-bit lane of the sources, named after their
 * instructions. One method serves the MMX form, and each lane of the XMM and YMM forms, in both engines. Pure.
 *
 * <p>Bytes, words and doublewords inside a lane are handled side by side: the top bit of each element is kept apart so
 * that no carry crosses an element. Source: Intel SDM vol. 2.
 */
public final class Lanes {
    static final long HB = 0x8080_8080_8080_8080L, HW = 0x8000_8000_8000_8000L, HD = 0x8000_0000_8000_0000L;
    private static final long LB = 0x0101_0101_0101_0101L, LW = 0x0001_0001_0001_0001L, LD = 0x0000_0001_0000_0001L;

    private Lanes() {}

    // ---- masks from the top bit of each element ----

    private static long fillB(long top) {
        return (top >>> 7 & LB) * 0xff;
    }

    private static long fillW(long top) {
        return (top >>> 15 & LW) * 0xffff;
    }

    private static long fillD(long top) {
        return (top >>> 31 & LD) * 0xffff_ffffL;
    }

    private static long borrow(long a, long b, long r) {
        return (~a & b) | ((~a | b) & r);
    }

    private static long select(long mask, long a, long b) {
        return b ^ (a ^ b) & mask;
    }

    // ---- logic ----

    public static long pand(long a, long b) {
        return a & b;
    }

    public static long pandn(long a, long b) {
        return ~a & b;
    }

    public static long por(long a, long b) {
        return a | b;
    }

    public static long pxor(long a, long b) {
        return a ^ b;
    }

    // ---- addition and subtraction, modulo ----

    public static long paddb(long a, long b) {
        return (a & ~HB) + (b & ~HB) ^ (a ^ b) & HB;
    }

    public static long paddw(long a, long b) {
        return (a & ~HW) + (b & ~HW) ^ (a ^ b) & HW;
    }

    public static long paddd(long a, long b) {
        return (a & ~HD) + (b & ~HD) ^ (a ^ b) & HD;
    }

    public static long paddq(long a, long b) {
        return a + b;
    }

    public static long psubb(long a, long b) {
        return (a | HB) - (b & ~HB) ^ (a ^ ~b) & HB;
    }

    public static long psubw(long a, long b) {
        return (a | HW) - (b & ~HW) ^ (a ^ ~b) & HW;
    }

    public static long psubd(long a, long b) {
        return (a | HD) - (b & ~HD) ^ (a ^ ~b) & HD;
    }

    public static long psubq(long a, long b) {
        return a - b;
    }

    // ---- addition and subtraction, saturating ----

    public static long paddusb(long a, long b) {
        long r = paddb(a, b);
        return r | fillB((a & b) | ((a | b) & ~r));
    }

    public static long paddusw(long a, long b) {
        long r = paddw(a, b);
        return r | fillW((a & b) | ((a | b) & ~r));
    }

    public static long psubusb(long a, long b) {
        long r = psubb(a, b);
        return r & ~fillB(borrow(a, b, r));
    }

    public static long psubusw(long a, long b) {
        long r = psubw(a, b);
        return r & ~fillW(borrow(a, b, r));
    }

    public static long paddsb(long a, long b) {
        long r = paddb(a, b);
        return select(fillB(~(a ^ b) & (a ^ r)), limitB(a), r);
    }

    public static long paddsw(long a, long b) {
        long r = paddw(a, b);
        return select(fillW(~(a ^ b) & (a ^ r)), limitW(a), r);
    }

    public static long psubsb(long a, long b) {
        long r = psubb(a, b);
        return select(fillB((a ^ b) & (a ^ r)), limitB(a), r);
    }

    public static long psubsw(long a, long b) {
        long r = psubw(a, b);
        return select(fillW((a ^ b) & (a ^ r)), limitW(a), r);
    }

    /** 80h for each negative byte, 7Fh for the others. */
    private static long limitB(long a) {
        return (a >>> 7 & LB) + ~HB;
    }

    private static long limitW(long a) {
        return (a >>> 15 & LW) + ~HW;
    }

    // ---- comparison ----

    public static long pcmpeqb(long a, long b) {
        long x = a ^ b;
        return fillB(~((x & ~HB) + ~HB | x));
    }

    public static long pcmpeqw(long a, long b) {
        long x = a ^ b;
        return fillW(~((x & ~HW) + ~HW | x));
    }

    public static long pcmpeqd(long a, long b) {
        long x = a ^ b;
        return fillD(~((x & ~HD) + ~HD | x));
    }

    public static long pcmpeqq(long a, long b) {
        return a == b ? -1 : 0;
    }

    private static long aboveB(long a, long b) {
        return fillB(borrow(b, a, psubb(b, a)));
    }

    private static long aboveW(long a, long b) {
        return fillW(borrow(b, a, psubw(b, a)));
    }

    private static long aboveD(long a, long b) {
        return fillD(borrow(b, a, psubd(b, a)));
    }

    public static long pcmpgtb(long a, long b) {
        return aboveB(a ^ HB, b ^ HB);
    }

    public static long pcmpgtw(long a, long b) {
        return aboveW(a ^ HW, b ^ HW);
    }

    public static long pcmpgtd(long a, long b) {
        return aboveD(a ^ HD, b ^ HD);
    }

    public static long pcmpgtq(long a, long b) {
        return a > b ? -1 : 0;
    }

    // ---- minimum, maximum, average, absolute value, sign ----

    public static long pmaxub(long a, long b) {
        return select(aboveB(a, b), a, b);
    }

    public static long pminub(long a, long b) {
        return select(aboveB(a, b), b, a);
    }

    public static long pmaxuw(long a, long b) {
        return select(aboveW(a, b), a, b);
    }

    public static long pminuw(long a, long b) {
        return select(aboveW(a, b), b, a);
    }

    public static long pmaxud(long a, long b) {
        return select(aboveD(a, b), a, b);
    }

    public static long pminud(long a, long b) {
        return select(aboveD(a, b), b, a);
    }

    public static long pmaxsb(long a, long b) {
        return select(pcmpgtb(a, b), a, b);
    }

    public static long pminsb(long a, long b) {
        return select(pcmpgtb(a, b), b, a);
    }

    public static long pmaxsw(long a, long b) {
        return select(pcmpgtw(a, b), a, b);
    }

    public static long pminsw(long a, long b) {
        return select(pcmpgtw(a, b), b, a);
    }

    public static long pmaxsd(long a, long b) {
        return select(pcmpgtd(a, b), a, b);
    }

    public static long pminsd(long a, long b) {
        return select(pcmpgtd(a, b), b, a);
    }

    public static long pavgb(long a, long b) {
        return (a | b) - ((a ^ b) >>> 1 & ~HB);
    }

    public static long pavgw(long a, long b) {
        return (a | b) - ((a ^ b) >>> 1 & ~HW);
    }

    /** @param a not used: the instruction's destination is only written */
    public static long pabsb(long a, long b) {
        long m = fillB(b);
        return psubb(b ^ m, m);
    }

    public static long pabsw(long a, long b) {
        long m = fillW(b);
        return psubw(b ^ m, m);
    }

    public static long pabsd(long a, long b) {
        long m = fillD(b);
        return psubd(b ^ m, m);
    }

    public static long psignb(long a, long b) {
        long m = fillB(b);
        return psubb(a ^ m, m) & ~pcmpeqb(b, 0);
    }

    public static long psignw(long a, long b) {
        long m = fillW(b);
        return psubw(a ^ m, m) & ~pcmpeqw(b, 0);
    }

    public static long psignd(long a, long b) {
        long m = fillD(b);
        return psubd(a ^ m, m) & ~pcmpeqd(b, 0);
    }

    public static long psadbw(long a, long b) {
        long d = psubusb(a, b) | psubusb(b, a);
        return ((d & 0x00ff_00ff_00ff_00ffL) + (d >>> 8 & 0x00ff_00ff_00ff_00ffL)) * LW >>> 48;
    }

    // ---- multiplication ----

    private static int word(long a, int i) {
        return (short) (a >>> 16 * i);
    }

    private static int uword(long a, int i) {
        return (int) (a >>> 16 * i) & 0xffff;
    }

    private static long words(int w0, int w1, int w2, int w3) {
        return w0 & 0xffffL | (w1 & 0xffffL) << 16 | (w2 & 0xffffL) << 32 | (long) w3 << 48;
    }

    private static long dwords(int lo, int hi) {
        return lo & 0xffff_ffffL | (long) hi << 32;
    }

    public static long pmullw(long a, long b) {
        return words(
                word(a, 0) * word(b, 0), word(a, 1) * word(b, 1), word(a, 2) * word(b, 2), word(a, 3) * word(b, 3));
    }

    public static long pmulhw(long a, long b) {
        return words(
                word(a, 0) * word(b, 0) >> 16,
                word(a, 1) * word(b, 1) >> 16,
                word(a, 2) * word(b, 2) >> 16,
                word(a, 3) * word(b, 3) >> 16);
    }

    public static long pmulhuw(long a, long b) {
        return words(
                uword(a, 0) * uword(b, 0) >>> 16,
                uword(a, 1) * uword(b, 1) >>> 16,
                uword(a, 2) * uword(b, 2) >>> 16,
                uword(a, 3) * uword(b, 3) >>> 16);
    }

    private static int roundedHigh(int a, int b) {
        return (a * b >> 14) + 1 >> 1;
    }

    public static long pmulhrsw(long a, long b) {
        return words(
                roundedHigh(word(a, 0), word(b, 0)),
                roundedHigh(word(a, 1), word(b, 1)),
                roundedHigh(word(a, 2), word(b, 2)),
                roundedHigh(word(a, 3), word(b, 3)));
    }

    public static long pmulld(long a, long b) {
        return dwords((int) a * (int) b, (int) (a >>> 32) * (int) (b >>> 32));
    }

    public static long pmuludq(long a, long b) {
        return (a & 0xffff_ffffL) * (b & 0xffff_ffffL);
    }

    public static long pmuldq(long a, long b) {
        return (long) (int) a * (int) b;
    }

    public static long pmaddwd(long a, long b) {
        return dwords(
                word(a, 0) * word(b, 0) + word(a, 1) * word(b, 1), word(a, 2) * word(b, 2) + word(a, 3) * word(b, 3));
    }

    /** Bytes of a are unsigned, those of b signed. */
    public static long pmaddubsw(long a, long b) {
        long r = 0;
        for (int i = 0; i < 64; i += 16) {
            int s = ((int) (a >>> i) & 0xff) * (byte) (b >>> i) + ((int) (a >>> i + 8) & 0xff) * (byte) (b >>> i + 8);
            r |= (Math.clamp(s, -32768, 32767) & 0xffffL) << i;
        }
        return r;
    }

    // ---- shifts by one count for all elements; count is the whole 64-bit source, as the instruction takes it ----

    public static long psllw(long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) return 0;
        return (a & LW * (0xffff >>> count)) << count;
    }

    public static long pslld(long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) return 0;
        return (a & LD * (0xffff_ffffL >>> count)) << count;
    }

    public static long psllq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a << count;
    }

    public static long psrlw(long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) return 0;
        return a >>> count & LW * (0xffff >>> count);
    }

    public static long psrld(long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) return 0;
        return a >>> count & LD * (0xffff_ffffL >>> count);
    }

    public static long psrlq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> count;
    }

    public static long psraw(long a, long count) {
        int n = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
        return words(word(a, 0) >> n, word(a, 1) >> n, word(a, 2) >> n, word(a, 3) >> n);
    }

    public static long psrad(long a, long count) {
        int n = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
        return dwords((int) a >> n, (int) (a >>> 32) >> n);
    }

    // ---- shifts by a count of each element's own (AVX2) ----

    public static long psllvd(long a, long b) {
        int lo = (b & 0xffff_ffe0L) != 0 ? 0 : (int) a << (int) b;
        int hi = (b >>> 32 & 0xffff_ffe0L) != 0 ? 0 : (int) (a >>> 32) << (int) (b >>> 32);
        return dwords(lo, hi);
    }

    public static long psrlvd(long a, long b) {
        int lo = (b & 0xffff_ffe0L) != 0 ? 0 : (int) a >>> (int) b;
        int hi = (b >>> 32 & 0xffff_ffe0L) != 0 ? 0 : (int) (a >>> 32) >>> (int) (b >>> 32);
        return dwords(lo, hi);
    }

    public static long psravd(long a, long b) {
        int lo = (int) a >> ((b & 0xffff_ffe0L) != 0 ? 31 : (int) b);
        int hi = (int) (a >>> 32) >> ((b >>> 32 & 0xffff_ffe0L) != 0 ? 31 : (int) (b >>> 32));
        return dwords(lo, hi);
    }

    // ---- gathering sign bits ----

    /** @return the top bits of the eight bytes, in bits 7:0 */
    public static int signsOfBytes(long a) {
        return (int) ((a & HB) * 0x0002_0408_1020_4081L >>> 56);
    }

    /** @return the top bits of the two doublewords, in bits 1:0 */
    public static int signsOfDwords(long a) {
        return (int) (a >>> 31 & 1 | a >>> 63 << 1);
    }
}
