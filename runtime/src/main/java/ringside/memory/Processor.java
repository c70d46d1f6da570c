package ringside.memory;

/**
 * What paging, TLB and shadow stack know of the processor they belong to: the registers that choose a translation and
 * its rights, and how to raise a fault. The processor itself is {@code cpu.Cpu}, on a higher floor; it is the only
 * subclass, so that fields are read and methods are called as if they were its own.
 */
public abstract class Processor {
    /** Numbers of general registers in {@link #gpr}, as instructions encode them. */
    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

    // Bits of mode that say how wide the running code is.
    /** Default size of the code being executed, in the low two bits of {@link #mode}. */
    public static final int MODE_16 = 0, MODE_32 = 1, MODE_64 = 2, MODE_MASK = 3;
    /** Bits of CR0 (SDM vol. 3, 2.5). */
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
    /** Bits of CR4 (SDM vol. 3, 2.5). */
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
            CR4_CET = 1 << 23,
            CR4_PKS = 1 << 24;
    /** Bits of IA32_EFER (SDM vol. 3, 2.2.1). */
    public static final int EFER_SCE = 1, EFER_LME = 1 << 8, EFER_LMA = 1 << 10, EFER_NXE = 1 << 11;

    static final int RFLAGS_AC = 1 << 18;

    /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15. */
    public final long[] gpr = new long[16];
    /** RFLAGS without the six arithmetic flags (their bits are zero here); bit 1 is always set. */
    public long systemFlags = 2;

    /** Control registers as the guest wrote them, and IA32_EFER. */
    public long cr0, cr2, cr3, cr4, efer;
    /** PKRU and IA32_PKRS: two bits for each protection key, 1 forbids accesses, 2 writes. */
    public int pkru, pkrs;
    /** The four page-directory-pointer entries that PAE paging loads with CR3 (SDM vol. 3, 4.4.1). */
    public final long[] pdpte = new long[4];

    /** Current privilege level, 0 to 3. */
    public int cpl;
    /** The MODE bits of the code being executed. */
    public int mode;
    /** True while whole blocks or regions run: accesses that need step mode throw {@link #leaveBlock}. */
    public boolean blockMode;
    /** DR7 enables a data breakpoint: every access to its page is compared with DR0..DR3. */
    public boolean watching;
    /** DR7 enables an execution breakpoint: instructions of its page run one at a time. */
    public boolean stopping;
    /** An observer listens to memory: every access is told to it. */
    public boolean watchingAll;
    /** Every access to a device's memory is told to {@link #deviceAccessed}. */
    public boolean watchingDevices;

    /** Thrown to deliver a fault; one for all, so that a fault allocates nothing. */
    public final GuestFault guestFault = new GuestFault();
    /** Thrown to leave a block before an instruction that needs step mode. */
    public final LeaveBlock leaveBlock = new LeaveBlock();
    /** Guest physical address space. */
    public final PhysicalMemory physical;
    /** Guest linear address space. */
    public final LinearMemory mem;

    /**
     * A processor with empty TLBs.
     *
     * @param physical guest physical address space it accesses
     */
    protected Processor(PhysicalMemory physical) {
        this.physical = physical;
        this.mem = new LinearMemory(this, physical);
    }

    /** {@return whether long mode is active (EFER.LMA): 64-bit or compatibility mode} */
    public final boolean longMode() {
        return (efer & EFER_LMA) != 0;
    }

    /** {@return whether 64-bit code is being executed} */
    public final boolean code64() {
        return (mode & MODE_MASK) == MODE_64;
    }

    /**
     * {@return whether the high bits of a linear address all equal its highest implemented one: bit 47, or 56 with
     * CR4.LA57}
     *
     * @param va guest linear
     */
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

    /**
     * Sets PKRU and IA32_PKRS, and drops the translations that go by another value.
     *
     * @param user the new PKRU
     * @param supervisor the new IA32_PKRS
     */
    public final void setProtectionKeys(int user, int supervisor) {
        int changed = pkru ^ user | pkrs ^ supervisor;
        pkru = user;
        pkrs = supervisor;
        if (changed != 0) mem.protectionKeysChanged(changed);
    }

    /** {@return the linear address that the stack pointer means in the present mode} */
    public abstract long stackLinear();

    /** {@return whether a page directory's parent may map pages of 1 GiB} */
    protected abstract boolean hugePages();

    /**
     * A device's memory was accessed.
     *
     * @param pa guest physical
     * @param bytes width of the access
     * @param value what was read or written
     * @param write whether it was a store
     */
    protected abstract void deviceAccessed(long pa, int bytes, long value, boolean write);

    /**
     * Looks at an access that is about to be made.
     *
     * @param la linear address of the first byte
     * @param bytes width of the access
     * @param write whether it is a store
     * @param changes it is the read of a read-modify-write
     */
    protected abstract void watched(long la, int bytes, boolean write, boolean changes);

    // ---- faults: the exception to throw; never thrown by these, so that callers can write "throw cpu.gp(0)" ----

    /**
     * A data access outside the canonical address range.
     *
     * @param la linear address of the access
     * @return the fault to throw: #GP or #SS
     */
    public abstract GuestFault nonCanonical(long la);

    /**
     * A general-protection fault (#GP).
     *
     * @param error error code: a selector, or 0
     * @return the fault to throw
     */
    public abstract GuestFault gp(int error);

    /**
     * A page fault (#PF).
     *
     * @param linear the address for CR2
     * @param error error code
     * @return the fault to throw
     */
    public abstract GuestFault pageFault(long linear, int error);

    /**
     * An alignment-check fault (#AC).
     *
     * @return the fault to throw
     */
    protected abstract GuestFault misaligned();
}
