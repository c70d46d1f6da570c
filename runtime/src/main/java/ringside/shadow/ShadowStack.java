package ringside.shadow;

import java.util.Collections;
import java.util.Iterator;
import ringside.memory.Processor;
import ringside.shadow.Origin.Marker;
import ringside.shadow.Origin.Position;
import ringside.shadow.ShadowEntry.Kind;
import ringside.state.StateVisitor;

/**
 * The call chain of one CPU, kept from what the processor does and not from what memory says: calls, returns, entries
 * into handlers, returns from them, and every instruction that sets the stack pointer. The ground truth for the
 * unwinder.
 *
 * <p>Calls nested on one stack form a {@link Stretch}, ordered by address. Entries into handlers and changes of stacks
 * begin a new one, which hangs on an {@link Origin}. Nothing is counted: each event first drops what lies below the
 * stack pointer, so calls that never return and returns that were never called do no harm. A stretch that is left for
 * another task's stack is found again by the stack pointer with which it was left ({@link SleepingStacks}).
 *
 * <p>All addresses are linear; stack pointers too (SS base added outside 64-bit mode).
 */
public final class ShadowStack {
    /**
     * False if the system property {@code ringside.shadow} is {@code off}, to measure what it costs; nothing is
     * recorded then.
     */
    public static final boolean ENABLED = !"off".equals(System.getProperty("ringside.shadow"));
    /**
     * Stack space below a user stack pointer that is taken for the same stack (signal frames, allocation by hand), in
     * bytes.
     */
    private static final long NEARBY = 1 << 16;
    /** Markers looked through for the one that an IRET belongs to. */
    private static final int OUTWARD = 32;

    private final Processor cpu;
    private final SleepingStacks sleeping;
    // The current stretch, its array and its length: the fast paths touch nothing else.
    private Stretch current;
    private long[] e;
    private int n;
    /** Length up to which a 64-bit call needs no preparation. */
    private int room;

    /**
     * An empty shadow stack.
     *
     * @param cpu the processor whose calls and returns it follows
     */
    public ShadowStack(Processor cpu) {
        this.cpu = cpu;
        this.sleeping = new SleepingStacks(cpu);
        begin(new Stretch(null));
    }

    // ---- events: near and far calls and returns ----

    /**
     * A call in 64-bit mode pushed {@code address} at {@code slot}.
     *
     * @param slot linear address of the pushed word
     * @param address the return address
     */
    public void call(long slot, long address) {
        long[] e = this.e;
        int n = this.n;
        if (e[n - 2] <= slot || n >= room) {
            call(slot, address, 8);
            return;
        }
        e[n] = slot;
        e[n + 1] = address;
        this.n = n + 2;
    }

    /**
     * A call pushed {@code address} at {@code slot}.
     *
     * @param slot linear address of the pushed word
     * @param address the return address
     * @param word bytes that the return pops
     */
    public void call(long slot, long address, int word) {
        if (!ENABLED) return;
        drop(slot + word);
        if (current.word != word) {
            if (n > Stretch.FIRST) begin(new Stretch(here(slot + word)).boundedBy(e[n - 2] - 1));
            current.word = word;
        }
        if (n + 2 > e.length) {
            n = current.room(n);
            e = current.e;
        }
        room = word == 8 ? e.length : 0;
        e[n] = slot;
        e[n + 1] = address;
        n += 2;
    }

    /**
     * A far call changed to the stack of an inner level and pushed {@code address} at {@code slot} there.
     *
     * @param old stack pointer before
     * @param slot linear address of the pushed word
     * @param address the return address
     * @param word bytes that the return pops for RIP
     */
    public void callInner(long old, long slot, long address, int word) {
        if (!ENABLED) return;
        drop(old);
        begin(new Stretch(here(old)));
        call(slot, address, word);
    }

    /**
     * A return popped the word at {@code slot} and went to {@code target}.
     *
     * @param slot linear address of the popped word
     * @param target where the return went
     */
    public void ret(long slot, long target) {
        int n = this.n - 2;
        if (e[n] == slot) {
            this.n = n;
        } else {
            unexpected(slot, target);
        }
    }

    private void unexpected(long slot, long target) {
        if (!ENABLED) return;
        drop(slot);
        if (n > Stretch.FIRST) {
            // a lower slot: the return address was pushed again (entry code that saves registers around it), or the
            // return is a jump
            if (e[n - 2] == slot || e[n - 1] == target) n -= 2;
            return;
        }
        if (current.base instanceof Position p && p.top() == slot && p.last() > Stretch.FIRST) {
            resume(p);
            n -= 2;
        } else if (slot >= current.entered) {
            current.forgetOutward();
        }
    }

    /**
     * A far return to the same level popped the words at {@code slot}. If it leaves the address behind itself on top of
     * the stack, where nothing was known, it was a call made by hand: code that starts an operating system changes
     * CS:RIP so.
     *
     * @param slot linear address of the popped word
     * @param target where the return went
     * @param next address behind the instruction
     * @param sp stack pointer after it
     */
    public void retFar(long slot, long target, long next, long sp) {
        ret(slot, target);
        if (ENABLED && n == Stretch.FIRST && cpu.code64() && sleeping.word(sp, 8) == next) call(sp, next);
    }

    // ---- return prediction ----

    /**
     * Keeps with the innermost call what will run when it returns.
     *
     * @param target what will run, as the engine knows it
     */
    public void expect(Object target) {
        current.expected[n - 2 >> 1] = target;
    }

    /**
     * {@return after a return, what was kept with the call that it ended; a guess that the engine must check, or null}
     */
    public Object returned() {
        return current.expected[n >> 1];
    }

    // ---- events: the stack pointer was set ----

    /**
     * The stack pointer was raised to {@code sp} by POP, ADD or the like.
     *
     * @param sp stack pointer after it
     */
    public void raised(long sp) {
        if (e[n - 2] < sp) drop(sp);
    }

    /**
     * The stack pointer was set from {@code old} to {@code sp} by MOV, LEA, LEAVE, POP, XCHG or the like.
     *
     * @param old stack pointer before
     * @param sp stack pointer after
     */
    public void moved(long old, long sp) {
        if (sp >= old && sp <= e[n - 2] && n > Stretch.FIRST) return;
        if (ENABLED && sp != old) move(old, sp);
    }

    private void move(long old, long sp) {
        drop(old);
        if (sp > old && sp <= highest(current, n)) {
            drop(sp);
            return;
        }
        if (backTo(sp)) return;
        Position found = sleeping.take(sp);
        if (found != null) {
            leave(old);
            resume(found);
            return;
        }
        if (cpu.cpl == 3 && sp < old && old - sp < NEARBY) return;
        boolean inEntry = n == Stretch.FIRST && current.base instanceof Marker;
        boolean nested = inEntry || remembered(old, sp);
        if (!nested) {
            found = sleeping.around(sp);
            if (found != null) {
                leave(old);
                resume(found);
                drop(sp);
                return;
            }
        }
        Origin base = !nested ? null : n == Stretch.FIRST ? current.base : here(old);
        leave(old);
        Stretch s = new Stretch(base);
        s.entered = sp;
        begin(s);
    }

    /**
     * @return highest stack pointer that still belongs to the stretch and to what it continues, or the lowest number if
     *     it has no entries
     */
    private static long highest(Stretch s, int n) {
        long h = Long.MIN_VALUE;
        for (int i = 0; i < OUTWARD; i++) {
            if (n > Stretch.FIRST) h = s.e[Stretch.FIRST] + s.word;
            if (!s.continues()) break;
            Position p = s.base instanceof Marker m ? m.parent() : (Position) s.base;
            if (p == null) break;
            h = Math.max(h, p.sp());
            s = p.stretch();
            n = p.last();
        }
        return h;
    }

    /** Goes back to the stack that the present one was changed to from, if the stack pointer says so. */
    private boolean backTo(long sp) {
        Origin o = current.base;
        for (int i = 0; o instanceof Position p && i < OUTWARD; i++) {
            if (sp == p.sp() || sp > p.sp() && p.last() > Stretch.FIRST && sp <= p.top()) {
                resume(p);
                return true;
            }
            if (p.last() > Stretch.FIRST) return false;
            o = p.stretch().base;
        }
        return false;
    }

    /**
     * @return whether the code that changed stacks kept the old stack pointer, on top of the new stack or in a
     *     register, to come back
     */
    private boolean remembered(long old, long sp) {
        for (int r = 0; r < 16; r++) {
            if (r != Processor.RSP && cpu.gpr[r] == old) return true;
        }
        return sleeping.word(sp, 8) == old;
    }

    /**
     * A hardware task switch.
     *
     * @param old stack pointer of the old task
     * @param sp stack pointer of the new task
     * @param nested whether the new task returns to the old one
     */
    public void switched(long old, long sp, boolean nested) {
        if (!ENABLED) return;
        drop(old);
        Position found = nested ? null : sleeping.take(sp);
        if (found != null) {
            leave(old);
            resume(found);
        } else {
            Position here = here(old);
            if (!nested) leave(old);
            begin(new Stretch(nested ? here : null));
        }
    }

    // ---- events: entries and their returns ----

    /**
     * A handler was entered.
     *
     * @param kind how it was entered
     * @param vector of an interrupt or exception, otherwise -1
     * @param slot address of the RIP word of the frame, or 0
     * @param address interrupted RIP
     * @param sp interrupted stack pointer
     * @param user whether CPL 3 was interrupted
     * @param same whether the frame lies on the interrupted stack
     */
    public void entered(Kind kind, int vector, long slot, long address, long sp, boolean user, boolean same) {
        if (!ENABLED) return;
        drop(sp);
        Stretch s = new Stretch(new Marker(new ShadowEntry(kind, slot, address, sp, vector, user), outer(sp)));
        begin(same ? s.boundedBy(slot + 1) : s);
    }

    private Position outer(long sp) {
        Position here = here(sp);
        return here.depth() >= Stretch.MOST_DEPTH || here.weight() > Stretch.MOST_OUTWARD ? null : here;
    }

    /**
     * IRET, SYSRET or SYSEXIT went from stack pointer {@code old} to {@code sp}.
     *
     * @param old stack pointer before
     * @param sp stack pointer after
     * @param user whether to CPL 3
     */
    public void returned(long old, long sp, boolean user) {
        if (!ENABLED) return;
        drop(old);
        if (n == Stretch.FIRST || user) {
            Marker m = markerOf(sp, user);
            if (m != null) {
                resume(m.parent());
                drop(sp);
                return;
            }
        }
        if (!user) {
            moved(old, sp);
            return;
        }
        Marker m = innermostUser();
        Position p = m == null ? null : m.parent();
        if (p != null && sp < p.sp() && p.sp() - sp < NEARBY) {
            resume(p);
            return;
        }
        if (p != null) {
            here(old);
            sleeping.put(p);
        }
        Position found = sleeping.take(sp);
        if (found != null) {
            resume(found);
        } else {
            begin(new Stretch(null));
        }
    }

    /**
     * @return the innermost marker that was left with this stack pointer; calls between are passed only on the way to
     *     user mode
     */
    private Marker markerOf(long sp, boolean user) {
        Origin o = current.base;
        for (int i = 0; o != null && i < OUTWARD; i++) {
            if (o instanceof Marker m) {
                if (m.entry().sp() == sp && m.entry().user() == user) return m;
                if (m.parent() == null || m.entry().user()) return null;
                o = m.parent().stretch().base;
            } else {
                Position p = (Position) o;
                if (!user && p.last() > Stretch.FIRST) return null;
                o = p.stretch().base;
            }
        }
        return null;
    }

    private Marker innermostUser() {
        Origin o = current.base;
        while (o != null) {
            if (o instanceof Marker m && m.entry().user()) return m;
            Position p = o instanceof Marker m ? m.parent() : (Position) o;
            o = p == null ? null : p.stretch().base;
        }
        return null;
    }

    // ---- stretches ----

    private void begin(Stretch s) {
        if (current != null) {
            current.n = Math.max(n, Stretch.FIRST);
            if (current != s) current.trim();
        }
        current = s;
        e = s.e;
        n = s.n;
        room = s.word == 8 ? e.length : 0;
        if (!ENABLED) room = 0;
    }

    private void resume(Position p) {
        if (p == null) {
            begin(new Stretch(null));
            return;
        }
        int last = p.last();
        begin(p.stretch());
        n = last;
    }

    private Position here(long sp) {
        n = Math.max(n, Stretch.FIRST);
        current.n = n;
        return new Position(current, n, sp);
    }

    /** Keeps the current stretch findable by the stack pointer with which it is left. */
    private void leave(long sp) {
        if (n > Stretch.FIRST) sleeping.put(here(sp));
    }

    /** Forgets what lies below the stack pointer. */
    private void drop(long sp) {
        while (true) {
            if (n < Stretch.FIRST) n = Stretch.FIRST;
            while (n > Stretch.FIRST && e[n - 2] < sp) n -= 2;
            if (n > Stretch.FIRST || e[2] >= sp) return;
            resume(current.base instanceof Marker m ? m.parent() : (Position) current.base);
        }
    }

    // ---- queries ----

    /**
     * {@return the chain for the CPU's present stack pointer, innermost first, found while it is walked; valid until
     * the CPU runs on}
     */
    public Iterable<ShadowEntry> chain() {
        Position here = new Position(current, Math.max(n, Stretch.FIRST), cpu.stackLinear());
        current.n = here.n();
        return () -> new Chain(here);
    }

    /**
     * The chain of a task that is not running.
     *
     * @param sp the stack pointer with which it was left
     * @return empty if no task was left there
     */
    public Iterable<ShadowEntry> chain(long sp) {
        Position p = sleeping.find(sp);
        return p == null ? Collections.emptyList() : () -> new Chain(p);
    }

    /** Walks outward. */
    private static final class Chain implements Iterator<ShadowEntry> {
        private Stretch stretch;
        private int n;
        private ShadowEntry next;

        Chain(Position p) {
            go(p);
            advance();
        }

        /** Continues at a place, past what lies below its stack pointer. */
        private void go(Position p) {
            while (true) {
                stretch = p == null ? null : p.stretch();
                if (p == null) return;
                n = p.last();
                if (n > Stretch.FIRST || stretch.e[2] >= p.sp()) return;
                Position outer = stretch.base instanceof Marker m ? m.parent() : (Position) stretch.base;
                p = outer == null ? null : new Position(outer.stretch(), outer.n(), Math.max(outer.sp(), p.sp()));
            }
        }

        private void advance() {
            next = null;
            while (stretch != null && next == null) {
                if (n > Stretch.FIRST) {
                    n -= 2;
                    next = new ShadowEntry(
                            Kind.CALL, stretch.e[n], stretch.e[n + 1], stretch.e[n] + stretch.word, -1, false);
                } else if (stretch.base instanceof Marker m) {
                    next = m.entry();
                    go(m.parent());
                } else {
                    go((Position) stretch.base);
                }
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ShadowEntry next() {
            if (next == null) throw new java.util.NoSuchElementException();
            ShadowEntry r = next;
            advance();
            return r;
        }
    }

    // ---- state ----

    /**
     * Visits all that is remembered, sleeping stacks too.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        drop(cpu.stackLinear());
        Stretch restored = ShadowImage.visit(v, here(0), sleeping);
        if (restored != null) {
            current = null;
            begin(restored);
        }
    }
}
