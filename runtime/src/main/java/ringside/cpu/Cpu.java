package ringside.cpu;

import ringside.memory.GuestFault;
import ringside.memory.PhysicalMemory;
import ringside.memory.Processor;
import ringside.shadow.ShadowEntry;
import ringside.shadow.ShadowStack;
import ringside.softfloat.Float80Result;
import ringside.state.StateVisitor;

/**
 * One logical processor: its registers and what it needs to execute. All state of a CPU lives here and in the objects
 * it owns; nothing is static. Plain data with small accessors: behaviour stands in the classes named after it
 * ({@link Interrupts}, {@link DebugTraps}, ...).
 *
 * <p>Invariant during execution of an instruction: {@link #rip} already points behind it; the engine that catches a
 * {@link GuestFault} sets it back. A handler changes architectural state only when it can no longer fault.
 */
public final class Cpu extends Processor {
    /** Numbers of segment registers in {@link #seg}, in encoding order. */
    public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

    // More bits of mode (what a decoded or translated block depends on).
    /**
     * CS, DS, ES, SS have base 0, limit 4 GiB, and may be read and written (always set in 64-bit mode): offsets are
     * linear addresses.
     */
    public static final int MODE_FLAT = 4;
    /** Stack pointer size: neither bit = SP, MODE_STACK32 = ESP; RSP in 64-bit mode. */
    public static final int MODE_STACK32 = 8;
    /** SSE instructions raise neither #UD nor #NM (CR0.EM=0, CR0.TS=0, CR4.OSFXSR=1). */
    public static final int MODE_SSE = 16;
    /** x87 instructions do not raise #NM (CR0.EM=0, CR0.TS=0). */
    public static final int MODE_FPU = 32;
    /** AVX instructions raise neither #UD nor #NM (CR4.OSXSAVE=1, XCR0[2:1]=11b, CR0.TS=0, protected mode). */
    public static final int MODE_AVX = 64;
    /** Code at this level runs with an architectural shadow stack (class Cet). */
    public static final int MODE_SHSTK = 128;
    /**
     * Indirect branches of code at this level are tracked (class IndirectBranchTracking), and the next instruction must
     * be an ENDBR.
     */
    public static final int MODE_IBT = 256, MODE_ENDBR = 512;
    /** Retired instructions are told to observers. */
    public static final int MODE_OBSERVED = 1024;

    // ---- registers ----
    /** Offset in CS of the next instruction. */
    public long rip;
    /** Lazy arithmetic flags, see {@link Flags}. */
    public long flagResult = 1;

    /** The auxiliary word of the lazy flags, see {@link Flags}. */
    public long flagAux;
    /**
     * Between two pieces of translated code, how {@link #flagAux} and {@link #flagB} stand for the auxiliary word, in
     * the translator's form; 0, everywhere else too, if {@link #flagAux} is that word itself.
     */
    public int flagKind;
    /** The second operand of the translator's form of the flags; see {@link #flagKind}. */
    public long flagB;
    /** ES, CS, SS, DS, FS, GS. */
    public final Segment[] seg = {
        new Segment(), new Segment(), new Segment(), new Segment(), new Segment(), new Segment()
    };

    /** Local descriptor table register. */
    public final Segment ldtr = new Segment();
    /** Task register. */
    public final Segment tr = new Segment();
    /** Linear addresses of the global and the interrupt descriptor table. */
    public long gdtBase, idtBase;
    /** Limits of those tables, the offset of their last byte. */
    public int gdtLimit, idtLimit;
    /** XCR0: the state components that XSAVE manages; bit 0 is always set. */
    public long xcr0 = 1;
    /** Debug registers DR0 to DR7. */
    public final long[] dr = new long[8];
    /** Shadow stack pointer (CET), linear; meaningless where shadow stacks are off. */
    public long ssp;
    /** XMM/YMM registers: register n's 64-bit lanes are vec[4n] (bits 63:0) to vec[4n+3] (bits 255:192). */
    public final long[] vec = new long[16 * 4];

    /** MXCSR: control and status of SSE. */
    public int mxcsr = 0x1f80;
    /** SIMD floating-point exceptions of the current instruction, MXCSR[5:0] bits; zero between instructions. */
    public int simdFlags;
    /** A vector operand loaded from memory; scratch of the AVX handlers, no architectural state. */
    public final long[] vectorOperand = new long[4];
    /**
     * x87 and MMX registers: physical register n has significand fpMantissa[n] and sign and exponent fpExponent[n] (16
     * bits). MM(n) is fpMantissa[n].
     */
    public final long[] fpMantissa = new long[8];

    /** Sign and exponent of each physical x87 register. */
    public final int[] fpExponent = new int[8];
    /** x87 control word. */
    public int fpControl = 0x37f;
    /** x87 status word, TOP in bits 13:11. */
    public int fpStatus;
    /**
     * x87 tags, two bits a physical register: 0 in use, 3 empty. FNSTENV tells zero and special from the contents
     * (class FpuState).
     */
    public int fpTag = 0xffff;
    /** Last x87 instruction: linear-free offset and selector of its code and its operand, and its opcode (11 bits). */
    public long fpIp, fpDp;

    /** Selectors of code and operand of the last x87 instruction, and its opcode (11 bits). */
    public int fpCs, fpDs, fpOpcode;
    /** State of the generator behind RDRAND and RDSEED. */
    public long random;
    /** Scratch of the x87 operations; no architectural state. */
    public final Float80Result fpResult = new Float80Result();
    /** All model-specific registers that are plain storage or have state here. */
    public final Msrs msrs = new Msrs();

    // ---- execution state ----
    /** Instructions that may still be retired before the machine must look at its event queue. */
    public long budget;
    /** Retired-instruction count at which budget is zero. */
    public long budgetEnd;
    /**
     * Set by whoever changes something the machine loop must look at before the next instruction: an interrupt line,
     * IF, TF, halt, mode of running. Engines return at the next block boundary.
     */
    public boolean attention;

    /** HLT has been executed, and nothing has woken the processor yet. */
    public boolean halted;
    /** Set by a triple fault or shutdown; the machine loop ends the run. */
    public boolean shutdown;
    /** Count of retired instructions at which interrupts and debug traps are held off for one more, or -1. */
    private long shadowAt = -1;
    /** The shadow came from MOV SS/POP SS: debug traps are held off too. */
    public boolean shadowFromMovSs;

    /** An NMI handler runs: further NMIs wait for IRET. */
    public boolean nmiBlocked;
    /** An NMI waits to be delivered. */
    public boolean nmiPending;
    /** INIT has stopped the processor until a startup IPI comes; nothing else wakes it. */
    public boolean waitsForStartup;
    /**
     * Bits of DR6 that wait for the end of the instruction, or behind MOV SS for that of the next; see
     * {@link DebugTraps}.
     */
    public int pendingDebug;
    /** TF or an execution breakpoint in its page: a REP string instruction does one iteration at a time. */
    public boolean oneIteration;
    /** The current instruction entered a handler and cleared TF with that: no single-step trap follows it. */
    public boolean stepSuppressed;
    /** Events delivered since the last instruction was retired, and its number; see {@link Interrupts}. */
    int eventsInPlace;

    long eventsAt;
    /** The current instruction's fault counted as a retired instruction. */
    boolean eventCounted;

    /** Vector of the fault that is being thrown. */
    public int faultVector;
    /** Its error code, if the vector has one. */
    public int faultError;
    /** The fault is the #GP(0) of a non-canonical data address; see {@link Segmentation#refineFault}. */
    public boolean faultNonCanonical;
    /** Then the linear address of its access. */
    public long faultLinear;
    /** Faults delivered, by vector; and interrupts accepted. For --stats. */
    public final long[] deliveries = new long[256];

    /** The processor that the guest sees. */
    public final CpuModel model;
    /** The call chain, kept by both engines. */
    public final ShadowStack shadow;
    /** Who is told what this processor does. */
    public final Observers observers = new Observers(this);
    /** Port space, interrupt controller and clock; set by the machine. */
    public CpuBus bus;

    /**
     * A processor before power-on.
     *
     * @param physical guest physical address space
     * @param model the processor that the guest sees
     */
    public Cpu(PhysicalMemory physical, CpuModel model) {
        super(physical);
        this.model = model;
        this.shadow = new ShadowStack(this);
    }

    /**
     * {@return instructions retired so far, the current one included (engines subtract it from the budget before
     * executing it)}
     */
    public long instructions() {
        return budgetEnd - budget;
    }

    /** Power-on reset. */
    public void reset() {
        Reset.powerOn(this);
    }

    /** {@return RFLAGS, the arithmetic flags included} */
    public long rflags() {
        return systemFlags | Flags.pack(flagResult, flagAux);
    }

    /**
     * Sets all of RFLAGS as given (no privilege rules); bit 1 set, reserved bits cleared by the caller.
     *
     * @param v the value
     */
    public void setRflags(long v) {
        flagResult = Flags.resultOf(v);
        flagAux = Flags.auxOf(v);
        long old = systemFlags;
        systemFlags = v & ~Flags.ARITHMETIC | 2;
        long changed = old ^ systemFlags;
        if ((changed & (Flags.TF | Flags.RF)) != 0
                || (changed & systemFlags & Flags.IF) != 0 && bus != null && bus.interruptPending()) attention = true;
        if ((changed & (Flags.AC | Flags.VM)) != 0) updateMode();
    }

    /**
     * Sets CF, PF, AF, ZF, SF and OF from their places in RFLAGS; the others of {@code v} are ignored.
     *
     * @param v the flags, of which the six arithmetic ones count
     */
    public void setArithmeticFlags(long v) {
        flagResult = Flags.resultOf(v);
        flagAux = Flags.auxOf(v);
    }

    /**
     * {@return whether a condition holds}
     *
     * @param cc number of the condition, 0 (O) to 15 (G)
     */
    public boolean condition(int cc) {
        return Flags.condition(cc, flagResult, flagAux);
    }

    /** {@return whether CR0.PE is set} */
    public boolean protectedMode() {
        return (cr0 & CR0_PE) != 0 && (systemFlags & Flags.VM) == 0;
    }

    /** {@return whether RFLAGS.IF is set} */
    public boolean interruptsEnabled() {
        return (systemFlags & Flags.IF) != 0;
    }

    /** {@return whether the processor is in virtual-8086 mode} */
    public boolean v86() {
        return (systemFlags & Flags.VM) != 0;
    }

    /** {@return the I/O privilege level, 0 to 3} */
    public int iopl() {
        return (int) (systemFlags >> 12) & 3;
    }

    /**
     * {@return whether the next instruction must run alone because TF, RF or an execution breakpoint in its page asks
     * for it}
     */
    public boolean stepping() {
        return (systemFlags & (Flags.TF | Flags.RF)) != 0 || stopping && mem.stopsOnPage(codeLinear());
    }

    /**
     * {@return whether the engines must leave the next instruction to step mode: an execution breakpoint in its page}
     */
    public boolean stopsHere() {
        return stopping && mem.stopsOnPage(codeLinear());
    }

    /**
     * Recomputes {@link #mode} and the TLB context after a change of CS/SS/DS/ES, CPL, CR0, CR4, EFER, XCR0, RFLAGS.AC,
     * RFLAGS.VM, IA32_U_CET or IA32_S_CET.
     */
    public void updateMode() {
        int m;
        if (longMode() && seg[CS].isLong()) {
            m = MODE_64 | MODE_FLAT;
        } else {
            m = protectedMode() ? (seg[CS].big() ? MODE_32 : MODE_16) : (seg[CS].big() && !v86() ? MODE_32 : MODE_16);
            if (seg[SS].big()) m |= MODE_STACK32;
            if (flat(seg[CS], false) && flat(seg[DS], true) && flat(seg[ES], true) && flat(seg[SS], true))
                m |= MODE_FLAT;
        }
        if ((cr0 & (CR0_EM | CR0_TS)) == 0) {
            m |= MODE_FPU;
            if ((cr4 & CR4_OSFXSR) != 0) m |= MODE_SSE;
        }
        if ((cr0 & CR0_TS) == 0 && (cr4 & CR4_OSXSAVE) != 0 && (xcr0 & 6) == 6 && protectedMode()) m |= MODE_AVX;
        if ((cr4 & CR4_CET) != 0) {
            if (Cet.enabled(this, cpl)) m |= MODE_SHSTK;
            m |= IndirectBranchTracking.mode(this);
        }
        if (observers.instructions()) m |= MODE_OBSERVED;
        if (m != mode) {
            mode = m;
            attention = true;
        }
        boolean enabled = (dr[7] & 0xff) != 0;
        boolean stopped = stopping;
        stopping = enabled && DebugTraps.stops(dr[7]);
        if (stopped || stopping) {
            for (int n = 0; n < 4; n++) mem.stop(n, stopping && DebugTraps.stops(dr[7], n), dr[n]);
        }
        boolean watched = watching;
        watching = enabled && DebugTraps.watches(dr[7]);
        if (watched || watching) {
            for (int n = 0; n < 4; n++) mem.watch(n, watching && DebugTraps.watches(dr[7], n), dr[n]);
        }
        watchingAll = observers.memory();
        watchingDevices = observers.mmio();
        mem.selectContext();
    }

    private static boolean flat(Segment s, boolean writable) {
        return s.usable
                && s.base == 0
                && s.limit == 0xffff_ffffL
                && (s.access & Segment.PRESENT) != 0
                && (writable
                        ? (s.access & (Segment.CODE | Segment.WRITABLE | Segment.EXPAND_DOWN)) == Segment.WRITABLE
                        : true);
    }

    /** {@return the linear address of the next instruction (CS base + rip, wrapped to 32 bits outside 64-bit mode)} */
    public long codeLinear() {
        return code64() ? rip : seg[CS].base + rip & 0xffff_ffffL;
    }

    /** Most bytes of a decoded block: a page, and an instruction that crosses its end. */
    private static final int MOST_BLOCK = 4096 + 15;

    /**
     * {@return whether a block at RIP may reach beyond the limit of CS; only then must instructions be held against it
     * one by one}
     */
    public boolean nearCodeLimit() {
        return (mode & MODE_FLAT) == 0 && seg[CS].limit - rip < MOST_BLOCK;
    }

    /**
     * The check of an instruction fetch against the limit of CS: #GP(0) (SDM vol. 3, 5.3).
     * @param length bytes of the instruction at RIP, 1 if not known yet
     */
    public void checkCodeLimit(int length) {
        if ((mode & MODE_FLAT) == 0 && rip + length - 1 > seg[CS].limit) throw gp(0);
    }

    @Override
    public long stackLinear() {
        return code64() ? gpr[RSP] : seg[SS].base + (gpr[RSP] & (seg[SS].big() ? 0xffff_ffffL : 0xffff)) & 0xffff_ffffL;
    }

    // ---- the shadow of STI, MOV SS and POP SS ----

    /** {@return whether interrupts are held off until the next instruction is executed (SDM vol. 3, 7.8.3)} */
    public boolean interruptShadow() {
        return shadowAt == instructions();
    }

    /** Holds off interrupts until the instruction behind the present one is executed. */
    public void castShadow() {
        shadowAt = instructions();
    }

    /** The instruction that interrupts are held off for begins, or an event is delivered in its place. */
    public void endShadow() {
        shadowAt = -1;
    }

    // ---- faults ----

    /**
     * {@return the exception to throw; never thrown here so that callers can write {@code throw cpu.fault(...)}}
     *
     * @param vector of the exception
     * @param error its error code, if the vector has one
     */
    public GuestFault fault(int vector, int error) {
        faultVector = vector;
        faultError = error;
        faultNonCanonical = false;
        return guestFault;
    }

    /** #GP(0), or #SS(0) if it was made through SS: {@link Segmentation#refineFault}. */
    @Override
    public GuestFault nonCanonical(long la) {
        fault(Vector.GP, 0);
        faultNonCanonical = true;
        faultLinear = la;
        return guestFault;
    }

    /**
     * An invalid-opcode fault (#UD).
     *
     * @return the fault to throw
     */
    public GuestFault ud() {
        return fault(Vector.UD, 0);
    }

    @Override
    public GuestFault gp(int error) {
        return fault(Vector.GP, error);
    }

    @Override
    public GuestFault pageFault(long linear, int error) {
        cr2 = linear;
        return fault(Vector.PF, error);
    }

    @Override
    protected GuestFault misaligned() {
        return fault(Vector.AC, 0);
    }

    @Override
    protected boolean hugePages() {
        return model.has(CpuModel.Feature.PDPE1GB);
    }

    @Override
    protected void watched(long la, int bytes, boolean write, boolean changes) {
        if (watching) DebugTraps.access(this, la, bytes, write, changes);
        if (observers.memory()) {
            needStepMode();
            observers.access(la, bytes, write);
        }
    }

    @Override
    protected void deviceAccessed(long pa, int bytes, long value, boolean write) {
        observers.mmio(pa, bytes, value, write);
    }

    // ---- entries: the shadow stack and the observers are told ----

    /** A handler was entered; see {@link ShadowStack#entered}. */
    void entered(ShadowEntry.Kind kind, int vector, long slot, long address, long sp, boolean user, boolean same) {
        shadow.entered(kind, vector, slot, address, sp, user, same);
        observers.entered(kind, vector, address, sp, user);
    }

    /** A handler was left; see {@link ShadowStack#returned}. */
    void returned(long old, long sp, boolean user) {
        shadow.returned(old, sp, user);
        observers.returned(user);
    }

    /**
     * Visits every register and what waits to be delivered.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        v.longs("gpr", gpr);
        rip = v.i64("rip", rip);
        setRflagsQuietly(v.i64("rflags", rflags()));
        for (int i = 0; i < 8; i++) {
            Segment s = i < 6 ? seg[i] : i == 6 ? ldtr : tr;
            v.enter("seg" + i);
            s.selector = v.i32("selector", s.selector);
            s.base = v.i64("base", s.base);
            s.limit = v.i64("limit", s.limit);
            s.access = v.i32("access", s.access);
            s.usable = v.flag("usable", s.usable);
            v.leave();
        }
        gdtBase = v.i64("gdtBase", gdtBase);
        gdtLimit = v.i32("gdtLimit", gdtLimit);
        idtBase = v.i64("idtBase", idtBase);
        idtLimit = v.i32("idtLimit", idtLimit);
        cr0 = v.i64("cr0", cr0);
        cr2 = v.i64("cr2", cr2);
        cr3 = v.i64("cr3", cr3);
        cr4 = v.i64("cr4", cr4);
        efer = v.i64("efer", efer);
        pkru = v.i32("pkru", pkru);
        pkrs = v.i32("pkrs", pkrs);
        xcr0 = v.i64("xcr0", xcr0);
        v.longs("pdpte", pdpte);
        v.longs("dr", dr);
        cpl = v.i32("cpl", cpl);
        ssp = v.i64("ssp", ssp);
        v.longs("vec", vec);
        mxcsr = v.i32("mxcsr", mxcsr);
        v.longs("fpMantissa", fpMantissa);
        for (int i = 0; i < 8; i++) fpExponent[i] = v.i32("fpExponent" + i, fpExponent[i]);
        fpControl = v.i32("fpControl", fpControl);
        fpStatus = v.i32("fpStatus", fpStatus);
        fpTag = v.i32("fpTag", fpTag);
        fpIp = v.i64("fpIp", fpIp);
        fpDp = v.i64("fpDp", fpDp);
        fpCs = v.i32("fpCs", fpCs);
        fpDs = v.i32("fpDs", fpDs);
        fpOpcode = v.i32("fpOpcode", fpOpcode);
        random = v.i64("random", random);
        msrs.visit(v);
        halted = v.flag("halted", halted);
        shutdown = v.flag("shutdown", shutdown);
        shadowAt = v.flag("interruptShadow", interruptShadow()) ? instructions() : -1;
        shadowFromMovSs = v.flag("shadowFromMovSs", shadowFromMovSs);
        nmiBlocked = v.flag("nmiBlocked", nmiBlocked);
        nmiPending = v.flag("nmiPending", nmiPending);
        waitsForStartup = v.flag("waitsForStartup", waitsForStartup);
        pendingDebug = v.i32("pendingDebug", pendingDebug);
        eventsInPlace = v.i32("eventsInPlace", eventsInPlace);
        eventsAt = v.i64("eventsAt", eventsAt);
        shadow.visit(v);
    }

    private void setRflagsQuietly(long v) {
        flagResult = Flags.resultOf(v);
        flagAux = Flags.auxOf(v);
        systemFlags = v & ~Flags.ARITHMETIC | 2;
    }
}
