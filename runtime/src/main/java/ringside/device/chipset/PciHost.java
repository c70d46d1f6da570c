package ringside.device.chipset;

import ringside.bus.PortBus;
import ringside.bus.PortDevice;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * PCI configuration mechanism 1 (address CF8h, data CFCh) with one function on bus 0: a host bridge at 00:00.0. Every
 * other function reads all ones, as an empty slot does. Source: PCI Local Bus Specification 3.0, section 3.2.2.3.
 */
public final class PciHost implements Device, PortDevice {
    private static final int ADDRESS = 0xcf8, DATA = 0xcfc;
    private static final int ENABLE = 1 << 31;
    /** Offsets and bytes of the bridge's configuration space that are not zero. */
    private static final int[][] BRIDGE = {
        {0x00, 0x8086},
        {0x02, 0x1237}, // vendor and device: 440FX
        {0x06, 0x0280}, // status: medium DEVSEL, fast back-to-back
        {0x08, 0x02}, // revision
        {0x0a, 0x0600}, // class: host bridge
    };

    private final byte[] bridge = new byte[256];
    private int address;

    public PciHost() {
        for (int[] field : BRIDGE) {
            bridge[field[0]] = (byte) field[1];
            bridge[field[0] + 1] = (byte) (field[1] >> 8);
        }
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claim(ADDRESS, 1, this);
        ports.claim(DATA, 4, this);
    }

    /** @return offset in the bridge's configuration space, or -1 if the address names nothing */
    private int offset(int port) {
        if ((address & ENABLE) == 0 || (address & 0x00ff_ff00) != 0) return -1;
        return (address & 0xfc) + (port & 3);
    }

    @Override
    public int in(int port, int bytes) {
        if (port == ADDRESS) return bytes == 4 ? address : -1;
        int o = offset(port);
        if (o < 0) return -1;
        int v = 0;
        for (int i = 0; i < bytes && o + i < 256; i++) v |= (bridge[o + i] & 0xff) << 8 * i;
        return v;
    }

    @Override
    public void out(int port, int bytes, int value) {
        if (port == ADDRESS) {
            if (bytes == 4) address = value & ~0x7f00_0003;
            return;
        }
        int o = offset(port);
        // Only the memory-attribute and other chip-specific registers keep what is written.
        for (int i = 0; o >= 0 && i < bytes && o + i < 256; i++) {
            if (o + i >= 0x50) bridge[o + i] = (byte) (value >> 8 * i);
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("pci");
        address = v.i32("address", address);
        v.bytes("bridge", bridge);
        v.leave();
    }
}
