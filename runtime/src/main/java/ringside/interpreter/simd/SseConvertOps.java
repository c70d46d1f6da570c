package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.simd.FloatCompare;
import ringside.simd.FloatConvert;
import ringside.simd.Format;
import ringside.simd.Mxcsr;

/**
 * SSE conversions between number formats, in vector and general registers, and the comparisons that set RFLAGS. Intel
 * SDM vol. 2, CVTxx, COMISD, UCOMISD.
 */
public final class SseConvertOps {
    private static final long LOW = 0xffff_ffffL;

    /** From the source's one or two lanes to one lane of the result. */
    public interface Wide {
        long apply(Cpu cpu, long b0, long b1);
    }

    private SseConvertOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.CVTSI2SD, Simd.sse((i, c) -> fromGpr(i, c, false)));
        r.add(Mnemonic.CVTSI2SS, Simd.sse((i, c) -> fromGpr(i, c, true)));
        toGpr(r, Mnemonic.CVTSD2SI, 64, false);
        toGpr(r, Mnemonic.CVTTSD2SI, 64, true);
        toGpr(r, Mnemonic.CVTSS2SI, 32, false);
        toGpr(r, Mnemonic.CVTTSS2SI, 32, true);
        r.add(Mnemonic.CVTSS2SD, Simd.sse((i, c) -> new Scalar(i, c, false)));
        r.add(Mnemonic.CVTSD2SS, Simd.sse((i, c) -> new Scalar(i, c, true)));
        packed(
                r,
                Mnemonic.CVTPS2PD,
                (c, a, b) -> FloatConvert.floatToDouble(c, (int) a),
                (c, a, b) -> FloatConvert.floatToDouble(c, (int) (a >>> 32)));
        packed(
                r,
                Mnemonic.CVTDQ2PD,
                (c, a, b) -> FloatConvert.integerToDouble(c, (int) a),
                (c, a, b) -> FloatConvert.integerToDouble(c, a >> 32));
        packed(
                r,
                Mnemonic.CVTPD2PS,
                (c, a, b) -> pair(FloatConvert.doubleToFloat(c, a), FloatConvert.doubleToFloat(c, b)),
                (c, a, b) -> 0);
        packed(r, Mnemonic.CVTPD2DQ, SseConvertOps::roundDoubles, (c, a, b) -> 0);
        packed(r, Mnemonic.CVTTPD2DQ, SseConvertOps::truncateDoubles, (c, a, b) -> 0);
        packed(r, Mnemonic.CVTDQ2PS, (c, a, b) -> floats(c, a), (c, a, b) -> floats(c, b));
        packed(r, Mnemonic.CVTPS2DQ, (c, a, b) -> roundFloats(c, a), (c, a, b) -> roundFloats(c, b));
        packed(r, Mnemonic.CVTTPS2DQ, (c, a, b) -> truncateFloats(c, a), (c, a, b) -> truncateFloats(c, b));
        toMmx(r, Mnemonic.CVTPS2PI, (c, a, b) -> roundFloats(c, a));
        toMmx(r, Mnemonic.CVTTPS2PI, (c, a, b) -> truncateFloats(c, a));
        toMmx(r, Mnemonic.CVTPD2PI, SseConvertOps::roundDoubles);
        toMmx(r, Mnemonic.CVTTPD2PI, SseConvertOps::truncateDoubles);
        r.add(Mnemonic.CVTPI2PS, Simd.sse((i, c) -> fromMmx(i, c, true)));
        r.add(Mnemonic.CVTPI2PD, Simd.sse((i, c) -> fromMmx(i, c, false)));
        r.add(Mnemonic.COMISS, Simd.sse((i, c) -> compare(i, c, Mnemonic.COMISS)));
        r.add(Mnemonic.UCOMISS, Simd.sse((i, c) -> compare(i, c, Mnemonic.UCOMISS)));
        r.add(Mnemonic.COMISD, Simd.sse((i, c) -> compare(i, c, Mnemonic.COMISD)));
        r.add(Mnemonic.UCOMISD, Simd.sse((i, c) -> compare(i, c, Mnemonic.UCOMISD)));
    }

    /** @param m COMISS, UCOMISS, COMISD or UCOMISD, of either encoding */
    public static Op compare(Instruction i, CpuContext c, Mnemonic m) {
        boolean single = m == Mnemonic.COMISS || m == Mnemonic.UCOMISS;
        return new Compare(i, c, single ? Format.SINGLE : Format.DOUBLE, m == Mnemonic.COMISS || m == Mnemonic.COMISD);
    }

    private static long pair(long lo, long hi) {
        return lo & LOW | hi << 32;
    }

    public static long floats(Cpu c, long a) {
        return pair(FloatConvert.integerToFloat(c, (int) a), FloatConvert.integerToFloat(c, a >> 32));
    }

    public static long roundFloats(Cpu c, long a) {
        return pair(FloatConvert.floatToInteger(c, (int) a, 32), FloatConvert.floatToInteger(c, (int) (a >>> 32), 32));
    }

    public static long truncateFloats(Cpu c, long a) {
        return pair(FloatConvert.truncateFloat(c, (int) a, 32), FloatConvert.truncateFloat(c, (int) (a >>> 32), 32));
    }

    public static long roundDoubles(Cpu c, long a, long b) {
        return pair(FloatConvert.doubleToInteger(c, a, 32), FloatConvert.doubleToInteger(c, b, 32));
    }

    public static long truncateDoubles(Cpu c, long a, long b) {
        return pair(FloatConvert.truncateDouble(c, a, 32), FloatConvert.truncateDouble(c, b, 32));
    }

    private static void toGpr(Registry r, Mnemonic m, int from, boolean truncate) {
        r.add(m, Simd.sse((i, c) -> new ToGpr(i, c, from == 32, truncate)));
    }

    private static void packed(Registry r, Mnemonic m, Wide low, Wide high) {
        r.add(m, Simd.sse((i, c) -> new Packed(i, c, low, high)));
    }

    private static void toMmx(Registry r, Mnemonic m, Wide f) {
        r.add(m, Simd.sse((i, c) -> new ToMmx(i, c, f)));
    }

    /** A scalar source in an XMM register or memory. */
    private abstract static class ScalarSource extends Op {
        final int d;
        private final int s;
        private final Address memory;
        private final boolean narrow;

        ScalarSource(Instruction i, CpuContext c, int d, boolean narrow) {
            this.d = d;
            this.s = i.isMemory(1) ? 0 : Simd.lane(i, 1);
            this.memory = i.isMemory(1) ? Address.of(i, c) : null;
            this.narrow = narrow;
        }

        final long source(Cpu cpu) {
            if (memory == null) return cpu.vec[s];
            long la = memory.forRead(cpu);
            return narrow ? cpu.mem.load32(la) & LOW : cpu.mem.load64(la);
        }
    }

    public static final class ToGpr extends ScalarSource {
        private final boolean single;
        private final boolean truncate;
        private final int bits;

        public ToGpr(Instruction i, CpuContext c, boolean single, boolean truncate) {
            super(i, c, i.reg[0], single);
            this.single = single;
            this.truncate = truncate;
            this.bits = i.size[0] * 8;
        }

        @Override
        public void execute(Cpu cpu) {
            long a = source(cpu);
            long n;
            if (single) {
                n = truncate
                        ? FloatConvert.truncateFloat(cpu, (int) a, bits)
                        : FloatConvert.floatToInteger(cpu, (int) a, bits);
            } else {
                n = truncate ? FloatConvert.truncateDouble(cpu, a, bits) : FloatConvert.doubleToInteger(cpu, a, bits);
            }
            Mxcsr.commit(cpu);
            cpu.gpr[d] = bits == 32 ? n & LOW : n;
        }
    }

    private static Op fromGpr(Instruction i, CpuContext c, boolean single) {
        int d = Simd.lane(i, 0);
        int s = i.reg[1];
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        boolean wide = i.size[1] == 8;
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long n = memory == null
                        ? cpu.gpr[s]
                        : wide ? cpu.mem.load64(memory.forRead(cpu)) : cpu.mem.load32(memory.forRead(cpu));
                if (!wide) n = (int) n;
                long x = single
                        ? cpu.vec[d] & ~LOW | FloatConvert.integerToFloat(cpu, n) & LOW
                        : FloatConvert.integerToDouble(cpu, n);
                Mxcsr.commit(cpu);
                cpu.vec[d] = x;
            }
        };
    }

    private static final class Scalar extends ScalarSource {
        private final boolean toSingle;

        Scalar(Instruction i, CpuContext c, boolean toSingle) {
            super(i, c, Simd.lane(i, 0), !toSingle);
            this.toSingle = toSingle;
        }

        @Override
        public void execute(Cpu cpu) {
            long a = source(cpu);
            long x = toSingle
                    ? cpu.vec[d] & ~LOW | FloatConvert.doubleToFloat(cpu, a) & LOW
                    : FloatConvert.floatToDouble(cpu, (int) a);
            Mxcsr.commit(cpu);
            cpu.vec[d] = x;
        }
    }

    /** A source of 8 (not aligned) or 16 (aligned) bytes. */
    private abstract static class PackedSource extends Op {
        private final int s;
        private final Address memory;
        private final boolean whole;

        PackedSource(Instruction i, CpuContext c) {
            this.s = i.isMemory(1) ? 0 : Simd.lane(i, 1);
            this.memory = i.isMemory(1) ? Address.of(i, c) : null;
            this.whole = i.size[1] == 16;
        }

        final long locate(Cpu cpu) {
            if (memory == null) return 0;
            long la = memory.forRead(cpu);
            return whole ? Simd.aligned(cpu, la) : la;
        }

        final long low(Cpu cpu, long la) {
            return memory == null ? cpu.vec[s] : cpu.mem.load64(la);
        }

        final long high(Cpu cpu, long la) {
            return memory == null ? cpu.vec[s + 1] : whole ? cpu.mem.load64(la + 8) : 0;
        }
    }

    private static final class Packed extends PackedSource {
        private final int d;
        private final Wide low;
        private final Wide high;

        Packed(Instruction i, CpuContext c, Wide low, Wide high) {
            super(i, c);
            this.d = Simd.lane(i, 0);
            this.low = low;
            this.high = high;
        }

        @Override
        public void execute(Cpu cpu) {
            long la = locate(cpu);
            long b0 = low(cpu, la);
            long b1 = high(cpu, la);
            long lo = low.apply(cpu, b0, b1);
            long hi = high.apply(cpu, b0, b1);
            Mxcsr.commit(cpu);
            cpu.vec[d] = lo;
            cpu.vec[d + 1] = hi;
        }
    }

    private static final class ToMmx extends PackedSource {
        private final int d;
        private final Wide f;

        ToMmx(Instruction i, CpuContext c, Wide f) {
            super(i, c);
            this.d = Simd.mm(i, 0);
            this.f = f;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            long la = locate(cpu);
            long x = f.apply(cpu, low(cpu, la), high(cpu, la));
            Mxcsr.commit(cpu);
            Simd.writeMmx(cpu, d, x);
        }
    }

    /**
     * CVTPI2PS and CVTPI2PD. With a source in memory neither touches the MMX state (observed on an AMD Zen 4 for both).
     */
    private static Op fromMmx(Instruction i, CpuContext c, boolean single) {
        int d = Simd.lane(i, 0);
        int s = i.isMemory(1) ? 0 : Simd.mm(i, 1);
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                boolean mmx = memory == null;
                if (mmx) Simd.pendingX87(cpu);
                long n = memory == null ? cpu.fpMantissa[s] : cpu.mem.load64(memory.forRead(cpu));
                long lo = single ? floats(cpu, n) : FloatConvert.integerToDouble(cpu, (int) n);
                long hi = single ? cpu.vec[d + 1] : FloatConvert.integerToDouble(cpu, n >> 32);
                Mxcsr.commit(cpu);
                if (mmx) Simd.enterMmx(cpu);
                cpu.vec[d] = lo;
                cpu.vec[d + 1] = hi;
            }
        };
    }

    private static final class Compare extends ScalarSource {
        private final Format format;
        private final boolean signalQuiet;

        Compare(Instruction i, CpuContext c, Format format, boolean signalQuiet) {
            super(i, c, Simd.lane(i, 0), format == Format.SINGLE);
            this.format = format;
            this.signalQuiet = signalQuiet;
        }

        @Override
        public void execute(Cpu cpu) {
            long b = source(cpu);
            long a = cpu.vec[d];
            int relation = format == Format.SINGLE
                    ? FloatCompare.compare(cpu, format, a & LOW, b & LOW, signalQuiet)
                    : FloatCompare.compare(cpu, format, a, b, signalQuiet);
            Mxcsr.commit(cpu);
            int flags = switch (relation) {
                case FloatCompare.LESS -> Flags.CF;
                case FloatCompare.EQUAL -> Flags.ZF;
                case FloatCompare.GREATER -> 0;
                default -> Flags.ZF | Flags.PF | Flags.CF;
            };
            cpu.flagResult = Flags.resultOf(flags);
            cpu.flagAux = Flags.auxOf(flags);
        }
    }
}
