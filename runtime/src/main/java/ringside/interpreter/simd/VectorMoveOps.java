package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Registry.Maker;

/**
 * Moves of whole XMM registers: aligned, unaligned and non-temporal; all types move the same bits. Intel SDM vol. 2.
 */
final class VectorMoveOps {
    private VectorMoveOps() {}

    static void register(Registry r) {
        Maker aligned = Simd.sse((i, c) -> make(i, c, true));
        Maker unaligned = Simd.sse((i, c) -> make(i, c, false));
        for (Mnemonic m : new Mnemonic[] {
            Mnemonic.MOVAPS, Mnemonic.MOVAPD, Mnemonic.MOVDQA, Mnemonic.MOVNTPS, Mnemonic.MOVNTPD, Mnemonic.MOVNTDQ
        }) {
            r.add(m, aligned);
        }
        for (Mnemonic m : new Mnemonic[] {Mnemonic.MOVUPS, Mnemonic.MOVUPD, Mnemonic.MOVDQU, Mnemonic.LDDQU})
            r.add(m, unaligned);
    }

    static Op make(Instruction i, CpuContext c, boolean aligned) {
        if (i.isMemory(0)) {
            Address a = Address.of(i, c);
            int s = Simd.lane(i, 1);
            return aligned ? new StoreAligned(a, s) : store(a, s);
        }
        int d = Simd.lane(i, 0);
        if (!i.isMemory(1)) return registerHandler(d, Simd.lane(i, 1));
        Address a = Address.of(i, c);
        return aligned ? new LoadAligned(d, a) : load(d, a);
    }

    private static Op registerHandler(int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                v[d] = v[s];
                v[d + 1] = v[s + 1];
            }
        };
    }

    private static Op load(int d, Address s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                cpu.mem.load128(s.forRead(cpu), cpu.vec, d);
            }
        };
    }

    private static final class LoadAligned extends Op {
        private final int d;
        private final Address s;

        LoadAligned(int d, Address s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.load128(Simd.aligned(cpu, s.forRead(cpu)), cpu.vec, d);
        }
    }

    private static Op store(Address d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                Simd.store128(cpu, d.forWrite(cpu), v[s], v[s + 1]);
            }
        };
    }

    private static final class StoreAligned extends Op {
        private final Address d;
        private final int s;

        StoreAligned(Address d, int s) {
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.store128(Simd.aligned(cpu, d.forWrite(cpu)), cpu.vec[s], cpu.vec[s + 1]);
        }
    }
}
