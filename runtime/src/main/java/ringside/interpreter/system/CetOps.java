package ringside.interpreter.system;

import ringside.cpu.Cet;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.StackAccess;
import ringside.interpreter.integer.BranchOps;

/**
 * Shadow-stack instructions, and near CALL and RET of code that runs with an architectural shadow stack. Intel SDM vol.
 * 1, chapter 17.
 */
public final class CetOps {
    private CetOps() {}

    private interface Action {
        void run(Cpu cpu, Instruction i, Address a);
    }

    public static void register(Registry r) {
        r.add(Mnemonic.CALL, (i, c) -> (c.mode() & Cpu.MODE_SHSTK) != 0 ? new Call(i, c) : null);
        r.add(Mnemonic.RET, (i, c) -> (c.mode() & Cpu.MODE_SHSTK) != 0 ? new Return(i, c) : null);
        add(r, Mnemonic.INCSSP, (cpu, i, a) -> Cet.incssp(cpu, cpu.gpr[i.reg[0]], i.operandSize == 8 ? 8 : 4));
        add(r, Mnemonic.SAVEPREVSSP, (cpu, i, a) -> Cet.saveprevssp(cpu));
        add(r, Mnemonic.RSTORSSP, (cpu, i, a) -> Cet.rstorssp(cpu, a.forWrite(cpu)));
        add(
                r,
                Mnemonic.WRSS,
                (cpu, i, a) -> Cet.wrss(cpu, a.forWrite(cpu), i.size[0], GprAccess.get(cpu.gpr, i.reg[1], i.size[0])));
        add(
                r,
                Mnemonic.WRUSS,
                (cpu, i, a) -> Cet.wruss(cpu, a.forWrite(cpu), i.size[0], GprAccess.get(cpu.gpr, i.reg[1], i.size[0])));
        add(r, Mnemonic.SETSSBSY, (cpu, i, a) -> Cet.setssbsy(cpu));
        add(r, Mnemonic.CLRSSBSY, (cpu, i, a) -> Cet.clrssbsy(cpu, a.forWrite(cpu)));
        r.add(Mnemonic.RDSSP, (i, c) -> new ReadPointer(i));
    }

    /** These stand alone: they write memory that the TLB does not know. */
    private static void add(Registry r, Mnemonic m, Action action) {
        r.add(m, (i, c) -> {
            if (!c.model().has(Feature.SHSTK)) return null;
            Address a = i.memoryOperand() >= 0 ? new Address(i, c.mode(), i.size[i.memoryOperand()]) : null;
            return new Op() {
                @Override
                public void execute(Cpu cpu) {
                    action.run(cpu, i, a);
                }

                @Override
                public boolean endsBlock() {
                    return true;
                }
            };
        });
    }

    /** RDSSP: a no-operation without shadow stacks. */
    private static final class ReadPointer extends Op {
        private final int register;
        private final int size;

        ReadPointer(Instruction i) {
            register = i.reg[0];
            size = i.operandSize == 8 ? 8 : 4;
        }

        @Override
        public void execute(Cpu cpu) {
            if (Cet.enabled(cpu, cpu.cpl)) GprAccess.set(cpu.gpr, register, size, cpu.ssp);
        }
    }

    /**
     * CALL near: the return address goes to both stacks, unless the call goes to the next instruction to learn its
     * address.
     */
    static final class Call extends Op {
        private final boolean relative;
        private final int register;
        private final long displacement;
        private final Address address;
        private final int size;
        private final int stack;

        Call(Instruction i, Registry.CpuContext c) {
            relative = i.kind[0] == Instruction.REL;
            register = i.kind[0] == Instruction.GPR ? i.reg[0] : -1;
            displacement = i.imm;
            address = i.kind[0] == Instruction.MEM ? Address.of(i, c) : null;
            size = i.operandSize;
            stack = StackAccess.kind(c.mode());
        }

        @Override
        public void execute(Cpu cpu) {
            long target = relative
                    ? cpu.rip + displacement
                    : address == null
                            ? GprAccess.get(cpu.gpr, register, size)
                            : cpu.mem.load(address.forRead(cpu), size);
            target = BranchOps.checked(cpu, target, size, stack);
            int word = size == 8 ? 8 : 4;
            boolean shadowed = !relative || displacement != 0;
            if (shadowed) Cet.checkPush(cpu, word);
            long back = GprAccess.zeroExtend(cpu.rip, size);
            StackAccess.push(cpu, cpu.rip, size, stack);
            if (shadowed) Cet.push(cpu, word, back);
            cpu.shadow.call(cpu.stackLinear(), back, size);
            cpu.rip = target;
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }

    /** RET near: both stacks must hold the same address. */
    static final class Return extends Op {
        private final long release;
        private final int size;
        private final int stack;

        Return(Instruction i, Registry.CpuContext c) {
            release = i.operandCount == 0 ? 0 : i.imm & 0xffff;
            size = i.operandSize;
            stack = StackAccess.kind(c.mode());
        }

        @Override
        public void execute(Cpu cpu) {
            long target = StackAccess.load(cpu, StackAccess.pointer(cpu, 0, stack), size, stack);
            int word = size == 8 ? 8 : 4;
            Cet.checkReturn(cpu, word, target);
            target = BranchOps.checked(cpu, target, size, stack);
            Cet.pop(cpu, word);
            cpu.rip = target;
            cpu.shadow.ret(cpu.stackLinear(), target);
            StackAccess.setPointer(cpu, StackAccess.pointer(cpu, size + release, stack), stack);
        }

        @Override
        public boolean endsBlock() {
            return true;
        }
    }
}
