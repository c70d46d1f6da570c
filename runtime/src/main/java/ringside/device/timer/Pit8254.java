package ringside.device.timer;

import ringside.bus.BytePortDevice;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The 8254 interval timer at ports 40h..43h, and port 61h, whose bits 0 and 1 gate counter 2 and the speaker and whose
 * bits 4 and 5 show the refresh toggle and counter 2's output. Counter 0 drives ISA interrupt 0; only its output
 * changes are events. Source: Intel 8254 data sheet; port 61h: IBM PC/AT technical reference.
 */
public final class Pit8254 implements Device, BytePortDevice {
    /** The input clock of all three counters. */
    public static final long HZ = 1_193_182;

    private static final long SECOND = 1_000_000_000L;
    private static final int PORT = 0x40, CONTROL = 0x43, PORT_B = 0x61;
    /** Virtual ns between changes of the refresh toggle. */
    private static final long REFRESH_NS = 15_085;

    private final Clock clock;
    private final EventQueue events;
    private final InterruptLine irq0;
    private final PitChannel[] channels = {
        new PitChannel("counter0", true), new PitChannel("counter1", true), new PitChannel("counter2", false)
    };
    private final EventQueue.Event change = new EventQueue.Event(this::outputChanged);
    private boolean speaker;
    /** Counter 0's output as last told to the interrupt line; high while nothing has been programmed. */
    private boolean level = true;

    public Pit8254(Clock clock, EventQueue events, InterruptLine irq0) {
        this.clock = clock;
        this.events = events;
        this.irq0 = irq0;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(PORT, 4, this);
        ports.claimBytes(PORT_B, 1, this);
    }

    /** @return the number of clock ticks before virtual time {@code ns} */
    static long ticks(long ns) {
        return ns / SECOND * HZ + ns % SECOND * HZ / SECOND;
    }

    /** @return the first virtual ns at which {@link #ticks} is {@code tick} */
    static long time(long tick) {
        return tick / HZ * SECOND + (tick % HZ * SECOND + HZ - 1) / HZ;
    }

    private long now() {
        return ticks(clock.now());
    }

    private void outputChanged() {
        long now = now();
        PitChannel c = channels[0];
        boolean out = c.output(now);
        if (out != level) {
            level = out;
            irq0.set(out);
        }
        long next = c.nextChange(now);
        if (next < 0) {
            events.cancel(change);
        } else if (change.due() != time(next)) {
            events.schedule(change, time(next));
        }
    }

    @Override
    public int in(int port) {
        long now = now();
        if (port == PORT_B) {
            PitChannel c = channels[2];
            int refresh = (int) (clock.now() / REFRESH_NS & 1);
            return (c.gate() ? 1 : 0) | (speaker ? 2 : 0) | refresh << 4 | (c.output(now) ? 0x20 : 0);
        }
        return port == CONTROL ? 0 : channels[port - PORT].read(now);
    }

    @Override
    public void out(int port, int v) {
        long now = now();
        if (port == PORT_B) {
            channels[2].setGate((v & 1) != 0, now);
            speaker = (v & 2) != 0;
            return;
        }
        if (port == CONTROL) {
            if (v >> 6 == 3) {
                readBack(v, now);
                return;
            }
            channels[v >> 6].control(v & 0x3f, now);
        } else {
            channels[port - PORT].write(v, now);
        }
        outputChanged();
    }

    private void readBack(int v, long now) {
        for (int i = 0; i < 3; i++) {
            if ((v & 2 << i) == 0) continue;
            if ((v & 0x20) == 0) channels[i].latchCount(now);
            if ((v & 0x10) == 0) channels[i].latchStatus(now);
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("pit");
        for (PitChannel c : channels) c.visit(v);
        speaker = v.flag("speaker", speaker);
        level = v.flag("level", level);
        events.visit(v, "change", change);
        v.leave();
    }
}
