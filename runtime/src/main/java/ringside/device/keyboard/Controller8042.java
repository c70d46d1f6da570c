package ringside.device.keyboard;

import ringside.bus.BytePortDevice;
import ringside.bus.InterruptLine;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * The 8042 keyboard controller at ports 60h/64h, with nothing plugged into its two sockets: it tests itself, keeps its
 * command byte, drives A20 and pulses the reset line. A byte sent to an absent device is answered by a resend request
 * (FEh) with the time-out bit, as controllers do. Source: IBM PS/2 technical reference, keyboard and auxiliary device
 * controller.
 */
public final class Controller8042 implements Device, BytePortDevice {
    private static final int DATA = 0x60, STATUS = 0x64;
    private static final int OUTPUT_FULL = 1,
            SYSTEM = 4,
            COMMAND = 8,
            UNLOCKED = 0x10,
            AUXILIARY_FULL = 0x20,
            TIMED_OUT = 0x40;
    private static final int CONFIG_INTERRUPT = 1,
            CONFIG_AUXILIARY_INTERRUPT = 2,
            CONFIG_SYSTEM = 4,
            CONFIG_NO_KEYBOARD = 0x10,
            CONFIG_NO_AUXILIARY = 0x20;
    private static final int RESEND = 0xfe;

    private final InterruptLine irq1;
    private final InterruptLine irq12;
    private final A20Reset lines;
    /** The controller's 32 bytes of RAM; byte 0 is the command byte. */
    private final byte[] ram = new byte[32];

    private int status = SYSTEM | UNLOCKED;
    private int output;
    /** Command whose data byte is awaited at port 60h, or 0. */
    private int pending;

    /** What hangs on the controller's output port. */
    public interface A20Reset {
        boolean a20();

        void setA20(boolean on);

        void reset();
    }

    public Controller8042(InterruptLine irq1, InterruptLine irq12, A20Reset lines) {
        this.irq1 = irq1;
        this.irq12 = irq12;
        this.lines = lines;
        ram[0] = CONFIG_SYSTEM | CONFIG_NO_KEYBOARD | CONFIG_NO_AUXILIARY;
    }

    @Override
    public void attach(Wiring board) {
        PortBus ports = board.ports();
        ports.claimBytes(DATA, 1, this);
        ports.claimBytes(STATUS, 1, this);
    }

    private void answer(int v, int extraStatus) {
        output = v;
        status = status & ~(AUXILIARY_FULL | TIMED_OUT) | OUTPUT_FULL | extraStatus;
        updateLines();
    }

    private void updateLines() {
        boolean full = (status & OUTPUT_FULL) != 0;
        boolean auxiliary = (status & AUXILIARY_FULL) != 0;
        irq1.set(full && !auxiliary && (ram[0] & CONFIG_INTERRUPT) != 0);
        irq12.set(full && auxiliary && (ram[0] & CONFIG_AUXILIARY_INTERRUPT) != 0);
    }

    @Override
    public int in(int port) {
        if (port == STATUS) return status;
        status &= ~(OUTPUT_FULL | AUXILIARY_FULL | TIMED_OUT);
        updateLines();
        return output;
    }

    @Override
    public void out(int port, int v) {
        if (port == STATUS) {
            status |= COMMAND;
            command(v);
        } else {
            status &= ~COMMAND;
            data(v);
        }
    }

    private void command(int c) {
        pending = 0;
        if (c >= 0x20 && c < 0x40) {
            answer(ram[c & 31] & 0xff, 0);
        } else if (c >= 0x60 && c < 0x80) {
            pending = c;
        } else if (c >= 0xf0) {
            if ((c & 1) == 0) lines.reset();
        } else {
            switch (c) {
                case 0xa7 -> ram[0] |= CONFIG_NO_AUXILIARY;
                case 0xa8 -> ram[0] &= ~CONFIG_NO_AUXILIARY;
                case 0xa9, 0xab -> answer(0, 0);
                case 0xaa -> {
                    status |= SYSTEM;
                    answer(0x55, 0);
                }
                case 0xad -> ram[0] |= CONFIG_NO_KEYBOARD;
                case 0xae -> ram[0] &= ~CONFIG_NO_KEYBOARD;
                case 0xc0 -> answer(0x80, 0);
                case 0xd0 -> answer(0xcd | (lines.a20() ? 2 : 0) | (status & OUTPUT_FULL) << 4, 0);
                case 0xd1, 0xd2, 0xd3, 0xd4 -> pending = c;
                case 0xdd -> lines.setA20(false);
                case 0xdf -> lines.setA20(true);
                default -> {}
            }
        }
    }

    private void data(int v) {
        int c = pending;
        pending = 0;
        switch (c) {
            case 0xd1 -> {
                lines.setA20((v & 2) != 0);
                if ((v & 1) == 0) lines.reset();
            }
            case 0xd2 -> answer(v, 0);
            case 0xd3 -> answer(v, AUXILIARY_FULL);
            case 0xd4 -> answer(RESEND, AUXILIARY_FULL | TIMED_OUT);
            case 0 -> answer(RESEND, TIMED_OUT);
            default -> {
                ram[c & 31] = (byte) v;
                if ((c & 31) == 0) updateLines();
            }
        }
    }

    @Override
    public void visit(StateVisitor v) {
        v.enter("8042");
        v.bytes("ram", ram);
        status = v.i32("status", status);
        output = v.i32("output", output);
        pending = v.i32("pending", pending);
        v.leave();
    }
}
