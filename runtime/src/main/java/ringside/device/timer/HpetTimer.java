package ringside.device.timer;

import java.util.function.IntFunction;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.state.StateVisitor;

/**
 * One comparator of the {@link Hpet}: one shot or periodic, 64 or 32 bits, edge or level. It reaches inputs 2 and 20 to
 * 23 of the I/O APIC. Source: IA-PC HPET specification 1.0a, 2.3.8 to 2.3.10.
 */
final class HpetTimer {
    private static final int LEVEL = 1 << 1,
            ENABLE = 1 << 2,
            PERIODIC = 1 << 3,
            PERIODIC_CAPABLE = 1 << 4,
            WIDE_CAPABLE = 1 << 5,
            SET_VALUE = 1 << 6,
            NARROW = 1 << 8;
    private static final int ROUTE = 9, WRITABLE = LEVEL | ENABLE | PERIODIC | SET_VALUE | NARROW | 31 << ROUTE;
    private static final int ROUTES = 1 << 2 | 0xf << 20;
    private static final int CONFIGURATION = 0, COMPARATOR = 8;
    private static final long NEVER = 1L << 62;

    private final Hpet hpet;
    private final int n;
    private final Clock clock;
    private final EventQueue events;
    private final InterruptLine[] inputs = new InterruptLine[32];
    private final InterruptLine legacy;
    private final EventQueue.Event match = new EventQueue.Event(this::matched);
    private int configuration;
    private long comparator = -1;
    private long period;
    /**
     * The low half of a comparator was written with SET_VALUE: its high half goes with it, though the bit has cleared
     * itself.
     */
    private boolean setsHigh;
    /** The line this timer asserts: an input's number, 32 for the legacy wire, -1 for none. */
    private int asserted = -1;

    /** @param legacy the wire of legacy replacement, or null */
    HpetTimer(
            Hpet hpet, int n, Clock clock, EventQueue events, IntFunction<InterruptLine> inputs, InterruptLine legacy) {
        this.hpet = hpet;
        this.n = n;
        this.clock = clock;
        this.events = events;
        this.legacy = legacy;
        for (int i = 0; i < 32; i++) {
            if ((ROUTES >> i & 1) != 0) this.inputs[i] = inputs.apply(i);
        }
    }

    long read(int at) {
        return switch (at) {
            case CONFIGURATION -> (long) ROUTES << 32 | configuration | PERIODIC_CAPABLE | WIDE_CAPABLE;
            case COMPARATOR -> comparator & mask();
            default -> 0;
        };
    }

    void write(int at, boolean high, long v) {
        if (at == CONFIGURATION && !high) configure((int) v & WRITABLE);
        if (at == COMPARATOR) compare(high, v);
        schedule();
    }

    private void configure(int v) {
        int route = v >> ROUTE & 31;
        if (inputs[route] == null) v &= ~(31 << ROUTE);
        configuration = v;
        setsHigh = false;
        update();
    }

    private void compare(boolean high, long v) {
        boolean periodic = (configuration & PERIODIC) != 0;
        boolean sets = !periodic || (configuration & SET_VALUE) != 0 || high && setsHigh;
        if (periodic) period = Hpet.half(period, high, v);
        if (sets) comparator = Hpet.half(comparator, high, v);
        setsHigh = !high && (configuration & SET_VALUE) != 0;
        configuration &= ~SET_VALUE;
    }

    private long mask() {
        return (configuration & NARROW) != 0 ? 0xffff_ffffL : -1;
    }

    /** Plans the next match. */
    void schedule() {
        if (!hpet.enabled()) {
            events.cancel(match);
            return;
        }
        long left = comparator - hpet.counter() & mask();
        if (left < 0 || left >= NEVER / Hpet.TICK_NS) events.cancel(match);
        else events.schedule(match, (Math.floorDiv(clock.now(), Hpet.TICK_NS) + left) * Hpet.TICK_NS);
    }

    private void matched() {
        if ((configuration & LEVEL) != 0) {
            hpet.setStatus(n);
            update();
        } else if ((configuration & ENABLE) != 0) {
            drive(-1);
            drive(target());
        }
        if ((configuration & PERIODIC) != 0) comparator = comparator + period & mask();
        long left = comparator - hpet.counter() & mask();
        // at the very match of a one-shot comparator, or of one without a period: once round the counter
        if (left == 0) left = mask() == -1 ? -1 : mask() + 1;
        if (left > 0 && left < NEVER / Hpet.TICK_NS)
            events.schedule(match, (Math.floorDiv(clock.now(), Hpet.TICK_NS) + left) * Hpet.TICK_NS);
    }

    /** @return the line that this timer's interrupt goes to, -1 if it has none */
    private int target() {
        if (hpet.legacy() && legacy != null) return 32;
        int route = configuration >> ROUTE & 31;
        return inputs[route] == null ? -1 : route;
    }

    /** Makes the line follow the status bit (level), and lets go of one that is no longer this timer's. */
    void update() {
        boolean enabled = (configuration & ENABLE) != 0;
        if ((configuration & LEVEL) != 0) drive(enabled && hpet.status(n) ? target() : -1);
        else if (!enabled || !hpet.enabled() || asserted >= 0 && asserted != target()) drive(-1);
    }

    private void drive(int line) {
        if (asserted == line) return;
        if (asserted >= 0) line(asserted).set(false);
        asserted = line;
        if (line >= 0) line(line).set(true);
    }

    private InterruptLine line(int i) {
        return i == 32 ? legacy : inputs[i];
    }

    void visit(StateVisitor v) {
        v.enter("timer" + n);
        configuration = v.i32("configuration", configuration);
        comparator = v.i64("comparator", comparator);
        period = v.i64("period", period);
        setsHigh = v.flag("setsHigh", setsHigh);
        asserted = v.i32("asserted", asserted);
        events.visit(v, "match", match);
        v.leave();
    }
}
