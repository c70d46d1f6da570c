package ringside.device.apic;

import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.state.StateVisitor;

/**
 * The local APIC's timer: one-shot, periodic, TSC deadline. It counts at the core crystal clock ({@link #CRYSTAL_HZ},
 * which CPUID leaf 15h reports) divided by the divide configuration register. Counts are computed from virtual time, so
 * that only expiry is an event. Source: Intel SDM vol. 3, section 10.5.4.
 */
final class ApicTimer {
    static final long CRYSTAL_HZ = LocalApic.CRYSTAL_HZ;
    private static final long NS_PER_TICK = 1_000_000_000L / CRYSTAL_HZ;
    static final int ONE_SHOT = 0, PERIODIC = 1, DEADLINE = 2;

    private final Clock clock;
    private final EventQueue events;
    private final EventQueue.Event expiry = new EventQueue.Event(this::expired);
    private final Runnable fire;
    private final ApicCpu cpu;
    private int mode;
    private int initial;
    private int divide;
    /** Virtual time at which the counter held {@link #initial}. */
    private long start;

    private long deadline;

    ApicTimer(Clock clock, EventQueue events, ApicCpu cpu, Runnable fire) {
        this.clock = clock;
        this.events = events;
        this.cpu = cpu;
        this.fire = fire;
    }

    void reset() {
        mode = ONE_SHOT;
        initial = 0;
        divide = 0;
        deadline = 0;
        events.cancel(expiry);
    }

    /** @return virtual ns of one count */
    private long unit() {
        int code = divide & 3 | divide >> 1 & 4;
        return NS_PER_TICK << (code + 1 & 7);
    }

    int initialCount() {
        return initial;
    }

    int divideConfiguration() {
        return divide;
    }

    int currentCount() {
        if (initial == 0 || mode == DEADLINE) return 0;
        long n = Integer.toUnsignedLong(initial);
        long passed = (clock.now() - start) / unit();
        if (mode == PERIODIC) return (int) (n - passed % n);
        return passed >= n ? 0 : (int) (n - passed);
    }

    void setInitialCount(int v) {
        if (mode == DEADLINE) return;
        initial = v;
        start = clock.now();
        arm();
    }

    void setDivideConfiguration(int v) {
        int left = currentCount();
        divide = v & 0xb;
        restart(left);
    }

    /** Goes on from a remaining count with the present divider. */
    private void restart(int left) {
        if (initial == 0 || mode == DEADLINE) return;
        long passed = Integer.toUnsignedLong(initial) - Integer.toUnsignedLong(left);
        start = clock.now() - passed * unit();
        if (left != 0) arm();
    }

    /** The mode field of the timer's LVT was written; 3 is reserved and counts as TSC deadline. */
    void setMode(int m) {
        m = Math.min(m, DEADLINE);
        if (m == mode) return;
        if (m == DEADLINE || mode == DEADLINE) {
            initial = 0;
            deadline = 0;
            events.cancel(expiry);
            mode = m;
            return;
        }
        int left = currentCount();
        mode = m;
        restart(left);
    }

    private void arm() {
        if (initial == 0) {
            events.cancel(expiry);
            return;
        }
        long period = Integer.toUnsignedLong(initial) * unit();
        long passed = mode == PERIODIC ? (clock.now() - start) / period : 0;
        events.schedule(expiry, start + (passed + 1) * period);
    }

    long deadline() {
        return mode == DEADLINE ? deadline : 0;
    }

    /** Writes IA32_TSC_DEADLINE; without effect in the other modes. */
    void setDeadline(long v) {
        if (mode != DEADLINE) return;
        deadline = v;
        armDeadline();
    }

    /** The relation of TSC and virtual time changed. */
    void tscChanged() {
        if (mode == DEADLINE) armDeadline();
    }

    private void armDeadline() {
        if (deadline == 0) {
            events.cancel(expiry);
            return;
        }
        long now = clock.now();
        long wait = deadline - cpu.tsc();
        if (Long.compareUnsigned(deadline, cpu.tsc()) <= 0) wait = 0;
        else if (wait < 0 || now + wait < 0) wait = Long.MAX_VALUE - now - 1;
        events.schedule(expiry, now + wait);
    }

    private void expired() {
        if (mode == DEADLINE) {
            if (Long.compareUnsigned(cpu.tsc(), deadline) < 0) {
                armDeadline();
                return;
            }
            deadline = 0;
        } else if (mode == PERIODIC) {
            arm();
        }
        fire.run();
    }

    void visit(StateVisitor v) {
        v.enter("timer");
        mode = v.i32("mode", mode);
        initial = v.i32("initial", initial);
        divide = v.i32("divide", divide);
        start = v.i64("start", start);
        deadline = v.i64("deadline", deadline);
        events.visit(v, "expiry", expiry);
        v.leave();
    }
}
