package ringside.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import ringside.cpu.CpuModel;
import ringside.device.apic.LocalApic;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.snapshot.StateHash;

/**
 * The board's devices driven through their ports and registers, as the data sheets describe them. Time is set through
 * the retired-instruction count.
 */
class DeviceTest {
    private static final long APIC = LocalApic.DEFAULT_BASE, IOAPIC = 0xfec0_0000L;
    private final Machine m =
            Machine.interpreted(new MachineConfig(8 << 20, CpuModel.standard(), Set.of("testdev"), false));

    private void out(int port, int... values) {
        for (int v : values) m.ports().out(port, 1, v);
    }

    private int in(int port) {
        return m.ports().in(port, 1);
    }

    /** Lets virtual time pass and fires what is due. */
    private void pass(long ns) {
        m.cpu().budgetEnd += ns;
        m.events().run(m.now());
    }

    private void pic() {
        out(0x20, 0x11);
        out(0x21, 0x20, 0x04, 0x01, 0x00);
        out(0xa0, 0x11);
        out(0xa1, 0x28, 0x02, 0x01, 0x00);
    }

    private void wire(int n, boolean level) {
        out(0x2000 + n, level ? 1 : 0);
    }

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
    void rtcTakesItsRequestBackWhenItIsDisabled() {
        out(0x70, 0x0b);
        out(0x71, 0x12);
        pass(2_000_000_000L);
        out(0x71, 0x02); // update-ended interrupt off
        out(0x70, 0x0c);
        assertEquals(0x10, in(0x71) & 0x90, "UF and not IRQF (MC146818, register C)");
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

    @Test
    void debugConsoleHandsOnItsBytes() {
        try (Machine plain = Machine.interpreted(new MachineConfig(1 << 20, CpuModel.standard(), Set.of(), false))) {
            StringBuilder text = new StringBuilder();
            plain.board().debugConsole().setSink(b -> text.append((char) b));
            for (char c : "ok".toCharArray()) plain.ports().out(0xe9, 1, c);
            assertEquals("ok", text.toString());
            assertEquals(0xe9, plain.ports().in(0xe9, 1));
        }
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

    @Test
    void testDeviceLatchKeepsBytesAndWords() {
        m.ports().out(0xe0, 4, 0x11223344);
        m.ports().out(0xe1, 1, 0xaa);
        assertEquals(0x1122aa44, m.ports().in(0xe0, 4));
        m.memory().write(0xff00_0010L, 4, 0xdeadbeefL);
        assertEquals(0xbeef, m.memory().read(0xff00_0010L, 2));
    }

    @Test
    void fwCfgAnswersItsSignature() {
        m.ports().out(0x510, 2, 0);
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 4; i++) s.append((char) in(0x511));
        assertEquals("QEMU", s.toString());
        assertEquals(0, in(0x511));
    }

    @Test
    void unclaimedPortsReadAllOnes() {
        assertEquals(-1, m.ports().in(0x1234, 4));
        assertEquals(0xff, in(0x1234));
    }

    @Test
    void sleepTypeFiveTurnsTheMachineOff() {
        m.ports().out(0x604, 2, 0x3400);
        assertEquals(Outcome.Reason.POWER_OFF, m.run(1).reason());
    }

    @Test
    void debugExitEndsWithItsValue() {
        m.ports().out(0xf4, 4, 0x10);
        assertEquals(new Outcome(Outcome.Reason.DEBUG_EXIT, 0x10), m.run(1));
    }

    @Test
    void acpiRootPointerAndTablesSumToZero() {
        byte[] image = new byte[0x400];
        m.memory().read(0xf0000, image, 0, image.length);
        int sum = 0;
        for (int i = 0; i < 20; i++) sum += image[i];
        assertEquals(0, sum & 0xff);
        for (int at : new int[] {0x40, 0x80, 0xc0, 0x1c0, 0x280, 0x380}) {
            int length = image[at + 4] & 0xff | (image[at + 5] & 0xff) << 8;
            sum = 0;
            for (int i = 0; i < length; i++) sum += image[at + i];
            assertEquals(0, sum & 0xff, "table at " + at);
        }
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
