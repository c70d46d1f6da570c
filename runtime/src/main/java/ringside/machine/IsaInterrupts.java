package ringside.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.bus.InterruptLine;
import ringside.device.apic.IoApic;
import ringside.device.interrupt.PicPair;
import ringside.state.StateVisitor;

/**
 * The board's interrupt wires 0..23. Wires 0..15 (ISA) reach both the 8259 pair and the I/O APIC, the rest the I/O APIC
 * alone; wire 0 is the I/O APIC's input 2. Several devices may drive one wire: it is asserted while any of them asserts
 * it.
 */
final class IsaInterrupts {
    static final int WIRES = 24;

    private final PicPair pic;
    private final IoApic ioApic;
    private final List<Driver> drivers = new ArrayList<>();
    /** How many drivers assert each wire. */
    private final int[] asserting = new int[WIRES];

    IsaInterrupts(PicPair pic, IoApic ioApic) {
        this.pic = pic;
        this.ioApic = ioApic;
    }

    private final class Driver implements InterruptLine {
        final int wire;
        boolean asserted;

        Driver(int wire) {
            this.wire = wire;
        }

        @Override
        public void set(boolean level) {
            if (level == asserted) return;
            asserted = level;
            asserting[wire] += level ? 1 : -1;
            if (asserting[wire] == (level ? 1 : 0)) drive(wire, level);
        }
    }

    /** @return a new driver of a wire, not asserting it */
    InterruptLine driver(int wire) {
        Driver d = new Driver(wire);
        drivers.add(d);
        return d;
    }

    private void drive(int wire, boolean level) {
        if (wire < 16) pic.setLine(wire, level);
        ioApic.setLine(wire == 0 ? 2 : wire, level);
    }

    /** The controllers keep the wires' levels themselves; here it is who drives them. */
    void visit(StateVisitor v) {
        v.enter("wires");
        Arrays.fill(asserting, 0);
        for (int i = 0; i < drivers.size(); i++) {
            Driver d = drivers.get(i);
            d.asserted = v.flag("driver" + i, d.asserted);
            if (d.asserted) asserting[d.wire]++;
        }
        v.leave();
    }
}
