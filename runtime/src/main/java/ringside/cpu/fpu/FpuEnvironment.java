package ringside.cpu.fpu;

import ringside.cpu.Cpu;
import ringside.memory.LinearMemory;

/**
 * The memory images of FNSTENV/FLDENV (14 or 28 bytes) and FNSAVE/FRSTOR (the same followed by eight 10-byte
 * registers), in their four formats: 16- or 32-bit by operand size, protected or real by mode (virtual-8086 counts as
 * real, 64-bit mode as protected 32-bit). Source: Intel SDM vol. 1, 8.1.10, figures 8-9 to 8-12.
 *
 * <p>Every method checks the whole operand first, so nothing is done when a later byte would fault. Where alignment is
 * checked, the operand as a whole must be aligned to 4 bytes, or 2 with a 16-bit operand size (vol. 3, table 6-7), so
 * the registers are moved in words, which are then aligned.
 */
public final class FpuEnvironment {
    private static final int REGISTERS = 80;

    private FpuEnvironment() {}

    public static int size(boolean wide) {
        return wide ? 28 : 14;
    }

    /** FNSTENV: stores the environment, then masks all exceptions. @param wide 32-bit operand size */
    public static void store(Cpu cpu, long la, boolean wide) {
        checkWrite(cpu, la, size(wide), wide);
        storeFields(cpu, la, wide);
        cpu.fpControl |= FpuState.EXCEPTIONS;
        FpuState.updateSummary(cpu);
    }

    public static void load(Cpu cpu, long la, boolean wide) {
        checkRead(cpu, la, size(wide), wide);
        loadFields(cpu, la, wide);
    }

    /** FNSAVE: stores environment and registers, then initialises as FNINIT. */
    public static void save(Cpu cpu, long la, boolean wide) {
        int head = size(wide);
        checkWrite(cpu, la, head + REGISTERS, wide);
        storeFields(cpu, la, wide);
        for (int i = 0; i < 8; i++) {
            int r = FpuState.top(cpu) + i & 7;
            int at = head + 10 * i;
            for (int k = 0; k < 8; k += 2)
                cpu.mem.store16(at(cpu, la, at + k), (int) (cpu.fpMantissa[r] >>> 8 * k) & 0xffff);
            cpu.mem.store16(at(cpu, la, at + 8), cpu.fpExponent[r]);
        }
        FpuState.init(cpu);
    }

    public static void restore(Cpu cpu, long la, boolean wide) {
        int head = size(wide);
        checkRead(cpu, la, head + REGISTERS, wide);
        loadFields(cpu, la, wide);
        for (int i = 0; i < 8; i++) {
            int r = FpuState.top(cpu) + i & 7;
            int at = head + 10 * i;
            long mantissa = 0;
            for (int k = 0; k < 8; k += 2) mantissa |= (cpu.mem.load16(at(cpu, la, at + k)) & 0xffffL) << 8 * k;
            cpu.fpMantissa[r] = mantissa;
            cpu.fpExponent[r] = cpu.mem.load16(at(cpu, la, at + 8));
        }
    }

    private static void checkWrite(Cpu cpu, long la, int bytes, boolean wide) {
        cpu.mem.checkWrite(la, bytes);
        cpu.mem.checkAligned(la, wide ? 4 : 2);
    }

    private static void checkRead(Cpu cpu, long la, int bytes, boolean wide) {
        cpu.mem.checkRead(la, bytes);
        cpu.mem.checkAligned(la, wide ? 4 : 2);
    }

    /** @return linear address la + offset, wrapped to 32 bits outside 64-bit mode */
    static long at(Cpu cpu, long la, int offset) {
        return cpu.code64() ? la + offset : la + offset & 0xffff_ffffL;
    }

    private static void storeFields(Cpu cpu, long la, boolean wide) {
        boolean real = !cpu.protectedMode();
        int ip = (int) cpu.fpIp;
        int dp = (int) cpu.fpDp;
        if (real) {
            ip += cpu.fpCs << 4;
            dp += cpu.fpDs << 4;
        }
        int[] f = new int[7];
        f[0] = cpu.fpControl;
        f[1] = cpu.fpStatus;
        f[2] = FpuState.tagWord(cpu);
        if (wide) {
            for (int i = 0; i < 3; i++) f[i] |= 0xffff_0000;
            f[3] = real ? ip & 0xffff | 0xffff_0000 : ip;
            f[4] = real ? (ip >>> 16) << 12 | cpu.fpOpcode : cpu.fpOpcode << 16 | cpu.fpCs;
            f[5] = real ? dp & 0xffff | 0xffff_0000 : dp;
            f[6] = real ? (dp >>> 16) << 12 : 0xffff_0000 | cpu.fpDs;
        } else {
            f[3] = ip;
            f[4] = real ? (ip >>> 16 & 15) << 12 | cpu.fpOpcode : cpu.fpCs;
            f[5] = dp;
            f[6] = real ? (dp >>> 16 & 15) << 12 : cpu.fpDs;
        }
        LinearMemory mem = cpu.mem;
        for (int i = 0; i < 7; i++) {
            if (wide) {
                mem.store32(at(cpu, la, 4 * i), f[i]);
            } else {
                mem.store16(at(cpu, la, 2 * i), f[i]);
            }
        }
    }

    private static void loadFields(Cpu cpu, long la, boolean wide) {
        LinearMemory mem = cpu.mem;
        int[] f = new int[7];
        for (int i = 0; i < 7; i++) f[i] = wide ? mem.load32(at(cpu, la, 4 * i)) : mem.load16(at(cpu, la, 2 * i));
        FpuState.setTagWord(cpu, f[2] & 0xffff);
        cpu.fpControl = 0;
        cpu.fpStatus = f[1] & 0xffff;
        FpuState.setControl(cpu, f[0] & 0xffff);
        if (cpu.protectedMode()) {
            cpu.fpIp = f[3] & 0xffff_ffffL;
            cpu.fpCs = f[4] & 0xffff;
            if (wide) cpu.fpOpcode = f[4] >>> 16 & 0x7ff;
            cpu.fpDp = f[5] & 0xffff_ffffL;
            cpu.fpDs = f[6] & 0xffff;
        } else {
            int high = wide ? 0xffff : 15;
            cpu.fpIp = (f[3] & 0xffff | (f[4] >>> 12 & high) << 16) & 0xffff_ffffL;
            cpu.fpOpcode = f[4] & 0x7ff;
            cpu.fpDp = (f[5] & 0xffff | (f[6] >>> 12 & high) << 16) & 0xffff_ffffL;
            cpu.fpCs = 0;
            cpu.fpDs = 0;
        }
    }
}
