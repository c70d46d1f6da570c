package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Registry.Maker;
import ringside.simd.Aes;
import ringside.simd.FloatConvert;
import ringside.simd.Format;
import ringside.simd.Galois;
import ringside.simd.Lanes;
import ringside.simd.Mxcsr;
import ringside.simd.Shuffles;
import ringside.simd.StringCompare;

/** SSE4.1, SSE4.2, AES, PCLMULQDQ and GFNI, each only where the CPU model has it. Intel SDM vol. 2. */
public final class Sse4Ops {
    private static final long LOW = 0xffff_ffffL;

    private Sse4Ops() {}

    private static Maker gated(Feature f, Maker m) {
        Maker enabled = Simd.sse(m);
        return (i, c) -> c.model().has(f) ? enabled.make(i, c) : null;
    }

    private static void lane(Registry r, VexForms v, Mnemonic m, LaneOps.Lane f) {
        r.add(m, gated(Feature.SSE4_1, (i, c) -> LaneOps.xmm(i, c, f)));
        v.lane(m, f);
    }

    private static void wide(
            Registry r, VexForms v, Feature feature, Mnemonic m, ShuffleOps.Half low, ShuffleOps.Half high) {
        r.add(m, gated(feature, (i, c) -> ShuffleOps.xmm(i, c, low, high)));
        boolean blend = m == Mnemonic.BLENDPS || m == Mnemonic.BLENDPD;
        Feature f128 = feature == Feature.SSE4_1 ? Feature.AVX : feature;
        Feature f256 = blend
                ? Feature.AVX
                : feature == Feature.AES
                        ? Feature.VAES
                        : feature == Feature.PCLMULQDQ
                                ? Feature.VPCLMULQDQ
                                : feature == Feature.GFNI ? feature : Feature.AVX2;
        v.halves(
                f128,
                f256,
                m,
                low,
                high,
                m == Mnemonic.BLENDPS ? 4 : m == Mnemonic.BLENDPD ? 2 : m == Mnemonic.MPSADBW ? 3 : 0);
    }

    static void register(Registry r, VexForms v) {
        lane(r, v, Mnemonic.PMULDQ, Lanes::pmuldq);
        lane(r, v, Mnemonic.PMULLD, Lanes::pmulld);
        lane(r, v, Mnemonic.PCMPEQQ, Lanes::pcmpeqq);
        lane(r, v, Mnemonic.PMINSB, Lanes::pminsb);
        lane(r, v, Mnemonic.PMINSD, Lanes::pminsd);
        lane(r, v, Mnemonic.PMINUW, Lanes::pminuw);
        lane(r, v, Mnemonic.PMINUD, Lanes::pminud);
        lane(r, v, Mnemonic.PMAXSB, Lanes::pmaxsb);
        lane(r, v, Mnemonic.PMAXSD, Lanes::pmaxsd);
        lane(r, v, Mnemonic.PMAXUW, Lanes::pmaxuw);
        lane(r, v, Mnemonic.PMAXUD, Lanes::pmaxud);
        r.add(Mnemonic.PCMPGTQ, gated(Feature.SSE4_2, (i, c) -> LaneOps.xmm(i, c, Lanes::pcmpgtq)));
        v.lane(Mnemonic.PCMPGTQ, Lanes::pcmpgtq);
        Feature f = Feature.SSE4_1;
        wide(
                r,
                v,
                f,
                Mnemonic.PACKUSDW,
                (a0, a1, b0, b1, n) -> Shuffles.packusdw(a0, a1),
                (a0, a1, b0, b1, n) -> Shuffles.packusdw(b0, b1));
        wide(
                r,
                v,
                f,
                Mnemonic.PHMINPOSUW,
                (a0, a1, b0, b1, n) -> Shuffles.phminposuw(b0, b1),
                (a0, a1, b0, b1, n) -> 0);
        wide(
                r,
                v,
                f,
                Mnemonic.BLENDPD,
                (a0, a1, b0, b1, n) -> (n & 1) != 0 ? b0 : a0,
                (a0, a1, b0, b1, n) -> (n & 2) != 0 ? b1 : a1);
        wide(
                r,
                v,
                f,
                Mnemonic.BLENDPS,
                (a0, a1, b0, b1, n) -> blendDwords(a0, b0, n),
                (a0, a1, b0, b1, n) -> blendDwords(a1, b1, n >> 2));
        wide(
                r,
                v,
                f,
                Mnemonic.PBLENDW,
                (a0, a1, b0, b1, n) -> blendWords(a0, b0, n),
                (a0, a1, b0, b1, n) -> blendWords(a1, b1, n >> 4));
        wide(
                r,
                v,
                f,
                Mnemonic.MPSADBW,
                (a0, a1, b0, b1, n) -> sums(a0, a1, b0, b1, n, 0),
                (a0, a1, b0, b1, n) -> sums(a0, a1, b0, b1, n, 4));
        blendVariable(r, Mnemonic.PBLENDVB, (a, m) -> Lanes.pcmpgtb(0, m));
        blendVariable(r, Mnemonic.BLENDVPS, (a, m) -> Lanes.pcmpgtd(0, m));
        blendVariable(r, Mnemonic.BLENDVPD, (a, m) -> m >> 63);
        r.add(Mnemonic.MOVNTDQA, gated(f, (i, c) -> VectorMoveOps.make(i, c, true)));
        r.add(Mnemonic.PTEST, gated(f, (i, c) -> test(SseFloatOps.Source.of(i, c))));
        widen(r, v, Mnemonic.PMOVSXBW, Shuffles::signBytesToWords, 32);
        widen(r, v, Mnemonic.PMOVSXBD, Shuffles::signBytesToDwords, 16);
        widen(r, v, Mnemonic.PMOVSXBQ, a -> (byte) a, 8);
        widen(r, v, Mnemonic.PMOVSXWD, Shuffles::signWordsToDwords, 32);
        widen(r, v, Mnemonic.PMOVSXWQ, a -> (short) a, 16);
        widen(r, v, Mnemonic.PMOVSXDQ, a -> (int) a, 32);
        widen(r, v, Mnemonic.PMOVZXBW, Shuffles::zeroBytesToWords, 32);
        widen(r, v, Mnemonic.PMOVZXBD, Shuffles::zeroBytesToDwords, 16);
        widen(r, v, Mnemonic.PMOVZXBQ, a -> a & 0xff, 8);
        widen(r, v, Mnemonic.PMOVZXWD, Shuffles::zeroWordsToDwords, 32);
        widen(r, v, Mnemonic.PMOVZXWQ, a -> a & 0xffff, 16);
        widen(r, v, Mnemonic.PMOVZXDQ, a -> a & LOW, 32);
        r.add(Mnemonic.ROUNDPS, gated(f, (i, c) -> round(i, c, true, true)));
        r.add(Mnemonic.ROUNDPD, gated(f, (i, c) -> round(i, c, false, true)));
        r.add(Mnemonic.ROUNDSS, gated(f, (i, c) -> round(i, c, true, false)));
        r.add(Mnemonic.ROUNDSD, gated(f, (i, c) -> round(i, c, false, false)));
        for (Mnemonic m :
                new Mnemonic[] {Mnemonic.PCMPESTRM, Mnemonic.PCMPESTRI, Mnemonic.PCMPISTRM, Mnemonic.PCMPISTRI}) {
            r.add(
                    m,
                    gated(
                            Feature.SSE4_2,
                            (i, c) -> strings(
                                    i,
                                    c,
                                    m == Mnemonic.PCMPESTRM || m == Mnemonic.PCMPESTRI,
                                    m == Mnemonic.PCMPESTRI || m == Mnemonic.PCMPISTRI)));
            boolean toIndex = m == Mnemonic.PCMPESTRI || m == Mnemonic.PCMPISTRI;
            v.same(m, (i, c) -> strings(i, c, m == Mnemonic.PCMPESTRM || m == Mnemonic.PCMPESTRI, toIndex), !toIndex);
        }
        Feature aes = Feature.AES;
        aesRound(r, v, Mnemonic.AESENC, (a0, a1, half) -> Aes.mixColumns(Aes.substitute(a0, a1, half)));
        aesRound(r, v, Mnemonic.AESENCLAST, (a0, a1, half) -> Aes.substitute(a0, a1, half));
        aesRound(r, v, Mnemonic.AESDEC, (a0, a1, half) -> Aes.inverseMixColumns(Aes.inverseSubstitute(a0, a1, half)));
        aesRound(r, v, Mnemonic.AESDECLAST, (a0, a1, half) -> Aes.inverseSubstitute(a0, a1, half));
        wide(
                r,
                v,
                aes,
                Mnemonic.AESIMC,
                (a0, a1, b0, b1, n) -> Aes.inverseMixColumns(b0),
                (a0, a1, b0, b1, n) -> Aes.inverseMixColumns(b1));
        wide(
                r,
                v,
                aes,
                Mnemonic.AESKEYGENASSIST,
                (a0, a1, b0, b1, n) -> Aes.keyAssist(b0, n),
                (a0, a1, b0, b1, n) -> Aes.keyAssist(b1, n));
        wide(
                r,
                v,
                Feature.PCLMULQDQ,
                Mnemonic.PCLMULQDQ,
                (a0, a1, b0, b1, n) -> Aes.carrylessMultiply((n & 1) == 0 ? a0 : a1, (n & 16) == 0 ? b0 : b1, 0),
                (a0, a1, b0, b1, n) -> Aes.carrylessMultiply((n & 1) == 0 ? a0 : a1, (n & 16) == 0 ? b0 : b1, 1));
        Feature galois = Feature.GFNI;
        wide(
                r,
                v,
                galois,
                Mnemonic.GF2P8MULB,
                (a0, a1, b0, b1, n) -> Galois.multiply(a0, b0),
                (a0, a1, b0, b1, n) -> Galois.multiply(a1, b1));
        wide(
                r,
                v,
                galois,
                Mnemonic.GF2P8AFFINEQB,
                (a0, a1, b0, b1, n) -> Galois.affine(a0, b0, n),
                (a0, a1, b0, b1, n) -> Galois.affine(a1, b1, n));
        wide(
                r,
                v,
                galois,
                Mnemonic.GF2P8AFFINEINVQB,
                (a0, a1, b0, b1, n) -> Galois.affine(Galois.invert(a0), b0, n),
                (a0, a1, b0, b1, n) -> Galois.affine(Galois.invert(a1), b1, n));
    }

    public static long blendDwords(long a, long b, int n) {
        long m = ((n & 1) != 0 ? LOW : 0) | ((n & 2) != 0 ? ~LOW : 0);
        return a & ~m | b & m;
    }

    private static long blendWords(long a, long b, int n) {
        long m = 0;
        for (int k = 0; k < 4; k++) m |= (n >> k & 1) != 0 ? 0xffffL << 16 * k : 0;
        return a & ~m | b & m;
    }

    private static long sums(long a0, long a1, long b0, long b1, int imm, int first) {
        long a = Shuffles.bytesAt(a0, a1, 0, 0, (imm & 4) + first);
        return Shuffles.mpsadbw(a, Shuffles.dword(b0, b1, imm & 3));
    }

    private static void blendVariable(Registry r, Mnemonic m, LaneOps.Lane mask) {
        r.add(m, gated(Feature.SSE4_1, (i, c) -> blendVariableHandler(SseFloatOps.Source.of(i, c), mask)));
    }

    public interface Unary {
        long apply(long a);
    }

    private static void widen(Registry r, VexForms v, Mnemonic m, Unary f, int bitsPerLane) {
        r.add(m, gated(Feature.SSE4_1, (i, c) -> widenHandler(i, c, f, bitsPerLane)));
        v.widen(m, f, bitsPerLane);
    }

    private interface AesStep {
        long apply(long a0, long a1, int half);
    }

    /** A round of AES: the state after a step, and the round key. */
    private static void aesRound(Registry r, VexForms v, Mnemonic m, AesStep f) {
        wide(
                r,
                v,
                Feature.AES,
                m,
                (a0, a1, b0, b1, n) -> f.apply(a0, a1, 0) ^ b0,
                (a0, a1, b0, b1, n) -> f.apply(a0, a1, 1) ^ b1);
    }

    private static Op blendVariableHandler(SseFloatOps.Source s, LaneOps.Lane mask) {
        return new SseFloatOps.Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long[] v = cpu.vec;
                long m0 = mask.apply(0, v[0]);
                long m1 = mask.apply(0, v[1]);
                v[s.d] = v[s.d] & ~m0 | b0 & m0;
                v[s.d + 1] = v[s.d + 1] & ~m1 | b1 & m1;
            }
        };
    }

    private static Op test(SseFloatOps.Source s) {
        return new SseFloatOps.Pair(s) {
            @Override
            void apply(Cpu cpu, long b0, long b1) {
                long a0 = cpu.vec[s.d];
                long a1 = cpu.vec[s.d + 1];
                setFlags(cpu, ((a0 & b0 | a1 & b1) == 0 ? Flags.ZF : 0) | ((~a0 & b0 | ~a1 & b1) == 0 ? Flags.CF : 0));
            }
        };
    }

    private static void setFlags(Cpu cpu, int flags) {
        cpu.flagResult = Flags.resultOf(flags);
        cpu.flagAux = Flags.auxOf(flags);
    }

    /** PMOVSX and PMOVZX; the memory form reads only what it needs. */
    private static Op widenHandler(Instruction i, CpuContext c, Unary f, int shift) {
        int d = Simd.lane(i, 0);
        int s = i.isMemory(1) ? 0 : Simd.lane(i, 1);
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long a;
                if (memory == null) {
                    a = cpu.vec[s];
                } else {
                    long la = memory.forRead(cpu);
                    a = shift == 32 ? cpu.mem.load64(la) : shift == 16 ? cpu.mem.load32(la) : cpu.mem.load16(la);
                }
                cpu.vec[d] = f.apply(a);
                cpu.vec[d + 1] = f.apply(a >>> shift);
            }
        };
    }

    private static Op round(Instruction i, CpuContext c, boolean single, boolean packed) {
        int d = Simd.lane(i, 0);
        int s = i.isMemory(1) ? 0 : Simd.lane(i, 1);
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        int imm = (int) i.imm;
        return new Op() {
            private long lane(Cpu cpu, long b) {
                if (!single) return FloatConvert.roundToIntegral(cpu, Format.DOUBLE, b, imm);
                long lo = FloatConvert.roundToIntegral(cpu, Format.SINGLE, b & LOW, imm);
                return packed ? lo | FloatConvert.roundToIntegral(cpu, Format.SINGLE, b >>> 32, imm) << 32 : lo;
            }

            @Override
            public void execute(Cpu cpu) {
                long la = memory == null ? 0 : memory.forRead(cpu);
                if (packed && memory != null) Simd.aligned(cpu, la);
                long b0 = memory == null ? cpu.vec[s] : single && !packed ? cpu.mem.load32(la) : cpu.mem.load64(la);
                long b1 = !packed ? 0 : memory == null ? cpu.vec[s + 1] : cpu.mem.load64(la + 8);
                long lo = lane(cpu, b0);
                long hi = packed ? lane(cpu, b1) : cpu.vec[d + 1];
                Mxcsr.commit(cpu);
                cpu.vec[d] = single && !packed ? cpu.vec[d] & ~LOW | lo & LOW : lo;
                cpu.vec[d + 1] = hi;
            }
        };
    }

    /** PCMPxSTRx; the memory operand need not be aligned. */
    private static Op strings(Instruction i, CpuContext c, boolean explicit, boolean toIndex) {
        int d = Simd.lane(i, 0);
        int s = i.isMemory(1) ? 0 : Simd.lane(i, 1);
        Address memory = i.isMemory(1) ? Address.of(i, c) : null;
        int imm = (int) i.imm & 0xff;
        boolean wideLengths = i.mode == 64 && i.has(Instruction.REX_W);
        return new Op() {
            private int length(long register) {
                return StringCompare.explicitLength(wideLengths ? register : (int) register, imm);
            }

            @Override
            public void execute(Cpu cpu) {
                long la = memory == null ? 0 : memory.forRead(cpu);
                if (memory != null) Simd.checkCrossing(cpu, la, 16);
                long b0 = memory == null ? cpu.vec[s] : cpu.mem.load64(la);
                long b1 = memory == null ? cpu.vec[s + 1] : Simd.loadHigh(cpu, la);
                long a0 = cpu.vec[d];
                long a1 = cpu.vec[d + 1];
                int lengthA = explicit ? length(cpu.gpr[Cpu.RAX]) : StringCompare.implicitLength(a0, a1, imm);
                int lengthB = explicit ? length(cpu.gpr[Cpu.RDX]) : StringCompare.implicitLength(b0, b1, imm);
                int mask = StringCompare.mask(a0, a1, lengthA, b0, b1, lengthB, imm);
                if (toIndex) {
                    cpu.gpr[Cpu.RCX] = StringCompare.index(mask, imm);
                } else {
                    cpu.vec[0] = StringCompare.expand(mask, imm, 0);
                    cpu.vec[1] = StringCompare.expand(mask, imm, 1);
                }
                int all = (imm & 1) == 0 ? 16 : 8;
                setFlags(
                        cpu,
                        (mask != 0 ? Flags.CF : 0)
                                | (lengthB < all ? Flags.ZF : 0)
                                | (lengthA < all ? Flags.SF : 0)
                                | ((mask & 1) != 0 ? Flags.OF : 0));
            }
        };
    }
}
