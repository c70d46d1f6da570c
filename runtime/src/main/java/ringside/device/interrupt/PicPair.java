package ringside.device.interrupt;

import ringside.bus.BytePortDevice;
import ringside.bus.InterruptLine;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The PC's two cascaded 8259As: master at ports 20h/21h, slave at A0h/A1h on the master's input 2, and the edge/level
 * registers at 4D0h/4D1h. ISA interrupts 0..15 come in, one INTR line goes out.
 */
public final class PicPair implements Device, BytePortDevice {
    static final int CASCADE = 2;
    private static final int MASTER = 0x20, SLAVE = 0xa0, ELCR = 0x4d0;

    private final Pic8259 master = new Pic8259(true);
    private final Pic8259 slave = new Pic8259(false);
    private final InterruptLine output;

    /** @param output the INTR line; told its level after every change of the pair */
    public PicPair(InterruptLine output) {
        this.output = output;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(MASTER, 2, this);
        ports.claimBytes(SLAVE, 2, this);
        ports.claimBytes(ELCR, 2, this);
    }

    /** Drives ISA interrupt 0..15. */
    public void setLine(int irq, boolean high) {
        if (irq < 8) {
            if (irq != CASCADE) master.setLine(irq, high);
        } else {
            slave.setLine(irq - 8, high);
        }
        update();
    }

    private void update() {
        master.setLine(CASCADE, slave.output());
        output.set(master.output());
    }

    /** @return the INTR line */
    public boolean requesting() {
        return master.output();
    }

    /** The processor's acknowledge cycle. @return the vector; input 7's if the request is gone (spurious) */
    public int acknowledge() {
        int n = master.request();
        int vector;
        if (n < 0) {
            vector = master.vector(7);
        } else {
            master.acknowledge(n);
            vector = master.vector(n);
            if (n == CASCADE) {
                int m = slave.request();
                if (m >= 0) slave.acknowledge(m);
                vector = slave.vector(m < 0 ? 7 : m);
            }
        }
        update();
        return vector;
    }

    /** Programs the pair as PC firmware does: bases 08h and 70h, edge triggered, the given inputs masked. */
    public void initialise(int masterMask, int slaveMask) {
        int[] masterWords = {0x11, 0x08, 0x04, 0x01, masterMask};
        int[] slaveWords = {0x11, 0x70, 0x02, 0x01, slaveMask};
        for (int i = 0; i < 5; i++) {
            master.write(i == 0 ? 0 : 1, masterWords[i]);
            slave.write(i == 0 ? 0 : 1, slaveWords[i]);
        }
        update();
    }

    @Override
    public int in(int port) {
        int v = switch (port) {
            case ELCR -> master.elcr();
            case ELCR + 1 -> slave.elcr();
            default -> (port < SLAVE ? master : slave).read(port & 1);
        };
        update();
        return v;
    }

    @Override
    public void out(int port, int value) {
        switch (port) {
            case ELCR -> master.setElcr(value);
            case ELCR + 1 -> slave.setElcr(value);
            default -> (port < SLAVE ? master : slave).write(port & 1, value);
        }
        update();
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("pic");
        master.visit(v);
        slave.visit(v);
        v.leave();
        update();
    }
}
