package ringside.device.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** The MC146818. */
class RtcTest extends DrivenBoard {
    @Test
    void rtcTakesItsRequestBackWhenItIsDisabled() {
        out(0x70, 0x0b);
        out(0x71, 0x12);
        pass(2_000_000_000L);
        out(0x71, 0x02); // update-ended interrupt off
        out(0x70, 0x0c);
        assertEquals(0x10, in(0x71) & 0x90, "UF and not IRQF (MC146818, register C)");
    }

    @Test
    void rtcTellsTheDateInBcdAndAlarmsEverySecond() {
        out(0x70, 9);
        assertEquals(0x26, in(0x71));
        out(0x70, 0x32);
        assertEquals(0x20, in(0x71));
        out(0x70, 11);
        out(0x71, 0x12);
        pass(1_000_000_000L);
        out(0x70, 12);
        assertEquals(0x90, in(0x71) & 0x90);
        assertEquals(0, in(0x71));
        out(0x70, 0);
        assertEquals(1, in(0x71));
    }
}
