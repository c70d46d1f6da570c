package ringside.interpreter.vex;

import java.util.Arrays;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.simd.ScalarMoveOps;
import ringside.interpreter.simd.Simd;
import ringside.interpreter.simd.Sse4Ops;

/**
 * AVX moves of whole registers, halves and single elements, broadcasts and widening moves, VZEROUPPER and VZEROALL.
 * Intel SDM vol. 2.
 */
final class VexMoveOps {
    private static final long LOW = 0xffff_ffffL;

    private VexMoveOps() {}

    static void register(Registry r) {
        for (Mnemonic m : new Mnemonic[] {
            Mnemonic.VMOVAPS,
            Mnemonic.VMOVAPD,
            Mnemonic.VMOVDQA,
            Mnemonic.VMOVNTPS,
            Mnemonic.VMOVNTPD,
            Mnemonic.VMOVNTDQ
        }) {
            r.add(m, Vex.avx((i, c) -> whole(i, c, true)));
        }
        r.add(Mnemonic.VMOVNTDQA, Vex.integer((i, c) -> whole(i, c, true)));
        for (Mnemonic m : new Mnemonic[] {Mnemonic.VMOVUPS, Mnemonic.VMOVUPD, Mnemonic.VMOVDQU, Mnemonic.VLDDQU}) {
            r.add(m, Vex.avx((i, c) -> whole(i, c, false)));
        }
        r.add(
                Mnemonic.VMOVSS,
                Vex.avx((i, c) -> i.operandCount == 3 ? merge(i, LOW) : cleared(i, ScalarMoveOps.movss(i, c))));
        r.add(
                Mnemonic.VMOVSD,
                Vex.avx((i, c) -> i.operandCount == 3 ? merge(i, -1) : cleared(i, ScalarMoveOps.movsd(i, c))));
        r.add(Mnemonic.VMOVD, Vex.avx((i, c) -> cleared(i, ScalarMoveOps.movd(i, c))));
        r.add(Mnemonic.VMOVQ, Vex.avx((i, c) -> cleared(i, ScalarMoveOps.movq(i, c))));
        for (Mnemonic m : new Mnemonic[] {Mnemonic.VMOVLPS, Mnemonic.VMOVLPD})
            r.add(m, Vex.avx((i, c) -> half(i, c, 0)));
        for (Mnemonic m : new Mnemonic[] {Mnemonic.VMOVHPS, Mnemonic.VMOVHPD})
            r.add(m, Vex.avx((i, c) -> half(i, c, 1)));
        r.add(
                Mnemonic.VMOVHLPS,
                Vex.avx((i, c) -> new TwoLanes(Simd.lane(i, 0), Simd.lane(i, 2) + 1, Simd.lane(i, 1) + 1)));
        r.add(Mnemonic.VMOVLHPS, Vex.avx((i, c) -> new TwoLanes(Simd.lane(i, 0), Simd.lane(i, 1), Simd.lane(i, 2))));
        broadcast(r, Mnemonic.VBROADCASTSS, 32);
        broadcast(r, Mnemonic.VBROADCASTSD, 64);
        r.add(Mnemonic.VBROADCASTF128, Vex.avx((i, c) -> new Broadcast(i, c, 128)));
        r.add(Mnemonic.VBROADCASTI128, Vex.gated(Feature.AVX2, (i, c) -> new Broadcast(i, c, 128)));
        r.add(Mnemonic.VPBROADCASTB, Vex.gated(Feature.AVX2, (i, c) -> new Broadcast(i, c, 8)));
        r.add(Mnemonic.VPBROADCASTW, Vex.gated(Feature.AVX2, (i, c) -> new Broadcast(i, c, 16)));
        r.add(Mnemonic.VPBROADCASTD, Vex.gated(Feature.AVX2, (i, c) -> new Broadcast(i, c, 32)));
        r.add(Mnemonic.VPBROADCASTQ, Vex.gated(Feature.AVX2, (i, c) -> new Broadcast(i, c, 64)));
        r.add(Mnemonic.VZEROUPPER, Vex.avx((i, c) -> zero(2)));
        r.add(Mnemonic.VZEROALL, Vex.avx((i, c) -> zero(0)));
    }

    /** VPMOVSX and VPMOVZX. */
    static void widen(Registry r, Mnemonic m, Sse4Ops.Unary f, int bitsPerLane) {
        r.add(m, Vex.integer((i, c) -> widenHandler(i, c, f, bitsPerLane)));
    }

    private static void broadcast(Registry r, Mnemonic m, int bits) {
        r.add(m, Vex.avx((i, c) -> i.isMemory(1) || c.model().has(Feature.AVX2) ? new Broadcast(i, c, bits) : null));
    }

    /** A legacy move; one to a register clears the upper half. */
    private static Op cleared(Instruction i, Op op) {
        return i.kind[0] == Instruction.XMM ? Vex.clearUpper(op, Simd.lane(i, 0)) : op;
    }

    private static Op whole(Instruction i, CpuContext c, boolean aligned) {
        int mask = aligned ? (Vex.wide(i) ? 31 : 15) : 0;
        if (i.isMemory(0)) return store(i, c, mask);
        return i.isMemory(1) ? loadHandler(i, c, mask) : registerHandler(i);
    }

    private static Op half(Instruction i, CpuContext c, int lane) {
        return i.isMemory(0) ? ScalarMoveOps.half(i, c, lane) : loadHalf(i, c, lane);
    }

    private static Op registerHandler(Instruction i) {
        int d = Simd.lane(i, 0);
        int s = Simd.lane(i, 1);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                Vex.write(v, d, wide, v[s], v[s + 1], v[s + 2], v[s + 3]);
            }
        };
    }

    private static Op loadHandler(Instruction i, CpuContext c, int alignment) {
        int d = Simd.lane(i, 0);
        Address s = Address.of(i, c);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long la = s.forRead(cpu);
                if ((la & alignment) != 0) throw cpu.gp(0);
                Simd.checkCrossing(cpu, la, wide ? 32 : 16);
                long r0 = cpu.mem.load64(la);
                long r1 = Simd.loadHigh(cpu, la);
                long r2 = wide ? cpu.mem.load64(Simd.behind(cpu, la, 16)) : 0;
                long r3 = wide ? cpu.mem.load64(Simd.behind(cpu, la, 24)) : 0;
                Vex.write(cpu.vec, d, wide, r0, r1, r2, r3);
            }
        };
    }

    private static Op store(Instruction i, CpuContext c, int alignment) {
        Address d = Address.of(i, c);
        int s = Simd.lane(i, 1);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long la = d.forWrite(cpu);
                if ((la & alignment) != 0) throw cpu.gp(0);
                long[] v = cpu.vec;
                if (wide) {
                    Simd.store256(cpu, la, v, s);
                } else {
                    Simd.store128(cpu, la, v[s], v[s + 1]);
                }
            }
        };
    }

    /** VMOVSS and VMOVSD of registers: the low element from the second source, the rest from the first. */
    private static Op merge(Instruction i, long mask) {
        int d = Simd.lane(i, 0);
        int a = Simd.lane(i, 1);
        int b = Simd.lane(i, 2);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                Vex.write(v, d, v[a] & ~mask | v[b] & mask, v[a + 1]);
            }
        };
    }

    private static final class TwoLanes extends Op {
        private final int d;
        private final int low;
        private final int high;

        TwoLanes(int d, int low, int high) {
            this.d = d;
            this.low = low;
            this.high = high;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            Vex.write(v, d, v[low], v[high]);
        }
    }

    /** One lane from memory, the other from the first source. */
    private static Op loadHalf(Instruction i, CpuContext c, int lane) {
        int d = Simd.lane(i, 0);
        int a = Simd.lane(i, 1);
        Address memory = Address.of(i, c);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long x = cpu.mem.load64(memory.forRead(cpu));
                long[] v = cpu.vec;
                Vex.write(v, d, lane == 0 ? x : v[a], lane == 0 ? v[a + 1] : x);
            }
        };
    }

    private static final class Broadcast extends Op {
        private final int d;
        private final Vex.Source source;
        private final int bits;
        private final boolean wide;

        Broadcast(Instruction i, CpuContext c, int bits) {
            d = Simd.lane(i, 0);
            source = Vex.Source.of(i, c);
            this.bits = bits;
            wide = Vex.wide(i);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] b = source.load(cpu);
            long lo = b[source.at];
            long x = switch (bits) {
                case 8 -> (lo & 0xff) * 0x0101_0101_0101_0101L;
                case 16 -> (lo & 0xffff) * 0x0001_0001_0001_0001L;
                case 32 -> lo & LOW | lo << 32;
                default -> lo;
            };
            long y = bits == 128 ? b[source.at + 1] : x;
            Vex.write(cpu.vec, d, wide, x, y, x, y);
        }
    }

    private static Op widenHandler(Instruction i, CpuContext c, Sse4Ops.Unary f, int bits) {
        int d = Simd.lane(i, 0);
        Vex.Source source = Vex.Source.of(i, c);
        boolean wide = Vex.wide(i);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] b = source.load(cpu);
                long lo = b[source.at];
                long next = bits == 32 ? b[source.at + 1] : lo >>> 2 * bits;
                Vex.write(cpu.vec, d, wide, f.apply(lo), f.apply(lo >>> bits), f.apply(next), f.apply(next >>> bits));
            }
        };
    }

    /** VZEROALL and VZEROUPPER, of the registers that the mode has. */
    private static Op zero(int from) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                int registers = cpu.code64() ? 16 : 8;
                for (int n = 0; n < registers; n++) Arrays.fill(v, 4 * n + from, 4 * n + 4, 0);
            }
        };
    }
}
