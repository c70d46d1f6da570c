package ringside.device.serial;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import ringside.device.Device;
import ringside.device.Wiring;
import ringside.state.StateVisitor;

/**
 * A serial port as the outside sees it: a sink for what the guest sends, and a queue into which any thread may put
 * bytes for it. The machine empties the queue between instructions ({@link #next}), as far as the guest reads what it
 * was given; until then a byte is not part of its state.
 */
public final class SerialPort implements Device {
    /** Bytes that a guest has not read with which no more are taken. */
    static final int MOST_UNREAD = 1 << 12;
    /** Queued bytes with which {@link #offerIfRoom} takes no more. */
    static final int MOST_QUEUED = 1 << 16;

    private final int number;
    private final int port;
    private final Uart16550 uart;
    private final Runnable wake;
    private final ConcurrentLinkedQueue<Byte> offered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private long sent;

    /**
     * A serial port of a PC.
     *
     * @param number 0 for COM1
     * @param port the first of its eight I/O ports
     * @param wake called on the offering thread after a byte was queued
     * @param uart the chip behind those ports
     */
    public SerialPort(int number, int port, Uart16550 uart, Runnable wake) {
        this.number = number;
        this.port = port;
        this.uart = uart;
        this.wake = wake;
    }

    @Override
    public void attach(Wiring board) {
        board.ports().claimBytes(port, 8, uart);
    }

    /** {@return the chip that the guest programs} */
    public Uart16550 uart() {
        return uart;
    }

    /**
     * Says where the bytes go that the guest sends.
     *
     * @param sink told about each byte; {@link SerialSink#NONE} drops them
     */
    public void setSink(SerialSink sink) {
        uart.setSink(v -> {
            sent++;
            sink.write(v);
        });
    }

    /** {@return bytes that the guest has sent to a sink so far} */
    public long sent() {
        return sent;
    }

    /**
     * Queues a byte for the guest; from any thread.
     *
     * @param value the byte that the guest shall receive
     */
    public void offer(byte value) {
        queued.incrementAndGet();
        offered.add(value);
        wake.run();
    }

    /**
     * Queues a byte for the guest, from any thread, unless many wait already: for sources without an end.
     *
     * @param value the byte that the guest shall receive
     * @return whether it was queued
     */
    public boolean offerIfRoom(byte value) {
        if (queued.get() >= MOST_QUEUED) return false;
        offer(value);
        return true;
    }

    /**
     * Queues bytes for the guest; from any thread.
     *
     * @param values the bytes that the guest shall receive, in this order
     */
    public void offer(byte[] values) {
        queued.addAndGet(values.length);
        for (byte b : values) offered.add(b);
        wake.run();
    }

    /** {@return whether {@link #next} would take something} */
    public boolean inputWaits() {
        return !offered.isEmpty() && uart.backlog() < MOST_UNREAD;
    }

    /**
     * Takes a byte out of the queue, for the UART; on the machine's thread.
     * @return -1 if there is none or the guest has enough
     */
    public int next() {
        Byte b = uart.backlog() < MOST_UNREAD ? offered.poll() : null;
        if (b == null) return -1;
        queued.decrementAndGet();
        return b & 0xff;
    }

    /** {@return 0 for COM1} */
    public int number() {
        return number;
    }

    @Override
    public void visit(StateVisitor v) {
        uart.visit(v);
    }
}
