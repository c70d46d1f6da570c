package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.softfloat.Float80;
import ringside.softfloat.Float80Conversion;
import ringside.softfloat.Float80Result;
import ringside.softfloat.Rounding;

/** x87 loads, stores, exchanges, conditional moves and constants. Intel SDM vol. 1, 8.3.3 and 8.3.4. */
final class X87MoveOps {
    private X87MoveOps() {}

    static X87Op make(Instruction i, CpuContext c) {
        int other = i.modrm & 7;
        boolean register = i.modrm >= 0xc0;
        int escape = i.opcode & 7;
        return switch (i.mnemonic) {
            case FLD ->
                register
                        ? loadRegister(other)
                        : switch (escape) {
                            case 1 ->
                                load(i, c, 4, (cpu, la, r) -> {
                                    Float80Conversion.expandSingle(r, cpu.mem.load32(la));
                                    Float80Conversion.finishLoad(r);
                                });
                            case 5 ->
                                load(i, c, 8, (cpu, la, r) -> {
                                    Float80Conversion.expandDouble(r, cpu.mem.load64(la));
                                    Float80Conversion.finishLoad(r);
                                });
                            default -> load(i, c, 10, X87MoveOps::loadExtended);
                        };
            case FILD ->
                switch (escape) {
                    case 3 -> load(i, c, 4, (cpu, la, r) -> Float80Conversion.fromInteger(r, cpu.mem.load32(la)));
                    case 7 ->
                        (i.modrm >> 3 & 7) == 5
                                ? load(i, c, 8, (cpu, la, r) -> Float80Conversion.fromInteger(r, cpu.mem.load64(la)))
                                : load(
                                        i,
                                        c,
                                        2,
                                        (cpu, la, r) -> Float80Conversion.fromInteger(r, (short) cpu.mem.load16(la)));
                    default -> null;
                };
            case FBLD ->
                load(i, c, 10, (cpu, la, r) -> {
                    loadExtended(cpu, la, r);
                    Float80Conversion.fromBcd(r, r.mantissa, r.signExponent);
                });
            case FST, FSTP ->
                register
                        ? escape == 1 ? copyAndPop(other) : storeRegister(other, i.mnemonic == Mnemonic.FSTP)
                        : switch (escape) {
                            case 1 -> new StoreReal(new Address(i, c.mode(), 4), 4, (i.modrm & 8) != 0);
                            case 5 -> new StoreReal(new Address(i, c.mode(), 8), 8, (i.modrm & 8) != 0);
                            default -> storeExtended(new Address(i, c.mode(), 10), false);
                        };
            case FBSTP -> storeExtended(new Address(i, c.mode(), 10), true);
            case FIST, FISTP, FISTTP -> {
                boolean truncate = i.mnemonic == Mnemonic.FISTTP;
                boolean pops = i.mnemonic != Mnemonic.FIST;
                int bytes = escape == 3 ? 4 : escape == 5 || escape == 7 && (i.modrm >> 3 & 7) == 7 ? 8 : 2;
                yield new StoreInteger(new Address(i, c.mode(), bytes), bytes, truncate, pops);
            }
            case FXCH -> exchange(other);
            case FCMOVB, FCMOVNB, FCMOVE, FCMOVNE, FCMOVBE, FCMOVNBE, FCMOVU, FCMOVNU ->
                new ConditionalMove(other, i.modrm >> 3 & 3, escape == 3);
            case FLD1 -> new Constant(Float80.BIAS, 0x8000_0000_0000_0000L, 0);
            case FLDZ -> new Constant(0, 0, 0);
            case FLDL2T -> new Constant(0x4000, 0xd49a_784b_cd1b_8afeL, 1);
            case FLDL2E -> new Constant(0x3fff, 0xb8aa_3b29_5c17_f0bcL, -1);
            case FLDPI -> new Constant(0x4000, 0xc90f_daa2_2168_c235L, -1);
            case FLDLG2 -> new Constant(0x3ffd, 0x9a20_9a84_fbcf_f799L, -1);
            case FLDLN2 -> new Constant(0x3ffe, 0xb172_17f7_d1cf_79acL, -1);
            default -> null;
        };
    }

    private static void loadExtended(Cpu cpu, long la, Float80Result r) {
        cpu.mem.checkRead(la, 10);
        r.mantissa = cpu.mem.load64(la);
        r.signExponent = cpu.mem.load16(cpu.code64() ? la + 8 : la + 8 & 0xffff_ffffL);
        r.flags = 0;
    }

    private static X87Op load(Instruction i, CpuContext c, int bytes, X87Op.Load load) {
        Address operand = new Address(i, c.mode(), bytes);
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if (awaitExceptions(cpu)) return;
                Float80Result r = fetch(cpu, operand, load);
                if (!empty(cpu, register(cpu, 7))) {
                    if (X87Op.overflow(cpu)) push(cpu, Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA);
                    return;
                }
                raise(cpu, r.flags);
                // A denormal is loaded even when that exception is unmasked, as processors do it.
                if ((r.flags & ~cpu.fpControl & FpuState.IE) == 0) push(cpu, r.signExponent, r.mantissa);
            }
        };
    }

    private static X87Op loadRegister(int other) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, other);
                boolean empty = empty(cpu, a);
                boolean full = !empty(cpu, register(cpu, 7));
                if (full || empty) {
                    if (empty ? underflow(cpu) : overflow(cpu))
                        push(cpu, Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA);
                    return;
                }
                cpu.fpStatus &= ~FpuState.C1;
                push(cpu, cpu.fpExponent[a], cpu.fpMantissa[a]);
            }
        };
    }

    private static final class Constant extends X87Op {
        private final int signExponent;
        private final long nearest;
        private final int other;

        /**
         * @param other what to add for the neighbour on the other side of the true value: +1 when rounding up, -1 when
         *     rounding down or to zero
         */
        Constant(int signExponent, long nearest, int other) {
            this.signExponent = signExponent;
            this.nearest = nearest;
            this.other = other;
        }

        @Override
        public void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            notePointers(cpu);
            if (!empty(cpu, register(cpu, 7))) {
                if (overflow(cpu)) push(cpu, Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA);
                return;
            }
            int mode = cpu.fpControl >> 10 & 3;
            boolean away = other > 0 ? mode == Rounding.UP : mode == Rounding.DOWN || mode == Rounding.ZERO;
            cpu.fpStatus &= ~FpuState.C1;
            push(cpu, signExponent, away ? nearest + other : nearest);
        }
    }

    private static X87Op storeRegister(int other, boolean pops) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int to = register(cpu, other);
                if (empty(cpu, a)) {
                    if (!underflow(cpu)) return;
                    writeIndefinite(cpu, to);
                } else {
                    cpu.fpStatus &= ~FpuState.C1;
                    write(cpu, to, cpu.fpExponent[a], cpu.fpMantissa[a]);
                }
                if (pops) pop(cpu);
            }
        };
    }

    /** D9 D8+i, an alias of FSTP that copies nothing from an empty register and pops nevertheless. */
    private static X87Op copyAndPop(int other) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int to = register(cpu, other);
                cpu.fpStatus &= ~FpuState.C1;
                if (!empty(cpu, a)) write(cpu, to, cpu.fpExponent[a], cpu.fpMantissa[a]);
                pop(cpu);
            }
        };
    }

    /** FST and FSTP to a single or double. */
    private static final class StoreReal extends X87Op {
        private static final int STOPS = FpuState.IE | FpuState.OE | FpuState.UE;
        private final Address operand;
        private final int bytes;
        private final boolean pops;

        StoreReal(Address operand, int bytes, boolean pops) {
            this.operand = operand;
            this.bytes = bytes;
            this.pops = pops;
        }

        @Override
        public void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            long la = operand.forWrite(cpu);
            int a = register(cpu, 0);
            Float80Result r = cpu.fpResult;
            int se = cpu.fpExponent[a];
            long m = cpu.fpMantissa[a];
            boolean empty = empty(cpu, a);
            if (empty) {
                se = Float80.INDEFINITE_EXPONENT;
                m = Float80.INDEFINITE_MANTISSA;
            }
            long bits = bytes == 4
                    ? Float80Conversion.toSingle(r, cpu.fpControl, se, m)
                    : Float80Conversion.toDouble(r, cpu.fpControl, se, m);
            if (empty) r.flags = FpuState.IE | FpuState.SF;
            boolean stops = (r.flags & ~cpu.fpControl & STOPS) != 0;
            // Nothing is stored, so nothing is rounded.
            if ((r.flags & ~cpu.fpControl & (FpuState.OE | FpuState.UE)) != 0) r.flags &= ~(FpuState.PE | FpuState.C1);
            if (stops) {
                cpu.mem.checkWrite(la, bytes);
                cpu.mem.checkAligned(la, bytes);
            } else if (bytes == 4) {
                cpu.mem.store32(la, (int) bits);
            } else {
                cpu.mem.store64(la, bits);
            }
            notePointers(cpu, operand);
            raise(cpu, r.flags);
            if (pops && !stops) pop(cpu);
        }
    }

    /** FSTP m80 and FBSTP. */
    private static X87Op storeExtended(Address operand, boolean decimal) {
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if (awaitExceptions(cpu)) return;
                long la = operand.forWrite(cpu);
                cpu.mem.checkWrite(la, 10);
                cpu.mem.checkAligned(la, 8);
                int a = register(cpu, 0);
                Float80Result r = cpu.fpResult;
                r.signExponent = cpu.fpExponent[a];
                r.mantissa = cpu.fpMantissa[a];
                r.flags = 0;
                if (empty(cpu, a)) {
                    r.signExponent = Float80.INDEFINITE_EXPONENT;
                    r.mantissa = Float80.INDEFINITE_MANTISSA;
                    r.flags = FpuState.IE | FpuState.SF;
                } else if (decimal) {
                    Float80Conversion.toBcd(r, cpu.fpControl, r.signExponent, r.mantissa);
                }
                boolean stops = (r.flags & ~cpu.fpControl & FpuState.IE) != 0;
                if (!stops) {
                    cpu.mem.store64(la, r.mantissa);
                    cpu.mem.store16(cpu.code64() ? la + 8 : la + 8 & 0xffff_ffffL, r.signExponent);
                }
                notePointers(cpu, operand);
                raise(cpu, r.flags);
                if (!stops) pop(cpu);
            }
        };
    }

    private static final class StoreInteger extends X87Op {
        private final Address operand;
        private final int bytes;
        private final boolean truncate;
        private final boolean pops;

        StoreInteger(Address operand, int bytes, boolean truncate, boolean pops) {
            this.operand = operand;
            this.bytes = bytes;
            this.truncate = truncate;
            this.pops = pops;
        }

        @Override
        public void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            long la = operand.forWrite(cpu);
            int a = register(cpu, 0);
            Float80Result r = cpu.fpResult;
            long v;
            if (empty(cpu, a)) {
                v = -1L << 8 * bytes - 1;
                r.flags = FpuState.IE | FpuState.SF;
            } else {
                int mode = truncate ? Rounding.ZERO : cpu.fpControl >> 10 & 3;
                v = Float80Conversion.toInteger(r, mode, cpu.fpExponent[a], cpu.fpMantissa[a], 8 * bytes);
            }
            boolean stops = (r.flags & ~cpu.fpControl & FpuState.IE) != 0;
            if (stops) {
                cpu.mem.checkWrite(la, bytes);
                cpu.mem.checkAligned(la, bytes);
            } else if (bytes == 2) {
                cpu.mem.store16(la, (int) v);
            } else if (bytes == 4) {
                cpu.mem.store32(la, (int) v);
            } else {
                cpu.mem.store64(la, v);
            }
            notePointers(cpu, operand);
            raise(cpu, r.flags);
            if (pops && !stops) pop(cpu);
        }
    }

    private static X87Op exchange(int other) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int b = register(cpu, other);
                if (empty(cpu, a) || empty(cpu, b)) {
                    if (!underflow(cpu)) return;
                    if (empty(cpu, a)) writeIndefinite(cpu, a);
                    if (empty(cpu, b)) writeIndefinite(cpu, b);
                } else {
                    cpu.fpStatus &= ~FpuState.C1;
                }
                int se = cpu.fpExponent[a];
                long m = cpu.fpMantissa[a];
                cpu.fpExponent[a] = cpu.fpExponent[b];
                cpu.fpMantissa[a] = cpu.fpMantissa[b];
                cpu.fpExponent[b] = se;
                cpu.fpMantissa[b] = m;
            }
        };
    }

    private static final class ConditionalMove extends X87Op {
        /** By bits 4:3 of ModRM: conditions B, E, BE, U by their numbers for Jcc. */
        private static final int[] CONDITIONS = {2, 4, 6, 10};

        private final int other;
        private final int condition;

        ConditionalMove(int other, int kind, boolean not) {
            this.other = other;
            this.condition = CONDITIONS[kind] + (not ? 1 : 0);
        }

        @Override
        public void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            notePointers(cpu);
            int a = register(cpu, 0);
            int b = register(cpu, other);
            if (empty(cpu, a) || empty(cpu, b)) {
                if (underflow(cpu)) writeIndefinite(cpu, a);
                return;
            }
            if (cpu.condition(condition)) {
                cpu.fpExponent[a] = cpu.fpExponent[b];
                cpu.fpMantissa[a] = cpu.fpMantissa[b];
            }
        }
    }
}
