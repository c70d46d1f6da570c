package ringside.memory;

/**
 * What paging, TLB and shadow stack know of the processor they belong to: the registers that choose a translation and
 * its rights, and how to raise a fault. The processor itself is {@code cpu.Cpu}, on a higher floor; it is the only
 * subclass, so that fields are read and methods are called as if they were its own.
 */
public abstract class Processor {
    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

    // Bits of mode that say how wide the running code is.
    public static final int MODE_16 = 0, MODE_32 = 1, MODE_64 = 2, MODE_MASK = 3;
    public static final int CR0_PE = 1,
            CR0_MP = 2,
            CR0_EM = 4,
            CR0_TS = 8,
            CR0_ET = 16,
            CR0_NE = 32,
            CR0_WP = 1 << 16,
            CR0_AM = 1 << 18,
            CR0_NW = 1 << 29,
            CR0_CD = 1 << 30,
            CR0_PG = 1 << 31;
    public static final int CR4_VME = 1,
            CR4_PVI = 2,
            CR4_TSD = 4,
            CR4_DE = 8,
            CR4_PSE = 16,
            CR4_PAE = 32,
            CR4_MCE = 64,
            CR4_PGE = 128,
            CR4_PCE = 256,
            CR4_OSFXSR = 512,
            CR4_OSXMMEXCPT = 1024,
            CR4_UMIP = 2048,
            CR4_LA57 = 1 << 12,
            CR4_FSGSBASE = 1 << 16,
            CR4_PCIDE = 1 << 17,
            CR4_OSXSAVE = 1 << 18,
            CR4_SMEP = 1 << 20,
            CR4_SMAP = 1 << 21,
            CR4_PKE = 1 << 22,
            CR4_CET = 1 << 23;
    public static final int EFER_SCE = 1, EFER_LME = 1 << 8, EFER_LMA = 1 << 10, EFER_NXE = 1 << 11;
    static final int RFLAGS_AC = 1 << 18;

    /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15. */
    public final long[] gpr = new long[16];
    /** RFLAGS without the six arithmetic flags (their bits are zero here); bit 1 is always set. */
    public long systemFlags = 2;

    public long cr0, cr2, cr3, cr4, efer;
    /** The four page-directory-pointer entries that PAE paging loads with CR3 (SDM vol. 3, 4.4.1). */
    public final long[] pdpte = new long[4];

    public int cpl;
    /** The MODE bits of the code being executed. */
    public int mode;
    /** True while whole blocks or regions run: accesses that need step mode throw {@link #leaveBlock}. */
    public boolean blockMode;
    /** DR7 enables a data breakpoint: every access to its page is compared with DR0..DR3. */
    public boolean watching;
    /** An observer listens to memory: every access is told to it. */
    public boolean watchingAll;
    /** Every access to a device's memory is told to {@link #deviceAccessed}. */
    public boolean watchingDevices;

    public final GuestFault guestFault = new GuestFault();
    public final LeaveBlock leaveBlock = new LeaveBlock();
    public final PhysicalMemory physical;
    public final LinearMemory mem;

    protected Processor(PhysicalMemory physical) {
        this.physical = physical;
        this.mem = new LinearMemory(this, physical);
    }

    public final boolean longMode() {
        return (efer & EFER_LMA) != 0;
    }

    public final boolean code64() {
        return (mode & MODE_MASK) == MODE_64;
    }

    public final boolean canonical(long va) {
        int shift = (cr4 & CR4_LA57) != 0 ? 7 : 16;
        return va << shift >> shift == va;
    }

    /**
     * Ends block execution before the current instruction if blocks are running; call before any side effect that needs
     * step mode.
     */
    public final void needStepMode() {
        if (blockMode) throw leaveBlock;
    }

    /** {@return the linear address that the stack pointer means in the present mode} */
    public abstract long stackLinear();

    /** {@return whether a page directory's parent may map pages of 1 GiB} */
    protected abstract boolean hugePages();

    /** A device's memory was accessed. @param value what was read or written */
    protected abstract void deviceAccessed(long pa, int bytes, long value, boolean write);

    /** Looks at an access that is about to be made. @param changes it is the read of a read-modify-write */
    protected abstract void watched(long la, int bytes, boolean write, boolean changes);

    // ---- faults: the exception to throw; never thrown by these, so that callers can write "throw cpu.gp(0)" ----

    /** A data access outside the canonical address range. @param la linear address of the access */
    public abstract GuestFault nonCanonical(long la);

    public abstract GuestFault gp(int error);

    public abstract GuestFault pageFault(long linear, int error);

    protected abstract GuestFault misaligned();
}
