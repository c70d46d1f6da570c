package ringside.bus;

/** The 65,536 I/O ports and who claims them. Nobody: reads all ones, writes are dropped. A later claim wins. */
public final class PortBus {
    private final PortDevice[] owner = new PortDevice[0x10000];

    public void claim(int first, int count, PortDevice device) {
        for (int p = first; p < first + count; p++) owner[p] = device;
    }

    /** Claims ports for a device that is eight bits wide: the bus splits wider accesses. */
    public void claimBytes(int first, int count, BytePortDevice device) {
        claim(first, count, new Narrow(device));
    }

    public int in(int port, int bytes) {
        PortDevice d = owner[port & 0xffff];
        return d == null ? -1 >>> (32 - 8 * bytes) : d.in(port & 0xffff, bytes) & -1 >>> (32 - 8 * bytes);
    }

    public void out(int port, int bytes, int value) {
        PortDevice d = owner[port & 0xffff];
        if (d != null) d.out(port & 0xffff, bytes, value & -1 >>> (32 - 8 * bytes));
    }

    private final class Narrow implements PortDevice {
        private final BytePortDevice device;

        Narrow(BytePortDevice device) {
            this.device = device;
        }

        @Override
        public int in(int port, int bytes) {
            int v = device.in(port) & 0xff;
            for (int i = 1; i < bytes; i++) v |= PortBus.this.in(port + i, 1) << 8 * i;
            return v;
        }

        @Override
        public void out(int port, int bytes, int value) {
            device.out(port, value & 0xff);
            for (int i = 1; i < bytes; i++) PortBus.this.out(port + i, 1, value >>> 8 * i & 0xff);
        }
    }
}
