package ringside.device.chipset;

import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.PortBus;
import ringside.bus.PortDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The ACPI fixed hardware: PM1a event and control blocks, the PM timer, and SCI interrupt 9. Writing SLP_EN with S5's
 * type turns the machine off. Source: ACPI 6.4, chapter 4.8.
 */
public final class PowerManagement implements Device, PortDevice {
    public static final int BASE = 0x600, EVENT = BASE, CONTROL = BASE + 4, TIMER = BASE + 8, SCI = 9;
    /** SLP_TYPa of S5, which the DSDT's \_S5 names. */
    public static final int S5_TYPE = 5;

    private static final long TIMER_HZ = 3_579_545, SECOND = 1_000_000_000L;
    private static final int STATUS_TIMER = 1, STATUS_BITS = 0x8731, ENABLE_BITS = 0x4721;
    private static final int CONTROL_SCI = 1, CONTROL_TYPE_SHIFT = 10, CONTROL_SLEEP = 1 << 13;

    private final Clock clock;
    private final EventQueue events;
    private final InterruptLine sci;
    private final Runnable powerOff;
    private final EventQueue.Event carry = new EventQueue.Event(this::timerCarried);
    private int status, enable, control = CONTROL_SCI;
    /** Value of the timer's bit 23 when the status was last brought up to date. */
    private long carries;

    public PowerManagement(Clock clock, EventQueue events, InterruptLine sci, Runnable powerOff) {
        this.clock = clock;
        this.events = events;
        this.sci = sci;
        this.powerOff = powerOff;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claim(BASE, 12, this);
    }

    private long timer() {
        long now = clock.now();
        return now / SECOND * TIMER_HZ + now % SECOND * TIMER_HZ / SECOND;
    }

    private void refresh() {
        long half = timer() >> 23;
        if (half != carries) {
            carries = half;
            status |= STATUS_TIMER;
        }
        sci.set((status & enable) != 0);
        if ((enable & STATUS_TIMER) == 0) {
            events.cancel(carry);
        } else if (carry.due() < 0) {
            long tick = half + 1 << 23;
            events.schedule(carry, tick / TIMER_HZ * SECOND + (tick % TIMER_HZ * SECOND + TIMER_HZ - 1) / TIMER_HZ);
        }
    }

    private void timerCarried() {
        refresh();
    }

    private int register(int port) {
        refresh();
        return switch (port & -4) {
            case EVENT -> status | enable << 16;
            case CONTROL -> control;
            default -> (int) timer() & 0xff_ffff;
        };
    }

    @Override
    public int in(int port, int bytes) {
        return register(port) >>> 8 * (port & 3);
    }

    @Override
    public void out(int port, int bytes, int value) {
        refresh();
        int shift = 8 * (port & 3);
        int mask = (-1 >>> 32 - 8 * bytes) << shift;
        int v = value << shift;
        switch (port & -4) {
            case EVENT -> {
                status &= ~(v & mask & STATUS_BITS);
                enable = (enable << 16 & ~mask | v & mask) >>> 16 & ENABLE_BITS;
                refresh();
            }
            case CONTROL -> {
                control = control & ~mask | v & mask & 0x1c07;
                if ((v & mask & CONTROL_SLEEP) != 0 && (control >> CONTROL_TYPE_SHIFT & 7) == S5_TYPE) powerOff.run();
            }
            default -> {}
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("pm");
        status = v.i32("status", status);
        enable = v.i32("enable", enable);
        control = v.i32("control", control);
        carries = v.i64("carries", carries);
        events.visit(v, "carry", carry);
        v.leave();
    }
}
