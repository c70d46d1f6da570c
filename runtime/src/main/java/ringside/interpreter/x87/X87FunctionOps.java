package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.softfloat.Float80;
import ringside.softfloat.Float80Functions;
import ringside.softfloat.Float80Result;
import ringside.softfloat.Float80Scale;

/** x87 instructions that compute a function of ST(0), or of ST(0) and ST(1). Intel SDM vol. 1, 8.3.5 and 8.3.7. */
final class X87FunctionOps {
    private X87FunctionOps() {}

    private interface Unary {
        void apply(Float80Result r, int control, int se, long m);
    }

    private interface Binary {
        void apply(Float80Result r, int control, int ase, long am, int bse, long bm);
    }

    static X87Op make(Instruction i) {
        return switch (i.mnemonic) {
            case FCHS -> toTop((r, control, se, m) -> set(r, se ^ 0x8000, m), 0);
            case FABS -> toTop((r, control, se, m) -> set(r, se & 0x7fff, m), 0);
            case FSQRT -> toTop(Float80::sqrt, 0);
            case FRNDINT -> toTop(Float80Scale::roundToInteger, 0);
            case FXTRACT -> pushing(Float80Scale::extract, 0);
            case FSCALE -> withNext(Float80Scale::scale, false);
            case FPREM ->
                withNext(
                        (r, control, ase, am, bse, bm) -> Float80Scale.remainder(r, control, ase, am, bse, bm, false),
                        true);
            case FPREM1 ->
                withNext(
                        (r, control, ase, am, bse, bm) -> Float80Scale.remainder(r, control, ase, am, bse, bm, true),
                        true);
            case FSIN -> toTop(Float80Functions::sin, FpuState.C2);
            case FCOS -> toTop(Float80Functions::cos, FpuState.C2);
            case FSINCOS -> pushing(Float80Functions::sinCos, FpuState.C2);
            case FPTAN -> pushing(Float80Functions::tan, FpuState.C2);
            case F2XM1 -> toTop(Float80Functions::exp2m1, 0);
            case FPATAN -> intoNext(Float80Functions::arctan);
            case FYL2X -> intoNext(Float80Functions::yLog2x);
            case FYL2XP1 -> intoNext(Float80Functions::yLog2xPlus1);
            default -> null;
        };
    }

    private static void set(Float80Result r, int se, long m) {
        r.signExponent = se;
        r.mantissa = m;
        r.flags = 0;
    }

    /** ST(0) = f(ST(0)) */
    private static X87Op toTop(Unary function, int clears) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                cpu.fpStatus &= ~clears;
                if (empty(cpu, a)) {
                    if (underflow(cpu)) writeIndefinite(cpu, a);
                    return;
                }
                Float80Result r = cpu.fpResult;
                function.apply(r, cpu.fpControl, cpu.fpExponent[a], cpu.fpMantissa[a]);
                raise(cpu, r.flags);
                if (r.stopped(cpu.fpControl)) return;
                cpu.fpExponent[a] = r.signExponent;
                cpu.fpMantissa[a] = r.mantissa;
            }
        };
    }

    /** ST(0) = f(ST(0), ST(1)) */
    private static X87Op withNext(Binary function, boolean remainder) {
        return new X87Op() {
            /**
             * FPREM, FPREM1: C2 is cleared whatever happens, C0 and C3 give way to quotient bits when there is a
             * remainder.
             */
            @Override
            public void execute(Cpu cpu) {
                if (awaitExceptions(cpu)) return;
                notePointers(cpu);
                int a = register(cpu, 0);
                int b = register(cpu, 1);
                if (remainder) cpu.fpStatus &= ~FpuState.C2;
                if (empty(cpu, a) || empty(cpu, b)) {
                    if (underflow(cpu)) writeIndefinite(cpu, a);
                    return;
                }
                Float80Result r = cpu.fpResult;
                function.apply(
                        r, cpu.fpControl, cpu.fpExponent[a], cpu.fpMantissa[a], cpu.fpExponent[b], cpu.fpMantissa[b]);
                boolean number =
                        !r.stopped(cpu.fpControl) && (r.signExponent & Float80.MAX_EXPONENT) != Float80.MAX_EXPONENT;
                if (remainder && number) cpu.fpStatus &= ~(FpuState.C0 | FpuState.C3);
                raise(cpu, r.flags);
                if (r.stopped(cpu.fpControl)) return;
                cpu.fpExponent[a] = r.signExponent;
                cpu.fpMantissa[a] = r.mantissa;
            }
        };
    }

    /** ST(1) = f(ST(0), ST(1)), then ST(0) is popped. */
    private static X87Op intoNext(Binary function) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int b = register(cpu, 1);
                if (empty(cpu, a) || empty(cpu, b)) {
                    if (underflow(cpu)) {
                        writeIndefinite(cpu, b);
                        pop(cpu);
                    }
                    return;
                }
                Float80Result r = cpu.fpResult;
                function.apply(
                        r, cpu.fpControl, cpu.fpExponent[a], cpu.fpMantissa[a], cpu.fpExponent[b], cpu.fpMantissa[b]);
                raise(cpu, r.flags);
                if (r.stopped(cpu.fpControl)) return;
                cpu.fpExponent[b] = r.signExponent;
                cpu.fpMantissa[b] = r.mantissa;
                pop(cpu);
            }
        };
    }

    /** ST(0) is replaced by the second result, then the first is pushed: FXTRACT, FSINCOS, FPTAN. */
    private static X87Op pushing(Unary function, int clears) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                cpu.fpStatus &= ~clears;
                boolean empty = empty(cpu, a);
                if (empty || !empty(cpu, register(cpu, 7))) {
                    if (empty ? underflow(cpu) : overflow(cpu)) {
                        writeIndefinite(cpu, a);
                        push(cpu, Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA);
                    }
                    return;
                }
                Float80Result r = cpu.fpResult;
                function.apply(r, cpu.fpControl, cpu.fpExponent[a], cpu.fpMantissa[a]);
                raise(cpu, r.flags);
                if (r.stopped(cpu.fpControl) || (r.flags & FpuState.C2) != 0) return;
                cpu.fpExponent[a] = r.secondSignExponent;
                cpu.fpMantissa[a] = r.secondMantissa;
                push(cpu, r.signExponent, r.mantissa);
            }
        };
    }
}
