package ringside.interpreter;

import ringside.cpu.Cpu;
import ringside.cpu.Vector;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;

/**
 * An x87 instruction. Order of events (Intel SDM vol. 1, 8.6 and 8.7): #NM is found when the block is decoded, then a pending unmasked
 * exception is raised ({@link #awaitExceptions}), then memory is read or checked, then the pointers to the
 * instruction are noted, then it computes.
 */
abstract class X87Op extends Op {
    private int lastOpcode;

    /** Notes what FNSTENV shows as the instruction's opcode. */
    final X87Op encode(Instruction i) {
        lastOpcode = (i.opcode & 7) << 8 | i.modrm & 0xff;
        return this;
    }

    /**
     * Raises the exception that an earlier instruction left pending: #MF with CR0.NE=1; otherwise FERR# goes to the interrupt controller (IRQ 13 in a PC)
     * and the processor waits here, which is running this instruction again until the handler has cleared the exception.
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
}
