package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Registry.CpuContext;
import ringside.softfloat.Float80;
import ringside.softfloat.Float80Conversion;
import ringside.softfloat.Float80Result;

/**
 * FADD, FMUL, FSUB, FSUBR, FDIV, FDIVR with a register, a real or an integer in memory. Bits 5:3 of ModRM choose the
 * operation on ST(0) and the other operand in every form; the opcode chooses the other operand, the destination and the
 * pop. Intel SDM vol. 1, 8.3.5.
 */
final class X87ArithmeticOps {
    private X87ArithmeticOps() {}

    /** An operation on ST(0), first, and the other operand. */
    interface Operation {
        void apply(Float80Result r, int control, int ase, long am, int bse, long bm);
    }

    /** By bits 5:3 of ModRM; 2 and 3 are comparisons. */
    private static final Operation[] OPERATIONS = {
        Float80::add,
        Float80::mul,
        null,
        null,
        Float80::sub,
        (r, c, ase, am, bse, bm) -> Float80.sub(r, c, bse, bm, ase, am),
        Float80::div,
        (r, c, ase, am, bse, bm) -> Float80.div(r, c, bse, bm, ase, am),
    };

    static X87Op make(Instruction i, CpuContext c) {
        Operation operation = OPERATIONS[i.modrm >> 3 & 7];
        int escape = i.opcode & 7;
        if (i.modrm >= 0xc0) return registerHandler(operation, i.modrm & 7, escape != 0, escape == 6);
        return switch (escape) {
            case 0 -> new Single(operation, new Address(i, c.mode(), 4));
            case 4 -> new Double(operation, new Address(i, c.mode(), 8));
            case 2 -> new Int32(operation, new Address(i, c.mode(), 4));
            default -> new Int16(operation, new Address(i, c.mode(), 2));
        };
    }

    private static X87Op registerHandler(Operation operation, int other, boolean toOther, boolean pops) {
        return new X87Op.Plain() {
            @Override
            void apply(Cpu cpu) {
                int a = register(cpu, 0);
                int b = register(cpu, other);
                int to = toOther ? b : a;
                if (empty(cpu, a) || empty(cpu, b)) {
                    if (!underflow(cpu)) return;
                    writeIndefinite(cpu, to);
                } else {
                    Float80Result r = cpu.fpResult;
                    operation.apply(
                            r,
                            cpu.fpControl,
                            cpu.fpExponent[a],
                            cpu.fpMantissa[a],
                            cpu.fpExponent[b],
                            cpu.fpMantissa[b]);
                    raise(cpu, r.flags);
                    if (r.stopped(cpu.fpControl)) return;
                    cpu.fpExponent[to] = r.signExponent;
                    cpu.fpMantissa[to] = r.mantissa;
                }
                if (pops) pop(cpu);
            }
        };
    }

    private abstract static class Memory extends X87Op {
        private final Operation operation;
        private final Address operand;

        Memory(Operation operation, Address operand) {
            this.operation = operation;
            this.operand = operand;
        }

        /** Reads the operand and expands it; flags is DE if it was denormal in its own format. */
        abstract void load(Cpu cpu, long la, Float80Result r);

        @Override
        public final void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            Float80Result r = cpu.fpResult;
            load(cpu, operand.forRead(cpu), r);
            notePointers(cpu, operand);
            int a = register(cpu, 0);
            if (empty(cpu, a)) {
                if (underflow(cpu)) writeIndefinite(cpu, a);
                return;
            }
            int se = cpu.fpExponent[a];
            long m = cpu.fpMantissa[a];
            boolean denormal = r.flags != 0;
            operation.apply(r, cpu.fpControl, se, m, r.signExponent, r.mantissa);
            if (denormal) denormalOperand(r, cpu.fpControl, se, m);
            raise(cpu, r.flags);
            if (r.stopped(cpu.fpControl)) return;
            cpu.fpExponent[a] = r.signExponent;
            cpu.fpMantissa[a] = r.mantissa;
        }
    }

    /**
     * Adds DE for a memory operand that expanded to a normal number, unless a NaN, an invalid operation or a division
     * by zero goes before it.
     */
    static void denormalOperand(Float80Result r, int control, int se, long m) {
        if ((r.flags & (FpuState.IE | FpuState.ZE)) != 0 || Float80.nan(se, m)) return;
        r.flags = (control & FpuState.DE) == 0 ? FpuState.DE : r.flags | FpuState.DE;
    }

    private static final class Single extends Memory {
        Single(Operation operation, Address operand) {
            super(operation, operand);
        }

        @Override
        void load(Cpu cpu, long la, Float80Result r) {
            Float80Conversion.expandSingle(r, cpu.mem.load32(la));
        }
    }

    private static final class Double extends Memory {
        Double(Operation operation, Address operand) {
            super(operation, operand);
        }

        @Override
        void load(Cpu cpu, long la, Float80Result r) {
            Float80Conversion.expandDouble(r, cpu.mem.load64(la));
        }
    }

    private static final class Int32 extends Memory {
        Int32(Operation operation, Address operand) {
            super(operation, operand);
        }

        @Override
        void load(Cpu cpu, long la, Float80Result r) {
            Float80Conversion.fromInteger(r, cpu.mem.load32(la));
        }
    }

    private static final class Int16 extends Memory {
        Int16(Operation operation, Address operand) {
            super(operation, operand);
        }

        @Override
        void load(Cpu cpu, long la, Float80Result r) {
            Float80Conversion.fromInteger(r, (short) cpu.mem.load16(la));
        }
    }
}
