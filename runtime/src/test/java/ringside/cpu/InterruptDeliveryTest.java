package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import ringside.machine.Outcome;

/** Entries through the IDT, and what happens when they fail. Expected values: Intel SDM vol. 3, chapter 6. */
class InterruptDeliveryTest {
    private static final long RF = 0x10000;

    @Test
    void longModePushesFiveWordsOnAnAlignedStack() {
        SystemGuest g = SystemGuest.longMode();
        g.cpu.gpr[Cpu.RSP] = SystemGuest.STACK + 5;
        g.code("cd 40"); // int 0x40
        assertEquals(0x40, g.run(5));
        assertEquals(SystemGuest.STACK - 40, g.cpu.gpr[Cpu.RSP]);
        assertArrayEquals(
                new long[] {SystemGuest.CODE + 2, SystemGuest.CODE0, 2, SystemGuest.STACK + 5, SystemGuest.DATA0},
                g.frame(5));
    }

    @Test
    void aFaultPushesItsErrorCodeAndSetsRf() {
        SystemGuest g = SystemGuest.longMode();
        g.code("b8 30 00 00 00 8e d8"); // mov eax, 0x30; mov ds, eax: the descriptor is empty
        assertEquals(Vector.GP, g.run(5));
        long[] f = g.frame(4);
        assertEquals(0x30, f[0]);
        assertEquals(SystemGuest.CODE + 5, f[1]);
        assertEquals(RF | 2, f[3]);
    }

    @Test
    void userCodeSwitchesToTheStackInTheTss() {
        SystemGuest g = SystemGuest.longMode();
        g.enter(3);
        g.code("cd 40");
        assertEquals(0x40, run(g));
        assertEquals(SystemGuest.RING0_STACK - 40, g.cpu.gpr[Cpu.RSP]);
        assertEquals(0, g.cpu.seg[Cpu.SS].selector);
        assertEquals(SystemGuest.DATA3, g.frame(5)[4]);
    }

    @Test
    void theInterruptStackTableOverridesTheStack() {
        SystemGuest g = SystemGuest.longMode();
        g.gate(0x40, 0x8e, 1);
        g.code("cd 40");
        assertEquals(0x40, run(g));
        assertEquals((SystemGuest.IST1 & -16) - 40, g.cpu.gpr[Cpu.RSP]);
    }

    @Test
    void softwareInterruptsNeedThePrivilegeOfTheGate() {
        SystemGuest g = SystemGuest.longMode();
        g.gate(0x40, 0x8e, 0);
        g.enter(3);
        g.code("cd 40");
        assertEquals(Vector.GP, run(g));
        assertEquals(0x40 * 8 + 2, g.frame(1)[0]);
    }

    @Test
    void aGateThatIsNotPresentIsReportedWithIdtBit() {
        SystemGuest g = SystemGuest.longMode();
        g.gate(0x40, 0x6e, 0);
        g.code("cd 40");
        assertEquals(Vector.NP, run(g));
        assertEquals(0x40 * 8 + 2, g.frame(1)[0]);
    }

    @Test
    void aContributoryFaultDuringAnotherIsADoubleFault() {
        SystemGuest g = SystemGuest.longMode();
        g.gate(Vector.GP, 0x0e, 0);
        g.code("b8 30 00 00 00 8e d8");
        assertEquals(Vector.DF, run(g));
        assertEquals(0, g.frame(1)[0]);
        assertEquals(SystemGuest.CODE + 5, g.frame(2)[1]);
    }

    @Test
    void undefinedOpcodeFollowedByNotPresentIsHandledInTurn() {
        SystemGuest g = SystemGuest.longMode();
        g.gate(Vector.UD, 0x0e, 0);
        g.code("0f 0b"); // ud2
        assertEquals(Vector.NP, run(g));
        assertEquals(Vector.UD * 8 + 3, g.frame(1)[0]);
    }

    @Test
    void aFaultDuringTheDoubleFaultEndsTheRun() {
        SystemGuest g = SystemGuest.longMode();
        g.cpu.idtLimit = 0;
        g.code("0f 0b");
        assertEquals(Outcome.Reason.TRIPLE_FAULT, g.machine.run(10).reason());
    }

    @Test
    void protectedModeKeepsTheStackAtTheSameLevelAndSwitchesItInwards() {
        SystemGuest g = SystemGuest.protectedMode();
        g.code("cd 40");
        assertEquals(0x40, run(g));
        assertArrayEquals(new long[] {SystemGuest.CODE + 2, SystemGuest.CODE0, 2}, g.frame(3));
        g = SystemGuest.protectedMode();
        g.enter(3);
        g.code("cd 40");
        assertEquals(0x40, run(g));
        assertEquals(SystemGuest.RING0_STACK - 20, g.cpu.gpr[Cpu.RSP]);
        assertArrayEquals(
                new long[] {SystemGuest.CODE + 2, SystemGuest.CODE3, 2, SystemGuest.STACK, SystemGuest.DATA3},
                g.frame(5));
    }

    @Test
    void realModeUsesTheInterruptTable() {
        SystemGuest g = SystemGuest.protectedMode();
        g.cpu.cr0 = Cpu.CR0_ET;
        g.cpu.idtBase = 0;
        g.cpu.idtLimit = 0x3ff;
        for (int s = 0; s < 6; s++) SegmentLoading.loadReal(g.cpu, g.cpu.seg[s], 0);
        g.cpu.seg[Cpu.CS].access = 0x9b;
        g.cpu.seg[Cpu.SS].access = 0x93;
        g.cpu.updateMode();
        g.put(0x40 * 4, 4, SystemGuest.HANDLERS + 0x40);
        g.put(0x500, 2, 0x40cd);
        g.cpu.rip = 0x500;
        g.cpu.gpr[Cpu.RSP] = 0x800;
        g.machine.run(2);
        assertTrue(g.cpu.halted);
        assertEquals(0x7fa, g.cpu.gpr[Cpu.RSP]);
        assertEquals(0x502, g.get(0x7fa, 2));
    }

    @Test
    void nmiIsBlockedUntilIret() {
        SystemGuest g = SystemGuest.longMode();
        g.put(SystemGuest.HANDLERS + Vector.NMI, 4, 0xcf48_9090L); // nop; nop; iretq
        g.code("90 90 90 90 90 90 f4");
        g.machine.raiseNmi();
        g.machine.run(1);
        g.machine.raiseNmi();
        g.machine.run(2);
        assertEquals(1, g.cpu.deliveries[Vector.NMI]);
        g.machine.run(6);
        assertEquals(2, g.cpu.deliveries[Vector.NMI]);
    }

    private static int run(SystemGuest g) {
        return g.run(5);
    }
}
