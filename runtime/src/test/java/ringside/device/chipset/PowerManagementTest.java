package ringside.device.chipset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;
import ringside.machine.Outcome;

/** ACPI power management. */
class PowerManagementTest extends DrivenBoard {
    @Test
    void sleepTypeFiveTurnsTheMachineOff() {
        m.ports().out(0x604, 2, 0x3400);
        assertEquals(Outcome.Reason.POWER_OFF, m.run(1).reason());
    }
}
