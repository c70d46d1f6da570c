package ringside.device.chipset;

import java.util.function.Consumer;
import ringside.bus.BytePortDevice;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.device.keyboard.Controller8042;
import ringside.state.StateVisitor;

/**
 * System control port A (92h: A20 gate, fast reset) and the reset control register (CF9h), and the lines of both.
 * Source: Intel PIIX3 data sheet.
 */
public final class ResetControl implements Device, BytePortDevice, Controller8042.A20Reset {
    private static final int PORT_A = 0x92, RESET = 0xcf9;
    private static final int PORT_A_RESET = 1, PORT_A_A20 = 2, RESET_CPU = 4;

    private final Runnable reset;
    private final Consumer<Boolean> gate;
    private boolean a20 = true;
    private boolean fastReset;
    private int control;

    /** @param gate told when the A20 gate opens (true) or closes */
    public ResetControl(Runnable reset, Consumer<Boolean> gate) {
        this.reset = reset;
        this.gate = gate;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(PORT_A, 1, this);
        ports.claimBytes(RESET, 1, this);
    }

    @Override
    public boolean a20() {
        return a20;
    }

    @Override
    public void setA20(boolean on) {
        if (on == a20) return;
        a20 = on;
        gate.accept(on);
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
            setA20((v & PORT_A_A20) != 0);
            boolean edge = (v & PORT_A_RESET) != 0 && !fastReset;
            fastReset = (v & PORT_A_RESET) != 0;
            if (edge) reset.run();
        } else {
            control = v & 0x0a;
            if ((v & RESET_CPU) != 0) reset.run();
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("reset");
        setA20(v.flag("a20", a20));
        fastReset = v.flag("fastReset", fastReset);
        control = v.i32("control", control);
        v.leave();
    }
}
