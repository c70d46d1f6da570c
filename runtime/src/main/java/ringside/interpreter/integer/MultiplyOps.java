package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.FormOp;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/** MUL, IMUL, DIV, IDIV. What they compute stands in {@link Multiply}. */
final class MultiplyOps {
    private MultiplyOps() {}

    static void register(Registry r) {
        for (Wide.Operation o : Wide.Operation.values()) {
            r.add(
                    Mnemonic.valueOf(o.name()),
                    (i, c) -> i.operandCount > 1
                            ? truncated(i, c)
                            : Specializer.make(
                                    Wide.class, new Form(o, i.size[0], Form.kind(i, 0), Form.NONE, 0), i, c));
        }
    }

    private static Op truncated(Instruction i, Registry.CpuContext c) {
        return Specializer.make(
                Truncated.class, new Form(null, i.size[0], Form.REG, Form.kind(i, 1), i.operandCount), i, c);
    }

    /** Template: the forms with one operand and the accumulator. */
    static final class Wide extends FormOp {
        enum Operation {
            MUL,
            IMUL,
            DIV,
            IDIV
        }

        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Operation OPERATION = (Operation) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int SOURCE = FORM.destination();

        Wide(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long b = SOURCE == Form.REG
                    ? GprAccess.get(cpu.gpr, destination, SIZE)
                    : cpu.mem.load(address.forRead(cpu), SIZE);
            if (OPERATION == Operation.MUL) {
                Multiply.unsigned(cpu, b, SIZE);
            } else if (OPERATION == Operation.IMUL) {
                Multiply.signed(cpu, GprAccess.signExtend(b, SIZE), SIZE);
            } else if (OPERATION == Operation.DIV) {
                Multiply.divideUnsigned(cpu, b, SIZE);
            } else {
                Multiply.divideSigned(cpu, GprAccess.signExtend(b, SIZE), SIZE);
            }
        }
    }

    /** Template: IMUL with two or three operands (the variant). */
    static final class Truncated extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int SOURCE = FORM.source();
        private static final boolean IMMEDIATE = FORM.variant() == 3;

        Truncated(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] g = cpu.gpr;
            long b = SOURCE == Form.REG ? g[source] : cpu.mem.load(address.forRead(cpu), SIZE);
            long a = IMMEDIATE ? immediate : GprAccess.signExtend(g[destination], SIZE);
            GprAccess.set(g, destination, SIZE, Multiply.truncated(cpu, a, GprAccess.signExtend(b, SIZE), SIZE));
        }
    }
}
