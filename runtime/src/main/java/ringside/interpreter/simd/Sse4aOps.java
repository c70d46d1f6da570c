package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.Maker;

/**
 * SSE4A, which AMD's processors have: fields of bits out of and into a quadword, and scalar stores past the caches. The
 * upper quadword of a field's register, which the manual leaves undefined, stays. AMD64 APM vol. 4.
 */
final class Sse4aOps {
    private Sse4aOps() {}

    private static Maker gated(Maker m) {
        Maker enabled = Simd.sse(m);
        return (i, c) -> c.model().has(Feature.SSE4A) ? enabled.make(i, c) : null;
    }

    static void register(Registry r) {
        r.add(Mnemonic.EXTRQ, gated((i, c) -> new Field(i, false)));
        r.add(Mnemonic.INSERTQ, gated((i, c) -> new Field(i, true)));
        r.add(Mnemonic.MOVNTSS, gated((i, c) -> new Store(Address.of(i, c), Simd.lane(i, 1), 4)));
        r.add(Mnemonic.MOVNTSD, gated((i, c) -> new Store(Address.of(i, c), Simd.lane(i, 1), 8)));
    }

    private static final class Field extends Op {
        private final boolean inserts;
        private final boolean immediate;
        private final int d;
        private final int s;
        private final long control;

        Field(Instruction i, boolean inserts) {
            this.inserts = inserts;
            d = Simd.lane(i, 0);
            immediate = i.operandCount > 2;
            s = i.kind[1] == Instruction.IMM ? 0 : Simd.lane(i, 1);
            control = i.imm & 63 | (i.imm2 & 63) << 8;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long c = immediate ? control : v[inserts ? s + 1 : s];
            int length = (int) c & 63;
            int index = (int) (c >>> 8) & 63;
            long mask = length == 0 ? -1 : (1L << length) - 1;
            v[d] = inserts ? v[d] & ~(mask << index) | (v[s] & mask) << index : v[d] >>> index & mask;
        }
    }

    private static final class Store extends Op {
        private final Address address;
        private final int s;
        private final int bytes;

        Store(Address address, int s, int bytes) {
            this.address = address;
            this.s = s;
            this.bytes = bytes;
        }

        @Override
        public void execute(Cpu cpu) {
            cpu.mem.store(address.forWrite(cpu), bytes, cpu.vec[s]);
        }
    }
}
