package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Call gates, far returns, task switches, virtual-8086 mode and reset. Expected values: Intel SDM vol. 3, 5.8, 7.3,
 * 9.1, 21.2.
 */
class ProtectedTransferTest {
    private static final int GATE = 0x38, OTHER_TASK = 0x40, OTHER_TSS = 0x5000;
    private final SystemGuest g = SystemGuest.protectedMode();

    private void callGate(int parameters) {
        long offset = SystemGuest.HANDLERS + 0x80;
        g.put(
                SystemGuest.GDT + GATE,
                8,
                offset & 0xffff | SystemGuest.CODE0 << 16 | (long) parameters << 32 | 0xecL << 40);
    }

    @Test
    void aCallGateToAnInnerLevelSwitchesTheStackAndCopiesParameters() {
        callGate(2);
        g.enter(3);
        g.put(SystemGuest.STACK, 4, 11);
        g.put(SystemGuest.STACK + 4, 4, 22);
        g.code("9a 00 00 00 00 3b 00"); // call 0x3b:0
        assertEquals(0x80, g.run(3));
        assertEquals(SystemGuest.RING0_STACK - 24, g.cpu.gpr[Cpu.RSP]);
        assertArrayEquals(
                new long[] {SystemGuest.CODE + 7, SystemGuest.CODE3, 11, 22, SystemGuest.STACK, SystemGuest.DATA3},
                g.frame(6));
    }

    @Test
    void aFarReturnToAnOuterLevelReleasesParametersOnBothStacks() {
        callGate(2);
        g.put(SystemGuest.HANDLERS + 0x80, 3, 0);
        g.put(SystemGuest.HANDLERS + 0x80, 2, 0x08ca); // retf 8
        g.put(SystemGuest.HANDLERS + 0x82, 1, 0);
        g.enter(3);
        g.code("9a 00 00 00 00 3b 00 0f 0b"); // call 0x3b:0; ud2
        assertEquals(Vector.UD, g.run(4));
        assertEquals(SystemGuest.STACK + 8, g.frame(4)[3]);
    }

    @Test
    void aGateBelowThePrivilegeOfTheCallerIsRefused() {
        callGate(0);
        g.put(SystemGuest.GDT + GATE + 5, 1, 0x8c);
        g.enter(3);
        g.code("9a 00 00 00 00 3b 00");
        assertEquals(Vector.GP, g.run(3));
        assertEquals(GATE, g.frame(1)[0]);
    }

    private void otherTask() {
        g.put(SystemGuest.GDT + OTHER_TASK, 8, 0x0000_8900_0000_0067L | (long) OTHER_TSS << 16);
        g.put(OTHER_TSS + 32, 4, SystemGuest.CODE + 0x100);
        g.put(OTHER_TSS + 36, 4, 2);
        g.put(OTHER_TSS + 40 + 16, 4, 0x2_5000); // esp
        g.put(OTHER_TSS + 40, 4, 0x1234);
        for (int s = 0; s < 6; s++)
            g.put(OTHER_TSS + 72 + 4 * s, 4, s == Cpu.CS ? SystemGuest.CODE0 : SystemGuest.DATA0);
        g.put(SystemGuest.GDT + SystemGuest.TASK + 5, 1, 0x8b);
    }

    @Test
    void aCalledTaskIsNestedAndReturnsByIret() {
        otherTask();
        g.put(SystemGuest.CODE + 0x100, 1, 0xcf); // iret
        g.code("9a 00 00 00 00 40 00 f4"); // call 0x40:0; hlt
        g.machine.run(1);
        assertEquals(OTHER_TASK, g.cpu.tr.selector);
        assertEquals(0x1234, g.cpu.gpr[Cpu.RAX]);
        assertEquals(SystemGuest.TASK, g.get(OTHER_TSS, 2));
        assertTrue((g.cpu.rflags() & Flags.NT) != 0);
        assertTrue((g.cpu.cr0 & Cpu.CR0_TS) != 0);
        assertEquals(0x8b, g.get(SystemGuest.GDT + OTHER_TASK + 5, 1));
        g.machine.run(2);
        assertEquals(SystemGuest.TASK, g.cpu.tr.selector);
        assertEquals(SystemGuest.CODE + 7, g.cpu.rip);
        assertEquals(0x89, g.get(SystemGuest.GDT + OTHER_TASK + 5, 1));
        assertEquals(0, g.cpu.rflags() & Flags.NT);
    }

    @Test
    void aJumpToATaskMovesTheBusyBit() {
        otherTask();
        g.code("ea 00 00 00 00 40 00"); // jmp 0x40:0
        g.machine.run(1);
        assertEquals(0x89, g.get(SystemGuest.GDT + SystemGuest.TASK + 5, 1));
        assertEquals(0x8b, g.get(SystemGuest.GDT + OTHER_TASK + 5, 1));
        assertEquals(0, g.cpu.rflags() & Flags.NT);
        assertEquals(SystemGuest.CODE + 7, g.get(SystemGuest.TSS + 32, 4));
    }

    @Test
    void iretEntersVirtual8086ModeAndAnExceptionLeavesIt() {
        long[] frame = {0x100, 0x200, Flags.VM | 2, 0x800, 0x300, 0x11, 0x22, 0x33, 0x44};
        g.cpu.gpr[Cpu.RSP] = SystemGuest.STACK - 36;
        for (int i = 0; i < frame.length; i++) g.put(SystemGuest.STACK - 36 + 4 * i, 4, frame[i]);
        g.put(0x2100, 2, 0x0b0f); // ud2 at 200h:100h
        g.code("cf"); // iret
        g.machine.run(1);
        assertTrue(g.cpu.v86());
        assertEquals(0x2000, g.cpu.seg[Cpu.CS].base);
        assertEquals(3, g.cpu.cpl);
        assertEquals(Vector.UD, g.run(2));
        assertFalse(g.cpu.v86());
        assertEquals(SystemGuest.RING0_STACK - 36, g.cpu.gpr[Cpu.RSP]);
        assertArrayEquals(
                new long[] {0x100, 0x200, Flags.VM | Flags.RF | 2, 0x800, 0x300, 0x11, 0x22, 0x33, 0x44}, g.frame(9));
        assertEquals(0, g.cpu.seg[Cpu.DS].selector);
    }

    @Test
    void movSsHoldsOffInterruptsForOneInstruction() {
        g.code("8e d0 90 f4"); // mov ss, eax; nop; hlt
        g.cpu.gpr[Cpu.RAX] = SystemGuest.DATA0;
        g.machine.run(1);
        g.machine.raiseNmi();
        g.machine.run(2);
        assertEquals(0, g.cpu.deliveries[Vector.NMI]);
        g.machine.run(3);
        assertEquals(SystemGuest.CODE + 3, g.frame(1)[0]);
    }

    @Test
    void verrAndLarTellWithoutFaulting() {
        g.code("66 b8 10 00 0f 00 e0 0f 02 c8 66 ba f8 0f 0f 00 e2 f4"); // mov ax, 10h; verr ax; lar ecx, eax; mov dx,
        // 0ff8h; verr dx; hlt
        g.machine.run(6);
        assertEquals(0x00cf9300L, g.cpu.gpr[Cpu.RCX]);
        assertEquals(0, g.cpu.rflags() & Flags.ZF);
    }

    @Test
    void resetStartsAtTheTopOfTheAddressSpace() {
        g.cpu.reset();
        assertEquals(0xffff_fff0L, g.cpu.codeLinear());
        assertEquals(0x6000_0010L, g.cpu.cr0);
        assertEquals(0, g.cpu.protectedMode() ? 1 : 0);
        Reset.startup(g.cpu, 0x9a);
        assertEquals(0x9a000, g.cpu.codeLinear());
    }
}
