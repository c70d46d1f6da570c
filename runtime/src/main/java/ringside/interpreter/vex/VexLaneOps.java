package ringside.interpreter.vex;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.core.Specializer;
import ringside.interpreter.simd.LaneOps;
import ringside.interpreter.simd.ShuffleOps;
import ringside.interpreter.simd.Simd;
import ringside.interpreter.simd.Sse4Ops;
import ringside.simd.Lanes;
import ringside.simd.Shuffles;

/**
 * AVX and AVX2 instructions on packed integers and bits that stay within 64-bit or 128-bit lanes. The functions on
 * lanes are those of the legacy families, which name each once for both encodings; the instructions without a legacy
 * form are registered here.
 */
final class VexLaneOps {
    /**
     * What a 128-bit lane of the result is made of.
     * @param upperShift the upper lane takes its immediate from this bit on
     */
    record Halves(ShuffleOps.Half low, ShuffleOps.Half high, int upperShift) {}

    private VexLaneOps() {}

    static void register(Registry r) {
        for (LaneOps.Entry e : LaneOps.SSE2) {
            boolean logical = switch (e.mnemonic()) {
                case ANDPS, ANDPD, ANDNPS, ANDNPD, ORPS, ORPD, XORPS, XORPD -> true;
                default -> false;
            };
            lane(r, Feature.AVX, logical ? Feature.AVX : Feature.AVX2, e.mnemonic(), e.lane());
        }
        variable(r, Mnemonic.VPSLLVD, Lanes::psllvd);
        variable(r, Mnemonic.VPSLLVQ, Lanes::psllq);
        variable(r, Mnemonic.VPSRLVD, Lanes::psrlvd);
        variable(r, Mnemonic.VPSRLVQ, Lanes::psrlq);
        variable(r, Mnemonic.VPSRAVD, Lanes::psravd);
        for (ShuffleOps.Entry e : ShuffleOps.SSE2) {
            switch (e.mnemonic()) {
                case PSHUFW -> {}
                case SHUFPD -> halves(r, Feature.AVX, Feature.AVX, e.mnemonic(), e.low(), e.high(), 2);
                case SHUFPS, UNPCKLPS, UNPCKLPD, UNPCKHPS, UNPCKHPD, MOVSLDUP, MOVSHDUP ->
                    halves(r, Feature.AVX, Feature.AVX, e.mnemonic(), e.low(), e.high(), 0);
                default -> halves(r, Feature.AVX, Feature.AVX2, e.mnemonic(), e.low(), e.high(), 0);
            }
        }
        permuteInLane(r);
        shifts(r);
    }

    private static void variable(Registry r, Mnemonic m, LaneOps.Lane f) {
        r.add(m, Vex.gated(Feature.AVX2, (i, c) -> lane(i, c, f)));
    }

    /** Registers the VEX forms of a legacy instruction on 64-bit lanes. */
    static void lane(Registry r, Feature f128, Feature f256, Mnemonic legacy, LaneOps.Lane f) {
        r.add(Vex.of(legacy), Vex.gated(f128, f256, (i, c) -> lane(i, c, f)));
    }

    static Op lane(Instruction i, CpuContext c, LaneOps.Lane f) {
        return Specializer.make(
                Each.class,
                new Form(f, Vex.wide(i) ? 32 : 16, Form.REG, i.memoryOperand() < 0 ? Form.REG : Form.MEM, 0),
                i,
                c);
    }

    /** Registers the VEX forms of a legacy instruction on 128-bit lanes. */
    static void halves(
            Registry r,
            Feature f128,
            Feature f256,
            Mnemonic legacy,
            ShuffleOps.Half low,
            ShuffleOps.Half high,
            int upperShift) {
        own(r, f128, f256, Vex.of(legacy), new Halves(low, high, upperShift));
    }

    private static void own(Registry r, Feature f128, Feature f256, Mnemonic m, Halves h) {
        r.add(
                m,
                Vex.gated(
                        f128,
                        f256,
                        (i, c) -> Specializer.make(
                                InLanes.class,
                                new Form(
                                        h,
                                        Vex.wide(i) ? 32 : 16,
                                        Form.REG,
                                        i.memoryOperand() < 0 ? Form.REG : Form.MEM,
                                        0),
                                i,
                                c)));
    }

    private static long pick(long lo, long hi, long control) {
        return Shuffles.dword(lo, hi, (int) control) | Shuffles.dword(lo, hi, (int) (control >>> 32)) << 32;
    }

    /** VPERMILPx, VMOVDDUP and VPBLENDD. VPERMILPx has its control in a register or an immediate. */
    private static void permuteInLane(Registry r) {
        Halves words = new Halves(
                (a0, a1, b0, b1, n) -> Shuffles.pickDwords(b0, b1, n),
                (a0, a1, b0, b1, n) -> Shuffles.pickDwords(b0, b1, n >> 4),
                0);
        Halves wordsBy =
                new Halves((a0, a1, b0, b1, n) -> pick(a0, a1, b0), (a0, a1, b0, b1, n) -> pick(a0, a1, b1), 0);
        Halves quads = new Halves(
                (a0, a1, b0, b1, n) -> (n & 1) == 0 ? b0 : b1, (a0, a1, b0, b1, n) -> (n & 2) == 0 ? b0 : b1, 2);
        Halves quadsBy = new Halves(
                (a0, a1, b0, b1, n) -> (b0 & 2) == 0 ? a0 : a1, (a0, a1, b0, b1, n) -> (b1 & 2) == 0 ? a0 : a1, 0);
        r.add(Mnemonic.VPERMILPS, Vex.avx((i, c) -> make(i, c, i.opcode >> 8 == 3 ? words : wordsBy)));
        r.add(Mnemonic.VPERMILPD, Vex.avx((i, c) -> make(i, c, i.opcode >> 8 == 3 ? quads : quadsBy)));
        Halves low = new Halves((a0, a1, b0, b1, n) -> b0, (a0, a1, b0, b1, n) -> b0, 0);
        r.add(Mnemonic.VMOVDDUP, Vex.avx((i, c) -> make(i, c, low)));
        Halves blend = new Halves(
                (a0, a1, b0, b1, n) -> Sse4Ops.blendDwords(a0, b0, n),
                (a0, a1, b0, b1, n) -> Sse4Ops.blendDwords(a1, b1, n >> 2),
                4);
        r.add(Mnemonic.VPBLENDD, Vex.gated(Feature.AVX2, (i, c) -> make(i, c, blend)));
    }

    private static Op make(Instruction i, CpuContext c, Halves h) {
        return Specializer.make(
                InLanes.class,
                new Form(h, Vex.wide(i) ? 32 : 16, Form.REG, i.memoryOperand() < 0 ? Form.REG : Form.MEM, 0),
                i,
                c);
    }

    private static void shifts(Registry r) {
        shift(r, Mnemonic.VPSLLW, Lanes::psllw);
        shift(r, Mnemonic.VPSLLD, Lanes::pslld);
        shift(r, Mnemonic.VPSLLQ, Lanes::psllq);
        shift(r, Mnemonic.VPSRLW, Lanes::psrlw);
        shift(r, Mnemonic.VPSRLD, Lanes::psrld);
        shift(r, Mnemonic.VPSRLQ, Lanes::psrlq);
        shift(r, Mnemonic.VPSRAW, Lanes::psraw);
        shift(r, Mnemonic.VPSRAD, Lanes::psrad);
        Halves right = new Halves(
                (a0, a1, b0, b1, n) -> Shuffles.bytesAt(b0, b1, 0, 0, Math.min(n, 16)),
                (a0, a1, b0, b1, n) -> Shuffles.bytesAt(b0, b1, 0, 0, Math.min(n, 16) + 8),
                0);
        Halves left = new Halves(
                (a0, a1, b0, b1, n) -> Shuffles.bytesAt(0, 0, b0, b1, 16 - Math.min(n, 16)),
                (a0, a1, b0, b1, n) -> Shuffles.bytesAt(0, 0, b0, b1, 24 - Math.min(n, 16)),
                0);
        own(r, Feature.AVX, Feature.AVX2, Mnemonic.VPSRLDQ, right);
        own(r, Feature.AVX, Feature.AVX2, Mnemonic.VPSLLDQ, left);
    }

    private static void shift(Registry r, Mnemonic m, LaneOps.Lane f) {
        r.add(m, Vex.integer((i, c) -> {
            boolean immediate = i.kind[2] == Instruction.IMM;
            return Specializer.make(
                    Shift.class,
                    new Form(f, Vex.wide(i) ? 32 : 16, Form.REG, immediate ? Form.IMM : Form.REG, 0),
                    i,
                    c);
        }));
    }

    /** Template: a function on each 64-bit lane of both sources. */
    static final class Each extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final LaneOps.Lane F = (LaneOps.Lane) FORM.operation();
        private static final boolean WIDE = FORM.size() == 32;

        private final int d;
        private final int a;
        private final int s;
        private final Vex.Source source;

        Each(Instruction i, CpuContext c) {
            d = Simd.lane(i, 0);
            a = Vex.firstSource(i);
            source = Vex.Source.of(i, c);
            s = source.at;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            v[d] = F.apply(v[a], b[s]);
            v[d + 1] = F.apply(v[a + 1], b[s + 1]);
            v[d + 2] = WIDE ? F.apply(v[a + 2], b[s + 2]) : 0;
            v[d + 3] = WIDE ? F.apply(v[a + 3], b[s + 3]) : 0;
        }
    }

    /** Template: {@link Halves} of each 128-bit lane. */
    static final class InLanes extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Halves F = (Halves) FORM.operation();
        private static final ShuffleOps.Half LOW = F.low();
        private static final ShuffleOps.Half HIGH = F.high();
        private static final boolean WIDE = FORM.size() == 32;

        private final int d;
        private final int a;
        private final int s;
        private final Vex.Source source;
        private final int imm;

        InLanes(Instruction i, CpuContext c) {
            d = Simd.lane(i, 0);
            a = Vex.firstSource(i);
            source = Vex.Source.of(i, c);
            s = source.at;
            imm = (int) i.imm & 0xff;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long[] b = source.load(cpu);
            long a0 = v[a];
            long a1 = v[a + 1];
            long b0 = b[s];
            long b1 = b[s + 1];
            v[d] = LOW.apply(a0, a1, b0, b1, imm);
            v[d + 1] = HIGH.apply(a0, a1, b0, b1, imm);
            if (WIDE) {
                int upper = imm >> F.upperShift();
                a0 = v[a + 2];
                a1 = v[a + 3];
                b0 = b[s + 2];
                b1 = b[s + 3];
                v[d + 2] = LOW.apply(a0, a1, b0, b1, upper);
                v[d + 3] = HIGH.apply(a0, a1, b0, b1, upper);
            } else {
                v[d + 2] = 0;
                v[d + 3] = 0;
            }
        }
    }

    /** Template: shifts of all elements by one count, an immediate or the low quadword of a 16-byte operand. */
    static final class Shift extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final LaneOps.Lane F = (LaneOps.Lane) FORM.operation();
        private static final boolean WIDE = FORM.size() == 32;
        private static final boolean IMMEDIATE = FORM.source() == Form.IMM;

        private final int d;
        private final int a;
        private final Vex.Source source;
        private final long imm;

        Shift(Instruction i, CpuContext c) {
            d = Simd.lane(i, 0);
            a = Simd.lane(i, 1);
            source = IMMEDIATE ? null : Vex.Source.of(i, c);
            imm = i.imm & 0xff;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long n = IMMEDIATE ? imm : source.load(cpu)[source.at];
            v[d] = F.apply(v[a], n);
            v[d + 1] = F.apply(v[a + 1], n);
            v[d + 2] = WIDE ? F.apply(v[a + 2], n) : 0;
            v[d + 3] = WIDE ? F.apply(v[a + 3], n) : 0;
        }
    }
}
