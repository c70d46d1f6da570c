package ringside.interpreter.integer;

import java.lang.invoke.MethodHandles;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Form;
import ringside.interpreter.core.FormOp;
import ringside.interpreter.core.GprAccess;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry;
import ringside.interpreter.core.Specializer;

/**
 * Data movement between general registers, memory and immediates: MOV, MOVZX, MOVSX, MOVSXD, MOVBE, MOVNTI, MOVDIRI,
 * XCHG, LEA, CMOVcc, SETcc, BSWAP, XLAT, and MOV from a segment register.
 */
final class MoveOps {
    private MoveOps() {}

    static void register(Registry r) {
        r.add(Mnemonic.MOV, MoveOps::move);
        r.add(Mnemonic.MOVNTI, MoveOps::move);
        r.add(Mnemonic.MOVDIRI, (i, c) -> c.model().has(Feature.MOVDIRI) ? move(i, c) : null);
        r.add(Mnemonic.MOVZX, (i, c) -> extend(i, c, false));
        r.add(Mnemonic.MOVSX, (i, c) -> extend(i, c, true));
        r.add(Mnemonic.MOVSXD, (i, c) -> extend(i, c, true));
        r.add(Mnemonic.MOVBE, (i, c) -> c.model().has(Feature.MOVBE) ? swappedMove(i, c) : null);
        r.add(Mnemonic.LEA, (i, c) -> loadAddress(i, c));
        r.add(
                Mnemonic.XCHG,
                (i, c) -> Specializer.make(
                        ArithmeticOps.Exchange.class,
                        new Form(false, i.size[0], Form.kind(i, 0), Form.kind(i, 1), 0),
                        i,
                        c));
        r.add(Mnemonic.BSWAP, (i, c) -> swapBytes(i));
        r.add(Mnemonic.XLAT, MoveOps::translate);
        for (int cc = 0; cc < 16; cc++) {
            int n = cc;
            r.add(
                    InstructionInfo.withCondition(Mnemonic.CMOVO, n),
                    (i, c) -> Specializer.make(
                            ConditionalMove.class, new Form(null, i.size[0], Form.REG, Form.kind(i, 1), n), i, c));
            r.add(
                    InstructionInfo.withCondition(Mnemonic.SETO, n),
                    (i, c) -> Specializer.make(
                            SetCondition.class, new Form(null, 1, Form.kind(i, 0), Form.NONE, n), i, c));
        }
    }

    private static Op move(Instruction i, Registry.CpuContext c) {
        if (i.kind[1] == Instruction.SEGMENT) return new FromSegment(i, c);
        if (!Form.general(i)) return null;
        return Specializer.make(Move.class, new Form(null, i.size[0], Form.kind(i, 0), Form.kind(i, 1), 0), i, c);
    }

    private static Op extend(Instruction i, Registry.CpuContext c, boolean signed) {
        return Specializer.make(Extend.class, new Form(signed, i.size[0], Form.REG, Form.kind(i, 1), i.size[1]), i, c);
    }

    /** Template: MOV. */
    static final class Move extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int DESTINATION = FORM.destination();
        private static final int SOURCE = FORM.source();

        Move(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long[] g = cpu.gpr;
            long v = value(cpu, SOURCE, SIZE);
            if (DESTINATION == Form.REG) {
                GprAccess.set(g, destination, SIZE, v);
            } else {
                cpu.mem.store(address.forWrite(cpu), SIZE, v);
            }
        }
    }

    /** Template: MOVZX, MOVSX, MOVSXD; the variant is the source's size, the operation whether the sign is extended. */
    static final class Extend extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final boolean SIGNED = (Boolean) FORM.operation();
        private static final int SIZE = FORM.size();
        private static final int SOURCE = FORM.source();
        private static final int SOURCE_SIZE = FORM.variant();

        Extend(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long v = value(cpu, SOURCE, SOURCE_SIZE);
            GprAccess.set(cpu.gpr, destination, SIZE, SIGNED ? GprAccess.signExtend(v, SOURCE_SIZE) : v);
        }
    }

    /**
     * Template: CMOVcc. The source is read, and a 32-bit destination's upper half cleared, even if the condition is
     * false.
     */
    static final class ConditionalMove extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int SIZE = FORM.size();
        private static final int SOURCE = FORM.source();
        private static final int CONDITION = FORM.variant();

        ConditionalMove(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            long v = value(cpu, SOURCE, SIZE);
            if (!cpu.condition(CONDITION)) v = GprAccess.get(cpu.gpr, destination, SIZE);
            GprAccess.set(cpu.gpr, destination, SIZE, v);
        }
    }

    /** Template: SETcc. */
    static final class SetCondition extends FormOp {
        private static final Form FORM = Specializer.form(MethodHandles.lookup());
        private static final int DESTINATION = FORM.destination();
        private static final int CONDITION = FORM.variant();

        SetCondition(Instruction i, Registry.CpuContext c) {
            super(i, c);
        }

        @Override
        public void execute(Cpu cpu) {
            int v = cpu.condition(CONDITION) ? 1 : 0;
            if (DESTINATION == Form.REG) {
                GprAccess.set(cpu.gpr, destination, 1, v);
            } else {
                cpu.mem.store8(address.forWrite(cpu), v);
            }
        }
    }

    /** LEA. */
    private static Op loadAddress(Instruction i, Registry.CpuContext c) {
        int destination = GprAccess.of(i, 0);
        int size = i.size[0];
        Address address = new Address(i, c.mode(), 1);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                GprAccess.set(cpu.gpr, destination, size, address.offset(cpu));
            }
        };
    }

    /** MOVBE. */
    private static Op swappedMove(Instruction i, Registry.CpuContext c) {
        boolean load = i.kind[1] == Instruction.MEM;
        int register = GprAccess.of(i, load ? 0 : 1);
        int size = i.size[0];
        Address address = Address.of(i, c);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                if (load) {
                    GprAccess.set(cpu.gpr, register, size, swap(cpu.mem.load(address.forRead(cpu), size)));
                } else {
                    cpu.mem.store(address.forWrite(cpu), size, swap(cpu.gpr[register]));
                }
            }

            private long swap(long v) {
                return Long.reverseBytes(v) >>> 64 - 8 * size;
            }
        };
    }

    /** BSWAP; of a 16-bit register, which the manual leaves undefined, processors make zero. */
    private static Op swapBytes(Instruction i) {
        int register = i.reg[0];
        int size = i.size[0];
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long v = size == 2 ? 0 : Long.reverseBytes(cpu.gpr[register]) >>> 64 - 8 * size;
                GprAccess.set(cpu.gpr, register, size, v);
            }
        };
    }

    /** XLAT: AL = [rBX + AL]. */
    private static Op translate(Instruction i, Registry.CpuContext c) {
        Address table = new Address(i, c.mode(), 1);
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                long la = table.displaced(cpu, cpu.gpr[Cpu.RAX] & 0xff, 1, false);
                GprAccess.set(cpu.gpr, Cpu.RAX, 1, cpu.mem.load8(la));
            }
        };
    }

    /** MOV from a segment register: 16 bits to memory, zero-extended to a wider register. */
    private static final class FromSegment extends Op {
        private final int destination;
        private final int size;
        private final int segment;
        private final Address address;

        FromSegment(Instruction i, Registry.CpuContext c) {
            boolean memory = i.kind[0] == Instruction.MEM;
            destination = memory ? 0 : GprAccess.of(i, 0);
            size = i.size[0];
            segment = i.reg[1];
            address = memory ? Address.of(i, c) : null;
        }

        @Override
        public void execute(Cpu cpu) {
            int selector = cpu.seg[segment].selector;
            if (address == null) {
                GprAccess.set(cpu.gpr, destination, size, selector);
            } else {
                cpu.mem.store16(address.forWrite(cpu), selector);
            }
        }
    }
}
