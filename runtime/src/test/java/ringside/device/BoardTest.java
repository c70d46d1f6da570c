package ringside.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import ringside.snapshot.StateHash;

/** The board as a whole. */
class BoardTest extends DrivenBoard {
    @Test
    void unclaimedPortsReadAllOnes() {
        assertEquals(-1, m.ports().in(0x1234, 4));
        assertEquals(0xff, in(0x1234));
    }

    @Test
    void stateHashSeesOneBitOfMemory() {
        StateHash a = new StateHash();
        m.visit(a);
        StateHash b = new StateHash();
        m.visit(b);
        assertEquals(a.value(), b.value());
        m.memory().write(0x300000, 1, 1);
        StateHash c = new StateHash();
        m.visit(c);
        assertFalse(a.value() == c.value());
    }
}
