package ringside.interpreter.vex;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.interpreter.simd.Simd;
import ringside.interpreter.simd.SseConvertOps;
import ringside.simd.FloatConvert;
import ringside.simd.Mxcsr;

/**
 * AVX conversions between number formats, F16C, and the comparisons that set RFLAGS. Intel SDM vol. 2, CVTxx,
 * VCVTPH2PS, VCVTPS2PH, COMISD.
 */
final class VexConvertOps {
    private static final long LOW = 0xffff_ffffL;

    private VexConvertOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.VCVTSI2SD, Vex.avx((i, c) -> fromGpr(i, c, false)));
        r.add(Mnemonic.VCVTSI2SS, Vex.avx((i, c) -> fromGpr(i, c, true)));
        r.add(Mnemonic.VCVTSD2SI, Vex.avx((i, c) -> new SseConvertOps.ToGpr(i, c, false, false)));
        r.add(Mnemonic.VCVTTSD2SI, Vex.avx((i, c) -> new SseConvertOps.ToGpr(i, c, false, true)));
        r.add(Mnemonic.VCVTSS2SI, Vex.avx((i, c) -> new SseConvertOps.ToGpr(i, c, true, false)));
        r.add(Mnemonic.VCVTTSS2SI, Vex.avx((i, c) -> new SseConvertOps.ToGpr(i, c, true, true)));
        for (Mnemonic m : new Mnemonic[] {Mnemonic.COMISS, Mnemonic.UCOMISS, Mnemonic.COMISD, Mnemonic.UCOMISD}) {
            r.add(Vex.of(m), Vex.avx((i, c) -> SseConvertOps.compare(i, c, m)));
        }
        r.add(Mnemonic.VCVTSS2SD, Vex.avx((i, c) -> new Scalar(i, c, false)));
        r.add(Mnemonic.VCVTSD2SS, Vex.avx((i, c) -> new Scalar(i, c, true)));
        same(r, Mnemonic.VCVTDQ2PS, SseConvertOps::floats);
        same(r, Mnemonic.VCVTPS2DQ, SseConvertOps::roundFloats);
        same(r, Mnemonic.VCVTTPS2DQ, SseConvertOps::truncateFloats);
        widen(r, Feature.AVX, Mnemonic.VCVTPS2PD, (c, a) -> FloatConvert.floatToDouble(c, (int) a), 32);
        widen(r, Feature.AVX, Mnemonic.VCVTDQ2PD, (c, a) -> FloatConvert.integerToDouble(c, (int) a), 32);
        widen(
                r,
                Feature.F16C,
                Mnemonic.VCVTPH2PS,
                (c, a) -> VexFloatOps.join(
                        FloatConvert.halfToFloat(c, (int) a & 0xffff),
                        FloatConvert.halfToFloat(c, (int) (a >>> 16) & 0xffff)),
                32);
        narrow(
                r,
                Mnemonic.VCVTPD2PS,
                (c, a, b) -> VexFloatOps.join(FloatConvert.doubleToFloat(c, a), FloatConvert.doubleToFloat(c, b)));
        narrow(r, Mnemonic.VCVTPD2DQ, SseConvertOps::roundDoubles);
        narrow(r, Mnemonic.VCVTTPD2DQ, SseConvertOps::truncateDoubles);
        r.add(Mnemonic.VCVTPS2PH, Vex.gated(Feature.F16C, VexConvertOps::toHalf));
    }

    /** One lane of the result from one lane, or from the low part of a lane, of the source. */
    private interface Unary {
        long apply(Cpu cpu, long a);
    }

    private static void same(Registry r, Mnemonic m, Unary f) {
        r.add(m, Vex.avx((i, c) -> new Packed(i, c, f)));
    }

    private static void widen(Registry r, Feature feature, Mnemonic m, Unary f, int bits) {
        r.add(m, Vex.gated(feature, (i, c) -> new Widening(i, c, f, bits)));
    }

    private static void narrow(Registry r, Mnemonic m, SseConvertOps.Wide f) {
        r.add(m, Vex.avx((i, c) -> new Narrowing(i, c, f)));
    }

    private abstract static class Converting extends Vex.Operands {
        final boolean wide;

        Converting(Instruction i, CpuContext c) {
            super(i, c);
            wide = Vex.wide(i);
        }
    }

    private static final class Packed extends Converting {
        private final Unary f;

        Packed(Instruction i, CpuContext c, Unary f) {
            super(i, c);
            this.f = f;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] b = source.load(cpu);
            long r0 = f.apply(cpu, b[s]);
            long r1 = f.apply(cpu, b[s + 1]);
            long r2 = wide ? f.apply(cpu, b[s + 2]) : 0;
            long r3 = wide ? f.apply(cpu, b[s + 3]) : 0;
            Mxcsr.commit(cpu);
            Vex.write(cpu.vec, d, wide, r0, r1, r2, r3);
        }
    }

    /** Each lane of the result comes from the next {@code bits} bits of the source. */
    private static final class Widening extends Converting {
        private final Unary f;
        private final int bits;

        Widening(Instruction i, CpuContext c, Unary f, int bits) {
            super(i, c);
            this.f = f;
            this.bits = bits;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] b = source.load(cpu);
            long lo = b[s];
            long hi = b[s + 1];
            long r0 = f.apply(cpu, lo);
            long r1 = f.apply(cpu, lo >>> bits);
            long r2 = wide ? f.apply(cpu, hi) : 0;
            long r3 = wide ? f.apply(cpu, hi >>> bits) : 0;
            Mxcsr.commit(cpu);
            Vex.write(cpu.vec, d, wide, r0, r1, r2, r3);
        }
    }

    /** Two lanes of the source make one of the result, which has 64 or 128 bits. */
    private static final class Narrowing extends Converting {
        private final SseConvertOps.Wide f;

        Narrowing(Instruction i, CpuContext c, SseConvertOps.Wide f) {
            super(i, c);
            this.f = f;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] b = source.load(cpu);
            long lo = f.apply(cpu, b[s], b[s + 1]);
            long hi = wide ? f.apply(cpu, b[s + 2], b[s + 3]) : 0;
            Mxcsr.commit(cpu);
            Vex.write(cpu.vec, d, lo, hi);
        }
    }

    private static final class Scalar extends Converting {
        private final boolean toSingle;

        Scalar(Instruction i, CpuContext c, boolean toSingle) {
            super(i, c);
            this.toSingle = toSingle;
        }

        @Override
        public void execute(Cpu cpu) {
            long[] v = cpu.vec;
            long b = source.load(cpu)[s];
            long x = toSingle
                    ? v[a] & ~LOW | FloatConvert.doubleToFloat(cpu, b) & LOW
                    : FloatConvert.floatToDouble(cpu, (int) b);
            Mxcsr.commit(cpu);
            Vex.write(v, d, x, v[a + 1]);
        }
    }

    private static Op fromGpr(Instruction i, CpuContext c, boolean single) {
        int d = Simd.lane(i, 0);
        int a = Simd.lane(i, 1);
        int s = i.reg[2];
        Address memory = i.isMemory(2) ? Address.of(i, c) : null;
        int size = i.size[2];
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long n = GprAccess.signExtend(
                        memory == null ? cpu.gpr[s] : cpu.mem.load(memory.forRead(cpu), size), size);
                long x = single
                        ? v[a] & ~LOW | FloatConvert.integerToFloat(cpu, n) & LOW
                        : FloatConvert.integerToDouble(cpu, n);
                Mxcsr.commit(cpu);
                Vex.write(v, d, x, v[a + 1]);
            }
        };
    }

    /** VCVTPS2PH: 8 or 16 bytes to a register or memory. */
    private static Op toHalf(Instruction i, CpuContext c) {
        Address memory = i.isMemory(0) ? Address.of(i, c) : null;
        int d = memory == null ? Simd.lane(i, 0) : 0;
        int s = Simd.lane(i, 1);
        boolean wide = Vex.wide(i);
        int imm = (int) i.imm;
        return new Op() {
            private long pair(Cpu cpu, long a) {
                return FloatConvert.floatToHalf(cpu, (int) a, imm) & 0xffffL
                        | (FloatConvert.floatToHalf(cpu, (int) (a >>> 32), imm) & 0xffffL) << 16;
            }

            @Override
            public void execute(Cpu cpu) {
                long[] v = cpu.vec;
                long la = 0;
                if (memory != null) {
                    la = memory.forWrite(cpu);
                    cpu.mem.checkWrite(la, wide ? 16 : 8);
                }
                long lo = pair(cpu, v[s]);
                lo |= pair(cpu, v[s + 1]) << 32;
                long hi = 0;
                if (wide) {
                    hi = pair(cpu, v[s + 2]);
                    hi |= pair(cpu, v[s + 3]) << 32;
                }
                Mxcsr.commit(cpu);
                if (memory == null) {
                    Vex.write(v, d, lo, hi);
                } else if (wide) {
                    Simd.store128(cpu, la, lo, hi);
                } else {
                    cpu.mem.store64(la, lo);
                }
            }
        };
    }
}
