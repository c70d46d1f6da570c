package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;

/** Moves from and to MMX registers. Intel SDM vol. 2; vol. 1, 9.5 for their effect on the x87 state. */
final class MmxMoveOps {
    private static final long LOW = 0xffff_ffffL;

    private MmxMoveOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.MOVNTQ, Simd.mmx((i, c) -> new Store(Address.of(i, c), Simd.mm(i, 1), 8)));
        r.add(Mnemonic.MOVQ2DQ, Simd.sse((i, c) -> new ToXmm(Simd.lane(i, 0), Simd.mm(i, 1))));
        r.add(Mnemonic.MOVDQ2Q, Simd.sse((i, c) -> fromXmm(Simd.mm(i, 0), Simd.lane(i, 1))));
    }

    static Op movd(Instruction i, CpuContext c) {
        if (i.kind[0] == Instruction.MMX) {
            int d = Simd.mm(i, 0);
            return i.isMemory(1) ? load(d, Address.of(i, c), 4) : new FromGpr(d, i.reg[1], LOW);
        }
        int s = Simd.mm(i, 1);
        return i.isMemory(0) ? new Store(Address.of(i, c), s, 4) : toGpr(i.reg[0], s, LOW);
    }

    static Op movq(Instruction i, CpuContext c) {
        if (i.kind[0] == Instruction.MMX) {
            int d = Simd.mm(i, 0);
            if (i.isMemory(1)) return load(d, Address.of(i, c), 8);
            return i.kind[1] == Instruction.GPR ? new FromGpr(d, i.reg[1], -1) : copy(d, Simd.mm(i, 1));
        }
        int s = Simd.mm(i, 1);
        return i.isMemory(0) ? new Store(Address.of(i, c), s, 8) : toGpr(i.reg[0], s, -1);
    }

    private static Op load(int d, Address s, int bytes) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                long la = s.forRead(cpu);
                Simd.writeMmx(cpu, d, bytes == 8 ? cpu.mem.load64(la) : cpu.mem.load32(la) & LOW);
            }
        };
    }

    private static final class Store extends Op {
        private final Address d;
        private final int s;
        private final int bytes;

        Store(Address d, int s, int bytes) {
            this.d = d;
            this.s = s;
            this.bytes = bytes;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            long la = d.forWrite(cpu);
            if (bytes == 8) {
                cpu.mem.store64(la, cpu.fpMantissa[s]);
            } else {
                cpu.mem.store32(la, (int) cpu.fpMantissa[s]);
            }
            Simd.enterMmx(cpu);
        }
    }

    private static Op copy(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.writeMmx(cpu, d, cpu.fpMantissa[s]);
            }
        };
    }

    private static final class FromGpr extends Op {
        private final int d;
        private final int s;
        private final long mask;

        FromGpr(int d, int s, long mask) {
            this.d = d;
            this.s = s;
            this.mask = mask;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            Simd.writeMmx(cpu, d, cpu.gpr[s] & mask);
        }
    }

    private static Op toGpr(int d, int s, long mask) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.enterMmx(cpu);
                cpu.gpr[d] = cpu.fpMantissa[s] & mask;
            }
        };
    }

    private static final class ToXmm extends Op {
        private final int d;
        private final int s;

        ToXmm(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            Simd.enterMmx(cpu);
            cpu.vec[d] = cpu.fpMantissa[s];
            cpu.vec[d + 1] = 0;
        }
    }

    private static Op fromXmm(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.writeMmx(cpu, d, cpu.vec[s]);
            }
        };
    }
}
