package ringside.device.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The 8254. */
class PitTest extends DrivenBoard {
    @Test
    void pitMode0RaisesItsOutputAfterNPlusOneClocks() {
        out(0x61, 1);
        out(0x43, 0xb0);
        out(0x42, 0xe8, 0x03);
        assertEquals(0, in(0x61) & 0x20);
        pass(1000L * 1_000_000_000 / 1_193_182);
        assertEquals(0, in(0x61) & 0x20);
        pass(2000);
        assertEquals(0x20, in(0x61) & 0x20);
    }

    @Test
    void pitMode0StopsWhileTheGateIsLow() {
        out(0x61, 1);
        out(0x43, 0xb0);
        out(0x42, 0xe8, 0x03);
        pass(100_000);
        out(0x61, 0);
        out(0x43, 0x80);
        int count = in(0x42) | in(0x42) << 8;
        pass(100_000);
        out(0x43, 0x80);
        assertEquals(count, in(0x42) | in(0x42) << 8);
    }

    @Test
    void pitReadBackGivesStatusThenCount() {
        out(0x43, 0x74);
        out(0x41, 0x00, 0x10);
        pass(10_000);
        out(0x43, 0xc4);
        assertEquals(0xb4, in(0x41), "output high, count loaded, access both, mode 2");
        int count = in(0x41) | in(0x41) << 8;
        assertEquals(0x1000 - 10, count, 1);
    }

    @Test
    void pitCountsInDecimal() {
        out(0x43, 0x75);
        out(0x41, 0x00, 0x10);
        pass(10_000);
        out(0x43, 0x40);
        int low = in(0x41);
        assertEquals(0x09, in(0x41), "1000 minus about 11 is 98x or 99x");
        assertTrue((low & 15) < 10);
    }

    @Test
    void pitStatusHasTheModeAsItWasWritten() {
        for (int control : new int[] {0x30, 0x32, 0x34, 0x36, 0x38, 0x3a, 0x3c, 0x3e}) {
            out(0x43, control);
            out(0x40, 0, 1);
            out(0x43, 0xe2);
            assertEquals(control, in(0x40) & 0x3f);
        }
    }
}
