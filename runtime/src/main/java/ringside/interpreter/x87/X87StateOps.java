package ringside.interpreter.x87;

import ringside.cpu.Cpu;
import ringside.cpu.Vector;
import ringside.cpu.fpu.FpuEnvironment;
import ringside.cpu.fpu.FpuState;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Address;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry.CpuContext;

/**
 * x87 control instructions: they move the control, status and tag words, the environment and the stack pointer. Intel
 * SDM vol. 1, 8.3.11.
 */
final class X87StateOps {
    private X87StateOps() {}

    private interface Action {
        void run(Cpu cpu);
    }

    private interface MemoryAction {
        void run(Cpu cpu, long la);
    }

    /** @return the handler, or null if the instruction is none of this class */
    static X87Op make(Instruction i, CpuContext c) {
        boolean wide = i.operandSize != 2;
        int environment = FpuEnvironment.size(wide);
        return switch (i.mnemonic) {
            case FNINIT -> plain(false, FpuState::init);
            case FNCLEX -> plain(false, FpuState::clearExceptions);
            case FNENI, FNDISI, FNSETPM -> plain(false, cpu -> {});
            case FNOP -> plain(true, cpu -> {});
            case FINCSTP -> plain(true, cpu -> moveTop(cpu, 1));
            case FDECSTP -> plain(true, cpu -> moveTop(cpu, -1));
            case FFREE ->
                plain(true, cpu -> {
                    free(cpu, i.modrm & 7);
                    cpu.fpStatus &= ~FpuState.C1;
                });
            case FFREEP ->
                plain(true, cpu -> {
                    free(cpu, i.modrm & 7);
                    free(cpu, 0);
                    moveTop(cpu, 1);
                });
            case FNSTSW ->
                i.modrm >= 0xc0
                        ? plain(false, X87StateOps::statusToAx)
                        : memory(i, c, 2, false, true, (cpu, la) -> cpu.mem.store16(la, cpu.fpStatus));
            case FNSTCW -> memory(i, c, 2, false, true, (cpu, la) -> cpu.mem.store16(la, cpu.fpControl));
            case FLDCW -> memory(i, c, 2, true, false, (cpu, la) -> FpuState.setControl(cpu, cpu.mem.load16(la)));
            case FNSTENV -> memory(i, c, environment, false, true, (cpu, la) -> FpuEnvironment.store(cpu, la, wide));
            case FLDENV -> memory(i, c, environment, true, false, (cpu, la) -> FpuEnvironment.load(cpu, la, wide));
            case FNSAVE -> memory(i, c, environment + 80, false, true, (cpu, la) -> FpuEnvironment.save(cpu, la, wide));
            case FRSTOR ->
                memory(i, c, environment + 80, true, false, (cpu, la) -> FpuEnvironment.restore(cpu, la, wide));
            default -> null;
        };
    }

    private static void moveTop(Cpu cpu, int by) {
        int top = FpuState.top(cpu) + by & 7;
        cpu.fpStatus = cpu.fpStatus & ~(FpuState.TOP_MASK | FpuState.C1) | top << FpuState.TOP_SHIFT;
    }

    private static void free(Cpu cpu, int i) {
        cpu.fpTag |= FpuState.TAG_EMPTY << 2 * (FpuState.top(cpu) + i & 7);
    }

    private static void statusToAx(Cpu cpu) {
        cpu.gpr[Cpu.RAX] = cpu.gpr[Cpu.RAX] & ~0xffffL | cpu.fpStatus;
    }

    private static X87Op plain(boolean waits, Action action) {
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if (waits && awaitExceptions(cpu)) return;
                action.run(cpu);
            }
        };
    }

    private static X87Op memory(
            Instruction i, CpuContext c, int bytes, boolean waits, boolean write, MemoryAction action) {
        Address operand = new Address(i, c.mode(), bytes);
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if (waits && awaitExceptions(cpu)) return;
                action.run(cpu, write ? operand.forWrite(cpu) : operand.forRead(cpu));
            }
        };
    }

    /** WAIT (FWAIT): #NM only if CR0.MP and CR0.TS are both set. */
    static X87Op waitFor() {
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                int both = Cpu.CR0_MP | Cpu.CR0_TS;
                if ((cpu.cr0 & both) == both) throw cpu.fault(Vector.NM, 0);
                awaitExceptions(cpu);
            }
        };
    }

    /** EMMS: all registers empty, TOP = 0. */
    static X87Op emms() {
        return new X87Op() {
            @Override
            public void execute(Cpu cpu) {
                if ((cpu.cr0 & Cpu.CR0_EM) != 0) throw cpu.ud();
                if ((cpu.cr0 & Cpu.CR0_TS) != 0) throw cpu.fault(Vector.NM, 0);
                if (awaitExceptions(cpu)) return;
                cpu.fpStatus &= ~FpuState.TOP_MASK;
                cpu.fpTag = 0xffff;
            }
        };
    }

    /** Any x87 instruction, FXSAVE and FXRSTOR while CR0.EM or CR0.TS is set. */
    static Op notAvailable() {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                throw cpu.fault(Vector.NM, 0);
            }

            @Override
            public boolean endsBlock() {
                return true;
            }
        };
    }
}
