package ringside.device;

import ringside.bus.BytePortDevice;
import ringside.bus.EventQueue;
import ringside.state.StateVisitor;

/**
 * The example of docs/add-a-device.md: a watchdog at port 600h. A write of n starts it over with n milliseconds of
 * virtual time, after which it resets the machine; 0 stops it. A read gives what was written last.
 */
final class Watchdog implements Device, BytePortDevice {
    private static final int PORT = 0x600;
    private static final long NS_PER_MS = 1_000_000;

    private final EventQueue.Event bite = new EventQueue.Event(this::bite);
    private Wiring board;
    private int milliseconds;

    @Override
    public void attach(Wiring to) {
        board = to;
        board.ports().claimBytes(PORT, 1, this);
    }

    private void bite() {
        board.reset();
    }

    @Override
    public int in(int port) {
        return milliseconds;
    }

    @Override
    public void out(int port, int value) {
        milliseconds = value;
        board.events().cancel(bite);
        if (value != 0) board.events().schedule(bite, board.clock().now() + value * NS_PER_MS);
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("watchdog");
        milliseconds = v.i32("milliseconds", milliseconds);
        board.events().visit(v, "bite", bite);
        v.leave();
    }
}
