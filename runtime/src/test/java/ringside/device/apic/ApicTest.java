package ringside.device.apic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.device.DrivenBoard;

/** Local APIC and I/O APIC. */
class ApicTest extends DrivenBoard {
    private static final long APIC = LocalApic.DEFAULT_BASE, IOAPIC = 0xfec0_0000L;

    @Test
    void apicTimerCountsTheCrystalAndFires() {
        m.memory().write(APIC + 0xf0, 4, 0x1ff);
        m.memory().write(APIC + 0x3e0, 4, 0xb);
        m.memory().write(APIC + 0x320, 4, 0x40);
        m.memory().write(APIC + 0x380, 4, 40_000);
        pass(20_000);
        assertEquals(20_000, m.memory().read(APIC + 0x390, 4));
        assertFalse(m.cpu().bus.interruptPending());
        pass(20_000);
        assertTrue(m.cpu().bus.interruptPending());
        assertEquals(0x40, m.cpu().bus.acknowledgeInterrupt());
        assertEquals(1, m.memory().read(APIC + 0x120, 4), "ISR bit 40h");
        m.memory().write(APIC + 0xb0, 4, 0);
        assertEquals(0, m.memory().read(APIC + 0x120, 4));
    }

    @Test
    void apicTaskPriorityHoldsBackItsClassAndBelow() {
        m.cpu().bus.setTaskPriority(4);
        m.memory().write(APIC + 0x300, 4, 0x4004f);
        assertFalse(m.cpu().bus.interruptPending());
        m.cpu().bus.setTaskPriority(3);
        assertEquals(0x4f, m.cpu().bus.acknowledgeInterrupt());
    }

    @Test
    void apicModeChangesFollowTheStateDiagram() {
        assertFalse(m.cpu().bus.writeApicMsr(0x800 + 8, 0), "x2APIC MSRs need x2APIC mode");
        assertTrue(m.cpu().bus.writeApicMsr(0x1b, APIC | 0xd00));
        assertTrue(m.cpu().bus.writeApicMsr(0x83f, 0x55));
        assertEquals(0x55, m.cpu().bus.acknowledgeInterrupt());
        assertFalse(m.cpu().bus.writeApicMsr(0x80b, 1), "EOI takes 0 only");
        assertTrue(m.cpu().bus.writeApicMsr(0x80b, 0));
        assertFalse(m.cpu().bus.writeApicMsr(0x1b, APIC | 0x900), "x2APIC to xAPIC");
        assertTrue(m.cpu().bus.writeApicMsr(0x1b, APIC | 0x100));
        assertFalse(m.cpu().bus.writeApicMsr(0x1b, APIC | 0xd00), "disabled to x2APIC");
    }

    @Test
    void ioApicLevelInputComesAgainAfterEoiWhileAsserted() {
        m.memory().write(IOAPIC, 4, 0x10 + 2 * 20);
        m.memory().write(IOAPIC + 0x10, 4, 0x8050);
        wire(20, true);
        assertEquals(0x50, m.cpu().bus.acknowledgeInterrupt());
        assertEquals(0x4000, m.memory().read(IOAPIC + 0x10, 4) & 0x4000, "remote IRR");
        m.memory().write(APIC + 0xb0, 4, 0);
        assertEquals(0x50, m.cpu().bus.acknowledgeInterrupt());
        wire(20, false);
        m.memory().write(APIC + 0xb0, 4, 0);
        assertFalse(m.board().apic().pending());
    }
}
