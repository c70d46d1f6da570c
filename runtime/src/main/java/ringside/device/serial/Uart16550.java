package ringside.device.serial;

import ringside.bus.BytePortDevice;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.InterruptLine;
import ringside.state.StateVisitor;

/**
 * A 16550A serial port. Sending takes no virtual time: a byte written to THR is at the sink at once and THR is empty
 * again. Receiving keeps the pace of the programmed baud rate and never overruns: bytes from outside wait in
 * {@link #waiting} until the receiver has room and the guest looks at it, and bytes that the guest throws away by
 * resetting the FIFO before it has a driver are kept for the driver.
 *
 * <p>Invariant: the interrupt line is {@link #cause} != none after every access and event. Source: National
 * Semiconductor PC16550D data sheet.
 */
public final class Uart16550 implements BytePortDevice {
    private static final int RBR = 0, IER = 1, IIR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6;
    private static final int IER_RECEIVED = 1, IER_THR_EMPTY = 2, IER_LINE = 4, IER_MODEM = 8;
    private static final int IIR_NONE = 1,
            IIR_MODEM = 0,
            IIR_THR_EMPTY = 2,
            IIR_RECEIVED = 4,
            IIR_LINE = 6,
            IIR_TIMEOUT = 12,
            IIR_FIFO = 0xc0;
    private static final int FCR_ENABLE = 1, FCR_RESET_RECEIVER = 2;
    private static final int LCR_DLAB = 0x80;
    private static final int MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 16;
    private static final int LSR_READY = 1, LSR_OVERRUN = 2, LSR_THR_EMPTY = 0x20, LSR_IDLE = 0x40;
    private static final int MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80;
    private static final int FIFO_SIZE = 16;
    private static final int[] TRIGGER = {1, 4, 8, 14};
    /** Virtual ns of one bit with divisor 1: 16 clocks of 1.8432 MHz. */
    private static final double BIT_NS = 16e9 / 1_843_200;
    /** The receiver is never slower than this, whatever the divisor says. */
    private static final long SLOWEST_CHARACTER_NS = 1_000_000;
    /** A guest without receive interrupts is taken to be waiting for input after so many looks at LSR. */
    private static final int PATIENCE = 16;

    private final String name;
    private final Clock clock;
    private final EventQueue events;
    private final InterruptLine line;
    private final EventQueue.Event arrival = new EventQueue.Event(this::arrive);
    private final EventQueue.Event timeout = new EventQueue.Event(this::timeOut);
    private SerialSink sink = SerialSink.NONE;

    private int ier, lcr, mcr, scratch, fcr;
    private int divisor = 12;
    private int msr = MSR_CTS | MSR_DSR | MSR_DCD;
    private boolean overrun, thrEmptyPending, timeoutPending, raised;
    private final ByteRing fifo = new ByteRing();
    private final ByteRing waiting = new ByteRing();
    /** Bytes in {@link #fifo} that came from outside, not from the loop. */
    private boolean fromOutside;

    private long nextArrival;
    private int looks;

    /**
     * A UART after power-on.
     *
     * @param name of the port, for the state and for messages
     * @param clock virtual time
     * @param events where arrivals and time-outs are scheduled
     * @param line its interrupt line
     */
    public Uart16550(String name, Clock clock, EventQueue events, InterruptLine line) {
        this.name = name;
        this.clock = clock;
        this.events = events;
        this.line = line;
    }

    /**
     * Says where the bytes go that the guest sends.
     *
     * @param s told about each byte
     */
    public void setSink(SerialSink s) {
        sink = s;
    }

    /**
     * A byte from outside arrives; on the machine's thread.
     *
     * @param v the byte, 0..255
     */
    public void receive(int v) {
        waiting.add(v);
        expectArrival();
    }

    /** {@return bytes from outside that the guest has not been given yet} */
    public int backlog() {
        return waiting.size();
    }

    // ---- receiving ----

    private long characterTime() {
        int bits = 7 + (lcr & 3) + ((lcr & 4) >> 2) + ((lcr & 8) >> 3);
        int d = divisor == 0 ? 0x10000 : divisor;
        return Math.min(SLOWEST_CHARACTER_NS, (long) (d * bits * BIT_NS));
    }

    private boolean fifoEnabled() {
        return (fcr & FCR_ENABLE) != 0;
    }

    private int capacity() {
        return fifoEnabled() ? FIFO_SIZE : 1;
    }

    private boolean looping() {
        return (mcr & MCR_LOOP) != 0;
    }

    private void expectArrival() {
        if (waiting.size() == 0 || looping() || fifo.size() >= capacity() || arrival.due() >= 0) return;
        if ((ier & IER_RECEIVED) == 0 && looks < PATIENCE) return;
        events.schedule(arrival, Math.max(clock.now(), nextArrival));
    }

    private void arrive() {
        if (waiting.size() == 0 || looping() || fifo.size() >= capacity()) return;
        fromOutside = true;
        push(waiting.remove());
        nextArrival = clock.now() + characterTime();
        expectArrival();
        update();
    }

    private void push(int v) {
        if (fifo.size() >= capacity()) {
            overrun = true;
            if (fifoEnabled()) return;
            fifo.clear();
        }
        fifo.add(v);
        restartTimeout();
    }

    /** The time-out runs for four characters since the last one came or was read. */
    private void restartTimeout() {
        if (fifoEnabled() && fifo.size() > 0) {
            events.schedule(timeout, clock.now() + 4 * characterTime());
        } else {
            events.cancel(timeout);
        }
    }

    private void timeOut() {
        timeoutPending = fifo.size() > 0;
        update();
    }

    private void resetReceiver() {
        while (fifo.size() > 0) {
            int v = fifo.removeLast();
            if (fromOutside) waiting.addFirst(v);
        }
        timeoutPending = false;
        events.cancel(timeout);
    }

    // ---- interrupts ----

    private int cause() {
        if ((ier & IER_LINE) != 0 && overrun) return IIR_LINE;
        if ((ier & IER_RECEIVED) != 0) {
            if (fifo.size() >= (fifoEnabled() ? TRIGGER[fcr >> 6] : 1)) return IIR_RECEIVED;
            if (timeoutPending) return IIR_TIMEOUT;
        }
        if ((ier & IER_THR_EMPTY) != 0 && thrEmptyPending) return IIR_THR_EMPTY;
        if ((ier & IER_MODEM) != 0 && (msr & 0x0f) != 0) return IIR_MODEM;
        return IIR_NONE;
    }

    private void update() {
        boolean level = cause() != IIR_NONE;
        if (level != raised) {
            raised = level;
            line.set(level);
        }
    }

    // ---- registers ----

    @Override
    public int in(int port) {
        int v = switch (port & 7) {
            case RBR -> (lcr & LCR_DLAB) != 0 ? divisor & 0xff : readReceiver();
            case IER -> (lcr & LCR_DLAB) != 0 ? divisor >> 8 : ier;
            case IIR -> readCause();
            case LCR -> lcr;
            case MCR -> mcr;
            case LSR -> readLineStatus();
            case MSR -> readModemStatus();
            default -> scratch;
        };
        update();
        return v;
    }

    private int readReceiver() {
        int v = 0;
        if (fifo.size() > 0) v = fifo.remove();
        else looks = 0;
        timeoutPending = false;
        restartTimeout();
        expectArrival();
        return v;
    }

    private int readCause() {
        int c = cause();
        if (c == IIR_THR_EMPTY) thrEmptyPending = false;
        return c | (fifoEnabled() ? IIR_FIFO : 0);
    }

    private int readLineStatus() {
        int v = LSR_THR_EMPTY | LSR_IDLE | (fifo.size() > 0 ? LSR_READY : 0) | (overrun ? LSR_OVERRUN : 0);
        overrun = false;
        if (fifo.size() == 0 && looks < PATIENCE) {
            looks++;
            expectArrival();
        }
        return v;
    }

    private int readModemStatus() {
        int v = msr;
        msr &= 0xf0;
        return v;
    }

    @Override
    public void out(int port, int v) {
        switch (port & 7) {
            case RBR -> {
                if ((lcr & LCR_DLAB) != 0) divisor = divisor & 0xff00 | v;
                else transmit(v);
            }
            case IER -> {
                if ((lcr & LCR_DLAB) != 0) divisor = divisor & 0xff | v << 8;
                else enableInterrupts(v & 15);
            }
            case IIR -> control(v);
            case LCR -> lcr = v;
            case MCR -> {
                mcr = v & 0x1f;
                modemInputs();
                expectArrival();
            }
            case LSR, MSR -> {}
            default -> scratch = v;
        }
        update();
    }

    /** The THR-empty interrupt is taken back by the write and comes anew when the byte has gone: an edge a byte. */
    private void transmit(int v) {
        thrEmptyPending = false;
        update();
        if (looping()) {
            if (fifo.size() == 0) fromOutside = false;
            push(v);
        } else {
            sink.write(v);
        }
        thrEmptyPending = true;
    }

    private void enableInterrupts(int v) {
        int changed = ier ^ v;
        ier = v;
        // Enabling the interrupt while THR is empty raises it, as drivers that start sending rely on.
        if ((changed & IER_THR_EMPTY) != 0) thrEmptyPending = (v & IER_THR_EMPTY) != 0;
        expectArrival();
    }

    private void control(int v) {
        if (((v ^ fcr) & FCR_ENABLE) != 0 || (v & FCR_RESET_RECEIVER) != 0) resetReceiver();
        fcr = (v & FCR_ENABLE) != 0 ? v & 0xc9 : 0;
        looks = 0;
        expectArrival();
    }

    private void modemInputs() {
        int inputs = MSR_CTS | MSR_DSR | MSR_DCD;
        if (looping()) {
            inputs = ((mcr & MCR_RTS) != 0 ? MSR_CTS : 0)
                    | ((mcr & MCR_DTR) != 0 ? MSR_DSR : 0)
                    | ((mcr & MCR_OUT1) != 0 ? MSR_RI : 0)
                    | ((mcr & MCR_OUT2) != 0 ? MSR_DCD : 0);
        }
        int changed = (msr ^ inputs) & 0xf0;
        int deltas = changed >> 4;
        // The ring indicator counts its trailing edge only.
        if ((changed & MSR_RI) != 0 && (inputs & MSR_RI) != 0) deltas &= ~(MSR_RI >> 4);
        msr = inputs | msr & 0x0f | deltas;
    }

    /**
     * Visits the registers, the FIFO and what waits to arrive.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        v.enter(name);
        ier = v.i32("ier", ier);
        lcr = v.i32("lcr", lcr);
        mcr = v.i32("mcr", mcr);
        scratch = v.i32("scratch", scratch);
        fcr = v.i32("fcr", fcr);
        divisor = v.i32("divisor", divisor);
        msr = v.i32("msr", msr);
        overrun = v.flag("overrun", overrun);
        thrEmptyPending = v.flag("thrEmptyPending", thrEmptyPending);
        timeoutPending = v.flag("timeoutPending", timeoutPending);
        raised = v.flag("raised", raised);
        fifo.visit(v, "fifo");
        waiting.visit(v, "waiting");
        fromOutside = v.flag("fromOutside", fromOutside);
        nextArrival = v.i64("nextArrival", nextArrival);
        looks = v.i32("looks", looks);
        events.visit(v, "arrival", arrival);
        events.visit(v, "timeout", timeout);
        v.leave();
    }
}
