package ringside.bus;

/** The 65,536 I/O ports and who claims them. Nobody: reads all ones, writes are dropped. A later claim wins. */
public final class PortBus {
    private final PortDevice[] owner = new PortDevice[0x10000];

    /** Ports that nobody has claimed yet. */
    public PortBus() {}

    /**
     * Gives ports to a device, whoever had them before.
     *
     * @param first the lowest port
     * @param count how many, upwards; all of them at most FFFFh
     * @param device who answers from now on
     */
    public void claim(int first, int count, PortDevice device) {
        for (int p = first; p < first + count; p++) owner[p] = device;
    }

    /**
     * Claims ports for a device that is eight bits wide: the bus splits wider accesses.
     *
     * @param first the lowest port
     * @param count how many, upwards; all of them at most FFFFh
     * @param device who answers from now on
     */
    public void claimBytes(int first, int count, BytePortDevice device) {
        claim(first, count, new Narrow(device));
    }

    /**
     * Reads a port, as IN does.
     *
     * @param port the port; bits above 15 are ignored
     * @param bytes width of the access: 1, 2 or 4
     * @return the value, zero-extended; all ones in that width if nobody has the port
     */
    public int in(int port, int bytes) {
        PortDevice d = owner[port & 0xffff];
        return d == null ? -1 >>> (32 - 8 * bytes) : d.in(port & 0xffff, bytes) & -1 >>> (32 - 8 * bytes);
    }

    /**
     * Writes a port, as OUT does; nothing happens if nobody has it.
     *
     * @param port the port; bits above 15 are ignored
     * @param bytes width of the access: 1, 2 or 4
     * @param value the value; bits above that width are ignored
     */
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
