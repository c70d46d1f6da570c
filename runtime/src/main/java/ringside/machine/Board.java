package ringside.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import ringside.bus.BytePortDevice;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.bus.MmioDevice;
import ringside.bus.PortBus;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.device.apic.ApicBus;
import ringside.device.apic.IoApic;
import ringside.device.apic.LocalApic;
import ringside.device.chipset.PciHost;
import ringside.device.chipset.PowerManagement;
import ringside.device.chipset.ResetControl;
import ringside.device.debug.DebugConsole;
import ringside.device.debug.DebugExit;
import ringside.device.debug.TestDevice;
import ringside.device.firmware.FwCfg;
import ringside.device.interrupt.PicPair;
import ringside.device.keyboard.Controller8042;
import ringside.device.rtc.Mc146818;
import ringside.device.serial.SerialPort;
import ringside.device.serial.Uart16550;
import ringside.device.timer.Hpet;
import ringside.device.timer.Pit8254;
import ringside.memory.PhysicalMemory;
import ringside.state.StateVisitor;

/**
 * The devices of the PC, as a list, and their wiring: which interrupt lines, and in which order their state is visited.
 * Each processor sees it through a {@link ProcessorBus}.
 */
public final class Board implements Wiring {
    /** I/O port and ISA interrupt of COM1..COM4. */
    private static final int[][] SERIAL = {{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};

    /** The calendar time at power-on with the virtual clock: 2026-01-01 00:00:00 UTC. */
    private static final long VIRTUAL_EPOCH = 1_767_225_600L;

    /** CMOS byte 0Fh and its codes for "jump to 40h:67h", with and without an EOI first. */
    private static final int SHUTDOWN_CODE = 0x0f, RESUME_WITH_EOI = 5, RESUME = 0x0a;

    private final Machine machine;
    private final IsaInterrupts wires;
    private final PicPair pic;
    /** By number of the processor. */
    private final ProcessorBus[] processors;

    private final List<ApicWindow> apicWindows = new ArrayList<>();
    private final IoApic ioApic;
    private final Hpet hpet;
    private final Pit8254 pit;
    private final Mc146818 rtc;
    private final Controller8042 keyboard;
    private final ResetControl resetControl;
    private final PciHost pci = new PciHost();
    private final PowerManagement power;
    private final FwCfg fwCfg;
    private final DebugConsole debugConsole = new DebugConsole();
    private final InterruptLine coprocessorError;
    private final SerialPort[] serial = new SerialPort[SERIAL.length];
    private final Pacing pacing;
    private final List<Device> devices = new ArrayList<>();
    private InputListener inputListener;

    /**
     * @param more devices beyond those of the PC
     * @param bare whether it is to have none at all
     */
    Board(Machine machine, List<Device> more, boolean bare) {
        this.machine = machine;
        EventQueue events = machine.events();
        Clock clock = machine::now;
        PhysicalMemory memory = machine.memory();
        pacing = new Pacing(machine.config().wallClock());

        ApicBus apics = new ApicBus();
        List<Device> locals = new ArrayList<>();
        processors = new ProcessorBus[machine.cores().size()];
        for (Core c : machine.cores()) {
            int n = c.number();
            ProcessorBus b = new ProcessorBus(this, c);
            b.connect(new LocalApic(apics, b, clock, events, n, n == 0, PhysicalMemory.ADDRESS_BITS));
            c.cpu().bus = b;
            processors[n] = b;
            locals.add(b.apic());
        }
        LocalApic boot = processors[0].apic();
        pic = new PicPair(level -> boot.setLint(0, level));
        ioApic = new IoApic(apics, pic::acknowledge);
        wires = new IsaInterrupts(pic, ioApic);
        hpet = new Hpet(clock, events, pin -> level -> ioApic.setLine(pin, level), wires.driver(0), wires.driver(8));
        pit = new Pit8254(clock, events, hpet.replaced(0, wires.driver(0)));
        for (int i = 0; i < SERIAL.length; i++) {
            Uart16550 uart = new Uart16550("com" + (i + 1), clock, events, wires.driver(SERIAL[i][1]));
            serial[i] = new SerialPort(i, SERIAL[i][0], uart, pacing::wake);
        }
        rtc = new Mc146818(
                clock,
                events,
                hpet.replaced(1, wires.driver(8)),
                machine.config().wallClock() ? System.currentTimeMillis() / 1000 : VIRTUAL_EPOCH);
        resetControl = new ResetControl(this::reset, open -> {
            memory.setA20(open);
            for (Core c : machine.cores()) c.cpu().mem.flushAll();
        });
        keyboard = new Controller8042(wires.driver(1), wires.driver(12), resetControl);
        power = new PowerManagement(
                clock,
                events,
                wires.driver(PowerManagement.SCI),
                () -> machine.end(new Outcome(Outcome.Reason.POWER_OFF, 0)));
        Device debugExit = new DebugExit(v -> machine.end(new Outcome(Outcome.Reason.DEBUG_EXIT, v)));
        coprocessorError = wires.driver(13);
        fwCfg = new FwCfg(memory, machine.cores().size());
        // in the order in which their state is visited
        devices.addAll(List.of(
                pic,
                ioApic,
                boot,
                hpet,
                pit,
                rtc,
                keyboard,
                resetControl,
                pci,
                power,
                debugExit,
                new CoprocessorPort(),
                debugConsole,
                fwCfg));
        if (machine.config().devices().contains("testdev")) devices.add(new TestDevice());
        devices.addAll(List.of(serial));
        devices.addAll(more);
        devices.addAll(locals.subList(1, locals.size()));
        if (bare) {
            devices.clear();
            for (Core c : machine.cores()) c.cpu().bus = new BareBus(machine::now);
            return;
        }
        for (Device d : devices) d.attach(this);
        placeApics();
    }

    /**
     * Looks a serial port up.
     *
     * @param n 0 for COM1 to 3 for COM4
     * @return the port
     */
    public SerialPort serial(int n) {
        return serial[n];
    }

    /** {@return the local APIC of the boot processor} */
    public LocalApic apic() {
        return apic(0);
    }

    /**
     * Looks a local APIC up.
     *
     * @param processor number of the processor
     * @return its local APIC
     */
    public LocalApic apic(int processor) {
        return processors[processor].apic();
    }

    /** {@return the two 8259A interrupt controllers} */
    public PicPair pic() {
        return pic;
    }

    /** {@return the clock and its CMOS memory} */
    public Mc146818 rtc() {
        return rtc;
    }

    /** {@return QEMU's firmware configuration device} */
    public FwCfg fwCfg() {
        return fwCfg;
    }

    /** {@return the debug console, the port that writes a byte to the host} */
    public DebugConsole debugConsole() {
        return debugConsole;
    }

    /**
     * A person sits at a terminal: a halted guest waits for input, and idle time passes about as fast as on the host.
     *
     * @param on whether somebody types
     */
    public void setInteractive(boolean on) {
        pacing.setInteractive(on);
    }

    /**
     * Sets who is told about every byte from outside when the machine takes it.
     *
     * @param l told about each byte; null for nobody
     */
    public void setInputListener(InputListener l) {
        inputListener = l;
    }

    // ---- what devices see ----

    @Override
    public PortBus ports() {
        return machine.ports();
    }

    @Override
    public void window(long address, long bytes, MmioDevice device) {
        machine.memory().map(address, bytes, device);
    }

    @Override
    public InterruptLine line(int wire) {
        return wires.driver(wire);
    }

    @Override
    public Clock clock() {
        return machine::now;
    }

    @Override
    public EventQueue events() {
        return machine.events();
    }

    @Override
    public int accessor() {
        return machine.running().number();
    }

    void floatingPointError() {
        coprocessorError.set(true);
    }

    /** A page of local APIC registers: each processor that has them there sees its own. */
    private final class ApicWindow implements MmioDevice {
        private final long base;

        ApicWindow(long base) {
            this.base = base;
        }

        @Override
        public long read(long offset, int bytes) {
            LocalApic a = apic(accessor());
            return a.window() == base ? a.read(offset, bytes) : -1;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            LocalApic a = apic(accessor());
            if (a.window() == base) a.write(offset, bytes, value);
        }
    }

    /** Maps the registers of local APICs anew, wherever processors have them. */
    void placeApics() {
        PhysicalMemory memory = machine.memory();
        apicWindows.forEach(memory::unmap);
        apicWindows.clear();
        Arrays.stream(processors)
                .mapToLong(b -> b.apic().window())
                .filter(w -> w >= 0)
                .distinct()
                .mapToObj(ApicWindow::new)
                .forEach(apicWindows::add);
        for (ApicWindow w : apicWindows) memory.map(w.base, LocalApic.WINDOW, w);
        for (Core c : machine.cores()) c.cpu().mem.flushAll();
    }

    /** Port F0h: any write takes back the coprocessor's error interrupt. */
    private final class CoprocessorPort implements Device, BytePortDevice {
        @Override
        public void attach(Wiring board) {
            board.ports().claimBytes(0xf0, 2, this);
        }

        @Override
        public int in(int port) {
            return 0xff;
        }

        @Override
        public void out(int port, int value) {
            coprocessorError.set(false);
        }
    }

    /**
     * The reset line. A program that left a shutdown code in CMOS for the firmware (as on the IBM AT) gets control back
     * behind 40h:67h, so the processor alone is reset; otherwise the machine is, which ends the run.
     */
    @Override
    public void reset() {
        int shutdown = rtc.ram(SHUTDOWN_CODE);
        if (shutdown == RESUME || shutdown == RESUME_WITH_EOI) machine.initialise();
        else machine.end(new Outcome(Outcome.Reason.RESET, 0));
    }

    /** @return whether a processor starts at the reset vector after INIT; another one waits for a startup IPI */
    boolean startsAfterInit(int processor) {
        return (apic(processor).apicBase() & LocalApic.BASE_BSP) != 0;
    }

    // ---- the outside ----

    /** Takes what has come from outside; called by the machine between instructions. @return whether there was any */
    boolean takeInput() {
        boolean any = false;
        for (SerialPort s : serial) {
            if (!s.inputWaits()) continue;
            Moment m = machine.moment();
            pacing.active(m.time());
            for (int b; (b = s.next()) >= 0; any = true) {
                if (inputListener != null) inputListener.taken(m, s.number(), b);
                s.uart().receive(b);
            }
        }
        return any;
    }

    /**
     * Called while the CPU is halted: waits on the host if the clock or a terminal asks for it, until input comes or
     * the next event is due.
     *
     * @param next virtual time of the next event, or Long.MAX_VALUE if there is none
     * @return the virtual time to go on at, or -1 if nothing can ever wake the CPU
     */
    long idle(long next) {
        for (SerialPort s : serial) {
            if (s.inputWaits()) return machine.now();
        }
        long sent = 0;
        for (SerialPort s : serial) sent += s.sent();
        if (inputListener != null)
            inputListener.idle(next == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, next - machine.now()));
        return pacing.idle(machine.now(), next, sent);
    }

    /** @return whether a device is set up to wake a CPU that has interrupts off: by NMI */
    boolean nmiMayCome(int processor) {
        return apic(processor).nmiMayCome() || ioApic.nmiMayCome();
    }

    /** Ends a wait in {@link #idle}; from any thread. */
    void wake() {
        pacing.wake();
    }

    void visit(StateVisitor v) {
        v.enter("board");
        wires.visit(v);
        for (Device d : devices) d.visit(v);
        machine.events().visitTurn(v);
        v.leave();
    }
}
