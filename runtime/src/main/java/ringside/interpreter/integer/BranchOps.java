package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registers;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;
import ringside.interpreter.core.Stack;

/**
 * Near control transfers: JMP, CALL, RET, Jcc, LOOPcc, JCXZ. The target is checked (code segment limit, or canonical)
 * before anything changes; a bad one is #GP(0) at the branch. Intel SDM vol. 2, CALL, JMP, RET.
 */
public final class BranchOps {
    private BranchOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.JMP, (i, c) -> Specializer.make(Jump.class, form(i, c, 0), i, c));
        r.add(Mnemonic.CALL, (i, c) -> Specializer.make(Call.class, form(i, c, 0), i, c));
        r.add(Mnemonic.RET, (i, c) -> Specializer.make(Return.class, form(i, c, 0), i, c));
        for (int cc = 0; cc < 16; cc++) {
            int n = cc;
            r.add(
                    InstructionInfo.withCondition(Mnemonic.JO, n),
                    (i, c) -> Specializer.make(ConditionalJump.class, form(i, c, n), i, c));
        }
        r.add(Mnemonic.LOOP, Loop::new);
        r.add(Mnemonic.LOOPE, Loop::new);
        r.add(Mnemonic.LOOPNE, Loop::new);
        r.add(Mnemonic.JCXZ, Loop::new);
    }

    /** The source field of the form is the kind of stack, which also says how targets are checked. */
    private static Form form(Instruction i, Registry.CpuContext c, int variant) {
        return new Form(null, i.operandSize, Form.kind(i, 0), Stack.kind(c.mode()), variant);
    }

    /** @return the target wrapped to the operand size, if the code segment allows it */
    public static long checked(Cpu cpu, long target, int size, int stack) {
        if (stack == Stack.LONG) {
            if (size == 2) return target & 0xffff;
            if (!cpu.canonical(target)) throw cpu.gp(0);
            return target;
        }
        long t = Registers.zeroExtend(target, size);
        if (t > cpu.seg[Cpu.CS].limit) throw cpu.gp(0);
        return t;
    }

    /** Template: JMP near, relative and indirect. */
    static final class Jump extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int TARGET = FORM.destination();
        private static final int STACK = FORM.source();

        private final int register;
        private final long displacement;
        private final Address address;

        Jump(Instruction i, Registry.CpuContext c) {
            register = TARGET == Form.REG ? Registers.of(i, 0) : 0;
            displacement = i.imm;
            address = TARGET == Form.MEM ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            long target = TARGET == Form.IMM
                    ? cpu.rip + displacement
                    : TARGET == Form.REG ? cpu.gpr[register] : cpu.mem.load(address.forRead(cpu), SIZE);
            cpu.rip = checked(cpu, target, SIZE, STACK);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** Template: CALL near. */
    static final class Call extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int TARGET = FORM.destination();
        private static final int STACK = FORM.source();

        private final int register;
        private final long displacement;
        private final Address address;

        Call(Instruction i, Registry.CpuContext c) {
            register = TARGET == Form.REG ? Registers.of(i, 0) : 0;
            displacement = i.imm;
            address = TARGET == Form.MEM ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            long target = TARGET == Form.IMM
                    ? cpu.rip + displacement
                    : TARGET == Form.REG ? cpu.gpr[register] : cpu.mem.load(address.forRead(cpu), SIZE);
            target = checked(cpu, target, SIZE, STACK);
            Stack.push(cpu, cpu.rip, SIZE, STACK);
            if (STACK == Stack.LONG && SIZE == 8) {
                cpu.shadow.call(cpu.gpr[Cpu.RSP], cpu.rip);
            } else {
                cpu.shadow.call(cpu.stackLinear(), SIZE == 8 ? cpu.rip : Registers.zeroExtend(cpu.rip, SIZE), SIZE);
            }
            cpu.rip = target;
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** Template: RET near, with or without release of parameters. */
    static final class Return extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int STACK = FORM.source();

        private final long release;

        Return(Instruction i, Registry.CpuContext c) {
            release = i.operandCount == 0 ? 0 : i.imm & 0xffff;
        }

        @Override
        public void execute(Cpu cpu) {
            long target = Stack.load(cpu, Stack.pointer(cpu, 0, STACK), SIZE, STACK);
            target = checked(cpu, target, SIZE, STACK);
            cpu.rip = target;
            cpu.shadow.ret(STACK == Stack.LONG ? cpu.gpr[Cpu.RSP] : cpu.stackLinear(), target);
            Stack.setPointer(cpu, Stack.pointer(cpu, SIZE + release, STACK), STACK);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** Template: Jcc; the variant is the condition. */
    static final class ConditionalJump extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int STACK = FORM.source();
        private static final int CONDITION = FORM.variant();

        private final long displacement;

        ConditionalJump(Instruction i, Registry.CpuContext c) {
            displacement = i.imm;
        }

        @Override
        public void execute(Cpu cpu) {
            if (cpu.condition(CONDITION)) cpu.rip = checked(cpu, cpu.rip + displacement, SIZE, STACK);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** LOOP, LOOPE, LOOPNE and JCXZ, which count in CX, ECX or RCX by the address size. */
    private static final class Loop extends Op {
        private final Mnemonic kind;
        private final long displacement;
        private final int size;
        private final int countSize;
        private final int stack;

        Loop(Instruction i, Registry.CpuContext c) {
            kind = i.mnemonic;
            displacement = i.imm;
            size = i.operandSize;
            countSize = i.addressSize;
            stack = Stack.kind(c.mode());
        }

        @Override
        public void execute(Cpu cpu) {
            long count = Registers.get(cpu.gpr, Cpu.RCX, countSize);
            if (kind == Mnemonic.JCXZ) {
                if (count == 0) cpu.rip = checked(cpu, cpu.rip + displacement, size, stack);
                return;
            }
            count = Registers.zeroExtend(count - 1, countSize);
            boolean zero = cpu.flagResult == 0;
            boolean taken = count != 0 && (kind == Mnemonic.LOOP || zero == (kind == Mnemonic.LOOPE));
            long target = taken ? checked(cpu, cpu.rip + displacement, size, stack) : cpu.rip;
            Registers.set(cpu.gpr, Cpu.RCX, countSize, count);
            cpu.rip = target;
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }
}
