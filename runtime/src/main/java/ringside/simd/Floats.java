package ringside.simd;

import ringside.cpu.Cpu;

/**
 * SSE arithmetic on one single-precision number, as raw bits; the counterpart of {@link Doubles}. Whether a result is
 * exact is decided in double precision.
 */
public final class Floats {
    private static final int EXPONENT = 0x7f80_0000;
    private static final int MAGNITUDE = Integer.MAX_VALUE;
    private static final long LOW = 0xffff_ffffL;

    private Floats() {}

    private static boolean safe(int r) {
        int m = r & MAGNITUDE;
        return m > 0x0080_0000 && m < EXPONENT;
    }

    private static boolean normalOrZero(int a) {
        return (a & EXPONENT) != 0 || (a & MAGNITUDE) == 0;
    }

    private static boolean zero(int a) {
        return (a & MAGNITUDE) == 0;
    }

    private static void inexact(Cpu cpu, boolean inexact) {
        if (inexact) cpu.mxcsr |= Mxcsr.PE;
    }

    private static float sumError(float x, float y, float r) {
        float t = r - x;
        return x - (r - t) + (y - t);
    }

    public static int add(Cpu cpu, int a, int b) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float s = x + y;
        int r = Float.floatToRawIntBits(s);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && (safe(r) || zero(r))) {
            inexact(cpu, sumError(x, y, s) != 0);
            return r;
        }
        return (int) SoftFloat.add(cpu, Format.SINGLE, a & LOW, b & LOW);
    }

    public static int subtract(Cpu cpu, int a, int b) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float s = x - y;
        int r = Float.floatToRawIntBits(s);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && (safe(r) || zero(r))) {
            inexact(cpu, sumError(x, -y, s) != 0);
            return r;
        }
        return (int) SoftFloat.subtract(cpu, Format.SINGLE, a & LOW, b & LOW);
    }

    public static int multiply(Cpu cpu, int a, int b) {
        double p = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
        float s = (float) p;
        int r = Float.floatToRawIntBits(s);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && safe(r)) {
            inexact(cpu, s != p);
            return r;
        }
        return (int) SoftFloat.multiply(cpu, Format.SINGLE, a & LOW, b & LOW);
    }

    public static int divide(Cpu cpu, int a, int b) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float q = x / y;
        int r = Float.floatToRawIntBits(q);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && safe(r)) {
            inexact(cpu, (double) q * y != x);
            return r;
        }
        return (int) SoftFloat.divide(cpu, Format.SINGLE, a & LOW, b & LOW);
    }

    public static int squareRoot(Cpu cpu, int a) {
        float x = Float.intBitsToFloat(a);
        if (x >= Float.MIN_NORMAL && x <= Float.MAX_VALUE && Mxcsr.plain(cpu)) {
            float q = (float) Math.sqrt(x);
            inexact(cpu, (double) q * q != x);
            return Float.floatToRawIntBits(q);
        }
        return (int) SoftFloat.squareRoot(cpu, Format.SINGLE, a & LOW);
    }

    /** a * b + c with the signs of product and addend flipped as asked; see {@link SoftFloat#fma}. */
    public static int fma(Cpu cpu, int a, int b, int c, int flipProduct, int flipAddend) {
        if (Mxcsr.plain(cpu) && (cpu.mxcsr & Mxcsr.PE) != 0 && normalOrZero(a) && normalOrZero(b) && normalOrZero(c)) {
            float s = Math.fma(
                    Float.intBitsToFloat(a ^ flipProduct),
                    Float.intBitsToFloat(b),
                    Float.intBitsToFloat(c ^ flipAddend));
            int r = Float.floatToRawIntBits(s);
            if (safe(r)) return r;
        }
        return (int) SoftFloat.fma(cpu, Format.SINGLE, a & LOW, b & LOW, c & LOW, flipProduct & LOW, flipAddend & LOW);
    }

    public static int min(Cpu cpu, int a, int b) {
        if (normalOrZero(a) && normalOrZero(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            if (x < y) return a;
            if (x >= y) return b;
        }
        return (int) FloatCompare.min(cpu, Format.SINGLE, a & LOW, b & LOW);
    }

    public static int max(Cpu cpu, int a, int b) {
        if (normalOrZero(a) && normalOrZero(b)) {
            float x = Float.intBitsToFloat(a);
            float y = Float.intBitsToFloat(b);
            if (x > y) return a;
            if (x <= y) return b;
        }
        return (int) FloatCompare.max(cpu, Format.SINGLE, a & LOW, b & LOW);
    }
}
