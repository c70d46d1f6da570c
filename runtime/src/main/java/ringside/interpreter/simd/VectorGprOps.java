package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.Segmentation;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.simd.Lanes;

/**
 * Instructions between vector and general registers or memory bytes: sign masks, PEXTRW, PINSRW, the masked stores, and
 * LDMXCSR/STMXCSR. Intel SDM vol. 2.
 */
public final class VectorGprOps {
    private VectorGprOps() {}

    static void register(Registry r) {
        r.add(
                Mnemonic.PMOVMSKB,
                (i, c) -> i.kind[1] == Instruction.MMX
                        ? Simd.mmx((j, d) -> new MmxByteSigns(j.reg[0], Simd.mm(j, 1)))
                                .make(i, c)
                        : Simd.sse((j, d) -> byteSigns(j.reg[0], Simd.lane(j, 1)))
                                .make(i, c));
        r.add(Mnemonic.MOVMSKPS, Simd.sse((i, c) -> dwordSigns(i.reg[0], Simd.lane(i, 1))));
        r.add(Mnemonic.MOVMSKPD, Simd.sse((i, c) -> new QwordSigns(i.reg[0], Simd.lane(i, 1))));
        r.add(Mnemonic.PEXTRW, VectorGprOps::pextrw);
        r.add(Mnemonic.PINSRW, VectorGprOps::pinsrw);
        r.add(Mnemonic.MASKMOVQ, Simd.mmx((i, c) -> new MaskedStore(i, Simd.mm(i, 0), Simd.mm(i, 1), true)));
        r.add(Mnemonic.MASKMOVDQU, Simd.sse((i, c) -> new MaskedStore(i, Simd.lane(i, 0), Simd.lane(i, 1), false)));
        r.add(Mnemonic.LDMXCSR, Simd.sse((i, c) -> new LoadMxcsr(Address.of(i, c))));
        r.add(Mnemonic.STMXCSR, Simd.sse((i, c) -> new StoreMxcsr(Address.of(i, c))));
    }

    private static Op pextrw(Instruction i, CpuContext c) {
        int n = (int) i.imm;
        if (i.kind[1] == Instruction.MMX)
            return Simd.mmx((j, d) -> new ExtractMmx(j.reg[0], Simd.mm(j, 1), n & 3))
                    .make(i, c);
        if (i.isMemory(0) || i.opcode >> 8 == 3) return Sse4ElementOps.extractWord(i, c);
        return Simd.sse((j, d) -> extract(j.reg[0], Simd.lane(j, 1) + (n >> 2 & 1), n & 3))
                .make(i, c);
    }

    private static Op pinsrw(Instruction i, CpuContext c) {
        int n = (int) i.imm;
        if (i.kind[0] == Instruction.MMX) {
            return Simd.mmx((j, d) ->
                            insertMmx(Simd.mm(j, 0), j.isMemory(1) ? Address.of(j, d) : null, j.reg[1], n & 3))
                    .make(i, c);
        }
        return Simd.sse((j, d) -> insertHandler(
                        Simd.lane(j, 0) + (n >> 2 & 1), j.isMemory(1) ? Address.of(j, d) : null, j.reg[1], n & 3))
                .make(i, c);
    }

    private static Op byteSigns(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                cpu.gpr[d] = Lanes.signsOfBytes(v[s]) | Lanes.signsOfBytes(v[s + 1]) << 8;
            }
        };
    }

    private static final class MmxByteSigns extends Op {
        private final int d;
        private final int s;

        MmxByteSigns(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            Simd.enterMmx(cpu);
            cpu.gpr[d] = Lanes.signsOfBytes(cpu.fpMantissa[s]);
        }
    }

    private static Op dwordSigns(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.gpr[d] = Lanes.signsOfDwords(cpu.vec[s]) | Lanes.signsOfDwords(cpu.vec[s + 1]) << 2;
            }
        };
    }

    private static final class QwordSigns extends Op {
        private final int d;
        private final int s;

        QwordSigns(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.gpr[d] = cpu.vec[s] >>> 63 | cpu.vec[s + 1] >>> 63 << 1;
        }
    }

    private static Op extract(int d, int s, int word) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.gpr[d] = cpu.vec[s] >>> 16 * word & 0xffff;
            }
        };
    }

    private static final class ExtractMmx extends Op {
        private final int d;
        private final int s;
        private final int word;

        ExtractMmx(int d, int s, int word) {
            this.d = d;
            this.s = s;
            this.word = word;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            Simd.enterMmx(cpu);
            cpu.gpr[d] = cpu.fpMantissa[s] >>> 16 * word & 0xffff;
        }
    }

    private static long insert(long into, long word, int n) {
        return into & ~(0xffffL << 16 * n) | (word & 0xffff) << 16 * n;
    }

    private static Op insertHandler(int d, Address memory, int s, int word) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long x = memory != null ? cpu.mem.load16(memory.forRead(cpu)) : cpu.gpr[s];
                cpu.vec[d] = insert(cpu.vec[d], x, word);
            }
        };
    }

    private static Op insertMmx(int d, Address memory, int s, int word) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                long x = memory != null ? cpu.mem.load16(memory.forRead(cpu)) : cpu.gpr[s];
                Simd.writeMmx(cpu, d, insert(cpu.fpMantissa[d], x, word));
            }
        };
    }

    /**
     * MASKMOVQ and MASKMOVDQU: stores the bytes whose mask byte is negative at [rDI]. All selected bytes are checked
     * before the first is stored; with an empty mask nothing is accessed.
     */
    public static final class MaskedStore extends Op {
        private final int data;
        private final int mask;
        private final boolean mmx;
        private final int segment;
        private final long addressMask;

        public MaskedStore(Instruction i, int data, int mask, boolean mmx) {
            this.data = data;
            this.mask = mask;
            this.mmx = mmx;
            this.segment = i.memSegment;
            this.addressMask = i.addressSize == 8 ? -1 : i.addressSize == 4 ? 0xffff_ffffL : 0xffff;
        }

        @Override
        public void execute(Cpu cpu) {
            if (mmx) {
                Simd.pendingX87(cpu);
                store(cpu, cpu.fpMantissa[data], 0, Lanes.signsOfBytes(cpu.fpMantissa[mask]));
                Simd.enterMmx(cpu);
            } else {
                long[] v = cpu.vec;
                store(cpu, v[data], v[data + 1], Lanes.signsOfBytes(v[mask]) | Lanes.signsOfBytes(v[mask + 1]) << 8);
            }
        }

        private void store(Cpu cpu, long lo, long hi, int selected) {
            long base = cpu.gpr[Cpu.RDI];
            for (int m = selected; m != 0; m &= m - 1)
                cpu.mem.checkWrite(address(cpu, base, Integer.numberOfTrailingZeros(m)), 1);
            for (int m = selected; m != 0; m &= m - 1) {
                int k = Integer.numberOfTrailingZeros(m);
                cpu.mem.store8(address(cpu, base, k), (int) ((k < 8 ? lo : hi) >>> 8 * (k & 7)) & 0xff);
            }
        }

        private long address(Cpu cpu, long base, int k) {
            return Segmentation.linear(cpu, segment, base + k & addressMask, 1, true);
        }
    }

    public static final class LoadMxcsr extends Op {
        private final Address s;

        public LoadMxcsr(Address s) {
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            int x = cpu.mem.load32(s.forRead(cpu));
            if ((x & 0xffff_0000) != 0) throw cpu.gp(0);
            cpu.mxcsr = x;
        }
    }

    public static final class StoreMxcsr extends Op {
        private final Address d;

        public StoreMxcsr(Address d) {
            this.d = d;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.store32(d.forWrite(cpu), cpu.mxcsr);
        }
    }
}
