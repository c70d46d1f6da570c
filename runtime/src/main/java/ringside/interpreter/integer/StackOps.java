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
import ringside.interpreter.core.StackAccess;
import ringside.memory.GuestFault;
import ringside.memory.LeaveBlock;

/** PUSH, POP (general registers, memory, immediates; PUSH of segment registers), PUSHA, POPA, ENTER, LEAVE. */
final class StackOps {
    private StackOps() {}

    static void register(Registry r) {
        r.add(
                Mnemonic.PUSH,
                (i, c) -> i.kind[0] == Instruction.SEGMENT
                        ? pushSegment(i, c)
                        : Specializer.make(Push.class, form(i, c), i, c));
        r.add(
                Mnemonic.POP,
                (i, c) -> i.kind[0] == Instruction.SEGMENT ? null : Specializer.make(Pop.class, form(i, c), i, c));
        r.add(Mnemonic.LEAVE, (i, c) -> Specializer.make(Leave.class, form(i, c), i, c));
        r.add(Mnemonic.PUSHA, StackOps::pushAll);
        r.add(Mnemonic.POPA, StackOps::popAll);
        r.add(Mnemonic.ENTER, StackOps::enter);
    }

    private static Form form(Instruction i, Registry.CpuContext c) {
        return new Form(null, i.operandSize, Form.kind(i, 0), Form.NONE, StackAccess.kind(c.mode()));
    }

    /** Template: PUSH. The variant of these templates is the kind of stack. */
    static final class Push extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int SOURCE = FORM.destination();
        private static final int STACK = FORM.variant();

        Push(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long v = SOURCE == Form.IMM
                    ? immediate
                    : SOURCE == Form.REG ? cpu.gpr[destination] : cpu.mem.load(address.forRead(cpu), SIZE);
            StackAccess.push(cpu, v, SIZE, STACK);
        }
    }

    /** Template: POP. The address of a memory operand is computed with the stack pointer already incremented. */
    static final class Pop extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();
        private static final int STACK = FORM.variant();

        Pop(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long old = cpu.gpr[Cpu.RSP];
            long v = StackAccess.pop(cpu, SIZE, STACK);
            if (DESTINATION == Form.REG) {
                GprAccess.set(cpu.gpr, destination, SIZE, v);
                return;
            }
            try {
                cpu.mem.store(address.forWrite(cpu), SIZE, v);
            } catch (GuestFault | LeaveBlock e) {
                cpu.gpr[Cpu.RSP] = old;
                throw e;
            }
        }
    }

    /** Template: LEAVE. */
    static final class Leave extends Op {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int STACK = FORM.variant();

        Leave(Instruction i, Registry.CpuContext c) {}

        @Override
        public void execute(Cpu cpu) {
            long old = cpu.gpr[Cpu.RSP];
            StackAccess.setPointer(cpu, cpu.gpr[Cpu.RBP], STACK);
            try {
                GprAccess.set(cpu.gpr, Cpu.RBP, SIZE, StackAccess.pop(cpu, SIZE, STACK));
            } catch (GuestFault | LeaveBlock e) {
                cpu.gpr[Cpu.RSP] = old;
                throw e;
            }
        }
    }

    /** PUSH of a segment register: the selector, zero-extended. */
    private static Op pushSegment(Instruction i, Registry.CpuContext c) {
        int segment = i.reg[0];
        int size = i.operandSize;
        int stack = StackAccess.kind(c.mode());
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                StackAccess.push(cpu, cpu.seg[segment].selector, size, stack);
            }
        };
    }

    /** PUSHA, PUSHAD. */
    private static Op pushAll(Instruction i, Registry.CpuContext c) {
        int size = i.operandSize;
        int stack = StackAccess.kind(c.mode());
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                for (int n = 0; n < 8; n++)
                    StackAccess.store(cpu, StackAccess.pointer(cpu, -size * (n + 1), stack), size, cpu.gpr[n], stack);
                StackAccess.setPointer(cpu, StackAccess.pointer(cpu, -size * 8, stack), stack);
            }
        };
    }

    /** POPA, POPAD: the saved stack pointer is skipped. */
    private static Op popAll(Instruction i, Registry.CpuContext c) {
        int size = i.operandSize;
        int stack = StackAccess.kind(c.mode());
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long[] values = new long[8];
                for (int n = 0; n < 8; n++)
                    values[7 - n] = StackAccess.load(cpu, StackAccess.pointer(cpu, size * n, stack), size, stack);
                for (int n = 0; n < 8; n++) {
                    if (n != Cpu.RSP) GprAccess.set(cpu.gpr, n, size, values[n]);
                }
                StackAccess.setPointer(cpu, StackAccess.pointer(cpu, size * 8, stack), stack);
            }
        };
    }

    /**
     * ENTER: pushes the frame pointer, copies enclosing frame pointers, and makes room; the new top of stack must be
     * writable.
     */
    private static Op enter(Instruction i, Registry.CpuContext c) {
        int size = i.operandSize;
        int stack = StackAccess.kind(c.mode());
        int room = (int) i.imm & 0xffff;
        int level = (int) i.imm2 & 31;
        return new Op() {
            /**
             * Finds every fault, in the order in which the accesses are made, before the first store: frames may
             * overlap what is pushed.
             */
            private void checkAll(Cpu cpu) {
                StackAccess.checkWrite(cpu, StackAccess.pointer(cpu, -size, stack), size, stack);
                for (int n = 1; n <= level; n++) {
                    if (n < level) StackAccess.load(cpu, enclosing(cpu, n), size, stack);
                    StackAccess.checkWrite(cpu, StackAccess.pointer(cpu, -(n + 1) * size, stack), size, stack);
                }
                StackAccess.checkWrite(cpu, StackAccess.pointer(cpu, -(level + 1) * size - room, stack), size, stack);
            }

            @Override
            public void execute(Cpu cpu) {
                long old = cpu.gpr[Cpu.RSP];
                checkAll(cpu);
                try {
                    StackAccess.push(cpu, cpu.gpr[Cpu.RBP], size, stack);
                    long frame = cpu.gpr[Cpu.RSP];
                    if (level > 0) {
                        for (int n = 1; n < level; n++) {
                            StackAccess.push(cpu, StackAccess.load(cpu, enclosing(cpu, n), size, stack), size, stack);
                        }
                        StackAccess.push(cpu, frame, size, stack);
                    }
                    long top = StackAccess.pointer(cpu, -room, stack);
                    StackAccess.checkWrite(cpu, top, size, stack);
                    StackAccess.setPointer(cpu, top, stack);
                    GprAccess.set(cpu.gpr, Cpu.RBP, size, frame);
                } catch (GuestFault | LeaveBlock e) {
                    cpu.gpr[Cpu.RSP] = old;
                    throw e;
                }
            }

            private long enclosing(Cpu cpu, int n) {
                long saved = cpu.gpr[Cpu.RSP];
                cpu.gpr[Cpu.RSP] = cpu.gpr[Cpu.RBP];
                long p = StackAccess.pointer(cpu, -size * n, stack);
                cpu.gpr[Cpu.RSP] = saved;
                return p;
            }
        };
    }
}
