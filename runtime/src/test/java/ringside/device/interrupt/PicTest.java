package ringside.device.interrupt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The pair of 8259s. */
class PicTest extends DrivenBoard {
    @Test
    void picServesTheMasterInputWithTheLowestNumberFirst() {
        pic();
        wire(5, true);
        wire(3, true);
        assertEquals(0x23, m.board().pic().acknowledge());
        assertFalse(m.board().pic().requesting(), "IRQ 5 waits for the end of IRQ 3");
        out(0x20, 0x20);
        assertEquals(0x25, m.board().pic().acknowledge());
    }

    @Test
    void picSlaveVectorComesThroughTheCascade() {
        pic();
        wire(12, true);
        assertEquals(0x2c, m.board().pic().acknowledge());
        out(0x20, 0x0b);
        assertEquals(0x04, in(0x20), "master ISR");
        out(0xa0, 0x0b);
        assertEquals(0x10, in(0xa0), "slave ISR");
    }

    @Test
    void picRotationOnEoiMakesTheServedInputLowest() {
        pic();
        wire(3, true);
        m.board().pic().acknowledge();
        out(0x20, 0xa0);
        wire(3, false);
        wire(3, true);
        wire(5, true);
        assertEquals(0x25, m.board().pic().acknowledge());
    }

    @Test
    void picPollAnswersAndAcknowledges() {
        pic();
        wire(6, true);
        out(0x20, 0x0c);
        assertEquals(0x86, in(0x20));
        out(0x20, 0x0c);
        assertEquals(0, in(0x20));
    }
}
