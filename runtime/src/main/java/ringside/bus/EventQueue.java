package ringside.bus;

import java.util.PriorityQueue;
import ringside.state.StateVisitor;

/**
 * Device events in virtual time (nanoseconds since power-on). Events due at the same time fire in the order in which
 * they were scheduled. An event object is scheduled at most once at a time.
 */
public final class EventQueue {
    /** A reusable event; owned by the device that schedules it. */
    public static final class Event implements Comparable<Event> {
        final Runnable action;
        long time;
        long order;
        boolean scheduled;

        /**
         * An event that is not scheduled yet.
         *
         * @param action run when it is due; it may schedule the event again
         */
        public Event(Runnable action) {
            this.action = action;
        }

        /** {@return the virtual time it is due at, or -1 if it is not scheduled} */
        public long due() {
            return scheduled ? time : -1;
        }

        @Override
        public int compareTo(Event o) {
            return time != o.time ? Long.compare(time, o.time) : Long.compare(order, o.order);
        }
    }

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final Runnable changed;
    private long order;

    /**
     * A queue without events.
     *
     * @param changed called when the earliest event may have changed, so that the machine recomputes the CPU's budget
     */
    public EventQueue(Runnable changed) {
        this.changed = changed;
    }

    /**
     * (Re)schedules; a time in the past fires at the next opportunity.
     *
     * @param e the event; if it is scheduled already it moves
     * @param time when it is due, in virtual nanoseconds since power-on
     */
    public void schedule(Event e, long time) {
        cancel(e);
        e.time = time;
        e.order = order++;
        e.scheduled = true;
        queue.add(e);
        changed.run();
    }

    /**
     * Takes an event out; nothing happens if it is not scheduled.
     *
     * @param e the event
     */
    public void cancel(Event e) {
        if (e.scheduled) {
            queue.remove(e);
            e.scheduled = false;
        }
    }

    /** {@return time of the earliest event, or Long.MAX_VALUE} */
    public long next() {
        Event e = queue.peek();
        return e == null ? Long.MAX_VALUE : e.time;
    }

    /**
     * Fires all events due at or before {@code now}.
     *
     * @param now virtual nanoseconds since power-on
     * @return whether there were any
     */
    public boolean run(long now) {
        boolean any = false;
        for (Event e; (e = queue.peek()) != null && e.time <= now; ) {
            queue.remove();
            e.scheduled = false;
            e.action.run();
            any = true;
        }
        return any;
    }

    /**
     * Visits the turn of the next event to be scheduled; after all events.
     *
     * @param v the visitor
     */
    public void visitTurn(StateVisitor v) {
        order = v.i64("turn", order);
    }

    /**
     * Visits when an event of the caller's is due; a restored event is scheduled again, in its old order.
     *
     * @param v the visitor
     * @param name of the event in the open part
     * @param e the event
     */
    public void visit(StateVisitor v, String name, Event e) {
        long due = e.due();
        long restored = v.i64(name, due);
        long turn = v.i64(name + "Order", e.scheduled ? e.order : -1);
        if (restored == due && (due < 0 || turn == e.order)) return;
        cancel(e);
        if (restored < 0) return;
        e.time = restored;
        e.order = turn;
        e.scheduled = true;
        order = Math.max(order, turn + 1);
        queue.add(e);
        changed.run();
    }
}
