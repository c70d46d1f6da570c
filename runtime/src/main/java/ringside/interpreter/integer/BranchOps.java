package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.FormOp;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;
import ringside.interpreter.core.StackAccess;

/**
 * Near control transfers: JMP, CALL, RET, Jcc, LOOPcc, JCXZ. The target is checked (code segment limit, or canonical)
 * before anything changes; a bad one is #GP(0) at the branch. Intel SDM vol. 2, CALL, JMP, RET.
 */
public final class BranchOps {
    private BranchOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.JMP, (i, c) -> Specializer.make(Transfer.class, form(i, c, false, 0), i, c));
        r.add(Mnemonic.CALL, (i, c) -> Specializer.make(Transfer.class, form(i, c, true, 0), i, c));
        r.add(Mnemonic.RET, (i, c) -> Specializer.make(Return.class, form(i, c, null, 0), i, c));
        for (int cc = 0; cc < 16; cc++) {
            int n = cc;
            r.add(
                    InstructionInfo.withCondition(Mnemonic.JO, n),
                    (i, c) -> Specializer.make(ConditionalJump.class, form(i, c, null, n), i, c));
        }
        r.add(Mnemonic.LOOP, BranchOps::loop);
        r.add(Mnemonic.LOOPE, BranchOps::loop);
        r.add(Mnemonic.LOOPNE, BranchOps::loop);
        r.add(Mnemonic.JCXZ, BranchOps::loop);
    }

    /** The source field of the form is the kind of stack, which also says how targets are checked. */
    private static Form form(Instruction i, Registry.CpuContext c, Boolean calls, int variant) {
        return new Form(calls, i.operandSize, Form.kind(i, 0), StackAccess.kind(c.mode()), variant);
    }

    /** @return the target wrapped to the operand size, if the code segment allows it */
    public static long checked(Cpu cpu, long target, int size, int stack) {
        if (stack == StackAccess.LONG) {
            if (size == 2) return target & 0xffff;
            if (!cpu.canonical(target)) throw cpu.gp(0);
            return target;
        }
        long t = GprAccess.zeroExtend(target, size);
        if (t > cpu.seg[Cpu.CS].limit) throw cpu.gp(0);
        return t;
    }

    /** Template: JMP and CALL near, relative and indirect; the operation says whether it is CALL. */
    static final class Transfer extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final boolean CALLS = (Boolean) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int TARGET = FORM.destination();
        private static final int STACK = FORM.source();

        Transfer(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long target = TARGET == Form.IMM
                    ? cpu.rip + immediate
                    : TARGET == Form.REG ? cpu.gpr[destination] : cpu.mem.load(address.forRead(cpu), SIZE);
            target = checked(cpu, target, SIZE, STACK);
            if (CALLS) call(cpu);
            cpu.rip = target;
        }

        private static void call(Cpu cpu) {
            StackAccess.push(cpu, cpu.rip, SIZE, STACK);
            if (STACK == StackAccess.LONG && SIZE == 8) {
                cpu.shadow.call(cpu.gpr[Cpu.RSP], cpu.rip);
            } else {
                cpu.shadow.call(cpu.stackLinear(), SIZE == 8 ? cpu.rip : GprAccess.zeroExtend(cpu.rip, SIZE), SIZE);
            }
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
            long target = StackAccess.load(cpu, StackAccess.pointer(cpu, 0, STACK), SIZE, STACK);
            target = checked(cpu, target, SIZE, STACK);
            cpu.rip = target;
            cpu.shadow.ret(STACK == StackAccess.LONG ? cpu.gpr[Cpu.RSP] : cpu.stackLinear(), target);
            StackAccess.setPointer(cpu, StackAccess.pointer(cpu, SIZE + release, STACK), STACK);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** Template: Jcc; the variant is the condition. */
    static final class ConditionalJump extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int STACK = FORM.source();
        private static final int CONDITION = FORM.variant();

        ConditionalJump(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            if (cpu.condition(CONDITION)) cpu.rip = checked(cpu, cpu.rip + immediate, SIZE, STACK);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** LOOP, LOOPE, LOOPNE and JCXZ, which count in CX, ECX or RCX by the address size. */
    private static Op loop(Instruction i, Registry.CpuContext c) {
        Mnemonic kind = i.mnemonic;
        long displacement = i.imm;
        int size = i.operandSize;
        int countSize = i.addressSize;
        int stack = StackAccess.kind(c.mode());
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long count = GprAccess.get(cpu.gpr, Cpu.RCX, countSize);
                if (kind == Mnemonic.JCXZ) {
                    if (count == 0) cpu.rip = checked(cpu, cpu.rip + displacement, size, stack);
                    return;
                }
                count = GprAccess.zeroExtend(count - 1, countSize);
                boolean zero = cpu.flagResult == 0;
                boolean taken = count != 0 && (kind == Mnemonic.LOOP || zero == (kind == Mnemonic.LOOPE));
                long target = taken ? checked(cpu, cpu.rip + displacement, size, stack) : cpu.rip;
                GprAccess.set(cpu.gpr, Cpu.RCX, countSize, count);
                cpu.rip = target;
            }

            @Override
            public boolean endsBlock() {
                return true;
            }
        };
    }
}
