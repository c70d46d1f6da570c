package ringside.device.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The 16550. */
class UartTest extends DrivenBoard {
    @Test
    void uartLoopbackReturnsTheByteAndTheModemLines() {
        out(0x3fc, 0x1a);
        assertEquals(0x90, in(0x3fe) & 0xf0);
        out(0x3f8, 'A');
        assertEquals(0x61, in(0x3fd));
        assertEquals('A', in(0x3f8));
        assertEquals(0x60, in(0x3fd));
    }

    @Test
    void uartReportsThrEmptyOnceUntilTheNextByte() {
        out(0x3f9, 2);
        assertEquals(0x02, in(0x3fa));
        assertEquals(0x01, in(0x3fa));
        out(0x3f8, 'x');
        assertEquals(0x02, in(0x3fa));
    }

    @Test
    void uartMakesAnEdgeForEachByteThatIsWritten() {
        // PC16550D, interrupt control: writing THR resets the interrupt, so a driver that never reads IIR gets an edge
        // a byte
        pic();
        out(0x2fb, 3);
        out(0x2f9, 2);
        for (int byteNumber = 0; byteNumber < 5; byteNumber++) {
            assertTrue(m.cpu().bus.interruptPending());
            assertEquals(0x23, m.cpu().bus.acknowledgeInterrupt());
            out(0x2f8, 'x');
            out(0x20, 0x20);
        }
        assertTrue(m.cpu().bus.interruptPending());
        m.cpu().bus.acknowledgeInterrupt();
        out(0x20, 0x20);
        assertFalse(m.cpu().bus.interruptPending(), "no byte, no edge");
    }

    @Test
    void uartFifoInterruptsAtTheTriggerAndTimesOutBelowIt() {
        out(0x3fa, 0x87);
        out(0x3fc, 0x10);
        out(0x3f9, 1);
        for (int i = 0; i < 7; i++) out(0x3f8, i);
        assertEquals(0xc1, in(0x3fa));
        pass(10_000_000);
        assertEquals(0xcc, in(0x3fa));
        out(0x3f8, 7);
        assertEquals(0xc4, in(0x3fa));
    }

    @Test
    void uartLosesNothingThatIsPasted() {
        out(0x3fa, 0x01);
        out(0x3f9, 1);
        for (int i = 0; i < 100; i++) m.board().serial(0).uart().receive(i);
        int got = 0;
        for (int round = 0; round < 400; round++) {
            pass(1_000_000);
            if ((round & 31) == 31) {
                while ((in(0x3fd) & 1) != 0) assertEquals(got++, in(0x3f8));
            }
        }
        assertEquals(100, got);
    }
}
