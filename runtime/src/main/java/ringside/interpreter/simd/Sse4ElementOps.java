package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Registry.Maker;
import ringside.simd.Doubles;
import ringside.simd.Floats;
import ringside.simd.Mxcsr;

/**
 * SSE4.1 instructions that take out, put in or sum single elements: PEXTRx, PINSRx, EXTRACTPS, INSERTPS, DPPx. Intel
 * SDM vol. 2.
 */
public final class Sse4ElementOps {
    private static final long LOW = 0xffff_ffffL;

    private Sse4ElementOps() {}

    private static Maker gated(Maker m) {
        Maker enabled = Simd.sse(m);
        return (i, c) -> c.model().has(Feature.SSE4_1) ? enabled.make(i, c) : null;
    }

    static void register(Registry r) {
        r.add(Mnemonic.PEXTRB, gated((i, c) -> new Extract(i, c, 8)));
        r.add(Mnemonic.PEXTRD, gated((i, c) -> new Extract(i, c, 32)));
        r.add(Mnemonic.PEXTRQ, gated((i, c) -> new Extract(i, c, 64)));
        r.add(Mnemonic.EXTRACTPS, gated((i, c) -> new Extract(i, c, 32)));
        r.add(Mnemonic.PINSRB, gated((i, c) -> new Insert(i, c, 8)));
        r.add(Mnemonic.PINSRD, gated((i, c) -> new Insert(i, c, 32)));
        r.add(Mnemonic.PINSRQ, gated((i, c) -> new Insert(i, c, 64)));
        r.add(Mnemonic.INSERTPS, gated(Sse4ElementOps::insertSingle));
        r.add(Mnemonic.DPPS, gated((i, c) -> dotSingles(SseFloatOps.Source.of(i, c), (int) i.imm)));
        r.add(Mnemonic.DPPD, gated((i, c) -> dotDoubles(SseFloatOps.Source.of(i, c), (int) i.imm)));
    }

    /** PEXTRW in its 0F3A form, to memory or a register. */
    static Op extractWord(Instruction i, CpuContext c) {
        return gated((j, d) -> new Extract(j, d, 16)).make(i, c);
    }

    public static long mask(int width) {
        return width == 64 ? -1 : (1L << width) - 1;
    }

    public static final class Extract extends Op {
        private final int d;
        private final Address memory;
        private final int s;
        private final int shift;
        private final int width;

        public Extract(Instruction i, CpuContext c, int width) {
            int n = (int) i.imm & 128 / width - 1;
            this.d = i.reg[0];
            this.memory = i.isMemory(0) ? Address.of(i, c) : null;
            this.s = Simd.lane(i, 1) + n * width / 64;
            this.shift = n * width & 63;
            this.width = width;
        }

        @Override
        public void execute(Cpu cpu) {
            long x = cpu.vec[s] >>> shift & mask(width);
            if (memory == null) {
                cpu.gpr[d] = x;
                return;
            }
            long la = memory.forWrite(cpu);
            switch (width) {
                case 8 -> cpu.mem.store8(la, (int) x);
                case 16 -> cpu.mem.store16(la, (int) x);
                case 32 -> cpu.mem.store32(la, (int) x);
                default -> cpu.mem.store64(la, x);
            }
        }
    }

    private static final class Insert extends Op {
        private final int d;
        private final Address memory;
        private final int s;
        private final int shift;
        private final int width;

        Insert(Instruction i, CpuContext c, int width) {
            int n = (int) i.imm & 128 / width - 1;
            this.d = Simd.lane(i, 0) + n * width / 64;
            this.memory = i.isMemory(1) ? Address.of(i, c) : null;
            this.s = i.reg[1];
            this.shift = n * width & 63;
            this.width = width;
        }

        @Override
        public void execute(Cpu cpu) {
            long x;
            if (memory == null) {
                x = cpu.gpr[s];
            } else {
                long la = memory.forRead(cpu);
                x = width == 8 ? cpu.mem.load8(la) : width == 32 ? cpu.mem.load32(la) : cpu.mem.load64(la);
            }
            long m = mask(width);
            cpu.vec[d] = cpu.vec[d] & ~(m << shift) | (x & m) << shift;
        }
    }

    private static Op insertSingle(Instruction i, CpuContext c) {
        int d = Simd.lane(i, 0);
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        int imm = (int) i.imm;
        int s = memory != null ? 0 : Simd.lane(i, 1) + (imm >> 7 & 1);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long x = (memory != null ? cpu.mem.load32(memory.forRead(cpu)) : v[s] >>> 32 * (imm >> 6 & 1)) & LOW;
                int lane = d + (imm >> 5 & 1);
                int shift = 32 * (imm >> 4 & 1);
                v[lane] = v[lane] & ~(LOW << shift) | x << shift;
                for (int k = 0; k < 4; k++) {
                    if ((imm >> k & 1) != 0) v[d + (k >> 1)] &= ~(LOW << 32 * (k & 1));
                }
            }
        };
    }

    /** Delivers exceptions step by step: those of the products before the sums are formed. */
    private static Op dotSingles(SseFloatOps.Source s, int imm) {
        return new Op() {
            private int product(Cpu cpu, long a, long b, int k) {
                return (imm >> 4 + k & 1) == 0
                        ? 0
                        : Floats.multiply(cpu, (int) (a >>> 32 * (k & 1)), (int) (b >>> 32 * (k & 1)));
            }

            @Override
            public void execute(Cpu cpu) {
                long la = s.locate(cpu);
                long b0 = s.low(cpu, la);
                long b1 = s.high(cpu, la);
                long a0 = cpu.vec[s.d];
                long a1 = cpu.vec[s.d + 1];
                int p0 = product(cpu, a0, b0, 0);
                int p1 = product(cpu, a0, b0, 1);
                int p2 = product(cpu, a1, b1, 2);
                int p3 = product(cpu, a1, b1, 3);
                Mxcsr.commit(cpu);
                int low = Floats.add(cpu, p0, p1);
                int high = Floats.add(cpu, p2, p3);
                Mxcsr.commit(cpu);
                long sum = Floats.add(cpu, low, high) & LOW;
                Mxcsr.commit(cpu);
                cpu.vec[s.d] = ((imm & 1) != 0 ? sum : 0) | ((imm & 2) != 0 ? sum << 32 : 0);
                cpu.vec[s.d + 1] = ((imm & 4) != 0 ? sum : 0) | ((imm & 8) != 0 ? sum << 32 : 0);
            }
        };
    }

    private static Op dotDoubles(SseFloatOps.Source s, int imm) {
        return new SseFloatOps.Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long p0 = (imm & 16) != 0 ? Doubles.multiply(cpu, cpu.vec[s.d], b0) : 0;
                long p1 = (imm & 32) != 0 ? Doubles.multiply(cpu, cpu.vec[s.d + 1], b1) : 0;
                Mxcsr.commit(cpu);
                long sum = Doubles.add(cpu, p0, p1);
                Mxcsr.commit(cpu);
                cpu.vec[s.d] = (imm & 1) != 0 ? sum : 0;
                cpu.vec[s.d + 1] = (imm & 2) != 0 ? sum : 0;
            }
        };
    }
}
