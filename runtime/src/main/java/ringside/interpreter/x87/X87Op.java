package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.Vector;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.softfloat.Float80;
import ringside.softfloat.Float80Result;

/**
 * An x87 instruction. Order of events (Intel SDM vol. 1, 8.6 and 8.7): #NM is found when the block is decoded, then a
 * pending unmasked exception is raised ({@link #awaitExceptions}), then memory is read or checked, then the pointers to
 * the instruction are noted, then it computes.
 */
abstract class X87Op extends Op {
    private int lastOpcode;

    /** Notes what FNSTENV shows as the instruction's opcode. */
    final X87Op encode(Instruction i) {
        lastOpcode = (i.opcode & 7) << 8 | i.modrm & 0xff;
        return this;
    }

    /**
     * Raises the exception that an earlier instruction left pending: #MF with CR0.NE=1; otherwise FERR# goes to the
     * interrupt controller (IRQ 13 in a PC) and the processor waits here, which is running this instruction again until
     * the handler has cleared the exception.
     *
     * @return whether the instruction must be given up now (the instruction pointer is back on it)
     */
    final boolean awaitExceptions(Cpu cpu) {
        return (cpu.fpStatus & FpuState.ES) != 0 && pending(cpu);
    }

    private boolean pending(Cpu cpu) {
        if ((cpu.cr0 & Cpu.CR0_NE) != 0) throw cpu.fault(Vector.MF, 0);
        cpu.needStepMode();
        cpu.bus.floatingPointError();
        cpu.rip -= length;
        cpu.attention = true;
        return true;
    }

    /** Notes this instruction as the last one executed. */
    final void notePointers(Cpu cpu) {
        cpu.fpIp = cpu.rip - length;
        cpu.fpCs = cpu.seg[Cpu.CS].selector;
        cpu.fpOpcode = lastOpcode;
    }

    /** Notes this instruction and its memory operand. */
    final void notePointers(Cpu cpu, Address operand) {
        notePointers(cpu);
        cpu.fpDp = operand.offset(cpu);
        cpu.fpDs = cpu.seg[instruction.memSegment].selector;
    }

    /** Reads a number of some type from memory. */
    interface Load {
        void load(Cpu cpu, long la, Float80Result r);
    }

    /** Reads the memory operand and notes it as the last one. */
    final Float80Result fetch(Cpu cpu, Address operand, Load load) {
        Float80Result r = cpu.fpResult;
        load.load(cpu, operand.forRead(cpu), r);
        notePointers(cpu, operand);
        return r;
    }

    /** An instruction on registers alone. */
    abstract static class Plain extends X87Op {
        @Override
        public final void execute(Cpu cpu) {
            if (awaitExceptions(cpu)) return;
            notePointers(cpu);
            apply(cpu);
        }

        abstract void apply(Cpu cpu);
    }

    // ---- the register stack ----

    /** @return the physical number of ST(i) */
    static int register(Cpu cpu, int i) {
        return (cpu.fpStatus >> FpuState.TOP_SHIFT) + i & 7;
    }

    static boolean empty(Cpu cpu, int r) {
        return (cpu.fpTag >> 2 * r & 3) != 0;
    }

    /** Writes a physical register and marks it in use. */
    static void write(Cpu cpu, int r, int signExponent, long mantissa) {
        cpu.fpExponent[r] = signExponent;
        cpu.fpMantissa[r] = mantissa;
        cpu.fpTag &= ~(FpuState.TAG_EMPTY << 2 * r);
    }

    static void writeIndefinite(Cpu cpu, int r) {
        write(cpu, r, Float80.INDEFINITE_EXPONENT, Float80.INDEFINITE_MANTISSA);
    }

    static void pop(Cpu cpu) {
        int s = cpu.fpStatus;
        int top = s >> FpuState.TOP_SHIFT & 7;
        cpu.fpTag |= FpuState.TAG_EMPTY << 2 * top;
        cpu.fpStatus = s & ~FpuState.TOP_MASK | (top + 1 & 7) << FpuState.TOP_SHIFT;
    }

    /** Decrements TOP and writes the new ST(0). */
    static void push(Cpu cpu, int signExponent, long mantissa) {
        int s = cpu.fpStatus;
        int top = (s >> FpuState.TOP_SHIFT) + 7 & 7;
        cpu.fpStatus = s & ~FpuState.TOP_MASK | top << FpuState.TOP_SHIFT;
        write(cpu, top, signExponent, mantissa);
    }

    /**
     * Puts exceptions and C1 into the status word; what is unmasked becomes pending.
     * @param flags as {@link Float80Result#flags}
     */
    static void raise(Cpu cpu, int flags) {
        int s = cpu.fpStatus & ~FpuState.C1 | flags;
        if ((s & ~cpu.fpControl & FpuState.EXCEPTIONS) != 0) s |= FpuState.ES | FpuState.BUSY;
        cpu.fpStatus = s;
    }

    /**
     * Reports a read of an empty register.
     * @return whether the masked response (an indefinite result) is to be given
     */
    static boolean underflow(Cpu cpu) {
        raise(cpu, FpuState.IE | FpuState.SF);
        return (cpu.fpControl & FpuState.IE) != 0;
    }

    /**
     * Reports a push onto a register in use.
     * @return whether the masked response (pushing an indefinite) is to be given
     */
    static boolean overflow(Cpu cpu) {
        raise(cpu, FpuState.IE | FpuState.SF | FpuState.C1);
        return (cpu.fpControl & FpuState.IE) != 0;
    }
}
