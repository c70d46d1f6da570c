package ringside.interpreter.core;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;

/** The handler of a {@link Form}, with its operands in the usual places: a template says by constants which it uses. */
public abstract class FormOp extends Op {
    /** Names of the general registers in the first two operands, as {@link GprAccess#of} has them. */
    protected final int destination, source;

    protected final long immediate;
    /** Of the memory operand, or null. */
    protected final Address address;

    protected FormOp(Instruction i, Registry.CpuContext c) {
        destination = register(i, 0);
        source = register(i, 1);
        immediate = i.imm;
        address = i.memoryOperand() >= 0 ? Address.of(i, c) : null;
    }

    /**
     * The value of the second operand. @param kind of the form, a constant of the template @param size in bytes
     */
    protected final long value(Cpu cpu, int kind, int size) {
        return kind == Form.IMM
                ? immediate
                : kind == Form.REG ? GprAccess.get(cpu.gpr, source, size) : cpu.mem.load(address.forRead(cpu), size);
    }

    private static int register(Instruction i, int operand) {
        return Form.kind(i, operand) == Form.REG ? GprAccess.of(i, operand) : 0;
    }
}
