package ringside.interpreter.simd;

import static ringside.simd.Shuffles.bytesAt;
import static ringside.simd.Shuffles.pickDwords;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.simd.Lanes;
import ringside.simd.Shuffles;

/**
 * Instructions whose 128-bit result mixes the lanes of the sources: a table of two {@link Half} functions an
 * instruction, one for each 64-bit half of the result, and a third for the MMX form.
 */
public final class ShuffleOps {
    /** One 64-bit half of the result, from destination (a1:a0), source (b1:b0) and immediate. */
    public interface Half {
        long apply(long a0, long a1, long b0, long b1, int imm);
    }

    /** @param mmx the MMX form, or null */
    public record Entry(Mnemonic mnemonic, Half low, Half high, LaneImmediate mmx) {}

    /** The MMX form: destination, source, immediate. */
    interface LaneImmediate {
        long apply(long a, long b, int imm);
    }

    private ShuffleOps() {}

    /** Result: neighbours of the destination in the low half, of the source in the high half. */
    private static Entry joined(Mnemonic m, LaneOps.Lane f) {
        return new Entry(
                m,
                (a0, a1, b0, b1, i) -> f.apply(a0, a1),
                (a0, a1, b0, b1, i) -> f.apply(b0, b1),
                (a, b, i) -> f.apply(a, b));
    }

    private static Entry unpackLow(Mnemonic m, LaneOps.Lane low, LaneOps.Lane high) {
        return new Entry(
                m,
                (a0, a1, b0, b1, i) -> low.apply(a0, b0),
                (a0, a1, b0, b1, i) -> high.apply(a0, b0),
                (a, b, i) -> low.apply(a, b));
    }

    private static Entry unpackHigh(Mnemonic m, LaneOps.Lane low, LaneOps.Lane high) {
        return new Entry(
                m,
                (a0, a1, b0, b1, i) -> low.apply(a1, b1),
                (a0, a1, b0, b1, i) -> high.apply(a1, b1),
                (a, b, i) -> high.apply(a, b));
    }

    private static Entry wide(Mnemonic m, Half low, Half high) {
        return new Entry(m, low, high, null);
    }

    /** MMX to SSSE3. */
    public static final Entry[] SSE2 = {
        joined(Mnemonic.PACKSSWB, Shuffles::packsswb),
        joined(Mnemonic.PACKUSWB, Shuffles::packuswb),
        joined(Mnemonic.PACKSSDW, Shuffles::packssdw),
        unpackLow(Mnemonic.PUNPCKLBW, Shuffles::interleaveLowB, Shuffles::interleaveHighB),
        unpackLow(Mnemonic.PUNPCKLWD, Shuffles::interleaveLowW, Shuffles::interleaveHighW),
        unpackLow(Mnemonic.PUNPCKLDQ, Shuffles::interleaveLowD, Shuffles::interleaveHighD),
        unpackLow(Mnemonic.UNPCKLPS, Shuffles::interleaveLowD, Shuffles::interleaveHighD),
        unpackHigh(Mnemonic.PUNPCKHBW, Shuffles::interleaveLowB, Shuffles::interleaveHighB),
        unpackHigh(Mnemonic.PUNPCKHWD, Shuffles::interleaveLowW, Shuffles::interleaveHighW),
        unpackHigh(Mnemonic.PUNPCKHDQ, Shuffles::interleaveLowD, Shuffles::interleaveHighD),
        unpackHigh(Mnemonic.UNPCKHPS, Shuffles::interleaveLowD, Shuffles::interleaveHighD),
        wide(Mnemonic.PUNPCKLQDQ, (a0, a1, b0, b1, i) -> a0, (a0, a1, b0, b1, i) -> b0),
        wide(Mnemonic.UNPCKLPD, (a0, a1, b0, b1, i) -> a0, (a0, a1, b0, b1, i) -> b0),
        wide(Mnemonic.PUNPCKHQDQ, (a0, a1, b0, b1, i) -> a1, (a0, a1, b0, b1, i) -> b1),
        wide(Mnemonic.UNPCKHPD, (a0, a1, b0, b1, i) -> a1, (a0, a1, b0, b1, i) -> b1),
        new Entry(Mnemonic.PSHUFW, null, null, (a, b, i) -> Shuffles.pshufw(b, i)),
        wide(
                Mnemonic.PSHUFD,
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, i),
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, i >> 4)),
        wide(Mnemonic.PSHUFLW, (a0, a1, b0, b1, i) -> Shuffles.pshufw(b0, i), (a0, a1, b0, b1, i) -> b1),
        wide(Mnemonic.PSHUFHW, (a0, a1, b0, b1, i) -> b0, (a0, a1, b0, b1, i) -> Shuffles.pshufw(b1, i)),
        wide(
                Mnemonic.SHUFPS,
                (a0, a1, b0, b1, i) -> pickDwords(a0, a1, i),
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, i >> 4)),
        wide(
                Mnemonic.SHUFPD,
                (a0, a1, b0, b1, i) -> (i & 1) == 0 ? a0 : a1,
                (a0, a1, b0, b1, i) -> (i & 2) == 0 ? b0 : b1),
        new Entry(
                Mnemonic.PSHUFB,
                (a0, a1, b0, b1, i) -> Shuffles.pshufb(a0, a1, b0),
                (a0, a1, b0, b1, i) -> Shuffles.pshufb(a0, a1, b1),
                (a, b, i) -> Shuffles.pshufb(a, b)),
        new Entry(
                Mnemonic.PALIGNR,
                (a0, a1, b0, b1, i) -> bytesAt(b0, b1, a0, a1, i),
                (a0, a1, b0, b1, i) -> bytesAt(b0, b1, a0, a1, i + 8),
                (a, b, i) -> bytesAt(b, a, 0, 0, i)),
        joined(Mnemonic.PHADDW, Shuffles::phaddw),
        joined(Mnemonic.PHADDD, Shuffles::phaddd),
        joined(Mnemonic.PHADDSW, Shuffles::phaddsw),
        joined(Mnemonic.PHSUBW, Shuffles::phsubw),
        joined(Mnemonic.PHSUBD, Shuffles::phsubd),
        joined(Mnemonic.PHSUBSW, Shuffles::phsubsw),
        wide(
                Mnemonic.MOVSLDUP,
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, 0),
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, 0b1010)),
        wide(
                Mnemonic.MOVSHDUP,
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, 0b0101),
                (a0, a1, b0, b1, i) -> pickDwords(b0, b1, 0b1111)),
    };

    static void register(Registry r) {
        for (Entry e : SSE2) {
            r.add(
                    e.mnemonic,
                    (i, c) -> Simd.isMmx(i)
                            ? Simd.mmx((j, d) -> mmx(j, d, e.mmx)).make(i, c)
                            : Simd.sse((j, d) -> xmm(j, d, e.low, e.high)).make(i, c));
        }
        shift(r, Mnemonic.PSLLW, Lanes::psllw);
        shift(r, Mnemonic.PSLLD, Lanes::pslld);
        shift(r, Mnemonic.PSLLQ, Lanes::psllq);
        shift(r, Mnemonic.PSRLW, Lanes::psrlw);
        shift(r, Mnemonic.PSRLD, Lanes::psrld);
        shift(r, Mnemonic.PSRLQ, Lanes::psrlq);
        shift(r, Mnemonic.PSRAW, Lanes::psraw);
        shift(r, Mnemonic.PSRAD, Lanes::psrad);
        r.add(Mnemonic.PSLLDQ, Simd.sse((i, c) -> byteShift(Simd.lane(i, 0), -(int) Math.min(i.imm & 0xff, 16))));
        r.add(Mnemonic.PSRLDQ, Simd.sse((i, c) -> byteShift(Simd.lane(i, 0), (int) Math.min(i.imm & 0xff, 16))));
    }

    static Op xmm(Instruction i, CpuContext c, Half low, Half high) {
        int d = Simd.lane(i, 0);
        int imm = (int) i.imm & 0xff;
        return i.isMemory(1)
                ? new XmmMemory(low, high, d, Address.of(i, c), imm)
                : xmmRegister(low, high, d, Simd.lane(i, 1), imm);
    }

    private static Op mmx(Instruction i, CpuContext c, LaneImmediate f) {
        int imm = (int) i.imm & 0xff;
        int d = Simd.mm(i, 0);
        if (!i.isMemory(1)) return mmxRegister(f, d, Simd.mm(i, 1), imm);
        return new MmxMemory(f, d, Address.of(i, c), imm, i.size[1] == 4);
    }

    private static void shift(Registry r, Mnemonic m, LaneOps.Lane f) {
        r.add(m, (i, c) -> {
            boolean immediate = i.kind[1] == Instruction.IMM;
            if (Simd.isMmx(i)) {
                return Simd.mmx((j, d) -> immediate ? mmxShift(f, Simd.mm(j, 0), j.imm & 0xff) : LaneOps.mmx(j, d, f))
                        .make(i, c);
            }
            return Simd.sse((j, d) -> {
                        int x = Simd.lane(j, 0);
                        if (immediate) return new ShiftImmediate(f, x, j.imm & 0xff);
                        return j.isMemory(1)
                                ? new ShiftMemory(f, x, Address.of(j, d))
                                : shiftRegister(f, x, Simd.lane(j, 1));
                    })
                    .make(i, c);
        });
    }

    private static Op xmmRegister(Half low, Half high, int d, int s, int imm) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long a0 = v[d];
                long a1 = v[d + 1];
                long b0 = v[s];
                long b1 = v[s + 1];
                v[d] = low.apply(a0, a1, b0, b1, imm);
                v[d + 1] = high.apply(a0, a1, b0, b1, imm);
            }
        };
    }

    private static final class XmmMemory extends Op {
        private final Half low;
        private final Half high;
        private final int d;
        private final Address s;
        private final int imm;

        XmmMemory(Half low, Half high, int d, Address s, int imm) {
            this.low = low;
            this.high = high;
            this.d = d;
            this.s = s;
            this.imm = imm;
        }

        @Override
        public void execute(Cpu cpu) {
            long la = Simd.aligned(cpu, s.forRead(cpu));
            long b0 = cpu.mem.load64(la);
            long b1 = cpu.mem.load64(la + 8);
            long[] v = cpu.vec;
            long a0 = v[d];
            long a1 = v[d + 1];
            v[d] = low.apply(a0, a1, b0, b1, imm);
            v[d + 1] = high.apply(a0, a1, b0, b1, imm);
        }
    }

    private static Op mmxRegister(LaneImmediate f, int d, int s, int imm) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.writeMmx(cpu, d, f.apply(cpu.fpMantissa[d], cpu.fpMantissa[s], imm));
            }
        };
    }

    private static final class MmxMemory extends Op {
        private final LaneImmediate f;
        private final int d;
        private final Address s;
        private final int imm;
        /** PUNPCKL reads only four bytes. */
        private final boolean narrow;

        MmxMemory(LaneImmediate f, int d, Address s, int imm, boolean narrow) {
            this.f = f;
            this.d = d;
            this.s = s;
            this.imm = imm;
            this.narrow = narrow;
        }

        @Override
        public void execute(Cpu cpu) {
            Simd.pendingX87(cpu);
            long la = s.forRead(cpu);
            long b = narrow ? cpu.mem.load32(la) : cpu.mem.load64(la);
            Simd.writeMmx(cpu, d, f.apply(cpu.fpMantissa[d], b, imm));
        }
    }

    // ---- shifts by one count ----

    private static Op mmxShift(LaneOps.Lane f, int d, long count) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                Simd.pendingX87(cpu);
                Simd.writeMmx(cpu, d, f.apply(cpu.fpMantissa[d], count));
            }
        };
    }

    private static final class ShiftImmediate extends Op {
        private final LaneOps.Lane f;
        private final int d;
        private final long count;

        ShiftImmediate(LaneOps.Lane f, int d, long count) {
            this.f = f;
            this.d = d;
            this.count = count;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            v[d] = f.apply(v[d], count);
            v[d + 1] = f.apply(v[d + 1], count);
        }
    }

    private static Op shiftRegister(LaneOps.Lane f, int d, int s) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long count = v[s];
                v[d] = f.apply(v[d], count);
                v[d + 1] = f.apply(v[d + 1], count);
            }
        };
    }

    private static final class ShiftMemory extends Op {
        private final LaneOps.Lane f;
        private final int d;
        private final Address s;

        ShiftMemory(LaneOps.Lane f, int d, Address s) {
            this.f = f;
            this.d = d;
            this.s = s;
        }

        @Override
        public void execute(Cpu cpu) {
            long la = Simd.aligned(cpu, s.forRead(cpu));
            long count = cpu.mem.load64(la);
            cpu.mem.load64(la + 8);
            long[] v = cpu.vec;
            v[d] = f.apply(v[d], count);
            v[d + 1] = f.apply(v[d + 1], count);
        }
    }

    /** PSLLDQ and PSRLDQ. */
    private static Op byteShift(int d, int bytes) {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long lo = v[d];
                long hi = v[d + 1];
                if (bytes >= 0) {
                    v[d] = bytesAt(lo, hi, 0, 0, bytes);
                    v[d + 1] = bytesAt(lo, hi, 0, 0, bytes + 8);
                } else {
                    v[d] = bytesAt(0, 0, lo, hi, 16 + bytes);
                    v[d + 1] = bytesAt(0, 0, lo, hi, 24 + bytes);
                }
            }
        };
    }
}
