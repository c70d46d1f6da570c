package ringside.device.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.bus.EventQueue;

/** Input from outside: nothing is lost, and what a guest does not read is held within a bound. */
class SerialPortTest {
    private static final int RBR = 0x3f8, LSR = 0x3fd;
    private long time;
    private final EventQueue events = new EventQueue(() -> {});
    private final Uart16550 uart = new Uart16550("com1", () -> time, events, level -> {});
    private final SerialPort port = new SerialPort(0, 0x3f8, uart, () -> {});

    @Test
    void aGuestThatReadsNothingIsGivenSoMuchAndNoMore() {
        int taken = 0;
        while (port.offerIfRoom((byte) taken)) {
            taken++;
            for (int b; (b = port.next()) >= 0; ) port.uart().receive(b);
        }
        assertEquals(SerialPort.MOST_UNREAD + SerialPort.MOST_QUEUED, taken);
        assertEquals(SerialPort.MOST_UNREAD, uart.backlog());
        assertFalse(port.inputWaits(), "nothing to do for the machine");
    }

    @Test
    void aGuestThatReadsSlowlyGetsEveryByteInItsOrder() {
        int offered = 0;
        for (int read = 0; read < 200_000; read++) {
            while (port.offerIfRoom((byte) offered)) offered++;
            for (int b; (b = port.next()) >= 0; ) port.uart().receive(b);
            for (int looks = 0; (uart.in(LSR) & 1) == 0; looks++) {
                assertTrue(looks < 100, "byte " + read + " does not arrive");
                time += 1_000_000;
                events.run(time);
            }
            assertEquals(read & 0xff, uart.in(RBR));
        }
        assertTrue(offered > 200_000);
    }
}
