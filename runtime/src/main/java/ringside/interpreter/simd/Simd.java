package ringside.interpreter.simd;

import ringside.cpu.Cpu;
import ringside.cpu.Vector;
import ringside.decoder.Instruction;
import ringside.interpreter.core.Op;
import ringside.interpreter.core.Registry.Maker;

/**
 * What the MMX, SSE and AVX families share: whether the group may be used in the mode of the block, 128-bit memory
 * operands with their alignment rule, and the coupling of MMX with the x87 state.
 *
 * <p>Source: Intel SDM vol. 2, 2.4 (exception classes); vol. 1, 9.5 (MMX and x87 state); vol. 3, 13.1.
 */
public final class Simd {
    private Simd() {}

    // ---- whether the group is enabled ----

    /** Instructions on XMM registers in legacy encoding. */
    static Maker sse(Maker m) {
        return (i, c) -> (c.mode() & Cpu.MODE_SSE) != 0 ? m.make(i, c) : sseUnavailable();
    }

    /** Instructions on MMX registers alone: CR4.OSFXSR does not matter. */
    static Maker mmx(Maker m) {
        return (i, c) -> (c.mode() & Cpu.MODE_FPU) != 0 ? m.make(i, c) : new MmxUnavailable();
    }

    /** VEX-encoded instructions. */
    public static Maker avx(Maker m) {
        return (i, c) -> (c.mode() & Cpu.MODE_AVX) != 0 ? m.make(i, c) : avxUnavailable();
    }

    private static Op sseUnavailable() {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                if ((cpu.cr0 & Cpu.CR0_EM) != 0 || (cpu.cr4 & Cpu.CR4_OSFXSR) == 0) throw cpu.ud();
                throw cpu.fault(Vector.NM, 0);
            }
        };
    }

    private static final class MmxUnavailable extends Op {
        @Override
        public void execute(Cpu cpu) {
            if ((cpu.cr0 & Cpu.CR0_EM) != 0) throw cpu.ud();
            throw cpu.fault(Vector.NM, 0);
        }
    }

    private static Op avxUnavailable() {
        return new Op() {
            @Override
            public void execute(Cpu cpu) {
                if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0 || (cpu.xcr0 & 6) != 6 || !cpu.protectedMode()) throw cpu.ud();
                throw cpu.fault(Vector.NM, 0);
            }
        };
    }

    // ---- operands ----

    /** @return index in {@link Cpu#vec} of the lowest lane of a vector register operand */
    public static int lane(Instruction i, int operand) {
        return i.reg[operand] * 4;
    }

    /** @return the index of MMX register operand; REX bits do not count */
    static int mm(Instruction i, int operand) {
        return i.reg[operand] & 7;
    }

    static boolean isMmx(Instruction i) {
        return i.kind[0] == Instruction.MMX || i.operandCount > 1 && i.kind[1] == Instruction.MMX;
    }

    /** @return the address of a 16-byte operand, which must be aligned: #GP(0) otherwise */
    static long aligned(Cpu cpu, long la) {
        if ((la & 15) != 0) throw cpu.gp(0);
        return la;
    }

    /** @return the linear address {@code delta} bytes on, wrapped to 32 bits outside 64-bit mode */
    public static long behind(Cpu cpu, long la, int delta) {
        return cpu.code64() ? la + delta : la + delta & 0xffff_ffffL;
    }

    /**
     * Finds the fault of a read that crosses into another page, so that reading it in pieces can only fault as the
     * whole does.
     */
    public static void checkCrossing(Cpu cpu, long la, int bytes) {
        if ((la & 0xfff) > 0x1000 - bytes) cpu.mem.checkRead(la, bytes);
    }

    /** Loads bits 127:64 of a 16-byte operand at {@code la}. */
    public static long loadHigh(Cpu cpu, long la) {
        return cpu.mem.load64(behind(cpu, la, 8));
    }

    /** Stores 16 bytes, or faults with none stored. */
    public static void store128(Cpu cpu, long la, long lo, long hi) {
        cpu.mem.store128(la, lo, hi);
    }

    /** Stores 32 bytes from four lanes, or faults with none stored. */
    public static void store256(Cpu cpu, long la, long[] v, int r) {
        if ((la & 0xfff) > 0xfe0) cpu.mem.checkWrite(la, 32);
        for (int k = 0; k < 4; k++) cpu.mem.store64(behind(cpu, la, 8 * k), v[r + k]);
    }

    // ---- MMX registers are the significands of the x87 registers ----

    /** Raises a pending x87 exception, as every MMX instruction does before anything else. */
    static void pendingX87(Cpu cpu) {
        if ((cpu.fpStatus & 0x80) != 0) throw cpu.fault(Vector.MF, 0);
    }

    /** From x87 to MMX: TOP = 0, all registers valid. */
    static void enterMmx(Cpu cpu) {
        cpu.fpStatus &= ~0x3800;
        cpu.fpTag = 0;
    }

    static void writeMmx(Cpu cpu, int register, long v) {
        enterMmx(cpu);
        cpu.fpMantissa[register] = v;
        cpu.fpExponent[register] = 0xffff;
    }
}
