package ringside.device.debug;

import java.util.function.LongConsumer;
import ringside.bus.PortBus;
import ringside.bus.PortDevice;
import ringside.device.Device;
import ringside.device.Wiring;

/** The debug-exit port F4h, as QEMU's isa-debug-exit has it: any write ends the run with its value. It has no state. */
public final class DebugExit implements Device, PortDevice {
    private static final int PORT = 0xf4, PORTS = 4;
    private final LongConsumer exit;

    public DebugExit(LongConsumer exit) {
        this.exit = exit;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claim(PORT, PORTS, this);
    }

    @Override
    public int in(int port, int bytes) {
        return 0;
    }

    @Override
    public void out(int port, int bytes, int value) {
        exit.accept(Integer.toUnsignedLong(value));
    }
}
