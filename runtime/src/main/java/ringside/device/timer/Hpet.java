package ringside.device.timer;

import java.util.function.IntFunction;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.MmioDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The high precision event timer at FED00000h: a 64-bit main counter at 100 MHz and three comparators
 * ({@link HpetTimer}). With legacy replacement timers 0 and 1 take the places of the PIT and the RTC on interrupt wires
 * 0 and 8, whose own lines go through {@link #replaced}. Nothing runs between accesses: the counter is a function of
 * virtual time, and each comparator has one event, at its next match. Source: IA-PC HPET specification 1.0a, chapter 2.
 */
public final class Hpet implements Device, MmioDevice {
    public static final long BASE = 0xfed0_0000L;
    /** Revision 1, three timers, 64-bit counter, legacy replacement, vendor 8086h; what the ACPI table repeats. */
    public static final int BLOCK_ID = 0x8086_a201;

    static final int TICK_NS = 10;
    private static final int WINDOW = 0x400;
    private static final long FEMTOSECONDS = TICK_NS * 1_000_000L;
    private static final int CAPABILITIES = 0,
            CONFIGURATION = 0x10,
            STATUS = 0x20,
            COUNTER = 0xf0,
            TIMERS = 0x100,
            TIMER_SIZE = 0x20;
    private static final int ENABLE = 1, LEGACY = 2;

    private final Clock clock;
    private final HpetTimer[] timers = new HpetTimer[3];
    private final Replaced[] lines = new Replaced[2];
    private int configuration;
    private int status;
    /** The counter's value when it was last set or stopped, and the virtual time at which it ran on from there. */
    private long counter;

    private long since;

    /**
     * @param inputs gives a driver of an input of the I/O APIC
     * @param timer the wire of ISA interrupt 0, {@code rtc} that of interrupt 8
     */
    public Hpet(
            Clock clock, EventQueue events, IntFunction<InterruptLine> inputs, InterruptLine timer, InterruptLine rtc) {
        this.clock = clock;
        for (int n = 0; n < timers.length; n++)
            timers[n] = new HpetTimer(this, n, clock, events, inputs, n == 0 ? timer : n == 1 ? rtc : null);
    }

    @Override
    public void attach(Wiring board) {
        board.window(BASE, WINDOW, this);
    }

    /** The line of a device that legacy replacement cuts off. */
    private final class Replaced implements InterruptLine {
        private final InterruptLine wire;
        private boolean level, driven;

        Replaced(InterruptLine wire) {
            this.wire = wire;
        }

        @Override
        public void set(boolean on) {
            level = on;
            boolean through = on && !legacy();
            if (through == driven) return;
            driven = through;
            wire.set(through);
        }
    }

    /** @param n 0 for the PIT, 1 for the RTC @param wire what the device drives @return what it is to drive instead */
    public InterruptLine replaced(int n, InterruptLine wire) {
        lines[n] = new Replaced(wire);
        return lines[n];
    }

    boolean enabled() {
        return (configuration & ENABLE) != 0;
    }

    boolean legacy() {
        return (configuration & LEGACY) != 0;
    }

    long counter() {
        return enabled() ? counter + Math.floorDiv(clock.now(), TICK_NS) - since : counter;
    }

    boolean status(int n) {
        return (status >> n & 1) != 0;
    }

    void setStatus(int n) {
        status |= 1 << n;
    }

    private void setCounter(long v) {
        counter = v;
        since = Math.floorDiv(clock.now(), TICK_NS);
    }

    @Override
    public long read(long offset, int bytes) {
        long v = register((int) offset & ~7);
        v >>>= 8 * (offset & 7);
        return bytes == 8 ? v : v & (1L << 8 * bytes) - 1;
    }

    private long register(int at) {
        if (at >= TIMERS) {
            int n = (at - TIMERS) / TIMER_SIZE;
            return n < timers.length ? timers[n].read(at % TIMER_SIZE) : 0;
        }
        return switch (at) {
            case CAPABILITIES -> FEMTOSECONDS << 32 | BLOCK_ID & 0xffff_ffffL;
            case CONFIGURATION -> configuration;
            case STATUS -> status;
            case COUNTER -> counter();
            default -> 0;
        };
    }

    /** Registers are written in halves of 32 bits; narrower writes are not defined and do nothing. */
    @Override
    public void write(long offset, int bytes, long value) {
        if (bytes != 4 || (offset & 3) != 0) return;
        boolean high = (offset & 4) != 0;
        int at = (int) offset & ~7;
        value &= 0xffff_ffffL;
        if (at >= TIMERS) {
            int n = (at - TIMERS) / TIMER_SIZE;
            if (n < timers.length) timers[n].write(at % TIMER_SIZE, high, value);
            return;
        }
        switch (at) {
            case CONFIGURATION -> {
                if (!high) configure((int) value & (ENABLE | LEGACY));
            }
            case STATUS -> {
                if (high) return;
                status &= ~(int) value;
                for (HpetTimer t : timers) t.update();
            }
            case COUNTER -> {
                long now = counter();
                setCounter(half(now, high, value));
                for (HpetTimer t : timers) t.schedule();
            }
            default -> {}
        }
    }

    /** @return a register with one of its halves replaced */
    static long half(long old, boolean high, long v) {
        return high ? old & 0xffff_ffffL | v << 32 : old & 0xffff_ffff_0000_0000L | v;
    }

    private void configure(int v) {
        long now = counter();
        configuration = v;
        setCounter(now);
        for (Replaced r : lines) r.set(r.level);
        for (HpetTimer t : timers) {
            t.update();
            t.schedule();
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("hpet");
        configuration = v.i32("configuration", configuration);
        status = v.i32("status", status);
        counter = v.i64("counter", counter);
        since = v.i64("since", since);
        for (int n = 0; n < lines.length; n++) {
            lines[n].level = v.flag("line" + n, lines[n].level);
            lines[n].driven = lines[n].level && !legacy();
        }
        for (HpetTimer t : timers) t.visit(v);
        v.leave();
    }
}
