package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Flags;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.FormOp;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST; INC, DEC, NEG, NOT; XADD and CMPXCHG. */
final class ArithmeticOps {
    private ArithmeticOps() {}

    static void register(Registry r) {
        for (Alu a : Alu.values()) {
            r.add(
                    Mnemonic.valueOf(a.name()),
                    (i, c) -> Specializer.make(
                            Binary.class, new Form(a, i.size[0], Form.kind(i, 0), Form.kind(i, 1), 0), i, c));
        }
        for (Unary.Operation o : Unary.Operation.values()) {
            r.add(
                    Mnemonic.valueOf(o.name()),
                    (i, c) ->
                            Specializer.make(Unary.class, new Form(o, i.size[0], Form.kind(i, 0), Form.NONE, 0), i, c));
        }
        r.add(
                Mnemonic.XADD,
                (i, c) -> Specializer.make(
                        Exchange.class, new Form(true, i.size[0], Form.kind(i, 0), Form.REG, 0), i, c));
        r.add(
                Mnemonic.CMPXCHG,
                (i, c) -> Specializer.make(
                        CompareExchange.class, new Form(null, i.size[0], Form.kind(i, 0), Form.REG, 0), i, c));
        r.add(Mnemonic.CMPXCHG8B, ArithmeticOps::compareExchangeWide);
        r.add(Mnemonic.CMPXCHG16B, (i, c) -> c.model().has(CpuModel.Feature.CX16) ? compareExchangeWide(i, c) : null);
    }

    /** Template: an {@link Alu} operation on two operands. */
    static final class Binary extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Alu OPERATION = (Alu) FORM.operation();
        private static final boolean WRITES = OPERATION.writes;
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();
        private static final int SOURCE = FORM.source();

        Binary(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] g = cpu.gpr;
            long b = value(cpu, SOURCE, SIZE);
            if (DESTINATION == Form.REG) {
                long r = OPERATION.apply(cpu, GprAccess.get(g, destination, SIZE), b, SIZE);
                if (WRITES) GprAccess.set(g, destination, SIZE, r);
            } else if (WRITES) {
                long la = address.forWrite(cpu);
                cpu.mem.store(la, SIZE, OPERATION.apply(cpu, cpu.mem.modify(la, SIZE), b, SIZE));
            } else {
                OPERATION.apply(cpu, cpu.mem.load(address.forRead(cpu), SIZE), b, SIZE);
            }
        }
    }

    /** Template: an operation on one operand. */
    static final class Unary extends FormOp {
        enum Operation {
            INC,
            DEC,
            NEG,
            NOT
        }

        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final Object OPERATION = FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();

        Unary(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            if (DESTINATION == Form.REG) {
                GprAccess.set(cpu.gpr, destination, SIZE, apply(cpu, GprAccess.get(cpu.gpr, destination, SIZE)));
            } else {
                long la = address.forWrite(cpu);
                cpu.mem.store(la, SIZE, apply(cpu, cpu.mem.modify(la, SIZE)));
            }
        }

        private static long apply(Cpu cpu, long a) {
            if (OPERATION == Operation.INC) return Alu.increment(cpu, a, SIZE);
            if (OPERATION == Operation.DEC) return Alu.decrement(cpu, a, SIZE);
            if (OPERATION == Operation.NEG) return Alu.negate(cpu, a, SIZE);
            return ~a;
        }
    }

    /** Template: XCHG and XADD; the operation says whether it adds. */
    static final class Exchange extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final boolean ADDS = (Boolean) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();

        Exchange(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] g = cpu.gpr;
            long b = GprAccess.get(g, source, SIZE);
            if (DESTINATION == Form.REG) {
                long a = GprAccess.get(g, destination, SIZE);
                GprAccess.set(g, source, SIZE, a);
                GprAccess.set(g, destination, SIZE, ADDS ? Alu.ADD.apply(cpu, a, b, SIZE) : b);
            } else {
                long la = address.forWrite(cpu);
                long a = cpu.mem.modify(la, SIZE);
                cpu.mem.store(la, SIZE, ADDS ? Alu.ADD.apply(cpu, a, b, SIZE) : b);
                GprAccess.set(g, source, SIZE, a);
            }
        }
    }

    /** Template: CMPXCHG. The memory operand is written in either case, so it must be writable. */
    static final class CompareExchange extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();

        CompareExchange(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] g = cpu.gpr;
            long la = 0;
            long old;
            if (DESTINATION == Form.MEM) {
                la = address.forWrite(cpu);
                old = cpu.mem.modify(la, SIZE);
            } else {
                old = GprAccess.get(g, destination, SIZE);
            }
            long accumulator = GprAccess.get(g, Cpu.RAX, SIZE);
            Alu.CMP.apply(cpu, accumulator, old, SIZE);
            if (accumulator == old) {
                long v = GprAccess.get(g, source, SIZE);
                if (DESTINATION == Form.MEM) {
                    cpu.mem.store(la, SIZE, v);
                } else {
                    GprAccess.set(g, destination, SIZE, v);
                }
            } else {
                if (DESTINATION == Form.MEM) cpu.mem.store(la, SIZE, old);
                GprAccess.set(g, Cpu.RAX, SIZE, old);
            }
        }
    }

    /** CMPXCHG8B and CMPXCHG16B: only ZF changes; the 16-byte operand must be aligned. */
    private static Op compareExchangeWide(Instruction i, Registry.CpuContext c) {
        int half = i.mnemonic == Mnemonic.CMPXCHG16B ? 8 : 4;
        Address address = new Address(i, c.mode(), 2 * half);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] g = cpu.gpr;
                long la = address.forWrite(cpu);
                if (half == 8 && (la & 15) != 0) throw cpu.gp(0);
                cpu.mem.checkWrite(la, 2 * half);
                cpu.mem.checkAligned(la, 2 * half);
                long next = cpu.code64() ? la + half : la + half & 0xffff_ffffL;
                long low = cpu.mem.modify(la, half);
                long high = cpu.mem.modify(next, half);
                boolean equal = low == GprAccess.get(g, Cpu.RAX, half) && high == GprAccess.get(g, Cpu.RDX, half);
                cpu.mem.store(la, half, equal ? GprAccess.get(g, Cpu.RBX, half) : low);
                cpu.mem.store(next, half, equal ? GprAccess.get(g, Cpu.RCX, half) : high);
                if (!equal) {
                    GprAccess.set(g, Cpu.RAX, half, low);
                    GprAccess.set(g, Cpu.RDX, half, high);
                }
                long flags = cpu.rflags() & ~Flags.ZF | (equal ? Flags.ZF : 0);
                cpu.setArithmeticFlags(flags);
            }
        };
    }
}
