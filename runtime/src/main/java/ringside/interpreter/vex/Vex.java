package ringside.interpreter.vex;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Registry.Maker;
import ringside.interpreter.simd.Simd;

/**
 * What the VEX-encoded families share: which feature a form needs, the operands, and the rule that a result of 16 bytes
 * clears the upper half of its register. Memory operands need no alignment but for the aligned moves. Intel SDM vol. 1,
 * 14.9; vol. 2, 2.4.
 */
final class Vex {
    private Vex() {}

    /** @return the VEX form's mnemonic of a legacy instruction */
    static Mnemonic of(Mnemonic legacy) {
        return Mnemonic.valueOf("V" + legacy.name());
    }

    /** Forms of both lengths belong to one feature. */
    static Maker gated(Feature f, Maker m) {
        return gated(f, f, m);
    }

    /** @param f128 feature of the 128-bit form @param f256 of the 256-bit form; each is needed besides AVX */
    static Maker gated(Feature f128, Feature f256, Maker m) {
        Maker enabled = Simd.avx(m);
        return (i, c) -> c.model().has(Feature.AVX) && c.model().has(wide(i) ? f256 : f128) ? enabled.make(i, c) : null;
    }

    /** Packed integer instructions: AVX has the 128-bit forms, AVX2 the 256-bit ones. */
    static Maker integer(Maker m) {
        return gated(Feature.AVX, Feature.AVX2, m);
    }

    static Maker avx(Maker m) {
        return gated(Feature.AVX, m);
    }

    static boolean wide(Instruction i) {
        return i.vectorLength == 1;
    }

    /** @return the last operand that is no immediate, the one that may be in memory */
    static int lastOperand(Instruction i) {
        int k = i.operandCount - 1;
        return i.kind[k] == Instruction.IMM ? k - 1 : k;
    }

    /** @return lane of the second source, which of two operands is the destination (and then not looked at) */
    static int firstSource(Instruction i) {
        return Simd.lane(i, lastOperand(i) == 2 ? 1 : 0);
    }

    /** Writes a 128-bit result. */
    static void write(long[] v, int d, long lo, long hi) {
        v[d] = lo;
        v[d + 1] = hi;
        v[d + 2] = 0;
        v[d + 3] = 0;
    }

    /** Writes a result of either length. */
    static void write(long[] v, int d, boolean wide, long r0, long r1, long r2, long r3) {
        v[d] = r0;
        v[d + 1] = r1;
        v[d + 2] = wide ? r2 : 0;
        v[d + 3] = wide ? r3 : 0;
    }

    /** The source operand that may be in memory: lanes {@code at} and following of what {@link #load} returns. */
    static final class Source {
        final int at;
        private final Address memory;
        private final int bytes;

        private Source(int at, Address memory, int bytes) {
            this.at = at;
            this.memory = memory;
            this.bytes = bytes;
        }

        static Source of(Instruction i, CpuContext c) {
            return of(i, lastOperand(i), c);
        }

        static Source of(Instruction i, int operand, CpuContext c) {
            return i.isMemory(operand)
                    ? new Source(0, Address.of(i, c), i.size[operand])
                    : new Source(Simd.lane(i, operand), null, 0);
        }

        boolean inMemory() {
            return memory != null;
        }

        /** @return the registers, or the operand's bytes zero-extended to 32, valid until the next load */
        long[] load(Cpu cpu) {
            return memory == null ? cpu.vec : fetch(cpu);
        }

        private long[] fetch(Cpu cpu) {
            long la = memory.forRead(cpu);
            long[] b = cpu.vectorOperand;
            if (bytes >= 16) {
                Simd.checkCrossing(cpu, la, bytes);
                b[0] = cpu.mem.load64(la);
                b[1] = Simd.loadHigh(cpu, la);
                b[2] = bytes == 32 ? cpu.mem.load64(Simd.behind(cpu, la, 16)) : 0;
                b[3] = bytes == 32 ? cpu.mem.load64(Simd.behind(cpu, la, 24)) : 0;
            } else {
                b[0] = GprAccess.zeroExtend(cpu.mem.load(la, bytes), bytes);
                b[1] = 0;
                b[2] = 0;
                b[3] = 0;
            }
            return b;
        }
    }

    /** The operands of most forms: a destination, a first source, and a last one that may be in memory. */
    abstract static class Operands extends Op {
        final int d;
        final int a;
        final int s;
        final Source source;

        Operands(Instruction i, CpuContext c) {
            d = Simd.lane(i, 0);
            a = firstSource(i);
            source = Source.of(i, c);
            s = source.at;
        }
    }

    /** A legacy handler that writes one vector register, followed by clearing the upper half of that register. */
    static Op clearUpper(Op op, int d) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                op.execute(cpu);
                cpu.vec[d + 2] = 0;
                cpu.vec[d + 3] = 0;
            }
        };
    }
}
