package ringside.interpreter.integer;

import ringside.cpu.Flags;
import ringside.interpreter.core.GprAccess;

/**
 * Results and flags of shifts and rotates as pure functions, shared by both engines. Sizes are in bytes; operands and
 * results are zero-extended; counts are already masked by {@link #count} and not zero (a zero count changes nothing).
 * Flags are in the lazy form of {@link Flags}.
 *
 * <p>What the manuals leave undefined is as AMD's Zen 4 does it (recorded, see testdata/recorder): OF follows the rule
 * for a count of 1 at every count, except SAR, which clears it; AF is set by shifts and kept by rotates; SHLD and SHRD
 * of 16 bits by more than 16 go on with the second operand and clear CF. Intel SDM vol. 2, SAL/SAR/SHL/SHR,
 * RCL/RCR/ROL/ROR, SHLD, SHRD.
 */
public final class Shifts {
    private static final long AF = 8;

    private Shifts() {}

    /** @return the count that is used: its lower 5 bits, 6 for 64-bit operands */
    public static int count(long raw, int size) {
        return (int) raw & (size == 8 ? 63 : 31);
    }

    private static boolean bit(long v, int n) {
        return n < 64 && (v >>> n & 1) != 0;
    }

    private static boolean sign(long v, int size) {
        return (v >>> 8 * size - 1 & 1) != 0;
    }

    private static long mask(int size) {
        return -1L >>> 64 - 8 * size;
    }

    public static long shl(long a, int n, int size) {
        return a << n & mask(size);
    }

    /** @return aux of SHL; the result goes with it, sign-extended */
    public static long shlAux(long a, int n, long r, int size) {
        boolean cf = n <= 8 * size && bit(a, 8 * size - n);
        return Flags.aux(cf, sign(r, size) ^ cf) | AF;
    }

    public static long shr(long a, int n, int size) {
        return a >>> n;
    }

    public static long shrAux(long a, int n, long r, int size) {
        return Flags.aux(bit(a, n - 1), sign(r ^ r << 1, size)) | AF;
    }

    public static long sar(long a, int n, int size) {
        return GprAccess.signExtend(a, size) >> n & mask(size);
    }

    public static long sarAux(long a, int n, long r, int size) {
        return Flags.aux((GprAccess.signExtend(a, size) >> n - 1 & 1) != 0, false) | AF;
    }

    public static long rol(long a, int n, int size) {
        int bits = 8 * size;
        int k = n & bits - 1;
        return k == 0 ? a : (a << k | a >>> bits - k) & mask(size);
    }

    /** @param aux the flags before @return aux with CF and OF of ROL and all others kept */
    public static long rolAux(long aux, long r, int size) {
        boolean cf = (r & 1) != 0;
        return Flags.withCarryOverflow(aux, cf, sign(r, size) ^ cf);
    }

    public static long ror(long a, int n, int size) {
        int bits = 8 * size;
        int k = n & bits - 1;
        return k == 0 ? a : (a >>> k | a << bits - k) & mask(size);
    }

    public static long rorAux(long aux, long r, int size) {
        return Flags.withCarryOverflow(aux, sign(r, size), sign(r ^ r << 1, size));
    }

    /** @return how far RCL or RCR rotates the operand and CF, 0..bits */
    private static int through(int n, int size) {
        return size == 1 ? n % 9 : size == 2 ? n % 17 : n;
    }

    public static long rcl(long a, boolean cf, int n, int size) {
        int bits = 8 * size;
        int k = through(n, size);
        if (k == 0) return a;
        long r = (k == 64 ? 0 : a << k) | (cf ? 1L << k - 1 : 0);
        if (k > 1) r |= a >>> bits - k + 1;
        return r & mask(size);
    }

    public static long rclAux(long aux, long a, int n, long r, int size) {
        int k = through(n, size);
        boolean cf = k == 0 ? Flags.cf(aux) : bit(a, 8 * size - k);
        return Flags.withCarryOverflow(aux, cf, sign(r, size) ^ cf);
    }

    public static long rcr(long a, boolean cf, int n, int size) {
        int bits = 8 * size;
        int k = through(n, size);
        if (k == 0) return a;
        long r = (k == 64 ? 0 : a >>> k) | (cf ? 1L << bits - k : 0);
        if (k > 1) r |= a << bits - k + 1;
        return r & mask(size);
    }

    public static long rcrAux(long aux, long a, int n, long r, int size) {
        int k = through(n, size);
        boolean cf = k == 0 ? Flags.cf(aux) : bit(a, k - 1);
        return Flags.withCarryOverflow(aux, cf, sign(r ^ r << 1, size));
    }

    /** @param b the operand whose bits are shifted in */
    public static long shld(long a, long b, int n, int size) {
        int bits = 8 * size;
        if (n > bits) return rol(b, n, size);
        if (n == bits) return b;
        return (a << n | b >>> bits - n) & mask(size);
    }

    public static long shldAux(long a, int n, long r, int size) {
        int bits = 8 * size;
        if (n > bits) return AF;
        boolean cf = bit(a, bits - n);
        return Flags.aux(cf, sign(r, size) ^ (cf && n < bits)) | AF;
    }

    public static long shrd(long a, long b, int n, int size) {
        int bits = 8 * size;
        if (n > bits) return ror(b, n, size);
        if (n == bits) return b;
        return (a >>> n | b << bits - n) & mask(size);
    }

    public static long shrdAux(long a, int n, long r, int size) {
        return Flags.aux(n <= 8 * size && bit(a, n - 1), sign(r ^ r << 1, size)) | AF;
    }
}
