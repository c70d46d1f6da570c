package ringside.device.chipset;

import ringside.device.keyboard.Controller8042;
import ringside.machine.BytePortDevice;
import ringside.machine.PortBus;
import ringside.state.StateVisitor;

/**
 * System control port A (92h: fast A20, fast reset) and the reset control register (CF9h). The A20 gate is only remembered: address
 * bit 20 is never masked, as no kernel that is booted here relies on the wrap at 1 MiB. Source: Intel PIIX3 data sheet.
 */
public final class ResetControl implements BytePortDevice, Controller8042.A20Reset {
    private static final int PORT_A = 0x92, RESET = 0xcf9;
    private static final int PORT_A_RESET = 1, PORT_A_A20 = 2, RESET_CPU = 4;

    private final Runnable reset;
    private boolean a20 = true;
    private boolean fastReset;
    private int control;

    public ResetControl(Runnable reset) {
        this.reset = reset;
    }

    public void claimPorts(PortBus ports) {
        ports.claimBytes(PORT_A, 1, this);
        ports.claimBytes(RESET, 1, this);
    }

    @Override
    public boolean a20() {
        return a20;
    }

    @Override
    public void setA20(boolean on) {
        a20 = on;
    }

    @Override
    public void reset() {
        reset.run();
    }

    @Override
    public int in(int port) {
        return port == PORT_A ? (a20 ? PORT_A_A20 : 0) | (fastReset ? PORT_A_RESET : 0) : control;
    }

    @Override
    public void out(int port, int v) {
        if (port == PORT_A) {
            a20 = (v & PORT_A_A20) != 0;
            boolean edge = (v & PORT_A_RESET) != 0 && !fastReset;
            fastReset = (v & PORT_A_RESET) != 0;
            if (edge) reset.run();
        } else {
            control = v & 0x0a;
            if ((v & RESET_CPU) != 0) reset.run();
        }
    }

    public void visit(StateVisitor v) {
        v.enter("reset");
        a20 = v.flag("a20", a20);
        fastReset = v.flag("fastReset", fastReset);
        control = v.i32("control", control);
        v.leave();
    }
}
