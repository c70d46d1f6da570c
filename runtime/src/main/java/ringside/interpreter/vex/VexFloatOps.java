package ringside.interpreter.vex;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Specializer;
import ringside.interpreter.simd.SseFloatOps;
import ringside.interpreter.simd.SseFloatOps.Binary32;
import ringside.interpreter.simd.SseFloatOps.Binary64;
import ringside.simd.Approximation;
import ringside.simd.Doubles;
import ringside.simd.FloatConvert;
import ringside.simd.Floats;
import ringside.simd.Format;
import ringside.simd.Mxcsr;

/**
 * AVX floating-point arithmetic: the functions of {@link SseFloatOps} with a destination of its own, on one element,
 * 128 or 256 bits. The result is written only after {@link Mxcsr#commit}; scalar forms take the rest of the lower 128
 * bits from the first source. Intel SDM vol. 2.
 */
final class VexFloatOps {
    private static final long LOW = 0xffff_ffffL;
    private static final int SCALAR = 1;
    /** Predicates of VCMPxx by immediate bits 4:0. */
    private static final Binary32[] COMPARE32 = new Binary32[32];

    private static final Binary64[] COMPARE64 = new Binary64[32];

    static {
        for (int n = 0; n < 32; n++) {
            COMPARE32[n] = SseFloatOps.compare32(n);
            COMPARE64[n] = SseFloatOps.compare64(n);
        }
    }

    /** The functions on even and odd elements. */
    record Pair(Object even, Object odd) {}

    private VexFloatOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.VRCPPS, Vex.avx((i, c) -> singles(i, c, Approximations.RECIPROCAL, 0)));
        r.add(Mnemonic.VRCPSS, Vex.avx((i, c) -> singles(i, c, Approximations.RECIPROCAL, SCALAR)));
        r.add(Mnemonic.VRSQRTPS, Vex.avx((i, c) -> singles(i, c, Approximations.ROOT, 0)));
        r.add(Mnemonic.VRSQRTSS, Vex.avx((i, c) -> singles(i, c, Approximations.ROOT, SCALAR)));
        r.add(Mnemonic.VCMPPS, Vex.avx((i, c) -> singles(i, c, COMPARE32[(int) i.imm & 31], 0)));
        r.add(Mnemonic.VCMPSS, Vex.avx((i, c) -> singles(i, c, COMPARE32[(int) i.imm & 31], SCALAR)));
        r.add(Mnemonic.VCMPPD, Vex.avx((i, c) -> doubles(i, c, COMPARE64[(int) i.imm & 31], 0)));
        r.add(Mnemonic.VCMPSD, Vex.avx((i, c) -> doubles(i, c, COMPARE64[(int) i.imm & 31], SCALAR)));
        Binary32 add = Floats::add;
        Binary32 subtract = Floats::subtract;
        Binary64 add64 = Doubles::add;
        Binary64 subtract64 = Doubles::subtract;
        r.add(Mnemonic.VADDSUBPS, Vex.avx((i, c) -> make(PackedSingles.class, new Pair(subtract, add), 0, i, c)));
        r.add(Mnemonic.VADDSUBPD, Vex.avx((i, c) -> make(PackedDoubles.class, new Pair(subtract64, add64), 0, i, c)));
        r.add(Mnemonic.VHADDPS, Vex.avx((i, c) -> make(HorizontalSingles.class, add, 0, i, c)));
        r.add(Mnemonic.VHSUBPS, Vex.avx((i, c) -> make(HorizontalSingles.class, subtract, 0, i, c)));
        r.add(Mnemonic.VHADDPD, Vex.avx((i, c) -> make(HorizontalDoubles.class, add64, 0, i, c)));
        r.add(Mnemonic.VHSUBPD, Vex.avx((i, c) -> make(HorizontalDoubles.class, subtract64, 0, i, c)));
        r.add(Mnemonic.VROUNDPS, Vex.avx((i, c) -> singles(i, c, Roundings.SINGLE[(int) i.imm & 15], 0)));
        r.add(Mnemonic.VROUNDSS, Vex.avx((i, c) -> singles(i, c, Roundings.SINGLE[(int) i.imm & 15], SCALAR)));
        r.add(Mnemonic.VROUNDPD, Vex.avx((i, c) -> doubles(i, c, Roundings.DOUBLE[(int) i.imm & 15], 0)));
        r.add(Mnemonic.VROUNDSD, Vex.avx((i, c) -> doubles(i, c, Roundings.DOUBLE[(int) i.imm & 15], SCALAR)));
    }

    /** VRCPxx and VRSQRTxx look at the second source alone. */
    private static final class Approximations {
        static final Binary32 RECIPROCAL = (c, a, b) -> Approximation.reciprocal(b);
        static final Binary32 ROOT = (c, a, b) -> Approximation.reciprocalRoot(b);
    }

    /** VROUNDxx by immediate bits 3:0. */
    private static final class Roundings {
        static final Binary32[] SINGLE = new Binary32[16];
        static final Binary64[] DOUBLE = new Binary64[16];

        static {
            for (int n = 0; n < 16; n++) {
                int imm = n;
                SINGLE[n] = (c, a, b) -> (int) FloatConvert.roundToIntegral(c, Format.SINGLE, b & LOW, imm);
                DOUBLE[n] = (c, a, b) -> FloatConvert.roundToIntegral(c, Format.DOUBLE, b, imm);
            }
        }
    }

    /** Registers the VEX forms of the four forms of a legacy operation. */
    static void arithmetic(Registry r, Mnemonic ps, Mnemonic ss, Binary32 f, Mnemonic pd, Mnemonic sd, Binary64 g) {
        r.add(Vex.of(ps), Vex.avx((i, c) -> singles(i, c, f, 0)));
        r.add(Vex.of(ss), Vex.avx((i, c) -> singles(i, c, f, SCALAR)));
        r.add(Vex.of(pd), Vex.avx((i, c) -> doubles(i, c, g, 0)));
        r.add(Vex.of(sd), Vex.avx((i, c) -> doubles(i, c, g, SCALAR)));
    }

    private static Op singles(Instruction i, CpuContext c, Binary32 f, int scalar) {
        return scalar != 0
                ? make(OneSingle.class, f, scalar, i, c)
                : make(PackedSingles.class, new Pair(f, f), 0, i, c);
    }

    private static Op doubles(Instruction i, CpuContext c, Binary64 f, int scalar) {
        return scalar != 0
                ? make(OneDouble.class, f, scalar, i, c)
                : make(PackedDoubles.class, new Pair(f, f), 0, i, c);
    }

    private static Op make(Class<? extends Op> template, Object operation, int scalar, Instruction i, CpuContext c) {
        int size = scalar != 0 ? 16 : Vex.wide(i) ? 32 : 16;
        return Specializer.make(
                template, new Form(operation, size, Form.REG, i.memoryOperand() < 0 ? Form.REG : Form.MEM, 0), i, c);
    }

    static long join(int lo, int hi) {
        return lo & LOW | (long) hi << 32;
    }

    /** Template: scalar single. */
    static final class OneSingle extends Vex.Operands {
        private static final Binary32 F =
                (Binary32) Specializer.form(MethodHandles.lookup()).operation();

        OneSingle(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            int x = F.apply(cpu, (int) v[a], (int) source.load(cpu)[s]);
            Mxcsr.commit(cpu);
            Vex.write(v, d, v[a] & ~LOW | x & LOW, v[a + 1]);
        }
    }

    /** Template: scalar double. */
    static final class OneDouble extends Vex.Operands {
        private static final Binary64 F =
                (Binary64) Specializer.form(MethodHandles.lookup()).operation();

        OneDouble(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long x = F.apply(cpu, v[a], source.load(cpu)[s]);
            Mxcsr.commit(cpu);
            Vex.write(v, d, x, v[a + 1]);
        }
    }

    /** All lanes of one instruction, each by itself; nothing is written before all are computed. */
    abstract static class Packed extends Vex.Operands {
        private final boolean wide;

        Packed(Instruction i, CpuContext c, boolean wide) {
            super(i, c);
            this.wide = wide;
        }

        @Override
        public final void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = lane(cpu, v, b, 0);
            long r1 = lane(cpu, v, b, 1);
            long r2 = wide ? lane(cpu, v, b, 2) : 0;
            long r3 = wide ? lane(cpu, v, b, 3) : 0;
            Mxcsr.commit(cpu);
            Vex.write(v, d, wide, r0, r1, r2, r3);
        }

        /** @param v the registers @param b what the second source is in, from index s on */
        abstract long lane(Cpu cpu, long[] v, long[] b, int k);
    }

    /** Template: packed singles. */
    static final class PackedSingles extends Packed {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Binary32 EVEN = (Binary32) ((Pair) FORM.operation()).even();
        private static final Binary32 ODD = (Binary32) ((Pair) FORM.operation()).odd();

        PackedSingles(Instruction i, CpuContext c) {
            super(i, c, FORM.size() == 32);
        }

        @Override
        long lane(Cpu cpu, long[] v, long[] b, int k) {
            return pair(cpu, v[a + k], b[s + k]);
        }

        private static long pair(Cpu cpu, long x, long y) {
            int lo = EVEN.apply(cpu, (int) x, (int) y);
            return join(lo, ODD.apply(cpu, (int) (x >>> 32), (int) (y >>> 32)));
        }
    }

    /** Template: packed doubles, two or four. */
    static final class PackedDoubles extends Packed {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Binary64 EVEN = (Binary64) ((Pair) FORM.operation()).even();
        private static final Binary64 ODD = (Binary64) ((Pair) FORM.operation()).odd();

        PackedDoubles(Instruction i, CpuContext c) {
            super(i, c, FORM.size() == 32);
        }

        @Override
        long lane(Cpu cpu, long[] v, long[] b, int k) {
            return (k & 1) == 0 ? EVEN.apply(cpu, v[a + k], b[s + k]) : ODD.apply(cpu, v[a + k], b[s + k]);
        }
    }

    /**
     * Template: sums or differences of neighbours in each 128-bit lane, those of the first source below those of the
     * second.
     */
    static final class HorizontalSingles extends Vex.Operands {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Binary32 F = (Binary32) FORM.operation();
        private static final boolean WIDE = FORM.size() == 32;

        HorizontalSingles(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = pair(cpu, v[a], v[a + 1]);
            long r1 = pair(cpu, b[s], b[s + 1]);
            long r2 = WIDE ? pair(cpu, v[a + 2], v[a + 3]) : 0;
            long r3 = WIDE ? pair(cpu, b[s + 2], b[s + 3]) : 0;
            Mxcsr.commit(cpu);
            Vex.write(v, d, WIDE, r0, r1, r2, r3);
        }

        private static long pair(Cpu cpu, long x, long y) {
            int lo = F.apply(cpu, (int) x, (int) (x >>> 32));
            return join(lo, F.apply(cpu, (int) y, (int) (y >>> 32)));
        }
    }

    /** Template: as {@link HorizontalSingles} for doubles. */
    static final class HorizontalDoubles extends Vex.Operands {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Binary64 F = (Binary64) FORM.operation();
        private static final boolean WIDE = FORM.size() == 32;

        HorizontalDoubles(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = F.apply(cpu, v[a], v[a + 1]);
            long r1 = F.apply(cpu, b[s], b[s + 1]);
            long r2 = WIDE ? F.apply(cpu, v[a + 2], v[a + 3]) : 0;
            long r3 = WIDE ? F.apply(cpu, b[s + 2], b[s + 3]) : 0;
            Mxcsr.commit(cpu);
            Vex.write(v, d, WIDE, r0, r1, r2, r3);
        }
    }
}
