package ringside.cpu.fpu;

import java.util.Arrays;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.memory.LinearMemory;

/**
 * The 512-byte image of FXSAVE and FXRSTOR, which is also the legacy region of the XSAVE area. Addresses are guest
 * linear; callers have checked alignment and access. Source: Intel SDM vol. 1, 10.5 and vol. 2, FXSAVE.
 */
public final class FxsaveImage {
    public static final int SIZE = 512;
    /** Bits of MXCSR that exist; also what the image's MXCSR_MASK field says. */
    public static final int MXCSR_MASK = 0xffff;

    public static final int MXCSR_INIT = 0x1f80;
    static final int MXCSR = 24, ST = 32, XMM = 160;

    private FxsaveImage() {}

    /** FXSAVE. @param wide REX.W: 64-bit instruction and data pointers */
    public static void save(Cpu cpu, long la, boolean wide) {
        if ((la & 15) != 0) throw cpu.gp(0);
        cpu.mem.checkWrite(la, SIZE);
        storeX87(cpu, la, wide);
        storeMxcsr(cpu, la);
        if ((cpu.cr4 & Cpu.CR4_OSFXSR) != 0) storeXmm(cpu, la);
    }

    /** FXRSTOR. */
    public static void restore(Cpu cpu, long la, boolean wide) {
        if ((la & 15) != 0) throw cpu.gp(0);
        cpu.mem.checkRead(la, SIZE);
        boolean sse = (cpu.cr4 & Cpu.CR4_OSFXSR) != 0;
        if (sse) checkMxcsr(cpu, la);
        loadX87(cpu, la, wide);
        if (sse) {
            loadMxcsr(cpu, la);
            loadXmm(cpu, la);
        }
    }

    static long at(Cpu cpu, long la, int offset) {
        return FpuEnvironment.at(cpu, la, offset);
    }

    static void storeX87(Cpu cpu, long la, boolean wide) {
        LinearMemory mem = cpu.mem;
        mem.store16(la, cpu.fpControl);
        mem.store16(at(cpu, la, 2), cpu.fpStatus);
        mem.store16(at(cpu, la, 4), FpuState.abridgedTag(cpu));
        boolean pointers = pointers(cpu, cpu.fpStatus);
        mem.store16(at(cpu, la, 6), pointers ? cpu.fpOpcode : 0);
        if (!pointers) {
            mem.store64(at(cpu, la, 8), 0);
            mem.store64(at(cpu, la, 16), 0);
        } else if (wide) {
            mem.store64(at(cpu, la, 8), cpu.fpIp);
            mem.store64(at(cpu, la, 16), cpu.fpDp);
        } else {
            mem.store64(at(cpu, la, 8), cpu.fpIp & 0xffff_ffffL | (long) cpu.fpCs << 32);
            mem.store64(at(cpu, la, 16), cpu.fpDp & 0xffff_ffffL | (long) cpu.fpDs << 32);
        }
        int top = FpuState.top(cpu);
        for (int i = 0; i < 8; i++) {
            int r = top + i & 7;
            mem.store64(at(cpu, la, ST + 16 * i), cpu.fpMantissa[r]);
            mem.store64(at(cpu, la, ST + 16 * i + 8), cpu.fpExponent[r]);
        }
    }

    /**
     * @return whether the pointers to the last instruction are saved: on AMD's processors once only if it had an error
     */
    private static boolean pointers(Cpu cpu, int status) {
        return !cpu.model.amd() || cpu.model.has(CpuModel.Feature.XSAVEERPTR) || (status & 0x80) != 0;
    }

    static void storeMxcsr(Cpu cpu, long la) {
        cpu.mem.store64(at(cpu, la, MXCSR), cpu.mxcsr & 0xffff_ffffL | (long) MXCSR_MASK << 32);
    }

    static void storeXmm(Cpu cpu, long la) {
        int n = cpu.code64() ? 16 : 8;
        for (int i = 0; i < n; i++) {
            cpu.mem.store64(at(cpu, la, XMM + 16 * i), cpu.vec[4 * i]);
            cpu.mem.store64(at(cpu, la, XMM + 16 * i + 8), cpu.vec[4 * i + 1]);
        }
    }

    static void loadX87(Cpu cpu, long la, boolean wide) {
        LinearMemory mem = cpu.mem;
        cpu.fpStatus = mem.load16(at(cpu, la, 2));
        FpuState.setControl(cpu, mem.load16(la));
        FpuState.setAbridgedTag(cpu, mem.load8(at(cpu, la, 4)));
        boolean pointers = pointers(cpu, mem.load16(at(cpu, la, 2)));
        if (pointers) cpu.fpOpcode = mem.load16(at(cpu, la, 6)) & 0x7ff;
        long ip = mem.load64(at(cpu, la, 8));
        long dp = mem.load64(at(cpu, la, 16));
        if (!pointers) {
            // they stay
        } else if (wide) {
            cpu.fpIp = ip;
            cpu.fpDp = dp;
            cpu.fpCs = 0;
            cpu.fpDs = 0;
        } else {
            cpu.fpIp = ip & 0xffff_ffffL;
            cpu.fpCs = (int) (ip >>> 32) & 0xffff;
            cpu.fpDp = dp & 0xffff_ffffL;
            cpu.fpDs = (int) (dp >>> 32) & 0xffff;
        }
        int top = FpuState.top(cpu);
        for (int i = 0; i < 8; i++) {
            int r = top + i & 7;
            cpu.fpMantissa[r] = mem.load64(at(cpu, la, ST + 16 * i));
            cpu.fpExponent[r] = mem.load16(at(cpu, la, ST + 16 * i + 8));
        }
    }

    /** Raises #GP if the image's MXCSR has a bit that does not exist. */
    static void checkMxcsr(Cpu cpu, long la) {
        if ((cpu.mem.load32(at(cpu, la, MXCSR)) & ~MXCSR_MASK) != 0) throw cpu.gp(0);
    }

    static void loadMxcsr(Cpu cpu, long la) {
        cpu.mxcsr = cpu.mem.load32(at(cpu, la, MXCSR));
    }

    static void loadXmm(Cpu cpu, long la) {
        int n = cpu.code64() ? 16 : 8;
        for (int i = 0; i < n; i++) {
            cpu.vec[4 * i] = cpu.mem.load64(at(cpu, la, XMM + 16 * i));
            cpu.vec[4 * i + 1] = cpu.mem.load64(at(cpu, la, XMM + 16 * i + 8));
        }
    }

    static void initXmm(Cpu cpu) {
        int n = cpu.code64() ? 16 : 8;
        for (int i = 0; i < n; i++) Arrays.fill(cpu.vec, 4 * i, 4 * i + 2, 0);
    }
}
