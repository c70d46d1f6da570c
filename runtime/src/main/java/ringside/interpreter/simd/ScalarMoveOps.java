package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;

/**
 * Moves of one or two elements of an XMM register: MOVSS, MOVSD, MOVQ, MOVD, the half-register moves and MOVDDUP. Loads
 * from memory clear or keep the rest of the register as each instruction says. Intel SDM vol. 2.
 */
public final class ScalarMoveOps {
    private static final long LOW = 0xffff_ffffL;

    private ScalarMoveOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.MOVSS, Simd.sse(ScalarMoveOps::movss));
        r.add(Mnemonic.MOVSD, Simd.sse(ScalarMoveOps::movsd));
        r.add(Mnemonic.MOVLPS, Simd.sse((i, c) -> half(i, c, 0)));
        r.add(Mnemonic.MOVLPD, Simd.sse((i, c) -> half(i, c, 0)));
        r.add(Mnemonic.MOVHPS, Simd.sse((i, c) -> half(i, c, 1)));
        r.add(Mnemonic.MOVHPD, Simd.sse((i, c) -> half(i, c, 1)));
        r.add(Mnemonic.MOVHLPS, Simd.sse((i, c) -> copyLane(Simd.lane(i, 0), Simd.lane(i, 1) + 1)));
        r.add(Mnemonic.MOVLHPS, Simd.sse((i, c) -> copyLane(Simd.lane(i, 0) + 1, Simd.lane(i, 1))));
        r.add(Mnemonic.MOVDDUP, Simd.sse(ScalarMoveOps::movddup));
        r.add(
                Mnemonic.MOVD,
                (i, c) -> Simd.isMmx(i)
                        ? Simd.mmx(MmxMoveOps::movd).make(i, c)
                        : Simd.sse(ScalarMoveOps::movd).make(i, c));
        r.add(
                Mnemonic.MOVQ,
                (i, c) -> Simd.isMmx(i)
                        ? Simd.mmx(MmxMoveOps::movq).make(i, c)
                        : Simd.sse(ScalarMoveOps::movq).make(i, c));
    }

    public static Op movss(Instruction i, CpuContext c) {
        if (i.isMemory(0)) return new Store32(Address.of(i, c), Simd.lane(i, 1));
        int d = Simd.lane(i, 0);
        return i.isMemory(1) ? loadHandler(d, Address.of(i, c), 4) : new CopyLow32(d, Simd.lane(i, 1));
    }

    public static Op movsd(Instruction i, CpuContext c) {
        if (i.isMemory(0)) return store64Handler(Address.of(i, c), Simd.lane(i, 1));
        int d = Simd.lane(i, 0);
        return i.isMemory(1) ? loadHandler(d, Address.of(i, c), 8) : copyLane(d, Simd.lane(i, 1));
    }

    public static Op half(Instruction i, CpuContext c, int lane) {
        if (i.isMemory(0)) return store64Handler(Address.of(i, c), Simd.lane(i, 1) + lane);
        return loadLane(Simd.lane(i, 0) + lane, Address.of(i, c));
    }

    private static Op movddup(Instruction i, CpuContext c) {
        int d = Simd.lane(i, 0);
        return i.isMemory(1) ? duplicateMemory(d, Address.of(i, c)) : new DuplicateRegister(d, Simd.lane(i, 1));
    }

    public static Op movd(Instruction i, CpuContext c) {
        if (i.kind[0] == Instruction.XMM) {
            int d = Simd.lane(i, 0);
            return i.isMemory(1) ? loadHandler(d, Address.of(i, c), 4) : new FromGpr(d, i.reg[1], LOW);
        }
        int s = Simd.lane(i, 1);
        return i.isMemory(0) ? new Store32(Address.of(i, c), s) : toGpr(i.reg[0], s, LOW);
    }

    public static Op movq(Instruction i, CpuContext c) {
        if (i.kind[0] == Instruction.XMM) {
            int d = Simd.lane(i, 0);
            if (i.isMemory(1)) return loadHandler(d, Address.of(i, c), 8);
            return i.kind[1] == Instruction.GPR ? new FromGpr(d, i.reg[1], -1) : copyLow64(d, Simd.lane(i, 1));
        }
        int s = Simd.lane(i, 1);
        return i.isMemory(0) ? store64Handler(Address.of(i, c), s) : toGpr(i.reg[0], s, -1);
    }

    /** Zero-extends four or eight bytes of memory into the register. */
    private static Op loadHandler(int d, Address s, int bytes) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long la = s.forRead(cpu);
                cpu.vec[d] = bytes == 4 ? cpu.mem.load32(la) & LOW : cpu.mem.load64(la);
                cpu.vec[d + 1] = 0;
            }
        };
    }

    /** Loads one lane, keeps the other. */
    private static Op loadLane(int d, Address s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.vec[d] = cpu.mem.load64(s.forRead(cpu));
            }
        };
    }

    private static final class Store32 extends Op {
        private final Address d;
        private final int s;

        Store32(Address d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.store32(d.forWrite(cpu), (int) cpu.vec[s]);
        }
    }

    /** Stores one lane. */
    private static Op store64Handler(Address d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.mem.store64(d.forWrite(cpu), cpu.vec[s]);
            }
        };
    }

    /** Lane to lane, the rest kept. */
    private static Op copyLane(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.vec[d] = cpu.vec[s];
            }
        };
    }

    private static final class CopyLow32 extends Op {
        private final int d;
        private final int s;

        CopyLow32(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            v[d] = v[d] & ~LOW | v[s] & LOW;
        }
    }

    /** MOVQ xmm, xmm: the upper lane is cleared. */
    private static Op copyLow64(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.vec[d] = cpu.vec[s];
                cpu.vec[d + 1] = 0;
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
            cpu.vec[d] = cpu.gpr[s] & mask;
            cpu.vec[d + 1] = 0;
        }
    }

    private static Op toGpr(int d, int s, long mask) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.gpr[d] = cpu.vec[s] & mask;
            }
        };
    }

    private static final class DuplicateRegister extends Op {
        private final int d;
        private final int s;

        DuplicateRegister(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long x = cpu.vec[s];
            cpu.vec[d] = x;
            cpu.vec[d + 1] = x;
        }
    }

    private static Op duplicateMemory(int d, Address s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long x = cpu.mem.load64(s.forRead(cpu));
                cpu.vec[d] = x;
                cpu.vec[d + 1] = x;
            }
        };
    }
}
