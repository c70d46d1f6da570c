package ringside.interpreter.vex;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Specializer;
import ringside.simd.Doubles;
import ringside.simd.Floats;
import ringside.simd.Mxcsr;

/**
 * FMA: all VFMADD, VFMSUB, VFNMADD, VFNMSUB, VFMADDSUB and VFMSUBADD forms. The digits of a name say which operands are
 * multiplied and which is added: 132 is 1*3+2, 213 is 2*1+3, 231 is 2*3+1. One rounding. Intel SDM vol. 1, 14.5; vol.
 * 2, VFMADD132PD and following.
 */
final class FmaOps {
    private static final long LOW = 0xffff_ffffL;

    /** The family of operations; the addend is negated in even elements, odd elements, and the product. */
    enum Kind {
        VFMADD(false, false, false),
        VFMSUB(true, true, false),
        VFNMADD(false, false, true),
        VFNMSUB(true, true, true),
        VFMADDSUB(true, false, false),
        VFMSUBADD(false, true, false);

        final boolean negateEven;
        final boolean negateOdd;
        final boolean negateProduct;

        Kind(boolean negateEven, boolean negateOdd, boolean negateProduct) {
            this.negateEven = negateEven;
            this.negateOdd = negateOdd;
            this.negateProduct = negateProduct;
        }
    }

    private FmaOps() {}

    static void register(Registry r) {
        for (Kind k : Kind.values()) {
            for (int order : new int[] {132, 213, 231}) {
                boolean mixed = k.negateEven != k.negateOdd;
                packed(r, k, order, "PS", PackedSingles.class);
                packed(r, k, order, "PD", PackedDoubles.class);
                if (!mixed) packed(r, k, order, "SS", OneSingle.class);
                if (!mixed) packed(r, k, order, "SD", OneDouble.class);
            }
        }
    }

    private static void packed(Registry r, Kind k, int order, String type, Class<? extends Op> template) {
        boolean scalar = type.charAt(0) == 'S';
        r.add(
                Mnemonic.valueOf(k.name() + order + type),
                Vex.gated(
                        Feature.FMA,
                        (i, c) -> Specializer.make(
                                template,
                                new Form(
                                        k,
                                        !scalar && Vex.wide(i) ? 32 : 16,
                                        Form.REG,
                                        i.memoryOperand() < 0 ? Form.REG : Form.MEM,
                                        order),
                                i,
                                c)));
    }

    /** x, y, z are the first, second and third operand. */
    static long fma(Cpu cpu, int order, Kind k, boolean odd, long x, long y, long z) {
        long product = k.negateProduct ? Long.MIN_VALUE : 0;
        long addend = (odd ? k.negateOdd : k.negateEven) ? Long.MIN_VALUE : 0;
        return switch (order) {
            case 132 -> Doubles.fma(cpu, x, z, y, product, addend);
            case 213 -> Doubles.fma(cpu, y, x, z, product, addend);
            default -> Doubles.fma(cpu, y, z, x, product, addend);
        };
    }

    static int fma(Cpu cpu, int order, Kind k, boolean odd, int x, int y, int z) {
        int product = k.negateProduct ? Integer.MIN_VALUE : 0;
        int addend = (odd ? k.negateOdd : k.negateEven) ? Integer.MIN_VALUE : 0;
        return switch (order) {
            case 132 -> Floats.fma(cpu, x, z, y, product, addend);
            case 213 -> Floats.fma(cpu, y, x, z, product, addend);
            default -> Floats.fma(cpu, y, z, x, product, addend);
        };
    }

    /** Template: scalar single; the rest of the destination's lower 128 bits stays. */
    static final class OneSingle extends Vex.Operands {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Kind KIND = (Kind) FORM.operation();
        private static final int ORDER = FORM.variant();

        OneSingle(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            int x = fma(cpu, ORDER, KIND, false, (int) v[d], (int) v[a], (int) source.load(cpu)[s]);
            Mxcsr.commit(cpu);
            Vex.write(v, d, v[d] & ~LOW | x & LOW, v[d + 1]);
        }
    }

    /** Template: scalar double. */
    static final class OneDouble extends Vex.Operands {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Kind KIND = (Kind) FORM.operation();
        private static final int ORDER = FORM.variant();

        OneDouble(Instruction i, CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long x = fma(cpu, ORDER, KIND, false, v[d], v[a], source.load(cpu)[s]);
            Mxcsr.commit(cpu);
            Vex.write(v, d, x, v[d + 1]);
        }
    }

    /** Template: packed singles. */
    static final class PackedSingles extends VexFloatOps.Packed {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Kind KIND = (Kind) FORM.operation();
        private static final int ORDER = FORM.variant();

        PackedSingles(Instruction i, CpuContext c) {
            super(i, c, FORM.size() == 32);
        }

        @Override
        long lane(Cpu cpu, long[] v, long[] b, int k) {
            return pair(cpu, v[d + k], v[a + k], b[s + k]);
        }

        private static long pair(Cpu cpu, long x, long y, long z) {
            int lo = fma(cpu, ORDER, KIND, false, (int) x, (int) y, (int) z);
            return VexFloatOps.join(
                    lo, fma(cpu, ORDER, KIND, true, (int) (x >>> 32), (int) (y >>> 32), (int) (z >>> 32)));
        }
    }

    /** Template: packed doubles. */
    static final class PackedDoubles extends VexFloatOps.Packed {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Kind KIND = (Kind) FORM.operation();
        private static final int ORDER = FORM.variant();

        PackedDoubles(Instruction i, CpuContext c) {
            super(i, c, FORM.size() == 32);
        }

        @Override
        long lane(Cpu cpu, long[] v, long[] b, int k) {
            return fma(cpu, ORDER, KIND, (k & 1) != 0, v[d + k], v[a + k], b[s + k]);
        }
    }
}
