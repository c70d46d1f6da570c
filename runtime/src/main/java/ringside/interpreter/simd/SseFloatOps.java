package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.simd.Approximation;
import ringside.simd.Doubles;
import ringside.simd.FloatCompare;
import ringside.simd.Floats;
import ringside.simd.Format;
import ringside.simd.Mxcsr;

/**
 * SSE to SSE3 floating-point arithmetic, minimum, maximum and comparison with a mask as result: packed and scalar forms
 * of functions on one element. The result is written only after {@link Mxcsr#commit} has let the instruction's
 * exceptions pass.
 */
public final class SseFloatOps {
    private static final long LOW = 0xffff_ffffL;

    /** The operation on one double of destination and source. */
    public interface Binary64 {
        long apply(Cpu cpu, long a, long b);
    }

    public interface Binary32 {
        int apply(Cpu cpu, int a, int b);
    }

    private SseFloatOps() {}

    static void register(Registry r, VexForms v) {
        arithmetic(r, v, Mnemonic.ADDPS, Mnemonic.ADDSS, Floats::add, Mnemonic.ADDPD, Mnemonic.ADDSD, Doubles::add);
        arithmetic(
                r,
                v,
                Mnemonic.SUBPS,
                Mnemonic.SUBSS,
                Floats::subtract,
                Mnemonic.SUBPD,
                Mnemonic.SUBSD,
                Doubles::subtract);
        arithmetic(
                r,
                v,
                Mnemonic.MULPS,
                Mnemonic.MULSS,
                Floats::multiply,
                Mnemonic.MULPD,
                Mnemonic.MULSD,
                Doubles::multiply);
        arithmetic(
                r, v, Mnemonic.DIVPS, Mnemonic.DIVSS, Floats::divide, Mnemonic.DIVPD, Mnemonic.DIVSD, Doubles::divide);
        arithmetic(r, v, Mnemonic.MINPS, Mnemonic.MINSS, Floats::min, Mnemonic.MINPD, Mnemonic.MINSD, Doubles::min);
        arithmetic(r, v, Mnemonic.MAXPS, Mnemonic.MAXSS, Floats::max, Mnemonic.MAXPD, Mnemonic.MAXSD, Doubles::max);
        arithmetic(
                r,
                v,
                Mnemonic.SQRTPS,
                Mnemonic.SQRTSS,
                (c, a, b) -> Floats.squareRoot(c, b),
                Mnemonic.SQRTPD,
                Mnemonic.SQRTSD,
                (c, a, b) -> Doubles.squareRoot(c, b));
        r.add(Mnemonic.RCPPS, Simd.sse((i, c) -> packed32(i, c, (cpu, a, b) -> Approximation.reciprocal(b))));
        r.add(Mnemonic.RCPSS, Simd.sse((i, c) -> scalar32(i, c, (cpu, a, b) -> Approximation.reciprocal(b))));
        r.add(Mnemonic.RSQRTPS, Simd.sse((i, c) -> packed32(i, c, (cpu, a, b) -> Approximation.reciprocalRoot(b))));
        r.add(Mnemonic.RSQRTSS, Simd.sse((i, c) -> scalar32(i, c, (cpu, a, b) -> Approximation.reciprocalRoot(b))));
        r.add(Mnemonic.CMPPS, Simd.sse((i, c) -> packed32(i, c, compare32((int) i.imm & 7))));
        r.add(Mnemonic.CMPSS, Simd.sse((i, c) -> scalar32(i, c, compare32((int) i.imm & 7))));
        r.add(Mnemonic.CMPPD, Simd.sse((i, c) -> packed64(i, c, compare64((int) i.imm & 7))));
        r.add(Mnemonic.CMPSD, Simd.sse((i, c) -> scalar64(i, c, compare64((int) i.imm & 7))));
        r.add(Mnemonic.ADDSUBPS, Simd.sse((i, c) -> packed32Handler(Source.of(i, c), Floats::subtract, Floats::add)));
        r.add(Mnemonic.ADDSUBPD, Simd.sse((i, c) -> packed64Handler(Source.of(i, c), Doubles::subtract, Doubles::add)));
        r.add(Mnemonic.HADDPS, Simd.sse((i, c) -> horizontal32(Source.of(i, c), Floats::add)));
        r.add(Mnemonic.HSUBPS, Simd.sse((i, c) -> horizontal32(Source.of(i, c), Floats::subtract)));
        r.add(Mnemonic.HADDPD, Simd.sse((i, c) -> horizontal64(Source.of(i, c), Doubles::add)));
        r.add(Mnemonic.HSUBPD, Simd.sse((i, c) -> horizontal64(Source.of(i, c), Doubles::subtract)));
    }

    private static void arithmetic(
            Registry r, VexForms v, Mnemonic ps, Mnemonic ss, Binary32 f, Mnemonic pd, Mnemonic sd, Binary64 g) {
        r.add(ps, Simd.sse((i, c) -> packed32(i, c, f)));
        r.add(ss, Simd.sse((i, c) -> scalar32(i, c, f)));
        r.add(pd, Simd.sse((i, c) -> packed64(i, c, g)));
        r.add(sd, Simd.sse((i, c) -> scalar64(i, c, g)));
        v.arithmetic(ps, ss, f, pd, sd, g);
    }

    public static Binary32 compare32(int predicate) {
        return (c, a, b) -> FloatCompare.holds(c, Format.SINGLE, a & LOW, b & LOW, predicate) ? -1 : 0;
    }

    public static Binary64 compare64(int predicate) {
        return (c, a, b) -> FloatCompare.holds(c, Format.DOUBLE, a, b, predicate) ? -1 : 0;
    }

    private static Op packed32(Instruction i, CpuContext c, Binary32 f) {
        return packed32Handler(Source.of(i, c), f, f);
    }

    private static Op packed64(Instruction i, CpuContext c, Binary64 f) {
        return packed64Handler(Source.of(i, c), f, f);
    }

    private static Op scalar32(Instruction i, CpuContext c, Binary32 f) {
        int d = Simd.lane(i, 0);
        return i.isMemory(1) ? new Memory32(f, d, Address.of(i, c)) : register32(f, d, Simd.lane(i, 1));
    }

    private static Op scalar64(Instruction i, CpuContext c, Binary64 f) {
        int d = Simd.lane(i, 0);
        return i.isMemory(1) ? new Memory64(f, d, Address.of(i, c)) : register64(f, d, Simd.lane(i, 1));
    }

    /** Destination register and 128-bit source of a packed instruction. */
    static final class Source {
        final int d;
        private final int s;
        private final Address memory;

        private Source(int d, int s, Address memory) {
            this.d = d;
            this.s = s;
            this.memory = memory;
        }

        static Source of(Instruction i, CpuContext c) {
            return i.isMemory(1)
                    ? new Source(Simd.lane(i, 0), 0, Address.of(i, c))
                    : new Source(Simd.lane(i, 0), Simd.lane(i, 1), null);
        }

        /** @return the aligned address, or 0 for a register */
        long locate(Cpu cpu) {
            return memory == null ? 0 : Simd.aligned(cpu, memory.forRead(cpu));
        }

        long low(Cpu cpu, long la) {
            return memory == null ? cpu.vec[s] : cpu.mem.load64(la);
        }

        long high(Cpu cpu, long la) {
            return memory == null ? cpu.vec[s + 1] : cpu.mem.load64(la + 8);
        }
    }

    /** A handler with both halves of a 16-byte source, which is read before anything is written. */
    abstract static class Pair extends Op {
        private final Source source;

        Pair(Source source) {
            this.source = source;
        }

        @Override
        public final void execute(Cpu cpu) {
            long la = source.locate(cpu);
            long b0 = source.low(cpu, la);
            apply(cpu, b0, source.high(cpu, la));
        }

        abstract void apply(Cpu cpu, long b0, long b1);
    }

    private static Op register64(Binary64 f, int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long x = f.apply(cpu, cpu.vec[d], cpu.vec[s]);
                Mxcsr.commit(cpu);
                cpu.vec[d] = x;
            }
        };
    }

    private static final class Memory64 extends Op {
        private final Binary64 f;
        private final int d;
        private final Address s;

        Memory64(Binary64 f, int d, Address s) {
            this.f = f;
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long x = f.apply(cpu, cpu.vec[d], cpu.mem.load64(s.forRead(cpu)));
            Mxcsr.commit(cpu);
            cpu.vec[d] = x;
        }
    }

    private static Op register32(Binary32 f, int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                int x = f.apply(cpu, (int) cpu.vec[d], (int) cpu.vec[s]);
                Mxcsr.commit(cpu);
                cpu.vec[d] = cpu.vec[d] & ~LOW | x & LOW;
            }
        };
    }

    private static final class Memory32 extends Op {
        private final Binary32 f;
        private final int d;
        private final Address s;

        Memory32(Binary32 f, int d, Address s) {
            this.f = f;
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            int x = f.apply(cpu, (int) cpu.vec[d], cpu.mem.load32(s.forRead(cpu)));
            Mxcsr.commit(cpu);
            cpu.vec[d] = cpu.vec[d] & ~LOW | x & LOW;
        }
    }

    private static Op packed64Handler(Source s, Binary64 even, Binary64 odd) {
        return new Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long[] v = cpu.vec;
                long lo = even.apply(cpu, v[s.d], b0);
                long hi = odd.apply(cpu, v[s.d + 1], b1);
                Mxcsr.commit(cpu);
                v[s.d] = lo;
                v[s.d + 1] = hi;
            }
        };
    }

    private static Op packed32Handler(Source s, Binary32 even, Binary32 odd) {
        return new Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long[] v = cpu.vec;
                long lo = pair(cpu, v[s.d], b0);
                long hi = pair(cpu, v[s.d + 1], b1);
                Mxcsr.commit(cpu);
                v[s.d] = lo;
                v[s.d + 1] = hi;
            }

            private long pair(Cpu cpu, long a, long b) {
                int x = even.apply(cpu, (int) a, (int) b);
                int y = odd.apply(cpu, (int) (a >>> 32), (int) (b >>> 32));
                return x & LOW | (long) y << 32;
            }
        };
    }

    private static Op horizontal64(Source s, Binary64 f) {
        return new Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long lo = f.apply(cpu, cpu.vec[s.d], cpu.vec[s.d + 1]);
                long hi = f.apply(cpu, b0, b1);
                Mxcsr.commit(cpu);
                cpu.vec[s.d] = lo;
                cpu.vec[s.d + 1] = hi;
            }
        };
    }

    private static Op horizontal32(Source s, Binary32 f) {
        return new Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long lo = pair(cpu, cpu.vec[s.d], cpu.vec[s.d + 1]);
                long hi = pair(cpu, b0, b1);
                Mxcsr.commit(cpu);
                cpu.vec[s.d] = lo;
                cpu.vec[s.d + 1] = hi;
            }

            private long pair(Cpu cpu, long a, long b) {
                int x = f.apply(cpu, (int) a, (int) (a >>> 32));
                int y = f.apply(cpu, (int) b, (int) (b >>> 32));
                return x & LOW | (long) y << 32;
            }
        };
    }
}
