package ringside.device.serial;

import java.util.concurrent.ConcurrentLinkedQueue;
import ringside.state.StateVisitor;

/**
 * A serial port as the outside sees it: a sink for what the guest sends, and a queue into which any thread may put
 * bytes for it. The machine empties the queue between instructions ({@link #takeInput}); until then a byte is not part of its state.
 */
public final class SerialPort {
    private final int number;
    private final Uart16550 uart;
    private final Runnable wake;
    private final ConcurrentLinkedQueue<Byte> offered = new ConcurrentLinkedQueue<>();
    private long sent;

    /** @param wake called on the offering thread after a byte was queued */
    public SerialPort(int number, Uart16550 uart, Runnable wake) {
        this.number = number;
        this.uart = uart;
        this.wake = wake;
    }

    public Uart16550 uart() {
        return uart;
    }

    public void setSink(SerialSink sink) {
        uart.setSink(v -> {
            sent++;
            sink.write(v);
        });
    }

    /** @return bytes that the guest has sent to a sink so far */
    public long sent() {
        return sent;
    }

    /** Queues a byte for the guest; from any thread. */
    public void offer(byte value) {
        offered.add(value);
        wake.run();
    }

    /** Queues bytes for the guest; from any thread. */
    public void offer(byte[] values) {
        for (byte b : values) offered.add(b);
        wake.run();
    }

    public boolean inputWaits() {
        return !offered.isEmpty();
    }

    /** Gives the queued bytes to the UART, stamped with the present time. On the machine's thread. */
    public void takeInput(long instructions, long time, InputListener listener) {
        for (Byte b; (b = offered.poll()) != null; ) {
            if (listener != null) listener.taken(number, instructions, time, b & 0xff);
            uart.receive(b & 0xff);
        }
    }

    public void visit(StateVisitor v) {
        uart.visit(v);
    }
}
