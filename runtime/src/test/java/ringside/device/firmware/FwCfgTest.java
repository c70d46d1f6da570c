package ringside.device.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The firmware configuration interface. */
class FwCfgTest extends DrivenBoard {
    @Test
    void fwCfgAnswersItsSignature() {
        m.ports().out(0x510, 2, 0);
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 4; i++) s.append((char) in(0x511));
        assertEquals("QEMU", s.toString());
        assertEquals(0, in(0x511));
    }
}
