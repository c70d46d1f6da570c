package ringside.device.debug;

import ringside.bus.BytePortDevice;
import ringside.bus.InterruptLine;
import ringside.bus.MmioDevice;
import ringside.bus.PortBus;
import ringside.bus.PortDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The test device of the pc boards that CPU test suites drive (optional device "testdev"): a 32-bit latch at ports
 * E0h..E3h (again at E8h..EBh, byte by byte), interrupt wires at 2000h + n, a page-flush port E4h without effect, and
 * 64 KiB of memory behind a device window at FF000000h.
 */
public final class TestDevice implements Device {
    private static final int LATCH = 0xe0, FLUSH = 0xe4, LATCH_BYTES = 0xe8, WIRES = 0x2000, WIRE_COUNT = 24;
    private static final long MEMORY = 0xff00_0000L;
    private static final int MEMORY_BYTES = 0x10000;

    private final byte[] memory = new byte[MEMORY_BYTES];
    private final InterruptLine[] wires = new InterruptLine[WIRE_COUNT];
    private int latch;

    @Override
    public void attach(Wiring board) {
        for (int i = 0; i < WIRE_COUNT; i++) wires[i] = board.line(i);
        PortBus ports = board.ports();
        ports.claim(LATCH, 4, new Latch());
        ports.claim(FLUSH, 4, new Flush());
        ports.claimBytes(LATCH_BYTES, 4, new LatchBytes());
        ports.claimBytes(WIRES, WIRE_COUNT, new Wires());
        board.window(MEMORY, MEMORY_BYTES, new Memory());
    }

    private final class Latch implements PortDevice {
        @Override
        public int in(int port, int bytes) {
            return latch >>> 8 * (port & 3);
        }

        @Override
        public void out(int port, int bytes, int value) {
            int shift = 8 * (port & 3);
            int mask = (-1 >>> 32 - 8 * bytes) << shift;
            latch = latch & ~mask | value << shift & mask;
        }
    }

    private final class LatchBytes implements BytePortDevice {
        @Override
        public int in(int port) {
            return latch >>> 8 * (port & 3) & 0xff;
        }

        @Override
        public void out(int port, int value) {
            int shift = 8 * (port & 3);
            latch = latch & ~(0xff << shift) | value << shift;
        }
    }

    private static final class Flush implements PortDevice {
        @Override
        public int in(int port, int bytes) {
            return -1;
        }

        @Override
        public void out(int port, int bytes, int value) {}
    }

    private final class Wires implements BytePortDevice {
        @Override
        public int in(int port) {
            return 0xff;
        }

        @Override
        public void out(int port, int value) {
            wires[port - WIRES].set(value != 0);
        }
    }

    private final class Memory implements MmioDevice {
        @Override
        public long read(long offset, int bytes) {
            long v = 0;
            for (int i = 0; i < bytes; i++) v |= (memory[(int) offset + i & MEMORY_BYTES - 1] & 0xffL) << 8 * i;
            return v;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            for (int i = 0; i < bytes; i++) memory[(int) offset + i & MEMORY_BYTES - 1] = (byte) (value >> 8 * i);
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("testdev");
        latch = v.i32("latch", latch);
        v.bytes("memory", memory);
        v.leave();
    }
}
