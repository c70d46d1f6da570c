package ringside.cpu;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Observer.Interest;
import ringside.shadow.ShadowEntry;

/**
 * The observers of one processor, and the places that engines and devices tell them from. Called on the processor's
 * thread only.
 *
 * <p>Retired instructions are told late: a run of them is kept ({@link #begin}) until the next one begins or something
 * else is told, so that an instruction that faults in its middle can be taken out of it ({@link #cut}).
 */
public final class Observers {
    private static final Observer[] NONE = {};

    private final Cpu cpu;
    private final List<Observer> all = new ArrayList<>();
    private Observer[] events = NONE,
            breaking = NONE,
            entries = NONE,
            instructions = NONE,
            memory = NONE,
            ports = NONE,
            mmio = NONE,
            msrs = NONE,
            control = NONE,
            translations = NONE;
    private Runnable whenBreakpointsChange = () -> {};
    private boolean passing;
    /** A breakpoint is passed at this address while so many instructions are retired. */
    private long passAt, passCount = -1;

    private long runStart;
    private int runLength;
    private boolean runTranslated;

    Observers(Cpu cpu) {
        this.cpu = cpu;
    }

    // ---- who listens ----

    /**
     * Adds an observer, behind those that are there.
     *
     * @param o the observer
     */
    public void add(Observer o) {
        flush();
        all.add(o);
        sort(o);
    }

    /**
     * Takes an observer away; nothing happens if it is not there.
     *
     * @param o the observer
     */
    public void remove(Observer o) {
        flush();
        if (all.remove(o)) sort(o);
    }

    /**
     * {@return whether it listens}
     *
     * @param o the observer
     */
    public boolean has(Observer o) {
        return all.contains(o);
    }

    /** An observer's choice of addresses for breakpoints has changed: decoded blocks that may span one are dropped. */
    public void changed() {
        whenBreakpointsChange.run();
    }

    /**
     * Sets what happens when breakpoints change.
     *
     * @param r drops decoded blocks; for the machine
     */
    public void whenBreakpointsChange(Runnable r) {
        whenBreakpointsChange = r;
    }

    private void sort(Observer changed) {
        events = those(Interest.EVENTS);
        breaking = those(Interest.BREAKPOINTS);
        entries = those(Interest.ENTRIES);
        instructions = those(Interest.INSTRUCTIONS);
        memory = those(Interest.MEMORY);
        ports = those(Interest.PORTS);
        mmio = those(Interest.MMIO);
        msrs = those(Interest.MSRS);
        control = those(Interest.CONTROL);
        translations = those(Interest.TRANSLATIONS);
        if (changed.interests().contains(Interest.BREAKPOINTS)) changed();
        cpu.updateMode();
    }

    private Observer[] those(Interest i) {
        Observer[] found = all.stream().filter(o -> o.interests().contains(i)).toArray(Observer[]::new);
        return found.length == 0 ? NONE : found;
    }

    // ---- events and breakpoints ----

    /** @return whether an observer has taken the event, which is then not delivered; a breakpoint's always is */
    boolean take(int vector, int error, boolean software) {
        flush();
        if (vector == Observer.BREAKPOINT) {
            tellBreakpoint();
            return true;
        }
        boolean taken = false;
        for (Observer o : events) taken |= o.event(cpu, vector, error, software);
        return taken;
    }

    /** @return whether an observer has taken back an event whose delivery met this fault */
    boolean takeNested(int vector, int error, int delivering, int first) {
        boolean taken = false;
        for (Observer o : events) taken |= o.nested(cpu, vector, error, delivering, first);
        return taken;
    }

    /** Tells those whose breakpoint lies at CS:RIP. */
    public void tellBreakpoint() {
        long la = cpu.codeLinear();
        for (Observer o : breaking) {
            if (o.breaksAt(la)) o.breakpoint(cpu);
        }
    }

    /**
     * {@return whether there is a breakpoint at this linear address}
     *
     * @param la guest linear
     */
    public boolean breaksAt(long la) {
        for (Observer o : breaking) {
            if (o.breaksAt(la)) return true;
        }
        return false;
    }

    /** {@return whether instructions at breakpoints are executed at the moment} */
    public boolean passing() {
        return passing || passCount == cpu.instructions() && passAt == cpu.codeLinear();
    }

    /**
     * Called in {@link Observer#breakpoint} by an observer that does not stop the machine: the instruction there is
     * executed next.
     */
    public void passOnce() {
        passAt = cpu.codeLinear();
        passCount = cpu.instructions();
    }

    /**
     * Makes instructions at breakpoints be executed, for the one at which a run starts.
     *
     * @param on whether they are executed
     */
    public void setPassing(boolean on) {
        passing = on;
    }

    // ---- entries ----

    /**
     * A handler was entered; called by the shadow stack.
     *
     * @param kind how it was entered
     * @param vector the vector, or -1
     * @param from the interrupted RIP
     * @param sp the interrupted stack pointer, linear
     * @param user whether CPL 3 was interrupted
     */
    public void entered(ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
        if (entries == NONE) return;
        flush();
        for (Observer o : entries) o.entered(cpu, kind, vector, from, sp, user);
    }

    /**
     * A handler was left; called by the shadow stack.
     *
     * @param user whether the processor is at CPL 3 now
     */
    public void returned(boolean user) {
        if (entries == NONE) return;
        flush();
        for (Observer o : entries) o.returned(cpu, user);
    }

    // ---- instructions ----

    /** @return whether blocks and regions must tell what they retire: {@link Cpu#MODE_OBSERVED} */
    boolean instructions() {
        return instructions != NONE;
    }

    /**
     * Called by an engine before it executes instructions in sequence, for each of which {@link #cut} may take it back.
     *
     * @param rip offset in CS of the first
     * @param count how many there are
     * @param translated whether translated code executes them
     */
    public void begin(long rip, int count, boolean translated) {
        flush();
        runStart = rip;
        runLength = count;
        runTranslated = translated;
    }

    /**
     * The last {@code count} instructions of the run that was begun have not been retired.
     *
     * @param count how many are taken back
     */
    public void cut(int count) {
        runLength -= count;
    }

    /**
     * Tells of the run that was begun; called by whoever tells something that came behind it, and at the end of a run
     * of the machine.
     */
    public void flush() {
        int n = runLength;
        if (n <= 0) return;
        runLength = 0;
        for (Observer o : instructions) o.retired(cpu, runStart, n, runTranslated);
    }

    // ---- accesses ----

    /** {@return whether every load and store is looked at} */
    public boolean memory() {
        return memory != NONE;
    }

    /**
     * A load or store that is allowed is about to be made, in step mode.
     *
     * @param la linear address of the first byte
     * @param bytes width of the access
     * @param write whether it is a store
     */
    public void access(long la, int bytes, boolean write) {
        for (Observer o : memory) o.access(cpu, la, bytes, write);
    }

    /**
     * {@return the value, for the caller to go on with}
     *
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     * @param value what was read or is written
     * @param write whether it is written
     */
    public int port(int port, int bytes, int value, boolean write) {
        for (Observer o : ports) o.port(cpu, port, bytes, value, write);
        return value;
    }

    /** {@return whether accesses to devices' memory are looked at} */
    public boolean mmio() {
        return mmio != NONE;
    }

    /**
     * Tells of an access to a device's memory.
     *
     * @param pa guest physical
     * @param bytes width of the access
     * @param value what was read or written
     * @param write whether it was written
     */
    public void mmio(long pa, int bytes, long value, boolean write) {
        for (Observer o : mmio) o.mmio(cpu, pa, bytes, value, write);
    }

    /**
     * {@return the value, for the caller to go on with}
     *
     * @param number of the register
     * @param value what was read or is written
     * @param write whether it is written
     */
    public long msr(int number, long value, boolean write) {
        for (Observer o : msrs) o.msr(cpu, number, value, write);
        return value;
    }

    void control(int register, long old) {
        for (Observer o : control) o.control(cpu, register, old);
    }

    // ---- translations ----

    /**
     * {@return what observers know of code that is about to be translated, or null}
     *
     * @param la its linear address
     */
    public String place(long la) {
        for (Observer o : translations) {
            String s = o.place(cpu, la);
            if (s != null) return s;
        }
        return null;
    }

    /**
     * Tells that translated code was installed.
     *
     * @param pa guest physical address of its page
     * @param blocks basic blocks in it
     * @param count guest instructions in it
     */
    public void translated(long pa, int blocks, int count) {
        for (Observer o : translations) o.translated(cpu, pa, blocks, count);
    }

    /**
     * Tells that translated code was dropped.
     *
     * @param pa guest physical address of its page, or -1 if all was dropped
     */
    public void dropped(long pa) {
        for (Observer o : translations) o.dropped(cpu, pa);
    }
}
