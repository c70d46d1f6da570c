package ringside.device.debug;

import ringside.bus.BytePortDevice;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.device.serial.SerialSink;

/**
 * The debug console port E9h: what is written goes to the sink; reading gives E9h, by which guests find it. It has no
 * state.
 */
public final class DebugConsole implements Device, BytePortDevice {
    private static final int PORT = 0xe9;
    private SerialSink sink = SerialSink.NONE;

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(PORT, 1, this);
    }

    public void setSink(SerialSink s) {
        sink = s;
    }

    @Override
    public int in(int port) {
        return PORT;
    }

    @Override
    public void out(int port, int value) {
        sink.write(value);
    }
}
