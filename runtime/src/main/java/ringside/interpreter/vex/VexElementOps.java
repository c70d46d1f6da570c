package ringside.interpreter.vex;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.simd.Simd;
import ringside.interpreter.simd.Sse4ElementOps;
import ringside.interpreter.simd.VectorGprOps;
import ringside.simd.Doubles;
import ringside.simd.Floats;
import ringside.simd.Lanes;
import ringside.simd.Mxcsr;

/**
 * AVX instructions that take out, put in, test or sum elements: sign masks, VPEXTRx, VPINSRx, VINSERTPS, VPTEST,
 * VTESTPx, VDPPx; and VLDMXCSR, VSTMXCSR, VMASKMOVDQU. Those that write no vector register are the legacy handlers.
 * Intel SDM vol. 2.
 */
final class VexElementOps {
    private static final long LOW = 0xffff_ffffL;

    private VexElementOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.VPMOVMSKB, Vex.integer((i, c) -> signs(i, 8, Lanes::signsOfBytes)));
        r.add(Mnemonic.VMOVMSKPS, Vex.avx((i, c) -> signs(i, 2, Lanes::signsOfDwords)));
        r.add(Mnemonic.VMOVMSKPD, Vex.avx((i, c) -> signs(i, 1, a -> (int) (a >>> 63))));
        r.add(Mnemonic.VPEXTRB, Vex.avx((i, c) -> new Sse4ElementOps.Extract(i, c, 8)));
        r.add(Mnemonic.VPEXTRW, Vex.avx((i, c) -> new Sse4ElementOps.Extract(i, c, 16)));
        r.add(Mnemonic.VPEXTRD, Vex.avx((i, c) -> new Sse4ElementOps.Extract(i, c, 32)));
        r.add(Mnemonic.VPEXTRQ, Vex.avx((i, c) -> new Sse4ElementOps.Extract(i, c, 64)));
        r.add(Mnemonic.VEXTRACTPS, Vex.avx((i, c) -> new Sse4ElementOps.Extract(i, c, 32)));
        r.add(Mnemonic.VPINSRB, Vex.avx((i, c) -> new Insert(i, c, 8)));
        r.add(Mnemonic.VPINSRW, Vex.avx((i, c) -> new Insert(i, c, 16)));
        r.add(Mnemonic.VPINSRD, Vex.avx((i, c) -> new Insert(i, c, 32)));
        r.add(Mnemonic.VPINSRQ, Vex.avx((i, c) -> new Insert(i, c, 64)));
        r.add(Mnemonic.VINSERTPS, Vex.avx(VexElementOps::insertSingle));
        r.add(Mnemonic.VPTEST, Vex.avx((i, c) -> test(i, c, -1)));
        r.add(Mnemonic.VTESTPS, Vex.avx((i, c) -> test(i, c, 0x8000_0000_8000_0000L)));
        r.add(Mnemonic.VTESTPD, Vex.avx((i, c) -> test(i, c, Long.MIN_VALUE)));
        r.add(Mnemonic.VDPPS, Vex.avx(DotSingles::new));
        r.add(Mnemonic.VDPPD, Vex.avx(VexElementOps::dotDoubles));
        r.add(
                Mnemonic.VMASKMOVDQU,
                Vex.avx((i, c) -> new VectorGprOps.MaskedStore(i, Simd.lane(i, 0), Simd.lane(i, 1), false)));
        r.add(Mnemonic.VLDMXCSR, Vex.avx((i, c) -> new VectorGprOps.LoadMxcsr(Address.of(i, c))));
        r.add(Mnemonic.VSTMXCSR, Vex.avx((i, c) -> new VectorGprOps.StoreMxcsr(Address.of(i, c))));
    }

    private interface SignsOf {
        int apply(long a);
    }

    private static Op signs(Instruction i, int bits, SignsOf f) {
        int d = i.reg[0];
        int s = Simd.lane(i, 1);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long x = f.apply(v[s]) | (long) f.apply(v[s + 1]) << bits;
                if (wide) x |= (long) f.apply(v[s + 2]) << 2 * bits | (long) f.apply(v[s + 3]) << 3 * bits;
                cpu.gpr[d] = x;
            }
        };
    }

    private static final class Insert extends Op {
        private final int d;
        private final int a;
        private final Address memory;
        private final int s;
        private final int lane;
        private final int shift;
        private final int width;

        Insert(Instruction i, CpuContext c, int width) {
            int n = (int) i.imm & 128 / width - 1;
            d = Simd.lane(i, 0);
            a = Simd.lane(i, 1);
            memory = i.isMemory(2) ? Address.of(i, c) : null;
            s = i.reg[2];
            lane = n * width / 64;
            shift = n * width & 63;
            this.width = width;
        }

        @Override
        public void execute(Cpu cpu) {
            long x = memory == null ? cpu.gpr[s] : cpu.mem.load(memory.forRead(cpu), width / 8);
            long m = Sse4ElementOps.mask(width);
            long[] v = cpu.vec;
            long into = v[a + lane] & ~(m << shift) | (x & m) << shift;
            Vex.write(v, d, lane == 0 ? into : v[a], lane == 0 ? v[a + 1] : into);
        }
    }

    private static Op insertSingle(Instruction i, CpuContext c) {
        int imm = (int) i.imm;
        return new Vex.Operands(i, c) {
            @Override
            public void execute(Cpu cpu) {
                long[] b = source.load(cpu);
                int from = source.inMemory() ? 0 : imm >> 6 & 3;
                long x = b[s + (from >> 1)] >>> 32 * (from & 1) & LOW;
                int to = imm >> 4 & 3;
                long lo = place(cpu.vec[a], x, to, 0);
                long hi = place(cpu.vec[a + 1], x, to, 2);
                Vex.write(cpu.vec, d, lo, hi);
            }

            /** Elements {@code first} and the next. */
            private long place(long v, long x, int to, int first) {
                long lo = to == first ? x : v & LOW;
                long hi = to == first + 1 ? x : v >>> 32;
                if ((imm >> first & 1) != 0) lo = 0;
                if ((imm >> first + 1 & 1) != 0) hi = 0;
                return lo | hi << 32;
            }
        };
    }

    private static Op test(Instruction i, CpuContext c, long bits) {
        int a = Simd.lane(i, 0);
        Vex.Source source = Vex.Source.of(i, c);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long[] b = source.load(cpu);
                int s = source.at;
                long both = v[a] & b[s] | v[a + 1] & b[s + 1];
                long only = ~v[a] & b[s] | ~v[a + 1] & b[s + 1];
                if (wide) {
                    both |= v[a + 2] & b[s + 2] | v[a + 3] & b[s + 3];
                    only |= ~v[a + 2] & b[s + 2] | ~v[a + 3] & b[s + 3];
                }
                cpu.setArithmeticFlags(((both & bits) == 0 ? Flags.ZF : 0) | ((only & bits) == 0 ? Flags.CF : 0));
            }
        };
    }

    /** The exceptions of both lanes' products come before the first sums are formed, and so on. */
    private static final class DotSingles extends Vex.Operands {
        private final int imm;
        private final boolean wide;

        DotSingles(Instruction i, CpuContext c) {
            super(i, c);
            imm = (int) i.imm;
            wide = Vex.wide(i);
        }

        private int product(Cpu cpu, long x, long y, int k) {
            return (imm >> 4 + k & 1) == 0
                    ? 0
                    : Floats.multiply(cpu, (int) (x >>> 32 * (k & 1)), (int) (y >>> 32 * (k & 1)));
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            int n = wide ? 8 : 4;
            int[] p = new int[8];
            for (int k = 0; k < n; k++) p[k] = product(cpu, v[a + (k >> 1)], b[s + (k >> 1)], k & 3);
            Mxcsr.commit(cpu);
            for (int k = 0; k < n; k += 2) p[k] = Floats.add(cpu, p[k], p[k + 1]);
            Mxcsr.commit(cpu);
            for (int k = 0; k < n; k += 4) p[k] = Floats.add(cpu, p[k], p[k + 2]);
            Mxcsr.commit(cpu);
            long lo = p[0] & LOW;
            long hi = p[4] & LOW;
            Vex.write(v, d, wide, spread(lo, imm), spread(lo, imm >> 2), spread(hi, imm), spread(hi, imm >> 2));
        }

        private static long spread(long sum, int mask) {
            return ((mask & 1) != 0 ? sum : 0) | ((mask & 2) != 0 ? sum << 32 : 0);
        }
    }

    private static Op dotDoubles(Instruction i, CpuContext c) {
        int imm = (int) i.imm;
        return new Vex.Operands(i, c) {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long[] b = source.load(cpu);
                long p0 = (imm & 16) != 0 ? Doubles.multiply(cpu, v[a], b[s]) : 0;
                long p1 = (imm & 32) != 0 ? Doubles.multiply(cpu, v[a + 1], b[s + 1]) : 0;
                Mxcsr.commit(cpu);
                long sum = Doubles.add(cpu, p0, p1);
                Mxcsr.commit(cpu);
                Vex.write(v, d, (imm & 1) != 0 ? sum : 0, (imm & 2) != 0 ? sum : 0);
            }
        };
    }
}
