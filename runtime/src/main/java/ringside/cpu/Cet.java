package ringside.cpu;

import ringside.memory.GuestFault;
import ringside.memory.LinearMemory;

/**
 * Architectural shadow stacks (CET SHSTK): the shadow stack pointer, what calls, returns, entries and their returns do
 * with it, tokens, and the instructions that manage it. Shadow stack memory is reached only through
 * {@link LinearMemory#shadowLoad} and its like. Nothing changes before the last access that may fault. Source: Intel
 * SDM vol. 1, chapter 17; vol. 2, the instructions; vol. 3, 6.15 (#CP).
 */
public final class Cet {
    /** IA32_U_CET and IA32_S_CET: shadow stacks enabled, WRSS enabled. */
    public static final int SH_STK_EN = 1, WR_SHSTK_EN = 2;
    /** Error codes of #CP. */
    public static final int NEAR_RET = 1, FAR_RET = 2, RSTORSSP = 4, SETSSBSY = 5;

    private static final int BUSY = 1, PREVIOUS = 2;
    private static final int FRAME = 24;

    private Cet() {}

    /**
     * {@return whether code at this level runs with a shadow stack}
     *
     * @param cpu the processor
     * @param cpl privilege level, 0 to 3
     */
    public static boolean enabled(Cpu cpu, int cpl) {
        return (cpu.cr4 & Cpu.CR4_CET) != 0
                && cpu.protectedMode()
                && ((cpl == 3 ? cpu.msrs.uCet : cpu.msrs.sCet) & SH_STK_EN) != 0;
    }

    private static boolean here(Cpu cpu) {
        return enabled(cpu, cpu.cpl);
    }

    private static boolean user(Cpu cpu) {
        return cpu.cpl == 3;
    }

    private static GuestFault cp(Cpu cpu, int code) {
        return cpu.fault(Vector.CP, code);
    }

    // ---- near transfers; the caller knows that shadow stacks are enabled ----

    /**
     * Finds the fault that pushing would raise.
     *
     * @param cpu the processor
     * @param bytes 8 in 64-bit code, otherwise 4
     */
    public static void checkPush(Cpu cpu, int bytes) {
        cpu.mem.shadowCheck(cpu.ssp - bytes, bytes, user(cpu));
    }

    /**
     * Pushes a return address on the shadow stack.
     *
     * @param cpu the processor
     * @param bytes 8 in 64-bit code, otherwise 4
     * @param address the return address
     */
    public static void push(Cpu cpu, int bytes, long address) {
        cpu.mem.shadowStore(cpu.ssp - bytes, bytes, address, user(cpu));
        cpu.ssp -= bytes;
    }

    /**
     * Compares a near return's target with the shadow stack. Pops nothing: {@link #pop} does when the return can no
     * longer fault.
     *
     * @param cpu the processor
     * @param bytes 8 in 64-bit code, otherwise 4
     * @param target where the return goes
     */
    public static void checkReturn(Cpu cpu, int bytes, long target) {
        if (cpu.mem.shadowLoad(cpu.ssp, bytes, user(cpu)) != target) throw cp(cpu, NEAR_RET);
    }

    /**
     * Pops a return address from the shadow stack.
     *
     * @param cpu the processor
     * @param bytes 8 in 64-bit code, otherwise 4
     */
    public static void pop(Cpu cpu, int bytes) {
        cpu.ssp += bytes;
    }

    // ---- far transfers, entries and returns ----

    /**
     * The shadow stack part of one far transfer or entry, in two steps around the ordinary one: made and checked before
     * the registers change, committed when all has succeeded.
     */
    static final class Transfer {
        private long ssp;
        private long userSsp;
        private boolean savesUser;
        private boolean sets;

        void commit(Cpu cpu) {
            if (savesUser) cpu.msrs.plSsp[3] = userSsp;
            if (sets) cpu.ssp = ssp;
        }
    }

    /**
     * Entry at the same level, or far call: pushes CS, linear RIP and SSP, on another shadow stack if {@code ist} is
     * not 0.
     */
    static Transfer enterSame(Cpu cpu, int ist, int selector, long linearRip) {
        Transfer t = new Transfer();
        if (!here(cpu)) return t;
        long old = cpu.ssp;
        long top = old;
        if (ist != 0) {
            top = cpu.mem.systemLoad(cpu.msrs.interruptSspTable + 8L * ist, 8);
            takeToken(cpu, top);
        }
        t.ssp = pushFrame(cpu, top, selector, linearRip, old);
        t.sets = true;
        return t;
    }

    /** Entry to an inner level. @param cpl the new level @param ist 0, or the interrupt stack */
    static Transfer enterInner(Cpu cpu, int cpl, int ist, int selector, long linearRip) {
        Transfer t = new Transfer();
        boolean from = here(cpu);
        if (from && cpu.cpl == 3) {
            t.savesUser = true;
            t.userSsp = cpu.ssp;
        }
        if (!enabled(cpu, cpl)) return t;
        long top = ist != 0 ? cpu.mem.systemLoad(cpu.msrs.interruptSspTable + 8L * ist, 8) : cpu.msrs.plSsp[cpl];
        takeToken(cpu, top);
        t.ssp = cpu.cpl != 3 ? pushFrame(cpu, top, selector, linearRip, cpu.ssp) : top;
        t.sets = true;
        return t;
    }

    /** Reads a token that a locked access will write: a page fault says that it was a write. */
    private static long lockedLoad(Cpu cpu, long la, boolean user) {
        cpu.mem.shadowCheck(la, 8, user);
        return cpu.mem.shadowLoad(la, 8, user);
    }

    /** Makes the supervisor token at the top of a shadow stack busy; #GP(0) if there is no free one. */
    private static void takeToken(Cpu cpu, long top) {
        if ((top & 7) != 0 || lockedLoad(cpu, top, false) != top) throw cpu.gp(0);
        cpu.mem.shadowStore(top, 8, top | BUSY, false);
    }

    private static long pushFrame(Cpu cpu, long ssp, int selector, long linearRip, long old) {
        boolean user = user(cpu);
        if ((ssp & 4) != 0) {
            cpu.mem.shadowStore(ssp - 4, 4, 0, user);
            ssp &= ~7L;
        }
        cpu.mem.shadowStore(ssp - 8, 8, selector, user);
        cpu.mem.shadowStore(ssp - 16, 8, linearRip, user);
        cpu.mem.shadowStore(ssp - FRAME, 8, old, user);
        return ssp - FRAME;
    }

    /** IRET or far return to the same level: the frame on the shadow stack must say the same. */
    static Transfer returnSame(Cpu cpu, int selector, long linearRip) {
        Transfer t = new Transfer();
        if (!here(cpu)) return t;
        t.ssp = popFrame(cpu, selector, linearRip);
        t.sets = true;
        long top = cpu.ssp + FRAME;
        // an entry by an interrupt stack: its token is free again
        if ((t.ssp & ~7L) != top) freeToken(cpu, top);
        return t;
    }

    private static long popFrame(Cpu cpu, int selector, long linearRip) {
        if ((cpu.ssp & 7) != 0) throw cp(cpu, FAR_RET);
        boolean user = user(cpu);
        long ssp = cpu.mem.shadowLoad(cpu.ssp, 8, user);
        long rip = cpu.mem.shadowLoad(cpu.ssp + 8, 8, user);
        long cs = cpu.mem.shadowLoad(cpu.ssp + 16, 8, user);
        if (cs != selector || rip != linearRip || (ssp & 3) != 0) throw cp(cpu, FAR_RET);
        if (!cpu.canonical(ssp)) throw cpu.gp(0);
        return ssp;
    }

    private static void freeToken(Cpu cpu, long top) {
        if (lockedLoad(cpu, top, false) == (top | BUSY)) cpu.mem.shadowStore(top, 8, top, false);
    }

    /** IRET or far return to an outer level. */
    static Transfer returnOuter(Cpu cpu, int cpl, int selector, long linearRip) {
        Transfer t = new Transfer();
        if (here(cpu)) {
            long top = cpu.ssp;
            if (cpl != 3) {
                t.ssp = popFrame(cpu, selector, linearRip);
                t.sets = true;
                top += FRAME;
            }
            if ((top & 7) == 0) freeToken(cpu, top);
        }
        if (cpl == 3 && enabled(cpu, 3)) {
            t.ssp = cpu.msrs.plSsp[3];
            t.sets = true;
        }
        return t;
    }

    /** SYSCALL and SYSENTER, before the level changes. */
    static void fastEntry(Cpu cpu) {
        if (cpu.cpl == 3 && here(cpu)) cpu.msrs.plSsp[3] = cpu.ssp;
        if (enabled(cpu, 0)) cpu.ssp = 0;
    }

    /** SYSRET and SYSEXIT. */
    static void fastReturn(Cpu cpu) {
        if (enabled(cpu, 3)) cpu.ssp = cpu.msrs.plSsp[3];
    }

    // ---- instructions ----

    private static void need(Cpu cpu) {
        if (!here(cpu)) throw cpu.ud();
    }

    private static void needAligned(Cpu cpu, long la, int bytes) {
        if ((la & bytes - 1) != 0) throw cpu.gp(0);
    }

    private static void setFlags(Cpu cpu, boolean carry) {
        cpu.setArithmeticFlags(carry ? Flags.CF : 0);
    }

    /**
     * INCSSP.
     *
     * @param cpu the processor
     * @param count of elements; the low 8 bits count
     * @param size 4 or 8, bytes of an element
     */
    public static void incssp(Cpu cpu, long count, int size) {
        need(cpu);
        long n = count & 0xff;
        cpu.mem.shadowLoad(cpu.ssp, size, user(cpu));
        cpu.mem.shadowLoad(cpu.ssp + (Math.max(n, 1) - 1) * size, size, user(cpu));
        cpu.ssp += n * size;
    }

    /**
     * RSTORSSP.
     *
     * @param cpu the processor
     * @param la linear address of the token
     */
    public static void rstorssp(Cpu cpu, long la) {
        need(cpu);
        needAligned(cpu, la, 8);
        int mode = cpu.code64() ? 1 : 0;
        long token = lockedLoad(cpu, la, user(cpu));
        boolean good = (token & 3) == mode && (mode == 1 || token >>> 32 == 0) && ((token & ~1L) - 8 & ~7L) == la;
        if (!good) throw cp(cpu, RSTORSSP);
        cpu.mem.shadowStore(la, 8, cpu.ssp | mode | PREVIOUS, user(cpu));
        cpu.ssp = la;
        setFlags(cpu, (token & 4) != 0);
    }

    /**
     * SAVEPREVSSP.
     *
     * @param cpu the processor
     */
    public static void saveprevssp(Cpu cpu) {
        need(cpu);
        needAligned(cpu, cpu.ssp, 8);
        boolean user = user(cpu);
        int mode = cpu.code64() ? 1 : 0;
        long token = cpu.mem.shadowLoad(cpu.ssp, 8, user);
        int popped = 8;
        if ((cpu.rflags() & Flags.CF) != 0) {
            if (mode == 1 || cpu.mem.shadowLoad(cpu.ssp + 8, 4, user) != 0) throw cpu.gp(0);
            popped = 12;
        }
        if ((token & PREVIOUS) == 0 || mode == 0 && token >>> 32 != 0) throw cpu.gp(0);
        long old = token & ~3L;
        cpu.mem.shadowCheck((old & ~7L) - 8, 8, user);
        cpu.mem.shadowStore(old - 4, 4, 0, user);
        cpu.mem.shadowStore((old & ~7L) - 8, 8, old | mode, user);
        cpu.ssp += popped;
    }

    /**
     * WRSS.
     *
     * @param cpu the processor
     * @param la linear address of the first byte
     * @param size 4 or 8
     * @param v what is written
     */
    public static void wrss(Cpu cpu, long la, int size, long v) {
        need(cpu);
        if (((user(cpu) ? cpu.msrs.uCet : cpu.msrs.sCet) & WR_SHSTK_EN) == 0) throw cpu.ud();
        needAligned(cpu, la, size);
        cpu.mem.shadowStore(la, size, v, user(cpu));
    }

    /**
     * WRUSS: the kernel writes a user shadow stack.
     *
     * @param cpu the processor
     * @param la linear address of the first byte
     * @param size 4 or 8
     * @param v what is written
     */
    public static void wruss(Cpu cpu, long la, int size, long v) {
        if ((cpu.cr4 & Cpu.CR4_CET) == 0) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        needAligned(cpu, la, size);
        cpu.mem.shadowStore(la, size, v, true);
    }

    /**
     * SETSSBSY.
     *
     * @param cpu the processor
     */
    public static void setssbsy(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_CET) == 0 || (cpu.msrs.sCet & SH_STK_EN) == 0) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        long la = cpu.msrs.plSsp[0];
        needAligned(cpu, la, 8);
        if (lockedLoad(cpu, la, false) != la) throw cp(cpu, SETSSBSY);
        cpu.mem.shadowStore(la, 8, la | BUSY, false);
        cpu.ssp = la;
    }

    /**
     * CLRSSBSY.
     *
     * @param cpu the processor
     * @param la linear address of the token
     */
    public static void clrssbsy(Cpu cpu, long la) {
        if ((cpu.cr4 & Cpu.CR4_CET) == 0 || (cpu.msrs.sCet & SH_STK_EN) == 0) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        needAligned(cpu, la, 8);
        boolean busy = lockedLoad(cpu, la, false) == (la | BUSY);
        if (busy) cpu.mem.shadowStore(la, 8, la, false);
        cpu.ssp = 0;
        setFlags(cpu, !busy);
    }

    // ---- registers ----

    /**
     * {@return whether a value may be written to IA32_U_CET and IA32_S_CET}
     *
     * @param cpu the processor
     * @param v the value
     */
    public static boolean validControl(Cpu cpu, long v) {
        long allowed = cpu.model.has(CpuModel.Feature.SHSTK) ? SH_STK_EN | WR_SHSTK_EN : 0;
        if (cpu.model.has(CpuModel.Feature.IBT)) {
            allowed |= IndirectBranchTracking.ENDBR_EN
                    | IndirectBranchTracking.LEG_IW_EN
                    | IndirectBranchTracking.NO_TRACK_EN
                    | IndirectBranchTracking.SUPPRESS_DIS
                    | IndirectBranchTracking.SUPPRESS
                    | IndirectBranchTracking.TRACKER
                    | IndirectBranchTracking.BITMAP;
        }
        long state = IndirectBranchTracking.SUPPRESS | IndirectBranchTracking.TRACKER;
        return (v & ~allowed) == 0 && (v & state) != state && cpu.canonical(v & IndirectBranchTracking.BITMAP);
    }
}
