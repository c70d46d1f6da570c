package ringside.workbench.crash;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.FastCalls;
import ringside.cpu.Observer;
import ringside.shadow.ShadowEntry;

/**
 * Remembers what a crash report needs: the last events, and the exceptions whose handlers have not returned, of which
 * the first is where things went wrong. Listens to events and entries only, which do not slow translated code.
 */
public final class FaultChain implements Observer {
    /** Events that are kept, and open exceptions: of endless recursion the first ones matter. */
    private static final int LAST = 10, OPEN = 64;

    /**
     * An event before its delivery.
     *
     * @param instruction instructions retired before it
     * @param error the error code, or -1
     * @param gsBase base of GS, which swapgs exchanges
     * @param mode what the processor decodes for: its MODE bits
     * @param gpr the general registers
     */
    public record Event(
            long instruction,
            int vector,
            int error,
            boolean software,
            long rip,
            long cr2,
            long cr3,
            int cpl,
            long gsBase,
            int mode,
            long[] gpr) {
        boolean exception() {
            return vector < 32 && vector != 2 && !software;
        }

        private boolean sameAs(Event e) {
            return instruction == e.instruction && vector == e.vector && rip == e.rip && error == e.error;
        }
    }

    /**
     * A return to user code with the kernel's GS base still there.
     *
     * @param instruction instructions retired then
     * @param kind of the entry that returned
     * @param vector of it, or -1
     * @param handler where it was entered
     * @param to where user code went on
     */
    public record Unswapped(long instruction, ShadowEntry.Kind kind, int vector, long handler, long to) {}

    private Unswapped unswapped;
    private ShadowEntry.Kind lastKind;
    private int lastVector;
    private long lastHandler;

    private record Open(Event event, int depth) {}

    private final ArrayDeque<Event> last = new ArrayDeque<>();
    private final List<Open> open = new ArrayList<>();
    /** Handlers that have been entered since user code ran last, and not left. */
    private int depth;

    private long latest;

    @Override
    public Set<Interest> interests() {
        return EnumSet.of(Interest.EVENTS, Interest.ENTRIES);
    }

    @Override
    public boolean event(Cpu c, int vector, int error, boolean software) {
        Event e = new Event(
                c.instructions(),
                vector,
                error,
                software,
                c.codeLinear(),
                c.cr2,
                c.cr3,
                c.cpl,
                c.seg[Cpu.GS].base,
                c.mode,
                c.gpr.clone());
        // who stops before the delivery sees it again when it goes on
        if (!last.isEmpty() && last.getLast().sameAs(e)) return false;
        latest = c.instructions();
        if (last.size() == LAST) last.removeFirst();
        last.add(e);
        if (c.cpl == 3) returned(c, true);
        if (e.exception() && open.size() < OPEN) open.add(new Open(e, depth + 1));
        return false;
    }

    @Override
    public void entered(Cpu c, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
        depth++;
        latest = c.instructions();
        if (user) {
            lastKind = kind;
            lastVector = vector;
            // these two have not set RIP yet
            lastHandler = switch (kind) {
                case SYSCALL, SYSENTER -> FastCalls.handler(c, kind);
                default -> c.rip;
            };
        }
    }

    @Override
    public void returned(Cpu c, boolean user) {
        latest = c.instructions();
        // kernels keep their data in the upper half, where no program of theirs has its
        if (user && unswapped == null && lastKind != null && c.code64() && c.seg[Cpu.GS].base < 0)
            unswapped = new Unswapped(c.instructions(), lastKind, lastVector, lastHandler, c.rip);
        depth = user ? 0 : Math.max(0, depth - 1);
        while (!open.isEmpty() && open.getLast().depth > depth) open.removeLast();
    }

    /** @return the first return to user code that left out its swapgs, as far as can be told; or null */
    public Unswapped unswapped() {
        return unswapped;
    }

    /** @return instructions retired when something came in or went out last: an event, a system call, a return */
    public long latest() {
        return latest;
    }

    /** @return the last events, the oldest first */
    public List<Event> last() {
        return new ArrayList<>(last);
    }

    /**
     * @return the first fault of the chain that has not been returned from, one of the kernel's if there is one; null
     *     if there is none
     */
    public Event first() {
        for (Open o : open) {
            if (o.event.cpl < 3) return o.event;
        }
        return open.isEmpty() ? null : open.getFirst().event;
    }
}
