package ringside.workbench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import ringside.bus.Clock;
import ringside.cpu.Cpu;
import ringside.cpu.Interrupts;
import ringside.cpu.Observer;
import ringside.cpu.Vector;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.memory.AccessWatch;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.UsageException;

/**
 * Runs a machine, and at each of some moments ({@link When}) stops exactly there and lets somebody do something with it
 * before it goes on. The guest's run is the same with and without, whatever is stopped at and however often.
 *
 * <p>A symbol of a kernel that still has to unpack and move itself is looked up when the guest executes its first
 * instruction in the kernel's own address range. An instruction at which the run begins does not stop it.
 */
public final class Stops {
    /** Runs the machine up to an instruction. */
    @FunctionalInterface
    public interface Runner {
        Outcome run(long limit) throws IOException;
    }

    /** What is done at a stop; the machine stands there. */
    @FunctionalInterface
    public interface Action {
        /** @return whether the run goes on */
        boolean at(Stop stop) throws IOException;
    }

    /**
     * Where a run has stopped.
     *
     * @param when what was asked for
     * @param hit which time it was reached, counted from 1
     * @param what for people: "do_exit", "exception 14, error code 2, CR2 0", "write of jiffies_64: 0x1 to 0x2"
     */
    public record Stop(When when, long hit, String what) {}

    /** A virtual time is looked for at this distance at the most while the guest may be halted, in instructions. */
    public static final long LOOK = 50_000;
    /** Instructions between two looks at a kernel that sets itself up. */
    private static final long SETTLE = 100_000;

    /** One of the moments, with what is known of it by now. */
    private final class Point {
        final When when;
        final ConsoleOutput console;
        long[] addresses;
        int bytes;
        long hits;
        boolean done;
        /** It has been stopped at. */
        boolean met;

        long next;
        /** Of a watched range: its bytes behind the last access. */
        byte[] value;

        Point(When when) {
            this.when = when;
            console = when instanceof When.AtConsole c
                    ? new ConsoleOutput(
                            null, c.text(), () -> reached(this, "the console's match of '" + c.text() + "'"))
                    : null;
            if (when instanceof When.Every e) next = machine.cpu().instructions() + e.instructions();
        }

        String name() {
            return when instanceof When.Place p ? p.symbol() : ((When.Watch) when).symbol();
        }

        boolean bySymbol() {
            return when instanceof When.Place p && p.isSymbol()
                    || when instanceof When.Watch w && !w.symbol().matches("0[xX][0-9a-fA-F]+");
        }

        boolean runsTo(long la) {
            if (done || addresses == null || !(when instanceof When.Place)) return false;
            for (long a : addresses) {
                if (a == la) return true;
            }
            return false;
        }

        boolean touches(long la, int n, boolean write) {
            return !done
                    && addresses != null
                    && when instanceof When.Watch w
                    && (write ? w.writes() : w.reads())
                    && Long.compareUnsigned(la, addresses[0] + bytes - 1) <= 0
                    && Long.compareUnsigned(la + n - 1, addresses[0]) >= 0;
        }
    }

    private final Machine machine;
    private final Cpu cpu;
    private final Supplier<KnownKernel> known;
    private final List<Point> points = new ArrayList<>();
    private final List<Stop> found = new ArrayList<>();
    private final Queue<Stop> asked = new ConcurrentLinkedQueue<>();
    private final GuestView view;
    private Symbols symbols = Symbols.NONE;
    /** The kernel has still to come to its own addresses, where its symbols are. */
    private boolean waiting;

    private boolean arrived, running;
    private long passLa, passRsp;
    private boolean passOnReturn;
    /** An event that stopped the machine before it was delivered, and is delivered when it goes on; -1: none. */
    private int held = -1;

    private long heldAt;
    private boolean heldFault;
    /** The instruction at which a fault in a delivery has stopped the machine, and what was delivered. */
    private long nestedAt = -1;

    private String watched;

    /**
     * @param known what files tell of the kernel; null if no moment is a symbol
     * @throws UsageException if a symbol is not the kernel's
     */
    public Stops(Machine machine, List<? extends When> moments, KnownKernel known) {
        this(machine, moments, () -> known);
    }

    /** @param known asked once, when a moment turns out to need a symbol */
    public Stops(Machine machine, List<? extends When> moments, Supplier<KnownKernel> known) {
        this.machine = machine;
        this.cpu = machine.cpu();
        this.known = known;
        view = new GuestView(cpu);
        for (When w : moments) take(w);
    }

    /** Adds a moment; while the machine stands. @throws UsageException if a symbol is not the kernel's */
    public void add(When when) {
        take(when);
        if (running) {
            attach();
            cpu.observers.changed();
        }
    }

    /** Forgets all moments; while the machine stands. */
    public void clear() {
        points.clear();
        waiting = false;
        if (running) {
            cpu.observers.changed();
            cpu.mem.watch(null);
        }
    }

    /** @return the kernel's symbols where it lies now; none if no moment needed them yet */
    public Symbols symbols() {
        return symbols;
    }

    /** @return the moments that may still come */
    public List<When> pending() {
        return points.stream().filter(p -> !p.done).map(p -> p.when).toList();
    }

    private void take(When when) {
        Point p = new Point(when);
        if (p.bySymbol() || conditionNames(p)) {
            if (symbols.count() == 0 && known.get().fixedSymbols().count() > 0)
                symbols = known.get().fixedSymbols();
            if (symbols.count() > 0) resolve(p, symbols);
            else if (!known.get().mayHaveSymbols()) throw new UsageException(KnownKernel.NO_SYMBOLS);
            else waiting = true;
        }
        if (!p.bySymbol() && (p.when instanceof When.Place || p.when instanceof When.Watch)) place(p, byNumber(p));
        points.add(p);
    }

    private static boolean conditionNames(Point p) {
        return p.when instanceof When.Place w
                && w.condition() != null
                && !w.condition().symbols().isEmpty();
    }

    private static long byNumber(Point p) {
        try {
            return Long.parseUnsignedLong(p.name().substring(2), 16);
        } catch (NumberFormatException e) {
            throw new UsageException("'" + p.name() + "' is not an address");
        }
    }

    private void place(Point p, long... addresses) {
        long offset = p.when instanceof When.Place w ? w.offset() : ((When.Watch) p.when).offset();
        p.addresses = Arrays.stream(addresses).map(a -> a + offset).distinct().toArray();
        if (p.when instanceof When.Watch w && p.bytes == 0) p.bytes = w.bytes() == 0 ? 8 : w.bytes();
    }

    private void resolve(Point p, Symbols s) {
        if (p.when instanceof When.Place w && w.condition() != null) {
            for (String name : w.condition().symbols()) address(s, name);
        }
        if (p.bySymbol()) resolveName(p, s);
    }

    private static long[] address(Symbols s, String name) {
        long[] found = s.addresses(name);
        if (found.length > 0) return found;
        var similar = s.similar(name, 5);
        throw new UsageException("the kernel has no symbol '" + name + "'"
                + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar)));
    }

    private void resolveName(Point p, Symbols s) {
        long[] at = address(s, p.name());
        long size = 0;
        for (long a : at) size = Math.max(size, s.size(s.find(a)));
        long offset = p.when instanceof When.Place w ? w.offset() : ((When.Watch) p.when).offset();
        if (size != 0 && offset >= size)
            throw new UsageException(
                    String.format("'%s' has %d bytes, so +0x%x does not lie in it", p.name(), size, offset));
        if (p.when instanceof When.Watch w) {
            if (at.length > 1)
                throw new UsageException("'" + p.name() + "' is the name of " + at.length
                        + " places; give the address of the one to watch");
            p.bytes = w.bytes() != 0 ? w.bytes() : size > 0 && size <= 8 ? (int) size : 8;
        }
        place(p, at);
    }

    // ---- what others tell ----

    /** The guest wrote a byte to its console; on the machine's thread. */
    public void console(int b) {
        for (Point p : points) {
            if (p.console != null) p.console.write(b);
        }
    }

    /**
     * Asks for a stop as soon as may be, from any thread.
     * @param what for {@link Stop#what}; its {@link Stop#when} is null
     */
    public void ask(String what) {
        asked.add(new Stop(null, 1, what));
        machine.requestStop();
    }

    // ---- what has been reached ----

    /** @return the moments that have not been stopped at */
    public List<When> left() {
        return points.stream().filter(p -> !p.met).map(p -> p.when).toList();
    }

    /** @return how often each of the moments has been reached, for people */
    public String progress() {
        StringBuilder s = new StringBuilder();
        for (Point p : points) {
            if (p.done || p.when instanceof When.Every) continue;
            if (!s.isEmpty()) s.append("; ");
            s.append(p.when);
            if (waiting && p.bySymbol())
                s.append(": no kernel code ran in the topmost 2 GiB of the address space, so its symbols were not"
                        + " looked for");
            else if (p.when instanceof When.Place || p.when instanceof When.Event)
                s.append(String.format(": reached %,d of %,d times", p.hits, Math.max(1, wanted(p))));
        }
        return s.toString();
    }

    /** @return whether all of the moments have been stopped at that can be but once */
    public boolean complete() {
        return points.stream().allMatch(p -> p.done);
    }

    /** @return whether each moment comes however idle the guest is */
    public boolean comeByThemselves() {
        return points.stream()
                .allMatch(p -> p.when instanceof When.AtInstruction
                        || p.when instanceof When.Every
                        || p.when instanceof When.AtTime);
    }

    private void reached(Point p, String what) {
        p.hits++;
        long wanted = wanted(p);
        if (wanted != When.EACH && p.hits < wanted) return;
        if (wanted != When.EACH) p.done = true;
        p.met = true;
        found.add(new Stop(p.when, p.hits, what));
        machine.requestStop();
    }

    private static long wanted(Point p) {
        return switch (p.when) {
            case When.Place w -> w.hit();
            case When.Event e -> e.hit();
            case When.Watch w -> When.EACH;
            case When.Every e -> When.EACH;
            default -> 1;
        };
    }

    private boolean lastOne() {
        return points.stream().allMatch(p -> p.done);
    }

    // ---- observers ----

    private final Observer breakpoints = new Observer() {
        @Override
        public Set<Interest> interests() {
            return Set.of(Interest.BREAKPOINTS);
        }

        @Override
        public boolean breaksAt(long la) {
            if (waiting) return la >>> 31 == Kallsyms.KERNEL_SPACE >>> 31;
            for (Point p : points) {
                if (p.runsTo(la)) return true;
            }
            return false;
        }

        @Override
        public void breakpoint(Cpu c) {
            if (waiting) {
                arrived = true;
                machine.requestStop();
                return;
            }
            long la = c.codeLinear();
            int before = found.size();
            if (!passOnReturn || la != passLa || c.gpr[Cpu.RSP] != passRsp) {
                for (Point p : points) {
                    if (p.runsTo(la) && holds(p)) reached(p, describe((When.Place) p.when));
                }
            }
            passOnReturn = false;
            if (found.size() == before) c.observers.passOnce();
        }
    };

    private static String describe(When.Place p) {
        return p.symbol() + (p.offset() == 0 ? "" : String.format("+0x%x", p.offset()));
    }

    private boolean holds(Point p) {
        Condition c = ((When.Place) p.when).condition();
        if (c == null) return true;
        view.refresh();
        return c.value(view, symbols::address).orElse(0) != 0;
    }

    private final Observer events = new Observer() {
        @Override
        public Set<Interest> interests() {
            return Set.of(Interest.EVENTS);
        }

        @Override
        public boolean event(Cpu c, int vector, int error, boolean software) {
            return Stops.this.event(c, vector, error, software);
        }

        @Override
        public boolean nested(Cpu c, int vector, int error, int delivering, int first) {
            return Stops.this.nested(c, vector, error, delivering, first);
        }
    };

    /** A fault in the delivery of another event, which becomes a double or triple fault. */
    private boolean nested(Cpu c, int vector, int error, int delivering, int first) {
        long here = c.instructions() << 8 | delivering;
        if (nestedAt == here || first == Vector.DB) return false;
        int before = found.size();
        for (Point p : points) {
            if (p.done || !(p.when instanceof When.Event e) || e.vector() != -1 && e.vector() != vector) continue;
            reached(
                    p,
                    "exception " + vector + (error == -1 ? "" : String.format(", error code %x", error))
                            + ", while exception " + delivering + " was delivered");
        }
        if (found.size() == before) return false;
        nestedAt = here;
        held = first;
        heldAt = c.instructions();
        heldFault = first < 32 && first != Vector.NMI;
        return true;
    }

    private boolean event(Cpu c, int vector, int error, boolean software) {
        if (held >= 0) {
            // the one that was held is delivered now; what it led to before that stopped then
            boolean again = c.instructions() == heldAt;
            if (again && vector != held) return false;
            held = -1;
            if (again) return false;
        }
        int before = found.size();
        for (Point p : points) {
            if (p.done || !(p.when instanceof When.Event e)) continue;
            boolean exception = vector < 32 && vector != Vector.NMI && !software;
            if (e.vector() == -1 ? !exception : e.vector() != vector) continue;
            reached(
                    p,
                    (vector < 32 ? "exception " : "interrupt ")
                            + vector
                            + (error == -1 ? "" : String.format(", error code %x", error))
                            + (vector == Vector.PF ? String.format(", CR2 %x", c.cr2) : ""));
        }
        if (found.size() == before) return false;
        // A fault is raised again by its instruction, an interrupt is delivered by hand. INT n and #DB have happened:
        // they stop at their handler, unless nothing runs behind the stop.
        boolean fault = vector < 32 && vector != Vector.NMI && vector != Vector.DB && !software;
        if (!fault && (software || vector == Vector.DB)) return lastOne();
        held = vector;
        heldAt = c.instructions();
        heldFault = fault;
        return true;
    }

    private final AccessWatch watch = new AccessWatch() {
        @Override
        public boolean watchesPage(long page) {
            for (Point p : points) {
                if (!(p.when instanceof When.Watch) || p.addresses == null) continue;
                long first = p.addresses[0] & -4096L;
                long last = p.addresses[0] + p.bytes - 1 & -4096L;
                if (page == first || page == last || page - first > 0 && last - page > 0) return true;
            }
            return false;
        }

        @Override
        public boolean watches(long la, int bytes, boolean write) {
            for (Point p : points) {
                if (p.touches(la, bytes, write)) return true;
            }
            return false;
        }

        @Override
        public void accessed(long la, int bytes, boolean write) {
            for (Point p : points) {
                if (!p.touches(la, bytes, write)) continue;
                watched = String.format(
                        "%s of %s by the instruction at 0x%x",
                        write ? "write" : "read", ((When.Watch) p.when).symbol(), cpu.rip);
                reached(p, watched);
            }
        }
    };

    // ---- the run ----

    /**
     * As {@link #run(Runner, long, BooleanSupplier, Action)}, by the machine itself; for one that nobody else stops.
     */
    public Outcome run(long limit, Action action) throws IOException {
        return run(machine::run, limit, () -> false, action);
    }

    /**
     * @param limit instructions retired in all
     * @param stopped whether somebody else asked the machine to stop
     * @return how the run ended; STOPPED also if an action ended it
     */
    public Outcome run(Runner runner, long limit, BooleanSupplier stopped, Action action) throws IOException {
        running = true;
        try {
            for (Point p : points) {
                if (p.when instanceof When.AtTime t && t.ns() < machine.now()) p.done = true;
            }
            attach();
            return loop(runner, limit, stopped, action);
        } finally {
            running = false;
            cpu.observers.remove(breakpoints);
            cpu.observers.remove(events);
            cpu.mem.watch(null);
        }
    }

    /** Watches what is to be watched, as far as it is known where that lies. */
    private void attach() {
        boolean breaking = points.stream().anyMatch(p -> p.when instanceof When.Place) || waiting && !settling;
        boolean catching = points.stream().anyMatch(p -> p.when instanceof When.Event);
        if (breaking && !cpu.observers.has(breakpoints)) cpu.observers.add(breakpoints);
        if (catching && !cpu.observers.has(events)) cpu.observers.add(events);
        boolean watching = false;
        for (Point p : points) {
            if (!(p.when instanceof When.Watch) || p.addresses == null) continue;
            if (p.value == null) p.value = read(p);
            watching = true;
        }
        if (watching) cpu.mem.watch(watch);
    }

    private byte[] read(Point p) {
        view.refresh();
        byte[] b = new byte[p.bytes];
        return view.read(p.addresses[0], b, 0, b.length) == b.length ? b : null;
    }

    private Outcome loop(Runner runner, long limit, BooleanSupplier stopped, Action action) throws IOException {
        long idle = -1;
        cpu.observers.passOnce();
        while (true) {
            long next = next(limit);
            deliverHeld();
            Outcome o = runner.run(next);
            if (arrived) {
                arrived = false;
                resolveHere();
                continue;
            }
            if (waiting && settling && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT) resolveHere();
            due();
            boolean any = !found.isEmpty() || !asked.isEmpty();
            List<Stop> here = new ArrayList<>(found);
            found.clear();
            for (Stop s; (s = asked.poll()) != null; ) here.add(s);
            for (Stop s : here) {
                if (!action.at(s.when instanceof When.Watch ? valued(s) : s)) {
                    // what was asked for has happened; the machine may be run on by others
                    if (!stopped.getAsBoolean()) machine.cancelStop();
                    return new Outcome(Outcome.Reason.STOPPED, 0);
                }
            }
            if (stopped.getAsBoolean() || cpu.instructions() >= limit) return o;
            if (o.reason() == Outcome.Reason.STOPPED) {
                // one request may come behind the stop that it asked for; a recording's end stays where it is
                if (!any && cpu.instructions() == idle) return o;
                idle = cpu.instructions();
            } else if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) {
                return o;
            }
            if (any) cpu.observers.passOnce();
        }
    }

    /** A kernel was met without symbols in its memory: how far it was moved is looked for from time to time. */
    private boolean settling;

    private void resolveHere() {
        view.refresh();
        Symbols s = Kallsyms.find(view);
        if (s == null) {
            Symbols moving = known.get().movingSymbols();
            if (moving.count() == 0)
                throw new UsageException("the kernel carries no symbols (kallsyms); give them with --symbols");
            Long slide = LinuxKernel.slide(view, moving, null);
            if (slide == null) {
                settling = true;
                cpu.observers.remove(breakpoints);
                return;
            }
            s = moving.moved(slide, 1 << 20);
        }
        waiting = false;
        settling = false;
        symbols = s;
        for (Point p : points) resolve(p, s);
        attach();
        cpu.observers.changed();
    }

    private Stop valued(Stop s) {
        for (Point p : points) {
            if (p.when != s.when) continue;
            byte[] now = read(p);
            byte[] old = p.value;
            p.value = now;
            if (now == null) return s;
            if (old == null || Arrays.equals(old, now)) return new Stop(s.when, s.hit, s.what + ": " + text(now));
            return new Stop(s.when, s.hit, s.what + ": " + text(old) + " to " + text(now));
        }
        return s;
    }

    private static String text(byte[] little) {
        StringBuilder s = new StringBuilder("0x");
        if (little.length <= 8) {
            for (int i = little.length - 1; i >= 0; i--) s.append(String.format("%02x", little[i]));
            return s.toString();
        }
        s.setLength(0);
        for (int i = 0; i < Math.min(16, little.length); i++)
            s.append(String.format(i == 0 ? "%02x" : " %02x", little[i]));
        return s + (little.length > 16 ? " ..." : "");
    }

    /** What the machine has come to by its count or its time. */
    private void due() {
        long now = cpu.instructions();
        for (Point p : points) {
            if (p.done) continue;
            if (p.when instanceof When.AtInstruction n && now >= n.number()) {
                if (now == n.number()) reached(p, n.toString());
                else p.done = true;
            }
            if (p.when instanceof When.AtTime t && machine.now() >= t.ns()) reached(p, t.toString());
            if (p.when instanceof When.Every e && now >= p.next) {
                reached(p, String.format("instruction %,d", now));
                p.next += e.instructions();
            }
        }
    }

    private long next(long limit) {
        long now = cpu.instructions();
        long next = limit;
        if (settling) next = Math.min(next, now + SETTLE);
        for (Point p : points) {
            if (p.done) continue;
            switch (p.when) {
                case When.AtInstruction n -> next = Math.min(next, Math.max(now, n.number()));
                case When.AtTime t -> {
                    long left = Math.max(1, (t.ns() - machine.now()) / Clock.NS_PER_INSTRUCTION);
                    next = Math.min(next, now + Math.min(LOOK, left));
                }
                case When.Every e -> next = Math.min(next, p.next);
                default -> {}
            }
        }
        return next;
    }

    /** Delivers what was held at the stop; a fault comes again by itself. */
    private void deliverHeld() {
        if (held < 0 || cpu.instructions() != heldAt) return;
        Interrupts.uncount(cpu);
        if (heldFault) return;
        if (held == Vector.NMI) Interrupts.deliverNmi(cpu);
        else Interrupts.deliverExternal(cpu, held);
    }

    /**
     * Something is about to be done to the machine that makes it come back to this instruction, which is not to be
     * counted then.
     */
    public void passOnReturn() {
        passLa = cpu.codeLinear();
        passRsp = cpu.gpr[Cpu.RSP];
        passOnReturn = true;
    }

    /**
     * Raises an event here and runs to the first instruction of its handler.
     *
     * @param vector an exception, delivered at once; NMI (2); or an interrupt, raised at the local APIC and delivered
     *     when the processor takes it
     * @param error pushed for exceptions that have an error code
     * @return null if the handler was reached; otherwise how the run ended
     */
    public Outcome inject(int vector, int error, long limit) {
        passOnReturn();
        deliverHeld();
        boolean exception = vector < 32 && vector != Vector.NMI;
        if (exception) {
            cpu.faultVector = vector;
            cpu.faultError = error;
            Interrupts.deliverFault(cpu);
            cpu.attention = true;
            return null;
        }
        if (vector == Vector.NMI) machine.raiseNmi();
        else machine.board().apic().raise(vector);
        boolean[] delivered = new boolean[1];
        Observer o = Observer.of((c, v, e, software) -> {
            if (v == vector && !software) {
                delivered[0] = true;
                machine.requestStop();
            }
            return false;
        });
        cpu.observers.add(o);
        try {
            Outcome end = machine.run(limit);
            return delivered[0] ? null : end;
        } finally {
            cpu.observers.remove(o);
        }
    }
}
