package ringside.workbench.profile;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.FastCalls;
import ringside.cpu.Flags;
import ringside.cpu.Observer;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Tasks;
import ringside.workbench.entry.MemoryOperations;

/**
 * Counts, while a guest runs, its entries and what they cost, its instructions by place, task and address space, and
 * the stacks it is on at every {@code distance}th instruction. All counts are exact: each retired instruction is
 * counted once, for the entry that is handled (or for user mode, or for the kernel outside of any entry).
 *
 * <p>Told of runs late and with the registers of translated code not written back, it looks at registers at entries,
 * returns and breakpoints only. A task that is switched away takes its open entries along; Linux' {@code __switch_to}
 * is where that is seen.
 */
final class Recorder implements Observer {
    /** Open entries of one task at the most; a guest that never returns does not fill the heap. */
    private static final int MOST_OPEN = 64;
    /** Different things that are kept apart; what comes beyond is counted together. */
    private static final int MOST_STACKS = 1 << 17, MOST_KINDS = 1 << 11, MOST_TASKS = 1 << 12, MOST_SPACES = 1 << 12;

    private static final int MOST_PROGRAMS = 1000, MOST_FRAMES = 128;
    /** An emulated call or return moves the stack pointer by a word; a return from elsewhere is farther away. */
    private static final long NEAR = 64;
    /** Stretches shorter than this are not in the time line, in instructions. */
    private static final long SHOWN = 2000;
    /** Marks an entry in a stack: the vector lies in the low bits, {@link #KIND} bits above. */
    static final long ENTRY_FRAME = 0x7eL << 56;

    static final int KIND = 16;
    private static final EntryKey OTHERS = new EntryKey(ShadowEntry.Kind.INTERRUPT, -1, -1, EntryKey.Abi.NONE, false);

    /** Columns of the time line: where instructions went. Those of entries follow by {@link ShadowEntry.Kind}. */
    static final int USER = 0, KERNEL = 1, KINDS = 2, COLUMNS = KINDS + ShadowEntry.Kind.values().length;

    private static final long PREEMPTION = 0x7fff_ffffL, PTI_USER_TABLE = 0x1000;

    /** Something that lasted, in the time line. */
    sealed interface Slice {
        /** Virtual nanoseconds. */
        long from();

        long to();
    }

    record EntrySlice(long from, long to, EntryKey key, int depth, long instructions, TaskRow task) implements Slice {}

    record TaskSlice(long from, long to, TaskRow task) implements Slice {}

    record OffSlice(long from, long to, boolean interrupts, long begin) implements Slice {}

    record TranslationSlice(long from, long page, int blocks, int instructions) implements Slice {
        @Override
        public long to() {
            return from;
        }
    }

    /** An entry whose return has not come. */
    private static final class Open {
        final EntryKey key;
        final EntryStatistics statistics;
        final long sp, since;
        final int column;
        final long[] instructions = new long[Part.values().length], memory = new long[Part.values().length];
        boolean handled, exiting;
        /** Softirqs or the scheduler are at work, called by this function; null, -1: they are not. */
        Part inner;

        int caller = -1;

        Open(EntryKey key, EntryStatistics statistics, long sp, long since) {
            this.key = key;
            this.statistics = statistics;
            this.sp = sp;
            this.since = since;
            column = KINDS + key.kind().ordinal();
        }
    }

    /** The instructions of one stack. @param addresses innermost first, entries marked @param program user code's */
    private record Stack(long[] addresses, int program) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Stack s && program == s.program && Arrays.equals(addresses, s.addresses);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(addresses) + program;
        }
    }

    private record TaskKey(int pid, String comm) {}

    private final Machine machine;
    private final long distance;
    private final GuestView view;
    private final RunReader reader;
    private final Map<EntryKey, EntryStatistics> entries = new LinkedHashMap<>();
    private final Map<Stack, long[]> stacks = new HashMap<>();
    private final Map<TaskKey, TaskRow> tasks = new LinkedHashMap<>();
    private final Map<Long, long[]> spaces = new LinkedHashMap<>();
    private final List<Programs.Program> programs = new ArrayList<>(List.of(Programs.NONE));
    private final Programs executables;
    private final Map<Programs.Program, Integer> programNumbers = new HashMap<>();
    private final Map<Long, Deque<Open>> sleeping = new HashMap<>();
    private final long[] columns = new long[COLUMNS];
    private final Blocks blocks = new Blocks();
    private final Stretches interruptsOff = new Stretches(), preemptionOff = new Stretches();
    private final TimeLine line;
    private final long start, startIdle;
    private Deque<Open> open = new ArrayDeque<>();
    private Open top;
    private boolean user;
    private long now, untilSample, unmatched, rolls;
    private int lastFunction = -1;

    private Tasks kernelTasks;
    private long switchTo, current;
    private TaskRow task;
    private long taskUser, taskAll, taskSince;
    private long space, spaceSince;
    private long fills, nanos;
    private long translations, translatedInstructions, dropped;
    /** Physical address of the count that forbids preemption; -1: not known. */
    private long preemption = -1;

    private long preemptionBase;

    /** Whether every run of instructions is looked at; otherwise entries are all that is told. */
    private final boolean full;
    /** The run before, if translated code executed it; 0: no. */
    private int leaving;

    private boolean event;

    /**
     * @param distance instructions between two looks at the stack; 0 for none
     * @param full whether every run of instructions is looked at, or entries alone
     * @param executables the files of user programs, by the name of the task
     */
    Recorder(Machine machine, long distance, boolean full, Programs executables) {
        this.machine = machine;
        this.distance = full ? distance : 0;
        this.full = full;
        this.executables = executables;
        Cpu cpu = machine.cpu();
        view = new GuestView(cpu);
        reader = new RunReader(cpu, view);
        untilSample = distance;
        start = now = cpu.instructions();
        startIdle = machine.idleTime();
        user = cpu.cpl == 3;
        line = new TimeLine(COLUMNS, now);
        rolls = line.end();
        fills = cpu.mem.fills;
        nanos = System.nanoTime();
        taskAll = spaceSince = now;
        taskSince = virtual();
        space = space(cpu.cr3);
        if (full && !user && (cpu.rflags() & Flags.IF) == 0) interruptsOff.begin(now, cpu.codeLinear());
    }

    @Override
    public Set<Interest> interests() {
        if (!full) return EnumSet.of(Interest.ENTRIES, Interest.BREAKPOINTS, Interest.CONTROL);
        return EnumSet.of(
                Interest.ENTRIES, Interest.INSTRUCTIONS, Interest.BREAKPOINTS, Interest.CONTROL, Interest.TRANSLATIONS);
    }

    /** Virtual nanoseconds: an instruction is one. */
    private long virtual() {
        return now + machine.idleTime();
    }

    /** From here on, the kernel's symbols are known. */
    void learn(KernelModel model) {
        reader.learn(model);
        for (int n = 1; n < blocks.size(); n++) {
            if (blocks.space(n) != 0) continue;
            reader.name(blocks, n);
            reader.look(blocks, n);
        }
        executables.learn(model);
        kernelTasks = Tasks.of(view, model);
        Long to = model.symbols().address("__switch_to");
        if (kernelTasks == null || to == null) return;
        switchTo = to;
        view.refresh();
        current = kernelTasks.current();
        newTask(current);
        machine.cpu().observers.changed();
    }

    // ---- tasks ----

    private void newTask(long address) {
        TaskRow to = null;
        if (kernelTasks != null && address != 0) {
            view.refresh();
            // back in user mode: under PTI the kernel's data are in the other table of the two alone
            if (!view.mapped(address)) view.lookIn(view.cr3() & ~PTI_USER_TABLE);
            Tasks.Task t = kernelTasks.at(address);
            TaskKey k = new TaskKey(t.pid(), printable(t.comm()));
            to = tasks.get(k);
            if (to == null) {
                if (tasks.size() >= MOST_TASKS) k = new TaskKey(-1, "(all others)");
                TaskKey key = k;
                to = tasks.computeIfAbsent(k, x -> new TaskRow(key.pid, key.comm));
            }
            to.program = program(executables.of(to.comm, view, address));
        }
        if (to == task) return;
        leaveTask();
        task = to;
    }

    private void leaveTask() {
        if (task != null) {
            task.user += columns[USER] - taskUser;
            task.kernel += now - taskAll - (columns[USER] - taskUser);
            line.add(new TaskSlice(taskSince, virtual(), task));
            taskUser = columns[USER];
            taskAll = now;
        }
        taskSince = virtual();
    }

    private int program(Programs.Program p) {
        Integer i = programNumbers.get(p);
        if (i != null) return i;
        if (programs.size() >= MOST_PROGRAMS) return 0;
        programs.add(p);
        programNumbers.put(p, programs.size() - 1);
        return programs.size() - 1;
    }

    /** Without runs of instructions: gives those since the last look to what was going on. */
    private void account(Cpu cpu) {
        if (full) return;
        long n = cpu.instructions() - now;
        now += n;
        if (top == null) {
            columns[user ? USER : KERNEL] += n;
        } else {
            columns[top.column] += n;
            int handler = Part.HANDLER.ordinal();
            top.instructions[handler] += n;
            top.statistics.own += n;
            top.statistics.partInstructions[handler] += n;
        }
        if (now >= rolls) {
            line.roll(now, columns);
            rolls = line.end();
        }
    }

    static String printable(String s) {
        StringBuilder b = new StringBuilder(s);
        for (int i = 0; i < b.length(); i++) if (b.charAt(i) < ' ' || b.charAt(i) > '~') b.setCharAt(i, '?');
        return b.toString();
    }

    @Override
    public boolean breaksAt(long la) {
        return switchTo != 0 && la == switchTo;
    }

    @Override
    public void breakpoint(Cpu cpu) {
        cpu.observers.passOnce();
        cpu.observers.flush();
        account(cpu);
        settle();
        long from = cpu.gpr[Cpu.RDI], to = cpu.gpr[Cpu.RSI];
        if (sleeping.size() > MOST_TASKS) sleeping.clear();
        if (open.isEmpty()) sleeping.remove(from);
        else sleeping.put(from, open);
        Deque<Open> other = sleeping.remove(to);
        open = other != null ? other : new ArrayDeque<>();
        top = open.peek();
        current = to;
        newTask(to);
        if (task != null) task.switches++;
    }

    // ---- address spaces ----

    @Override
    public void control(Cpu cpu, int register, long old) {
        if (register != 3) return;
        cpu.observers.flush();
        account(cpu);
        long to = space(cpu.cr3);
        if (to == space) return;
        leaveSpace();
        space = to;
    }

    /** @return the address space, without PCID and the bit that tells the two tables of PTI apart */
    private static long space(long cr3) {
        return cr3 & 0x000f_ffff_ffff_e000L;
    }

    private void leaveSpace() {
        if (spaces.size() >= MOST_SPACES && !spaces.containsKey(space)) space = -1;
        spaces.computeIfAbsent(space, k -> new long[1])[0] += now - spaceSince;
        spaceSince = now;
    }

    // ---- entries ----

    /** Gives TLB fills and the host's time since the last change to the entry that is handled. */
    private void settle() {
        long f = machine.cpu().mem.fills, t = System.nanoTime();
        if (top != null) {
            top.statistics.tlbFills += f - fills;
            top.statistics.hostNanos += t - nanos;
        }
        fills = f;
        nanos = t;
    }

    @Override
    public void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean fromUser) {
        account(cpu);
        settle();
        event = true;
        user = false;
        EntryKey key = EntryKey.of(kind, vector, cpu.gpr[Cpu.RAX], from, fromUser, cpu.code64());
        EntryStatistics s = entries.get(key);
        if (s == null) {
            if (entries.size() >= MOST_KINDS) key = OTHERS;
            s = entries.computeIfAbsent(key, k -> new EntryStatistics());
        }
        // what comes from user mode finds nothing open: what is left there never returned
        if (fromUser && !open.isEmpty()) {
            unmatched += open.size();
            open.clear();
        }
        s.entered(!open.isEmpty(), from);
        if (open.size() < MOST_OPEN) {
            top = new Open(key, s, sp, virtual());
            if (kind != ShadowEntry.Kind.SYSCALL && kind != ShadowEntry.Kind.SYSENTER)
                top.memory[0] = MemoryOperations.DELIVERY + (hasCode(kind, vector) ? 1 : 0);
            s.ownMemory += top.memory[0];
            open.push(top);
        }
        lastFunction = -1;
        if (!full) return;
        // at these two instructions flags and RIP are still those before
        boolean fast = kind == ShadowEntry.Kind.SYSCALL || kind == ShadowEntry.Kind.SYSENTER;
        boolean masks = kind == ShadowEntry.Kind.SYSENTER || (cpu.msrs.fmask & Flags.IF) != 0;
        if (!fast) interrupts(cpu, cpu.rip, 0);
        else if (masks && !interruptsOff.open()) interruptsOff.begin(now, FastCalls.handler(cpu, kind));
    }

    private static boolean hasCode(ShadowEntry.Kind kind, int vector) {
        return kind == ShadowEntry.Kind.EXCEPTION && (vector == 8 || vector >= 10 && vector <= 14 || vector == 17);
    }

    @Override
    public void returned(Cpu cpu, boolean toUser) {
        account(cpu);
        settle();
        event = true;
        long sp = cpu.stackLinear();
        boolean renamed = false;
        while (top != null) {
            Open o = top;
            if (o.key.user() != toUser || (o.sp != sp && (toUser || Math.abs(o.sp - sp) > NEAR))) {
                // a return to another place: the entry is over if user mode goes on, otherwise it is no return of an
                // entry
                if (!toUser) break;
                pop();
                unmatched++;
                renamed = true;
                continue;
            }
            pop();
            o.statistics.returned(o.instructions, o.memory);
            if (o.key.prctl()) renamed = true;
            line.add(new EntrySlice(
                    o.since,
                    virtual(),
                    o.key,
                    open.size(),
                    Arrays.stream(o.instructions).sum(),
                    task));
            break;
        }
        if (toUser && !open.isEmpty()) {
            unmatched += open.size();
            open.clear();
            top = null;
        }
        user = toUser;
        lastFunction = -1;
        if (full) interrupts(cpu, cpu.codeLinear(), 0);
        if (renamed && current != 0) newTask(current);
    }

    private void pop() {
        open.pop();
        top = open.peek();
    }

    // ---- instructions ----

    @Override
    public void retired(Cpu cpu, long rip, int instructions, boolean translated) {
        int key = Blocks.key(instructions, !user ? 0 : task == null ? 1 : 1 + task.program);
        int b = blocks.find(rip, key);
        if (b < 0) {
            b = ~b;
            if (!user) {
                reader.read(blocks, b);
                reader.name(blocks, b);
            } else {
                blocks.function[b] = -1;
            }
        }
        if (leaving != 0 && !translated) blocks.left(leaving, event ? Blocks.Exit.EVENT : Blocks.Exit.NEXT);
        leaving = translated ? b : 0;
        event = false;
        if (b == 0) {
            blocks.beyond += instructions;
            if (translated) blocks.beyondInRegions += instructions;
        } else {
            blocks.count[b]++;
            if (translated) blocks.inRegions[b]++;
        }
        now += instructions;
        Open o = top;
        if (o == null) {
            columns[user ? USER : KERNEL] += instructions;
        } else {
            columns[o.column] += instructions;
            spend(o, b, instructions);
        }
        // code may be patched, so what a run does to IF is not taken from what it was when it was new
        if (((cpu.systemFlags & Flags.IF) != 0) == interruptsOff.open()) {
            int disables = blocks.disables[b];
            interrupts(cpu, rip, disables < 0 ? 0 : instructions - disables);
        }
        if (blocks.flags[b] != 0) preemption(cpu, rip);
        if (now >= rolls) {
            line.roll(now, columns);
            rolls = line.end();
        }
        if (distance != 0 && (untilSample -= instructions) <= 0) sample(cpu, rip);
    }

    private void spend(Open o, int b, int instructions) {
        EntryStatistics s = o.statistics;
        int memory = blocks.memory[b];
        s.own += instructions;
        s.ownMemory += memory;
        byte kind = blocks.kind[b];
        int function = blocks.function[b];
        if (o.inner != null && function == o.caller) o.inner = null;
        Part part;
        if (o.inner != null) {
            part = o.inner;
        } else if (kind == Blocks.ENTRY_CODE || kind == Blocks.THUNK) {
            part = o.handled
                    ? kind == Blocks.THUNK && o.instructions[Part.OUT.ordinal()] == 0 ? body(o) : Part.OUT
                    : Part.IN;
        } else {
            int out = Part.OUT.ordinal();
            if (o.instructions[out] != 0) {
                // what looked like the way out was not
                Part was = body(o);
                o.instructions[was.ordinal()] += o.instructions[out];
                o.memory[was.ordinal()] += o.memory[out];
                s.partInstructions[was.ordinal()] += o.instructions[out];
                s.partInstructions[out] -= o.instructions[out];
                o.instructions[out] = o.memory[out] = 0;
            }
            o.handled = true;
            switch (kind) {
                case Blocks.EXIT_WORK -> o.exiting = true;
                case Blocks.SOFTIRQ -> begin(o, Part.SOFTIRQ);
                case Blocks.SCHEDULER -> {
                    if (o.exiting) begin(o, Part.RESCHEDULING);
                }
                default -> {}
            }
            part = o.inner != null ? o.inner : body(o);
        }
        int p = part.ordinal();
        o.instructions[p] += instructions;
        o.memory[p] += memory;
        s.partInstructions[p] += instructions;
        lastFunction = function;
    }

    private static Part body(Open o) {
        return o.exiting ? Part.EXIT_WORK : Part.HANDLER;
    }

    /** A part begins that ends when the calling function goes on. */
    private void begin(Open o, Part part) {
        if (lastFunction < 0) return;
        o.inner = part;
        o.caller = lastFunction;
    }

    // ---- stretches without interrupts or preemption ----

    /** @param ago instructions since they were switched off, if they were */
    private void interrupts(Cpu cpu, long at, int ago) {
        boolean on = (cpu.rflags() & Flags.IF) != 0;
        if (on != interruptsOff.open()) return;
        if (on) ended(cpu, interruptsOff, true, at);
        else interruptsOff.begin(now - ago, at);
    }

    private void preemption(Cpu cpu, long at) {
        long base = cpu.seg[Cpu.GS].base < 0 ? cpu.seg[Cpu.GS].base : cpu.msrs.kernelGsBase;
        // a kernel begins with per-CPU data in its image, and goes on with a copy of them
        if (preemption < 0 || base != preemptionBase) {
            if (reader.preemption() < 0 || base >= 0) return;
            view.refresh();
            long pa = view.translate(base + reader.preemption());
            if (pa < 0) return;
            preemption = pa;
            preemptionBase = base;
        }
        boolean on = (cpu.physical.read(preemption, 4) & PREEMPTION) == 0;
        if (on != preemptionOff.open()) return;
        if (on) ended(cpu, preemptionOff, false, at);
        else preemptionOff.begin(now, at);
    }

    private void ended(Cpu cpu, Stretches of, boolean interrupts, long at) {
        long since = of.since();
        long length = now - since;
        if (length >= SHOWN) line.add(new OffSlice(virtual() - length, virtual(), interrupts, at));
        if (of.end(now)) of.keep(now, length, at, frames(cpu, at), task);
    }

    // ---- stacks ----

    private long[] frames(Cpu cpu, long rip) {
        long[] frames = new long[MOST_FRAMES];
        int n = 0;
        frames[n++] = rip;
        for (Iterator<ShadowEntry> i = cpu.shadow.chain().iterator(); i.hasNext() && n < MOST_FRAMES; ) {
            ShadowEntry e = i.next();
            if (e.kind() == ShadowEntry.Kind.CALL) {
                frames[n++] = e.address() - 1;
            } else {
                frames[n++] = ENTRY_FRAME | (long) e.kind().ordinal() << KIND | e.vector() & 0xffff;
                if (n < MOST_FRAMES) frames[n++] = e.address();
            }
        }
        return Arrays.copyOf(frames, n);
    }

    private void sample(Cpu cpu, long rip) {
        long weight = 0;
        while (untilSample <= 0) {
            untilSample += distance;
            weight += distance;
        }
        Stack s = new Stack(frames(cpu, rip), task == null ? 0 : task.program);
        long[] count = stacks.get(s);
        if (count == null) {
            if (stacks.size() >= MOST_STACKS) s = new Stack(new long[] {rip}, 0);
            count = stacks.computeIfAbsent(s, k -> new long[1]);
        }
        count[0] += weight;
    }

    // ---- translations ----

    @Override
    public void translated(Cpu cpu, long pa, int count, int instructions) {
        translations++;
        translatedInstructions += instructions;
        line.add(new TranslationSlice(virtual(), pa, count, instructions));
    }

    @Override
    public void dropped(Cpu cpu, long pa) {
        dropped++;
    }

    // ---- results ----

    /** Closes what is open; once, at the end. */
    void finish() {
        account(machine.cpu());
        settle();
        leaveTask();
        leaveSpace();
        line.finish(columns);
    }

    Map<EntryKey, EntryStatistics> entries() {
        return entries;
    }

    Blocks blocks() {
        return blocks;
    }

    Iterable<TaskRow> tasks() {
        return tasks.values();
    }

    /** @return instructions by address space, -1 for those that were too many */
    Map<Long, long[]> spaces() {
        return spaces;
    }

    Programs.Program program(int space) {
        return programs.get(space - 1);
    }

    /** @return whether every run of instructions was looked at */
    boolean full() {
        return full;
    }

    /** @return what is to be known of the stretches with preemption off, or null */
    String preemptionNote() {
        if (reader.preemption() < 0) return "The kernel's count that forbids preemption was not found.";
        return reader.countsPreemption()
                ? null
                : "This kernel does not count what forbids preemption (no CONFIG_PREEMPTION): these are interrupts,"
                        + " softirqs, and code that keeps softirqs off.";
    }

    /** Takes a stack. */
    interface Stacks {
        /** @param addresses innermost first, entries marked */
        void stack(long[] addresses, Programs.Program program, long instructions);
    }

    void stacks(Stacks each) {
        stacks.forEach((s, n) -> each.stack(s.addresses, programs.get(s.program), n[0]));
    }

    TimeLine line() {
        return line;
    }

    Stretches interruptsOff() {
        return interruptsOff;
    }

    Stretches preemptionOff() {
        return preemptionOff;
    }

    long start() {
        return start;
    }

    long retired() {
        return now - start;
    }

    long idle() {
        return machine.idleTime() - startIdle;
    }

    /** @return instructions at CPL 3 */
    long user() {
        return columns[USER];
    }

    /** @return instructions above CPL 3 outside of entries that were seen: boot, kernel threads, idle */
    long kernel() {
        return columns[KERNEL];
    }

    /** @return entries that ended otherwise than by their own return: signals, exec, exit */
    long unmatched() {
        return unmatched;
    }

    long translations() {
        return translations;
    }

    long translatedInstructions() {
        return translatedInstructions;
    }

    long dropped() {
        return dropped;
    }
}
