package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.simd.Lanes;

/**
 * Packed integer and logical instructions that work on each 64-bit lane alone: one table from mnemonic to {@link Lanes}
 * method, and handlers for the MMX and XMM forms with a register or memory source.
 */
public final class LaneOps {
    /** The operation on one lane of destination and source. */
    public interface Lane {
        long apply(long a, long b);
    }

    private LaneOps() {}

    static void register(Registry r) {
        for (Entry e : SSE2) {
            r.add(
                    e.mnemonic,
                    (i, c) -> Simd.isMmx(i)
                            ? Simd.mmx((j, d) -> mmx(j, d, e.lane)).make(i, c)
                            : Simd.sse((j, d) -> xmm(j, d, e.lane)).make(i, c));
        }
    }

    public record Entry(Mnemonic mnemonic, Lane lane) {}

    /** MMX, SSE, SSE2 and SSSE3. */
    public static final Entry[] SSE2 = {
        new Entry(Mnemonic.PAND, Lanes::pand),
        new Entry(Mnemonic.PANDN, Lanes::pandn),
        new Entry(Mnemonic.POR, Lanes::por),
        new Entry(Mnemonic.PXOR, Lanes::pxor),
        new Entry(Mnemonic.ANDPS, Lanes::pand),
        new Entry(Mnemonic.ANDNPS, Lanes::pandn),
        new Entry(Mnemonic.ORPS, Lanes::por),
        new Entry(Mnemonic.XORPS, Lanes::pxor),
        new Entry(Mnemonic.ANDPD, Lanes::pand),
        new Entry(Mnemonic.ANDNPD, Lanes::pandn),
        new Entry(Mnemonic.ORPD, Lanes::por),
        new Entry(Mnemonic.XORPD, Lanes::pxor),
        new Entry(Mnemonic.PADDB, Lanes::paddb),
        new Entry(Mnemonic.PADDW, Lanes::paddw),
        new Entry(Mnemonic.PADDD, Lanes::paddd),
        new Entry(Mnemonic.PADDQ, Lanes::paddq),
        new Entry(Mnemonic.PADDSB, Lanes::paddsb),
        new Entry(Mnemonic.PADDSW, Lanes::paddsw),
        new Entry(Mnemonic.PADDUSB, Lanes::paddusb),
        new Entry(Mnemonic.PADDUSW, Lanes::paddusw),
        new Entry(Mnemonic.PSUBB, Lanes::psubb),
        new Entry(Mnemonic.PSUBW, Lanes::psubw),
        new Entry(Mnemonic.PSUBD, Lanes::psubd),
        new Entry(Mnemonic.PSUBQ, Lanes::psubq),
        new Entry(Mnemonic.PSUBSB, Lanes::psubsb),
        new Entry(Mnemonic.PSUBSW, Lanes::psubsw),
        new Entry(Mnemonic.PSUBUSB, Lanes::psubusb),
        new Entry(Mnemonic.PSUBUSW, Lanes::psubusw),
        new Entry(Mnemonic.PMULHW, Lanes::pmulhw),
        new Entry(Mnemonic.PMULHUW, Lanes::pmulhuw),
        new Entry(Mnemonic.PMULLW, Lanes::pmullw),
        new Entry(Mnemonic.PMULUDQ, Lanes::pmuludq),
        new Entry(Mnemonic.PMADDWD, Lanes::pmaddwd),
        new Entry(Mnemonic.PCMPEQB, Lanes::pcmpeqb),
        new Entry(Mnemonic.PCMPEQW, Lanes::pcmpeqw),
        new Entry(Mnemonic.PCMPEQD, Lanes::pcmpeqd),
        new Entry(Mnemonic.PCMPGTB, Lanes::pcmpgtb),
        new Entry(Mnemonic.PCMPGTW, Lanes::pcmpgtw),
        new Entry(Mnemonic.PCMPGTD, Lanes::pcmpgtd),
        new Entry(Mnemonic.PAVGB, Lanes::pavgb),
        new Entry(Mnemonic.PAVGW, Lanes::pavgw),
        new Entry(Mnemonic.PMAXUB, Lanes::pmaxub),
        new Entry(Mnemonic.PMAXSW, Lanes::pmaxsw),
        new Entry(Mnemonic.PMINUB, Lanes::pminub),
        new Entry(Mnemonic.PMINSW, Lanes::pminsw),
        new Entry(Mnemonic.PSADBW, Lanes::psadbw),
        new Entry(Mnemonic.PMADDUBSW, Lanes::pmaddubsw),
        new Entry(Mnemonic.PMULHRSW, Lanes::pmulhrsw),
        new Entry(Mnemonic.PSIGNB, Lanes::psignb),
        new Entry(Mnemonic.PSIGNW, Lanes::psignw),
        new Entry(Mnemonic.PSIGND, Lanes::psignd),
        new Entry(Mnemonic.PABSB, Lanes::pabsb),
        new Entry(Mnemonic.PABSW, Lanes::pabsw),
        new Entry(Mnemonic.PABSD, Lanes::pabsd),
    };

    static Op mmx(Instruction i, CpuContext c, Lane f) {
        int d = Simd.mm(i, 0);
        return i.isMemory(1) ? new MmxMemory(f, d, Address.of(i, c)) : mmxRegister(f, d, Simd.mm(i, 1));
    }

    static Op xmm(Instruction i, CpuContext c, Lane f) {
        int d = Simd.lane(i, 0);
        if (i.isMemory(1)) return new XmmMemory(f, d, Address.of(i, c));
        int s = Simd.lane(i, 1);
        return switch (i.mnemonic) {
            case PXOR, XORPS, XORPD -> d == s ? clear(d) : new Xor(d, s);
            case POR, ORPS, ORPD -> or(d, s);
            case PAND, ANDPS, ANDPD -> new And(d, s);
            case PCMPEQB -> equalBytes(d, s);
            case PADDD -> new AddDwords(d, s);
            case PADDQ -> addQwords(d, s);
            default -> xmmRegister(f, d, s);
        };
    }

    private static Op mmxRegister(Lane f, int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.writeMmx(cpu, d, f.apply(cpu.fpMantissa[d], cpu.fpMantissa[s]));
            }
        };
    }

    private static final class MmxMemory extends Op {
        private final Lane f;
        private final int d;
        private final Address s;

        MmxMemory(Lane f, int d, Address s) {
            this.f = f;
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            long b = cpu.mem.load64(s.forRead(cpu));
            Simd.writeMmx(cpu, d, f.apply(cpu.fpMantissa[d], b));
        }
    }

    private static Op xmmRegister(Lane f, int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] = f.apply(v[d], v[s]);
                v[d + 1] = f.apply(v[d + 1], v[s + 1]);
            }
        };
    }

    private static final class XmmMemory extends Op {
        private final Lane f;
        private final int d;
        private final Address s;

        XmmMemory(Lane f, int d, Address s) {
            this.f = f;
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long la = Simd.aligned(cpu, s.forRead(cpu));
            long lo = cpu.mem.load64(la);
            long hi = cpu.mem.load64(la + 8);
            long[] v = cpu.vec;
            v[d] = f.apply(v[d], lo);
            v[d + 1] = f.apply(v[d + 1], hi);
        }
    }

    // ---- the commonest, without the indirect call ----

    /** pxor x, x. */
    private static Op clear(int d) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] = 0;
                v[d + 1] = 0;
            }
        };
    }

    private static final class Xor extends Op {
        private final int d;
        private final int s;

        Xor(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            v[d] ^= v[s];
            v[d + 1] ^= v[s + 1];
        }
    }

    private static Op or(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] |= v[s];
                v[d + 1] |= v[s + 1];
            }
        };
    }

    private static final class And extends Op {
        private final int d;
        private final int s;

        And(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            v[d] &= v[s];
            v[d + 1] &= v[s + 1];
        }
    }

    private static Op equalBytes(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] = Lanes.pcmpeqb(v[d], v[s]);
                v[d + 1] = Lanes.pcmpeqb(v[d + 1], v[s + 1]);
            }
        };
    }

    private static final class AddDwords extends Op {
        private final int d;
        private final int s;

        AddDwords(int d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            v[d] = Lanes.paddd(v[d], v[s]);
            v[d + 1] = Lanes.paddd(v[d + 1], v[s + 1]);
        }
    }

    private static Op addQwords(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] += v[s];
                v[d + 1] += v[s + 1];
            }
        };
    }
}
