package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * Single step, breakpoints, shadows, ports and user-mode limits. Expected values: Intel SDM vol. 3, chapter 18; vol. 1,
 * 19.5.
 */
class DebugTrapsTest {
    private final SystemGuest g = SystemGuest.longMode();

    @Test
    void singleStepTrapsBehindTheInstruction() {
        g.code("90 90 90");
        g.cpu.setRflags(2 | Flags.TF);
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE + 1, g.frame(1)[0]);
        assertEquals(0xffff4ff0L, g.cpu.dr[6]);
    }

    @Test
    void anExecutionBreakpointIsAFaultAndRfPassesIt() {
        g.code("90 90 f4");
        g.cpu.dr[0] = SystemGuest.CODE + 1;
        DebugTraps.write(g.cpu, 7, 1);
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE + 1, g.frame(1)[0]);
        assertEquals(0xffff0ff1L, g.cpu.dr[6]);
        g.cpu.halted = false;
        g.cpu.rip = SystemGuest.CODE + 1;
        g.cpu.setRflags(2 | Flags.RF);
        g.run(2);
        assertEquals(SystemGuest.CODE + 3, g.cpu.rip);
    }

    @Test
    void aDataBreakpointTrapsBehindTheWrite() {
        g.code("c6 04 25 03 00 03 00 01 90"); // mov byte [0x30003], 1
        g.cpu.dr[1] = 0x30000;
        DebugTraps.write(g.cpu, 7, 4 | 0xdL << 20); // L1, write, 4 bytes
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE + 8, g.frame(1)[0]);
        assertEquals(0xffff0ff2L, g.cpu.dr[6]);
    }

    @Test
    void generalDetectGuardsTheDebugRegisters() {
        g.code("0f 21 c0"); // mov rax, dr0
        DebugTraps.write(g.cpu, 7, DebugTraps.GD);
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE, g.frame(1)[0]);
        assertEquals(0xffff2ff0L, g.cpu.dr[6]);
        assertEquals(0x400, g.cpu.dr[7]);
    }

    @Test
    void int1TrapsWithoutTouchingDr6() {
        g.code("f1");
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE + 1, g.frame(1)[0]);
        assertEquals(0xffff0ff0L, g.cpu.dr[6]);
    }

    @Test
    void theSingleStepFlagThatSysretSetsTrapsBeforeTheNextInstruction() {
        g.cpu.msrs.star = 0x0010L << 48;
        g.cpu.gpr[Cpu.RCX] = SystemGuest.CODE + 0x100;
        g.cpu.gpr[11] = 2 | Flags.TF;
        g.code("48 0f 07"); // sysretq
        assertEquals(Vector.DB, g.run(5));
        assertEquals(SystemGuest.CODE + 0x100, g.frame(1)[0]);
        assertEquals(0xffff4ff0L, g.cpu.dr[6]);
    }

    @Test
    void portsOfUserCodeNeedAClearBitInTheTss() {
        g.enter(3);
        g.code("e6 80 90"); // out 0x80, al
        assertEquals(Vector.GP, g.run(5));
        SystemGuest open = SystemGuest.longMode();
        Descriptors.fill(open.cpu.tr, SystemGuest.TASK, 0x0000_8900_0000_0100L | (long) SystemGuest.TSS << 16);
        open.enter(3);
        open.code("e6 80 0f 0b"); // out 0x80, al; ud2
        assertEquals(Vector.UD, open.run(5));
    }

    @Test
    void systemCallsGoThroughStarAndLstar() {
        g.cpu.msrs.star = 0x0010_0008L << 32;
        g.cpu.msrs.lstar = SystemGuest.HANDLERS + 0x77;
        g.cpu.msrs.fmask = Flags.DF;
        g.enter(3);
        g.cpu.setRflags(2 | Flags.DF | Flags.CF);
        g.code("0f 05"); // syscall
        assertEquals(0x77, g.run(3));
        assertEquals(SystemGuest.CODE + 2, g.cpu.gpr[Cpu.RCX]);
        assertEquals(0x403, g.cpu.gpr[11]);
        assertEquals(3, g.cpu.rflags());
        assertEquals(0, g.cpu.cpl);
    }

    @Test
    void msrsAreReadAndWrittenAndUnknownOnesFault() {
        g.code("b9 03 01 00 c0 b8 2a 00 00 00 31 d2 0f 30 0f 01 f9 b9 34 12 00 00 0f 32");
        // mov ecx, 0xc0000103; mov eax, 42; xor edx, edx; wrmsr; rdtscp; mov ecx, 0x1234; rdmsr
        assertEquals(Vector.GP, g.run(9));
        assertEquals(0, g.frame(1)[0]);
        assertEquals(42, g.cpu.msrs.tscAux);
    }
}
