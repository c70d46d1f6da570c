package ringside.cpu;

/**
 * Indirect branch tracking (CET IBT): after an indirect near CALL or JMP, a far one, or an entry, the next instruction
 * must be ENDBR64 (ENDBR32 outside 64-bit mode), otherwise #CP(3). The state of the tracker lies in IA32_U_CET for CPL
 * 3 and in IA32_S_CET for the other levels. Source: Intel SDM vol. 1, 17.3.
 */
public final class IndirectBranchTracking {
    /**
     * IA32_U_CET and IA32_S_CET: tracking, legacy code by bitmap, NO_TRACK prefix, no suppression after legacy code;
     * state: suppressed, waiting for ENDBR.
     */
    public static final long ENDBR_EN = 4,
            LEG_IW_EN = 8,
            NO_TRACK_EN = 16,
            SUPPRESS_DIS = 32,
            SUPPRESS = 1 << 10,
            TRACKER = 1 << 11;
    /** Linear address of the bitmap of pages that hold legacy code. */
    public static final long BITMAP = -4096L;
    /** Error code of #CP. */
    public static final int ENDBRANCH = 3;

    private IndirectBranchTracking() {}

    private static long control(Cpu cpu) {
        return cpu.cpl == 3 ? cpu.msrs.uCet : cpu.msrs.sCet;
    }

    private static void set(Cpu cpu, long v) {
        if (v == control(cpu)) return;
        if (cpu.cpl == 3) {
            cpu.msrs.uCet = v;
        } else {
            cpu.msrs.sCet = v;
        }
        cpu.updateMode();
    }

    private static boolean enabled(Cpu cpu) {
        return (cpu.cr4 & Cpu.CR4_CET) != 0 && cpu.protectedMode() && !cpu.v86() && (control(cpu) & ENDBR_EN) != 0;
    }

    /** @return the bits MODE_IBT and MODE_ENDBR of {@link Cpu#mode} */
    static int mode(Cpu cpu) {
        if (!enabled(cpu)) return 0;
        return (control(cpu) & TRACKER) != 0 ? Cpu.MODE_IBT | Cpu.MODE_ENDBR : Cpu.MODE_IBT;
    }

    /**
     * An indirect near CALL or JMP has been executed.
     *
     * @param cpu the processor
     * @param noTrack it has the NO_TRACK prefix
     */
    public static void near(Cpu cpu, boolean noTrack) {
        long c = control(cpu);
        if (!enabled(cpu) || (c & SUPPRESS) != 0 || noTrack && (c & NO_TRACK_EN) != 0) return;
        set(cpu, c | TRACKER);
    }

    /** A far CALL or JMP, an interrupt or exception, SYSCALL or SYSENTER has led to the present level. */
    static void far(Cpu cpu) {
        if (enabled(cpu)) set(cpu, control(cpu) & ~SUPPRESS | TRACKER);
    }

    /**
     * The ENDBR of the present mode has been executed.
     *
     * @param cpu the processor
     */
    public static void endbranch(Cpu cpu) {
        if (enabled(cpu)) set(cpu, control(cpu) & ~(SUPPRESS | TRACKER));
    }

    /**
     * Another instruction stands where the tracker waits for ENDBR: #CP, unless its page is one of legacy code.
     *
     * @param cpu the processor
     * @param la linear address of the instruction
     */
    public static void missing(Cpu cpu, long la) {
        long c = control(cpu);
        if ((c & LEG_IW_EN) == 0
                || (cpu.mem.load((c & BITMAP) + (la >>> 15 & 0x1_ffff_ffffL), 1) >> (la >>> 12 & 7) & 1) == 0)
            throw cpu.fault(Vector.CP, ENDBRANCH);
        set(cpu, c & ~TRACKER | ((c & SUPPRESS_DIS) == 0 ? SUPPRESS : 0));
    }
}
