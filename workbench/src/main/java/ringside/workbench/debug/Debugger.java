package ringside.workbench.debug;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.cpu.Vector;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.memory.AccessWatch;

/**
 * Runs a machine for somebody who stops it, looks, and goes on, forwards or backwards. Nothing of it can be seen by the
 * guest: breakpoints are no instructions in its memory, watchpoints are not its debug registers, a step is no trap of
 * its own, and the run is the same, instruction by instruction, as one that nobody watched.
 *
 * <p>Going back is going forward again from a state kept earlier ({@link Checkpoints}). All methods are called on the
 * machine's thread, while it does not run.
 */
public final class Debugger implements AutoCloseable {
    /** From so far off, a state is kept on the way to a place gone back to: the next step back starts there. */
    private static final long FAR = 2_000_000, NEAR = 50_000;

    private final Machine machine;
    private final Cpu cpu;
    private final Consumer<Boolean> repeating;
    private final BooleanSupplier interruption;
    private final Set<Long> breakpoints = new HashSet<>();
    private final List<Watchpoint> watchpoints = new ArrayList<>();
    private final BitSet caught = new BitSet(256);
    private final Checkpoints history;

    private final RecentEvents recent = new RecentEvents();
    private LongConsumer rewound = n -> {};
    private Runnable paused = () -> {};

    /** Events taken at {@link #eventsAt} retired instructions. */
    private int events;

    private long eventsAt = -1;
    private Stop found;
    /** Where the run is to pause for the next event too. */
    private boolean stepping;
    /** The last event of a step: none, an exception, an interrupt from outside. */
    private boolean eventTaken, interruptTaken;
    /** Nothing stops: the run is repeated up to a place. */
    private boolean quiet;
    /** Not null while the past is searched: hits are noted there and stop nothing. */
    private Search search;

    /** What a search of the past has found so far. */
    private static final class Search {
        final Position end;
        Position last;
        Stop stop;

        Search(Position end) {
            this.end = end;
        }

        void note(Position p, Stop s) {
            if (!p.before(end)) return;
            last = p;
            stop = s;
        }
    }

    /**
     * @param repeating told whether what the guest does from now on has happened before, so that its output is not
     *     shown again
     * @param interruption asked, when a run was stopped from outside, whether whoever watches is to hear of that;
     *     requests to stop may come late, when what they were for has been served
     */
    public Debugger(Machine machine, Consumer<Boolean> repeating, BooleanSupplier interruption) {
        this.machine = machine;
        this.cpu = machine.cpu();
        this.repeating = repeating;
        this.interruption = interruption;
        history = new Checkpoints(machine);
    }

    public Machine machine() {
        return machine;
    }

    public Position position() {
        return new Position(cpu.instructions(), eventsAt == cpu.instructions() ? events : 0);
    }

    /**
     * @return the last exceptions and interrupts while somebody watched, one line each, oldest first; those of a place
     *     that was gone back from too
     */
    public List<String> recentEvents(int most) {
        return recent.last(most);
    }

    /** @return as the manual has it: #PF; NMI for 2 */
    public static String exceptionName(int vector) {
        return RecentEvents.NAMES[vector];
    }

    /** @return what the processor does, in a few words */
    public String describe() {
        return cpu.halted
                ? "halted"
                : cpu.cpl == 3
                        ? "user mode"
                        : cpu.longMode() || (cpu.cr0 & Cpu.CR0_PE) != 0 ? "privileged mode" : "real mode";
    }

    // ---- what to stop at ----

    /** Starts to watch. @param past whether it shall be possible to go back to here */
    public void attach(boolean past) {
        if (!cpu.observers.has(observer)) cpu.observers.add(observer);
        if (past && history.isEmpty()) history.take(position());
    }

    /** Forgets all breakpoints, watchpoints and vectors. */
    public void clear() {
        breakpoints.clear();
        watchpoints.clear();
        caught.clear();
        arm();
    }

    /** Ends the watch: forgets what to stop at, and what was kept of the past. */
    public void detach() {
        clear();
        cpu.observers.remove(observer);
        history.close();
    }

    @Override
    public void close() {
        detach();
    }

    /** @param la linear address; breakpoints are where the processor fetches, whatever stands in memory */
    public void addBreakpoint(long la) {
        breakpoints.add(la);
    }

    public void removeBreakpoint(long la) {
        breakpoints.remove(la);
    }

    public void addWatchpoint(Watchpoint w) {
        watchpoints.add(w);
    }

    public void removeWatchpoint(Watchpoint w) {
        watchpoints.remove(w);
    }

    /** The vectors whose delivery stops; to be changed in place. */
    public BitSet caught() {
        return caught;
    }

    /** Something was changed by hand: what was kept of a later time is not what will happen. */
    public void changed() {
        if (!history.isEmpty()) history.take(position());
    }

    private Set<Long> armed = Set.of();
    private List<Watchpoint> armedWatch = List.of();

    /**
     * Makes what is to be stopped at known to the processor. Only here, before it runs on, as decoded code is dropped:
     * who steps from a breakpoint, as gdb does, takes all of them away and sets them again.
     */
    private void arm() {
        if (!armed.equals(breakpoints)) {
            Set<Long> now = Set.copyOf(breakpoints);
            armed = now;
            if (cpu.observers.has(observer)) cpu.observers.changed();
        }
        if (!armedWatch.equals(watchpoints)) {
            armedWatch = List.copyOf(watchpoints);
            cpu.mem.watch(armedWatch.isEmpty() ? null : new Watch());
        }
    }

    private final class Watch implements AccessWatch {
        @Override
        public boolean watchesPage(long page) {
            for (Watchpoint w : armedWatch) {
                if (w.onPage(page)) return true;
            }
            return false;
        }

        @Override
        public boolean watches(long la, int bytes, boolean write) {
            for (Watchpoint w : armedWatch) {
                if (w.hitBy(la, bytes, write)) return true;
            }
            return false;
        }

        @Override
        public void accessed(long la, int bytes, boolean write) {
            for (Watchpoint w : armedWatch) {
                if (w.hitBy(la, bytes, write)) hit(w);
            }
        }
    }

    private void hit(Watchpoint w) {
        if (quiet) return;
        Stop s = new Stop(Stop.Reason.WATCHPOINT, w, null, null);
        if (search != null) {
            long before = cpu.instructions() - 1;
            search.note(new Position(before, eventsAt == before ? events : 0), s);
        } else if (found == null) {
            found = s;
            machine.requestStop();
        }
    }

    private final Observer observer = new Observer() {
        @Override
        public Set<Interest> interests() {
            return Set.of(Interest.EVENTS, Interest.BREAKPOINTS);
        }

        @Override
        public boolean breaksAt(long la) {
            return armedAt(la) || looking() && la >>> 31 == KERNEL;
        }

        @Override
        public void breakpoint(Cpu c) {
            if (looking() && !armedAt(c.codeLinear())) {
                arrived = true;
                machine.requestStop();
                return;
            }
            found = Stop.of(Stop.Reason.BREAKPOINT);
            machine.requestStop();
        }

        @Override
        public boolean event(Cpu c, int vector, int error, boolean software) {
            note(c, vector, error, software);
            return false;
        }
    };

    /** Every event on its way to the processor. */
    private void note(Cpu c, int vector, int error, boolean software) {
        if (!quiet) cpu.observers.setPassing(false);
        if (!quiet) recent.add(vector, error, c);
        if (!software) {
            long at = cpu.instructions();
            events = eventsAt == at ? events + 1 : 1;
            eventsAt = at;
            eventTaken = true;
            interruptTaken = vector >= 32 || vector == Vector.NMI;
            if (stepping) machine.requestStop();
        }
        if (caught.get(vector) && !quiet) {
            Stop s = new Stop(Stop.Reason.CAUGHT, null, RecentEvents.describe(vector, error, c), null);
            if (search != null) {
                search.note(position(), s);
            } else if (found == null) {
                found = s;
                machine.requestStop();
            }
        }
    }

    // ---- a kernel that moves itself ----

    /** Linear addresses of kernel code: the topmost 2 GiB. */
    private static final long KERNEL = -1L >>> 31;

    private Supplier<Long> slide = () -> 0L;
    private LongConsumer moved = n -> {};
    private boolean awaited, arrived;
    private long by;

    /**
     * Lets breakpoints in kernel code follow a kernel that moves itself (KASLR): when it runs its first instruction in
     * its own address range it is asked how far it lies from where it was linked, and from there on each breakpoint is
     * there too.
     *
     * @param slide bytes; null if that cannot be told
     * @param told told the bytes, once
     */
    public void follow(Supplier<Long> slide, LongConsumer told) {
        this.slide = slide;
        this.moved = told;
        awaited = true;
    }

    /** @return whether a breakpoint was set at this very address, and did not just follow the kernel here */
    public boolean standsAtBreakpoint() {
        return breakpoints.contains(cpu.codeLinear());
    }

    private boolean armedAt(long la) {
        return armed.contains(la) || by != 0 && la >>> 31 == KERNEL && armed.contains(la - by);
    }

    private boolean looking() {
        if (!awaited || stepping || quiet || search != null) return false;
        for (long b : armed) {
            if (b >>> 31 == KERNEL) return true;
        }
        return false;
    }

    private void lookWhereItLies() {
        arrived = false;
        awaited = false;
        Long s = slide.get();
        by = s == null ? 0 : s;
        cpu.observers.changed();
        if (by != 0) moved.accept(by);
    }

    // ---- forward ----

    /**
     * Runs on until something stops the guest; a breakpoint at the very instruction where it stands does not.
     * @param limit instructions retired in all
     */
    public Stop resume(long limit) {
        arm();
        Stop s = null;
        if (armedAt(cpu.codeLinear())) s = pass(limit);
        while (s == null) s = run(Math.min(limit, history.next()), limit);
        return s;
    }

    /** Executes the instruction at a breakpoint. @return null if nothing stopped */
    private Stop pass(long limit) {
        cpu.observers.setPassing(true);
        try {
            return run(Math.min(limit, cpu.instructions() + 1), limit);
        } finally {
            cpu.observers.setPassing(false);
        }
    }

    /** @return null if it got to where it should without a stop, and {@code limit} is not reached yet */
    private Stop run(long to, long limit) {
        found = null;
        eventTaken = false;
        interruptTaken = false;
        Outcome o;
        do {
            o = machine.run(to);
            if (!quiet && search == null) paused.run();
            if (found != null) return found;
            if (arrived) {
                lookWhereItLies();
                return null;
            }
            if (stepping && eventTaken) return Stop.of(Stop.Reason.STEPPED);
            // a stop that nobody wants may stand anywhere: behind the one instruction of a step, at a breakpoint
            if (stopped(o) && !quiet && interruption.getAsBoolean()) return Stop.of(Stop.Reason.INTERRUPTED);
        } while (stopped(o));
        if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || cpu.instructions() >= limit)
            return new Stop(Stop.Reason.ENDED, null, null, o);
        if (cpu.instructions() >= history.next()) history.take(position());
        return null;
    }

    private static boolean stopped(Outcome o) {
        return o.reason() == Outcome.Reason.STOPPED;
    }

    /**
     * Executes one instruction, or takes the exception that it raises.
     *
     * @param masked an interrupt that comes first is served behind the scenes: the step ends when its handler has come
     *     back and the instruction is done; otherwise the step ends at the handler's first instruction
     */
    public Stop step(boolean masked, long limit) {
        long rip = cpu.codeLinear();
        long rsp = cpu.gpr[Cpu.RSP];
        Stop s = once(limit);
        while (masked && s.reason() == Stop.Reason.STEPPED && interruptTaken) {
            s = untilBack(rip, rsp, limit);
            if (s.reason() == Stop.Reason.STEPPED) s = once(limit);
        }
        return s;
    }

    /** Takes one event or executes one instruction. */
    private Stop once(long limit) {
        stepping = true;
        try {
            Stop s = pass(limit);
            return s == null ? Stop.of(Stop.Reason.STEPPED) : s;
        } finally {
            stepping = false;
        }
    }

    /** Runs from an interrupt handler to the instruction that was interrupted. @return STEPPED if it got there */
    private Stop untilBack(long rip, long rsp, long limit) {
        boolean own = !breakpoints.contains(rip);
        if (own) addBreakpoint(rip);
        try {
            while (true) {
                Stop s = resume(limit);
                if (s.reason() != Stop.Reason.BREAKPOINT || cpu.codeLinear() != rip) return s;
                if (cpu.gpr[Cpu.RSP] == rsp) return Stop.of(Stop.Reason.STEPPED);
                if (!own) return s;
            }
        } finally {
            if (own) removeBreakpoint(rip);
        }
    }

    // ---- backward ----

    /** @return whether there is an earlier place to go back to */
    private boolean hasPast() {
        return !history.isEmpty() && (history.first().before(position()) || farther());
    }

    /** A past from before the watch began, such as a recording's. */
    @FunctionalInterface
    public interface Past {
        /**
         * Puts the machine into a state at or before an instruction.
         *
         * @return whether there is one; otherwise the machine is as it was
         */
        boolean go(long instruction);
    }

    private Past past = n -> false;

    /** @param p where to go back to beyond where the watch began */
    public void before(Past p) {
        past = p;
    }

    /**
     * Gets one more state, from before all that are kept; the machine stands there then.
     *
     * @return whether there is one
     */
    private boolean farther() {
        if (!past.go(history.first().instructions() - 1)) return false;
        eventsAt = -1;
        history.insert(position());
        return true;
    }

    private Checkpoints.Checkpoint before(Position p) {
        Checkpoints.Checkpoint c = history.before(p);
        return c == null && farther() ? history.before(p) : c;
    }

    /**
     * Says who has to know that the machine was put back, such as whoever gives it its recorded input.
     * @param r told the instruction at which it stands
     */
    public void onRewind(LongConsumer r) {
        rewound = r;
    }

    /** @param r called whenever the machine has paused on its way forward, whether for somebody or not */
    public void onPause(Runnable r) {
        paused = r;
    }

    private void restore(Checkpoints.Checkpoint c) {
        c.state().restore(machine);
        rewound.accept(c.at().instructions());
        eventsAt = c.at().instructions();
        events = c.at().events();
    }

    /** Goes back to a place, exactly. */
    private void goTo(Position p) {
        restore(history.at(p));
        if (p.instructions() - cpu.instructions() > FAR) {
            advance(p.instructions() - NEAR);
            history.insert(position());
        }
        advance(p.instructions());
        while (position().before(p) && once(Long.MAX_VALUE).reason() == Stop.Reason.STEPPED) {
            // one event more
        }
    }

    /** Repeats the run up to an instruction; nothing stops it. */
    private void advance(long instructions) {
        try {
            while (cpu.instructions() < instructions) {
                cpu.observers.setPassing(true);
                Outcome o = machine.run(instructions);
                if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT && !stopped(o)) return;
            }
        } finally {
            cpu.observers.setPassing(false);
        }
    }

    /** Does something to the past: breakpoints and watchpoints are off, and the guest's output is not shown. */
    private void inThePast(Runnable r) {
        repeating.accept(true);
        try {
            r.run();
        } finally {
            repeating.accept(false);
            machine.cancelStop();
        }
    }

    /** Undoes one step: the instruction or event before this place. */
    public Stop stepBack() {
        Position now = position();
        if (!hasPast()) return Stop.of(Stop.Reason.BEGINNING);
        inThePast(() -> quietly(() -> {
            Position earlier = new Position(now.events() > 0 ? now.instructions() : now.instructions() - 1, 0);
            if (before(now) == null) return;
            if (earlier.before(history.first())) earlier = history.first();
            goTo(earlier);
            Position last = position();
            while (once(Long.MAX_VALUE).reason() == Stop.Reason.STEPPED
                    && position().before(now)) last = position();
            goTo(last);
        }));
        return Stop.of(Stop.Reason.STEPPED);
    }

    private void quietly(Runnable r) {
        quiet = true;
        try {
            r.run();
        } finally {
            quiet = false;
        }
    }

    /**
     * Goes back to the last breakpoint, watchpoint or vector before this place; to the beginning if there is none. A
     * watched access is undone.
     */
    public Stop resumeBack() {
        Position now = position();
        if (!hasPast()) return Stop.of(Stop.Reason.BEGINNING);
        Stop[] result = {Stop.of(Stop.Reason.BEGINNING)};
        arm();
        inThePast(() -> {
            Position end = now;
            for (Checkpoints.Checkpoint c; (c = before(end)) != null; end = c.at()) {
                Search s = searchFrom(c, end);
                if (s == null) {
                    result[0] = Stop.of(Stop.Reason.INTERRUPTED);
                    quietly(() -> goTo(now));
                    return;
                }
                if (s.last == null) continue;
                result[0] = s.stop;
                quietly(() -> goTo(s.last));
                return;
            }
            restore(history.at(history.first()));
        });
        return result[0];
    }

    /** @return null if it was interrupted */
    private Search searchFrom(Checkpoints.Checkpoint from, Position end) {
        restore(from);
        search = new Search(end);
        try {
            while (position().before(end)) {
                if (armedAt(cpu.codeLinear()) && !cpu.halted) search.note(position(), Stop.of(Stop.Reason.BREAKPOINT));
                boolean near = cpu.instructions() == end.instructions();
                stepping = near;
                Stop s = armedAt(cpu.codeLinear()) || near
                        ? pass(Long.MAX_VALUE)
                        : run(end.instructions(), Long.MAX_VALUE);
                if (s == null) continue;
                if (s.reason() == Stop.Reason.ENDED) break;
                if (s.reason() == Stop.Reason.INTERRUPTED) return null;
            }
            return search;
        } finally {
            search = null;
            stepping = false;
        }
    }
}
