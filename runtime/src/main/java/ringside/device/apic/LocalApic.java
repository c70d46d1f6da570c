package ringside.device.apic;

import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.MmioDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * A processor's local APIC: xAPIC registers in memory, x2APIC registers as MSRs ({@link ApicMsrs}), local vector table,
 * timer, priorities, and the sending and receiving of messages. Registers are numbered by their xAPIC offset / 16,
 * which is also the x2APIC MSR number - 800h.
 *
 * <p>Invariant: {@link #deliverable} is the highest vector in IRR that beats PPR, or -1; it is recomputed by
 * {@link #update} after every change of IRR, ISR, TPR or enable bits. Source: Intel SDM vol. 3, chapter 10.
 */
public final class LocalApic implements Device, MmioDevice {
    /** Core crystal clock, the timer's input; CPUID leaf 15h ECX. */
    public static final long CRYSTAL_HZ = 1_000_000_000;

    public static final long DEFAULT_BASE = 0xfee0_0000L;
    public static final int WINDOW = 0x1000;

    static final int ID = 0x02,
            VERSION = 0x03,
            TPR = 0x08,
            APR = 0x09,
            PPR = 0x0a,
            EOI = 0x0b,
            RRD = 0x0c,
            LDR = 0x0d,
            DFR = 0x0e,
            SVR = 0x0f,
            ISR = 0x10,
            TMR = 0x18,
            IRR = 0x20,
            ESR = 0x28,
            ICR = 0x30,
            ICR_HIGH = 0x31,
            LVT_TIMER = 0x32,
            LVT_THERMAL = 0x33,
            LVT_COUNTER = 0x34,
            LVT_LINT0 = 0x35,
            LVT_LINT1 = 0x36,
            LVT_ERROR = 0x37,
            INITIAL_COUNT = 0x38,
            CURRENT_COUNT = 0x39,
            DIVIDE = 0x3e,
            SELF_IPI = 0x3f;
    static final int LVT_MASKED = 1 << 16, LVT_LEVEL = 1 << 15, LVT_REMOTE_IRR = 1 << 14;
    /** Writable bits of each LVT entry from {@link #LVT_TIMER} on. */
    private static final int[] LVT_BITS = {0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff};

    private static final int VERSION_VALUE = 0x0005_0014;
    private static final int SVR_ENABLE = 1 << 8;
    private static final int ESR_SEND_ILLEGAL = 1 << 5, ESR_RECEIVE_ILLEGAL = 1 << 6, ESR_ILLEGAL_REGISTER = 1 << 7;
    public static final int BASE_BSP = 1 << 8;
    private static final int BASE_X2APIC = 1 << 10, BASE_ENABLE = 1 << 11;

    private final ApicBus bus;
    private final ApicCpu cpu;
    private final ApicTimer timer;
    private final int initialId;
    private final long baseMask;
    private long apicBase;
    private int id, tpr, ldr, dfr, svr, icrLow, icrHigh;
    /** Error status as read, and what was found since the register was last written. */
    private int esr, errors;

    private final int[] lvt = new int[6];
    private final long[] isr = new long[4], tmr = new long[4], irr = new long[4];
    /** Levels of the LINT0 and LINT1 pins. */
    private final boolean[] lint = new boolean[2];

    private int deliverable = -1;

    /** @param addressBits width of physical addresses, bounds the base address */
    public LocalApic(
            ApicBus bus, ApicCpu cpu, Clock clock, EventQueue events, int id, boolean bootProcessor, int addressBits) {
        this.bus = bus;
        this.cpu = cpu;
        this.initialId = id;
        this.timer = new ApicTimer(clock, events, cpu, () -> localInterrupt(LVT_TIMER));
        this.baseMask = (1L << addressBits) - 1 & -WINDOW;
        this.apicBase = DEFAULT_BASE | BASE_ENABLE | (bootProcessor ? BASE_BSP : 0);
        resetRegisters();
        bus.add(this);
    }

    /** The state after power-up, and after INIT except that INIT keeps the ID and the base address. */
    private void resetRegisters() {
        id = initialId;
        tpr = 0;
        ldr = 0;
        dfr = -1;
        svr = 0xff;
        icrLow = icrHigh = 0;
        esr = errors = 0;
        for (int i = 0; i < 6; i++) lvt[i] = LVT_MASKED;
        for (int i = 0; i < 4; i++) isr[i] = tmr[i] = irr[i] = 0;
        timer.reset();
        deliverable = -1;
    }

    /** The INIT signal. */
    public void init() {
        int kept = id;
        resetRegisters();
        id = kept;
        if (x2apic()) enterX2apic();
    }

    // ---- enabling ----

    public boolean enabled() {
        return (apicBase & BASE_ENABLE) != 0;
    }

    public boolean x2apic() {
        return (apicBase & (BASE_ENABLE | BASE_X2APIC)) == (BASE_ENABLE | BASE_X2APIC);
    }

    boolean softwareEnabled() {
        return enabled() && (svr & SVR_ENABLE) != 0;
    }

    /** @return the physical address of the register window, or -1 when it does not answer (disabled, or x2APIC mode) */
    public long window() {
        return enabled() && !x2apic() ? apicBase & baseMask : -1;
    }

    public long apicBase() {
        return apicBase;
    }

    public int id() {
        return x2apic() ? initialId : id;
    }

    /** Writes IA32_APIC_BASE. @return false for reserved bits and forbidden changes of mode (#GP) */
    boolean setApicBase(long v) {
        if ((v & ~(baseMask | BASE_BSP | BASE_X2APIC | BASE_ENABLE)) != 0) return false;
        boolean on = (v & BASE_ENABLE) != 0;
        boolean x2 = (v & BASE_X2APIC) != 0;
        if (x2 && !on) return false;
        if (x2 && !enabled()) return false;
        if (!x2 && on && x2apic()) return false;
        boolean enters = x2 && !x2apic();
        boolean leaves = !on && enabled();
        apicBase = v;
        if (leaves) resetRegisters();
        if (enters) enterX2apic();
        cpu.windowChanged();
        update();
        return true;
    }

    private void enterX2apic() {
        ldr = initialId >> 4 << 16 | 1 << (initialId & 15);
        icrHigh = 0;
    }

    // ---- registers ----

    /** Reads one register. Reserved ones read 0. */
    int readRegister(int r) {
        return switch (r) {
            case ID -> x2apic() ? initialId : id << 24;
            case VERSION -> VERSION_VALUE;
            case TPR -> tpr;
            case PPR -> processorPriority();
            case LDR -> ldr;
            case DFR -> dfr;
            case SVR -> svr;
            case ESR -> esr;
            case ICR -> icrLow;
            case ICR_HIGH -> icrHigh;
            case INITIAL_COUNT -> timer.initialCount();
            case CURRENT_COUNT -> timer.currentCount();
            case DIVIDE -> timer.divideConfiguration();
            default -> {
                if (r >= ISR && r < ISR + 8) yield word(isr, r - ISR);
                if (r >= TMR && r < TMR + 8) yield word(tmr, r - TMR);
                if (r >= IRR && r < IRR + 8) yield word(irr, r - IRR);
                if (r >= LVT_TIMER && r <= LVT_ERROR) yield lvt[r - LVT_TIMER];
                yield 0;
            }
        };
    }

    private static int word(long[] bits, int n) {
        return (int) (bits[n >> 1] >>> 32 * (n & 1));
    }

    /** Writes one register; writes of read-only registers are dropped. */
    void writeRegister(int r, int v) {
        switch (r) {
            case ID -> id = v >>> 24;
            case TPR -> tpr = v & 0xff;
            case EOI -> endOfInterrupt();
            case LDR -> ldr = v & 0xff00_0000;
            case DFR -> dfr = v | 0x0fff_ffff;
            case SVR -> setSpurious(v);
            case ESR -> {
                esr = errors;
                errors = 0;
            }
            case ICR -> {
                icrLow = v & 0xccfff;
                sendIpi();
            }
            case ICR_HIGH -> icrHigh = x2apic() ? v : v & 0xff00_0000;
            case SELF_IPI -> sendSelf(v & 0xff);
            case INITIAL_COUNT -> timer.setInitialCount(v);
            case DIVIDE -> timer.setDivideConfiguration(v);
            default -> {
                if (r >= LVT_TIMER && r <= LVT_ERROR) writeLvt(r, v);
            }
        }
        update();
    }

    private void setSpurious(int v) {
        svr = v & 0x1ff;
        if ((svr & SVR_ENABLE) == 0) {
            for (int i = 0; i < 6; i++) lvt[i] |= LVT_MASKED;
        }
    }

    private void writeLvt(int r, int v) {
        int i = r - LVT_TIMER;
        int kept = lvt[i] & LVT_REMOTE_IRR;
        v &= LVT_BITS[i];
        if ((svr & SVR_ENABLE) == 0) v |= LVT_MASKED;
        if ((v & LVT_LEVEL) == 0) kept = 0;
        lvt[i] = v | kept;
        if (r == LVT_TIMER) timer.setMode(v >> 17 & 3);
        if (r == LVT_LINT0 || r == LVT_LINT1) levelPin(r - LVT_LINT0);
    }

    /** @return the bits that may be written as 1, the read-only status bits included */
    static long lvtBits(int r) {
        return LVT_BITS[r - LVT_TIMER] | 1 << 12 | (r == LVT_LINT0 || r == LVT_LINT1 ? LVT_REMOTE_IRR : 0);
    }

    long readDeadline() {
        return timer.deadline();
    }

    void writeDeadline(long v) {
        timer.setDeadline(v);
    }

    private static boolean exists(int r) {
        return switch (r) {
            case ID,
                    VERSION,
                    TPR,
                    APR,
                    PPR,
                    EOI,
                    RRD,
                    LDR,
                    DFR,
                    SVR,
                    ESR,
                    ICR,
                    ICR_HIGH,
                    INITIAL_COUNT,
                    CURRENT_COUNT,
                    DIVIDE -> true;
            default -> r >= ISR && r < IRR + 8 || r >= LVT_TIMER && r <= LVT_ERROR;
        };
    }

    @Override
    public long read(long offset, int bytes) {
        int within = (int) offset & 15;
        if (within + bytes > 4) return 0;
        int r = (int) offset >> 4;
        if (!exists(r)) raiseError(ESR_ILLEGAL_REGISTER);
        return Integer.toUnsignedLong(readRegister(r)) >>> 8 * within;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        if ((offset & 15) != 0 || bytes != 4) return;
        int r = (int) offset >> 4;
        if (!exists(r)) {
            raiseError(ESR_ILLEGAL_REGISTER);
        } else {
            writeRegister(r, (int) value);
        }
    }

    // ---- priorities ----

    private static int top(long[] bits) {
        for (int i = 3; i >= 0; i--) {
            if (bits[i] != 0) return i * 64 + 63 - Long.numberOfLeadingZeros(bits[i]);
        }
        return -1;
    }

    private static boolean test(long[] bits, int n) {
        return (bits[n >> 6] >>> n & 1) != 0;
    }

    private static void set(long[] bits, int n, boolean v) {
        if (v) bits[n >> 6] |= 1L << n;
        else bits[n >> 6] &= ~(1L << n);
    }

    int processorPriority() {
        int serving = Math.max(top(isr), 0) & 0xf0;
        return (tpr & 0xf0) >= serving ? tpr : serving;
    }

    private void update() {
        int v = softwareEnabled() ? top(irr) : -1;
        deliverable = v >= 0 && (v & 0xf0) > (processorPriority() & 0xf0) ? v : -1;
        if (deliverable >= 0 || externalPending()) cpu.attention();
    }

    /** Task priority as CR8 sees it, 0..15. */
    public int taskPriority() {
        return tpr >> 4;
    }

    public void setTaskPriority(int v) {
        tpr = (v & 15) << 4;
        update();
    }

    // ---- towards the processor ----

    /** @return whether a vector of this APIC's own (not ExtINT) can be delivered now */
    public boolean pending() {
        return deliverable >= 0;
    }

    /** @return whether the processor listens to the 8259s: through LINT0 as ExtINT, or because the APIC is off */
    public boolean acceptsExternal() {
        return !enabled() || (lvt[3] & (LVT_MASKED | 0x700)) == Message.EXTINT << 8;
    }

    private boolean externalPending() {
        return lint[0] && acceptsExternal();
    }

    /**
     * Acknowledges {@link #pending}'s vector: IRR to ISR.
     * @return the vector; the spurious one if nothing is pending any more
     */
    public int acknowledge() {
        int v = deliverable;
        if (v < 0) return svr & 0xff;
        set(irr, v, false);
        set(isr, v, true);
        update();
        return v;
    }

    private void endOfInterrupt() {
        int v = top(isr);
        if (v < 0) return;
        set(isr, v, false);
        if (test(tmr, v)) {
            for (int pin = 0; pin < 2; pin++) {
                int entry = lvt[3 + pin];
                if ((entry & LVT_REMOTE_IRR) != 0 && (entry & 0xff) == v) {
                    lvt[3 + pin] &= ~LVT_REMOTE_IRR;
                    levelPin(pin);
                }
            }
            bus.endOfInterrupt(v);
        }
    }

    // ---- local sources ----

    /** Drives LINT0 (0, the 8259s' INTR) or LINT1 (1, NMI). */
    public void setLint(int pin, boolean level) {
        if (lint[pin] == level) return;
        lint[pin] = level;
        if (pin == 0 && !enabled()) {
            if (level) cpu.attention();
            return;
        }
        int entry = lvt[3 + pin];
        if ((entry & LVT_MASKED) != 0 || !level) return;
        if ((entry & 0x700) == Message.EXTINT << 8) cpu.attention();
        else if ((entry & (LVT_LEVEL | 0x700)) == LVT_LEVEL) levelPin(pin);
        else localInterrupt(LVT_LINT0 + pin);
    }

    /** Takes a level-triggered fixed interrupt from a LINT pin that is asserted and not being served. */
    private void levelPin(int pin) {
        int entry = lvt[3 + pin];
        if (!lint[pin] || (entry & (LVT_MASKED | LVT_LEVEL | LVT_REMOTE_IRR | 0x700)) != LVT_LEVEL) return;
        lvt[3 + pin] |= LVT_REMOTE_IRR;
        accept(entry & 0xff, true);
    }

    /** Delivers an edge of a source in the local vector table. */
    private void localInterrupt(int r) {
        int entry = lvt[r - LVT_TIMER];
        if ((entry & LVT_MASKED) != 0) return;
        switch (r == LVT_TIMER || r == LVT_ERROR ? Message.FIXED : entry >> 8 & 7) {
            case Message.FIXED -> accept(entry & 0xff, false);
            case Message.NMI -> cpu.nmi();
            case Message.INIT -> {
                init();
                cpu.init();
            }
            default -> {}
        }
    }

    /** @return whether LINT0, which the 8259s drive, is set up as NMI */
    public boolean nmiMayCome() {
        return enabled() && (lvt[3] & (LVT_MASKED | 0x700)) == Message.NMI << 8;
    }

    /** The performance counters' overflow interrupt. */
    public void counterOverflow() {
        localInterrupt(LVT_COUNTER);
    }

    public void tscChanged() {
        timer.tscChanged();
    }

    /** Takes an edge-triggered interrupt as from a device. @param vector 16 to 255 */
    public void raise(int vector) {
        accept(vector, false);
    }

    private void accept(int vector, boolean level) {
        if (vector < 16) {
            raiseError(ESR_RECEIVE_ILLEGAL);
            return;
        }
        if (!softwareEnabled()) return;
        set(irr, vector, true);
        set(tmr, vector, level);
        update();
    }

    private void raiseError(int bit) {
        errors |= bit;
        int entry = lvt[5];
        if ((entry & LVT_MASKED) == 0 && (entry & 0xff) >= 16) accept(entry & 0xff, false);
    }

    // ---- messages ----

    /** @return whether this APIC is a destination of the message */
    boolean accepts(Message m) {
        if (!enabled()) return false;
        int d = m.destination();
        if (m.wide() ? d == -1 : d == 0xff && !(m.logical() && !x2apic() && clusterModel())) return true;
        if (!m.logical()) return d == id();
        if (x2apic()) return d >>> 16 == ldr >>> 16 && (d & ldr & 0xffff) != 0;
        int mine = ldr >>> 24;
        if (!clusterModel()) return (mine & d) != 0;
        return (d >> 4 == 15 || d >> 4 == mine >> 4) && (mine & d & 15) != 0;
    }

    private boolean clusterModel() {
        return dfr >>> 28 == 0;
    }

    void receive(Message m) {
        switch (m.mode()) {
            case Message.FIXED, Message.LOWEST -> accept(m.vector(), m.level());
            case Message.NMI -> cpu.nmi();
            case Message.INIT -> {
                init();
                cpu.init();
            }
            case Message.STARTUP -> cpu.startup(m.vector());
            default -> {}
        }
    }

    private void sendSelf(int vector) {
        if (vector < 16) raiseError(ESR_SEND_ILLEGAL);
        else accept(vector, false);
    }

    private void sendIpi() {
        int mode = icrLow >> 8 & 7;
        int vector = icrLow & 0xff;
        boolean level = (icrLow & 1 << 15) != 0;
        boolean assertLevel = (icrLow & 1 << 14) != 0;
        if (mode <= Message.LOWEST && vector < 16) {
            raiseError(ESR_SEND_ILLEGAL);
            return;
        }
        // INIT level de-assert only set arbitration IDs on old processors.
        if (mode == Message.INIT && level && !assertLevel) return;
        boolean wide = x2apic();
        Message m = new Message(wide ? icrHigh : icrHigh >>> 24, (icrLow & 1 << 11) != 0, wide, mode, vector, false);
        switch (icrLow >> 18 & 3) {
            case 0 -> bus.send(m);
            case 1 -> receive(m);
            case 2 -> bus.broadcast(m, null);
            default -> bus.broadcast(m, this);
        }
    }

    @Override
    public void attach(Wiring board) {
        // nothing to claim: the board maps the registers of all local APICs, of which each processor sees its own
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("apic" + initialId);
        long oldBase = apicBase;
        apicBase = v.i64("apicBase", apicBase);
        id = v.i32("id", id);
        tpr = v.i32("tpr", tpr);
        ldr = v.i32("ldr", ldr);
        dfr = v.i32("dfr", dfr);
        svr = v.i32("svr", svr);
        icrLow = v.i32("icrLow", icrLow);
        icrHigh = v.i32("icrHigh", icrHigh);
        esr = v.i32("esr", esr);
        errors = v.i32("errors", errors);
        for (int i = 0; i < 6; i++) lvt[i] = v.i32("lvt" + i, lvt[i]);
        v.longs("isr", isr);
        v.longs("tmr", tmr);
        v.longs("irr", irr);
        lint[0] = v.flag("lint0", lint[0]);
        lint[1] = v.flag("lint1", lint[1]);
        timer.visit(v);
        v.leave();
        if (apicBase != oldBase) cpu.windowChanged();
        update();
    }
}
