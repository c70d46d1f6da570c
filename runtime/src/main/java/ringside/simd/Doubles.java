package ringside.simd;

import ringside.cpu.Cpu;

/**
 * SSE2 arithmetic on one double, as raw bits. With the default MXCSR, normal operands and a normal result the JVM's own
 * arithmetic gives the result, and PE is found from the exact rounding error, or not looked for when it is set already
 * (it is sticky). All else goes to {@link SoftFloat}. Callers end the instruction with {@link Mxcsr#commit}.
 */
public final class Doubles {
    private static final long EXPONENT = 0x7ff0_0000_0000_0000L;
    private static final long MAGNITUDE = Long.MAX_VALUE;

    private Doubles() {}

    /** Finite and above the least normal number, so that no flag but PE can be due to the result. */
    private static boolean safe(long r) {
        long m = r & MAGNITUDE;
        return m > 0x0010_0000_0000_0000L && m < EXPONENT;
    }

    private static boolean normalOrZero(long a) {
        return (a & EXPONENT) != 0 || (a & MAGNITUDE) == 0;
    }

    private static boolean zero(long a) {
        return (a & MAGNITUDE) == 0;
    }

    private static void inexact(Cpu cpu, boolean inexact) {
        if (inexact) cpu.mxcsr |= Mxcsr.PE;
    }

    private static boolean knownInexact(Cpu cpu) {
        return (cpu.mxcsr & Mxcsr.PE) != 0;
    }

    /** The rounding error of x + y = r (Knuth), exact while nothing overflows. */
    private static double sumError(double x, double y, double r) {
        double t = r - x;
        return x - (r - t) + (y - t);
    }

    public static long add(Cpu cpu, long a, long b) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double s = x + y;
        long r = Double.doubleToRawLongBits(s);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && (safe(r) || zero(r))) {
            if (!knownInexact(cpu)) inexact(cpu, sumError(x, y, s) != 0);
            return r;
        }
        return SoftFloat.add(cpu, Format.DOUBLE, a, b);
    }

    public static long subtract(Cpu cpu, long a, long b) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double s = x - y;
        long r = Double.doubleToRawLongBits(s);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && (safe(r) || zero(r))) {
            if (!knownInexact(cpu)) inexact(cpu, sumError(x, -y, s) != 0);
            return r;
        }
        return SoftFloat.subtract(cpu, Format.DOUBLE, a, b);
    }

    public static long multiply(Cpu cpu, long a, long b) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double p = x * y;
        long r = Double.doubleToRawLongBits(p);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && safe(r)) {
            if (knownInexact(cpu)) return r;
            // the product's error is a multiple of 2^-106 of it: exact unless it would be denormal
            if (Math.abs(p) > 0x1p-900) {
                inexact(cpu, Math.fma(x, y, -p) != 0);
                return r;
            }
        }
        return SoftFloat.multiply(cpu, Format.DOUBLE, a, b);
    }

    public static long divide(Cpu cpu, long a, long b) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double q = x / y;
        long r = Double.doubleToRawLongBits(q);
        if (Mxcsr.plain(cpu) && normalOrZero(a) && normalOrZero(b) && safe(r)) {
            if (knownInexact(cpu)) return r;
            if (Math.abs(x) > 0x1p-900) {
                inexact(cpu, Math.fma(q, y, -x) != 0);
                return r;
            }
        }
        return SoftFloat.divide(cpu, Format.DOUBLE, a, b);
    }

    public static long squareRoot(Cpu cpu, long a) {
        double x = Double.longBitsToDouble(a);
        if (x > 0x1p-900 && x <= Double.MAX_VALUE && Mxcsr.plain(cpu)) {
            double q = Math.sqrt(x);
            if (!knownInexact(cpu)) inexact(cpu, Math.fma(q, q, -x) != 0);
            return Double.doubleToRawLongBits(q);
        }
        return SoftFloat.squareRoot(cpu, Format.DOUBLE, a);
    }

    /** a * b + c with the signs of product and addend flipped as asked; see {@link SoftFloat#fma}. */
    public static long fma(Cpu cpu, long a, long b, long c, long flipProduct, long flipAddend) {
        if (Mxcsr.plain(cpu) && knownInexact(cpu) && normalOrZero(a) && normalOrZero(b) && normalOrZero(c)) {
            double s = Math.fma(
                    Double.longBitsToDouble(a ^ flipProduct),
                    Double.longBitsToDouble(b),
                    Double.longBitsToDouble(c ^ flipAddend));
            long r = Double.doubleToRawLongBits(s);
            if (safe(r)) return r;
        }
        return SoftFloat.fma(cpu, Format.DOUBLE, a, b, c, flipProduct, flipAddend);
    }

    public static long min(Cpu cpu, long a, long b) {
        if (normalOrZero(a) && normalOrZero(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            if (x < y) return a;
            if (x >= y) return b;
        }
        return FloatCompare.min(cpu, Format.DOUBLE, a, b);
    }

    public static long max(Cpu cpu, long a, long b) {
        if (normalOrZero(a) && normalOrZero(b)) {
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            if (x > y) return a;
            if (x <= y) return b;
        }
        return FloatCompare.max(cpu, Format.DOUBLE, a, b);
    }
}
