package ringside.simd;

/**
 * RCPxx and RSQRTxx: approximations whose relative error the manuals bound by 1.5 * 2^-12 without fixing the bits,
 * which differ between makers. Here, as on AMD processors, the operand counts with 12 fraction bits and the result has
 * 12; denormal operands are zeros, denormal results are flushed, and no exception is raised. Intel SDM vol. 2, RCPPS,
 * RSQRTPS.
 */
public final class Approximation {
    private static final int INFINITY = 0x7f80_0000, QUIET = 0x0040_0000, SIGN = 0x8000_0000, INDEFINITE = 0xffc0_0000;

    private Approximation() {}

    private static double middle(int a) {
        return Float.intBitsToFloat(a & 0xffff_f800 | 0x400);
    }

    private static int round(double r) {
        return Float.floatToRawIntBits((float) r) + 0x400 & 0xffff_f800;
    }

    public static int reciprocal(int a) {
        int m = a & ~SIGN;
        if (m > INFINITY) return a | QUIET;
        if (m == INFINITY || m >= 0x7e80_0000) return a & SIGN;
        if (m < 0x0080_0000) return a & SIGN | INFINITY;
        return round(1 / middle(a));
    }

    public static int reciprocalRoot(int a) {
        int m = a & ~SIGN;
        if (m > INFINITY) return a | QUIET;
        if (m < 0x0080_0000) return a & SIGN | INFINITY;
        if (a < 0) return INDEFINITE;
        if (m == INFINITY) return 0;
        return round(1 / Math.sqrt(middle(a)));
    }
}
