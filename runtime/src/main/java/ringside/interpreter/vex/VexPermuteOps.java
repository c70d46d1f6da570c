package ringside.interpreter.vex;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.simd.Simd;
import ringside.interpreter.simd.Sse4Ops;
import ringside.simd.Lanes;

/**
 * AVX and AVX2 instructions that move elements across 128-bit lanes, take out or put in 128 bits, and blend by a
 * register. Intel SDM vol. 2.
 */
final class VexPermuteOps {
    private VexPermuteOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.VPERM2F128, Vex.avx(Lanes128::new));
        r.add(Mnemonic.VPERM2I128, Vex.gated(Feature.AVX2, Lanes128::new));
        r.add(Mnemonic.VPERMQ, Vex.gated(Feature.AVX2, Quads::new));
        r.add(Mnemonic.VPERMPD, Vex.gated(Feature.AVX2, Quads::new));
        r.add(Mnemonic.VPERMD, Vex.gated(Feature.AVX2, Dwords::new));
        r.add(Mnemonic.VPERMPS, Vex.gated(Feature.AVX2, Dwords::new));
        r.add(Mnemonic.VINSERTF128, Vex.avx(Insert::new));
        r.add(Mnemonic.VINSERTI128, Vex.gated(Feature.AVX2, Insert::new));
        r.add(Mnemonic.VEXTRACTF128, Vex.avx(VexPermuteOps::extract));
        r.add(Mnemonic.VEXTRACTI128, Vex.gated(Feature.AVX2, VexPermuteOps::extract));
        r.add(Mnemonic.VPBLENDVB, Vex.integer((i, c) -> new Blend(i, c, m -> Lanes.pcmpgtb(0, m))));
        r.add(Mnemonic.VBLENDVPS, Vex.avx((i, c) -> new Blend(i, c, m -> Lanes.pcmpgtd(0, m))));
        r.add(Mnemonic.VBLENDVPD, Vex.avx((i, c) -> new Blend(i, c, m -> m >> 63)));
    }

    private abstract static class Operands extends Op {
        final int d;
        final int a;
        final int s;
        final Vex.Source source;
        final int imm;

        Operands(Instruction i, CpuContext c, int operand) {
            d = Simd.lane(i, 0);
            a = Simd.lane(i, 1);
            source = Vex.Source.of(i, operand, c);
            s = source.at;
            imm = (int) i.imm & 0xff;
        }
    }

    /** VPERM2x128: each half of the result is one of four halves, or zero. */
    private static final class Lanes128 extends Operands {
        Lanes128(Instruction i, CpuContext c) {
            super(i, c, 2);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = pick(v, b, imm, 0);
            long r1 = pick(v, b, imm, 1);
            long r2 = pick(v, b, imm >> 4, 0);
            long r3 = pick(v, b, imm >> 4, 1);
            Vex.write(v, d, true, r0, r1, r2, r3);
        }

        private long pick(long[] v, long[] b, int control, int lane) {
            if ((control & 8) != 0) return 0;
            int at = 2 * (control & 1) + lane;
            return (control & 2) == 0 ? v[a + at] : b[s + at];
        }
    }

    /** VPERMQ and VPERMPD. */
    private static final class Quads extends Operands {
        Quads(Instruction i, CpuContext c) {
            super(i, c, 1);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] b = source.load(cpu);
            long r0 = b[s + (imm & 3)];
            long r1 = b[s + (imm >> 2 & 3)];
            long r2 = b[s + (imm >> 4 & 3)];
            long r3 = b[s + (imm >> 6)];
            Vex.write(cpu.vec, d, true, r0, r1, r2, r3);
        }
    }

    /** VPERMD and VPERMPS: the first source numbers the doublewords. */
    private static final class Dwords extends Operands {
        Dwords(Instruction i, CpuContext c) {
            super(i, c, 2);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = two(b, v[a]);
            long r1 = two(b, v[a + 1]);
            long r2 = two(b, v[a + 2]);
            long r3 = two(b, v[a + 3]);
            Vex.write(v, d, true, r0, r1, r2, r3);
        }

        private long two(long[] b, long index) {
            return one(b, (int) index) | one(b, (int) (index >>> 32)) << 32;
        }

        private long one(long[] b, int n) {
            return b[s + (n >> 1 & 3)] >>> 32 * (n & 1) & 0xffff_ffffL;
        }
    }

    private static final class Insert extends Operands {
        Insert(Instruction i, CpuContext c) {
            super(i, c, 2);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long lo = b[s];
            long hi = b[s + 1];
            boolean upper = (imm & 1) != 0;
            Vex.write(
                    v, d, true, upper ? v[a] : lo, upper ? v[a + 1] : hi, upper ? lo : v[a + 2], upper ? hi : v[a + 3]);
        }
    }

    private static Op extract(Instruction i, CpuContext c) {
        Address memory = i.isMemory(0) ? Address.of(i, c) : null;
        int d = memory == null ? Simd.lane(i, 0) : 0;
        int s = Simd.lane(i, 1) + 2 * ((int) i.imm & 1);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                if (memory == null) {
                    Vex.write(v, d, v[s], v[s + 1]);
                } else {
                    Simd.store128(cpu, memory.forWrite(cpu), v[s], v[s + 1]);
                }
            }
        };
    }

    /** VPBLENDVB, VBLENDVPS and VBLENDVPD: the fourth operand's sign bits choose. */
    private static final class Blend extends Operands {
        private final Sse4Ops.Unary mask;
        private final int m;
        private final boolean wide;

        Blend(Instruction i, CpuContext c, Sse4Ops.Unary mask) {
            super(i, c, 2);
            this.mask = mask;
            m = Simd.lane(i, 3);
            wide = Vex.wide(i);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long r0 = choose(v, b, 0);
            long r1 = choose(v, b, 1);
            long r2 = choose(v, b, 2);
            long r3 = choose(v, b, 3);
            Vex.write(v, d, wide, r0, r1, r2, r3);
        }

        private long choose(long[] v, long[] b, int k) {
            long selected = mask.apply(v[m + k]);
            return v[a + k] & ~selected | b[s + k] & selected;
        }
    }
}
