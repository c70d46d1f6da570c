package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import ringside.memory.GuestFault;

/**
 * 32-bit and PAE paging, control-register checks and long-mode returns. Expected values: Intel SDM vol. 3, 4.3, 4.4,
 * 2.5; vol. 2, IRET.
 */
class LegacyPagingTest {
    private static final int DIRECTORY = 0x1000, TABLE = 0x2000;
    private final SystemGuest g = SystemGuest.protectedMode();

    @BeforeEach
    void mapLowMemory() {
        g.put(DIRECTORY, 4, TABLE | 7);
        for (int i = 0; i < 1024; i++) g.put(TABLE + 4 * i, 4, i << 12 | 7);
        g.cpu.cr3 = DIRECTORY;
    }

    private void paging() {
        ControlRegisters.writeCr0(g.cpu, (Cpu.CR0_PE | Cpu.CR0_WP) | Cpu.CR0_PG & 0xffff_ffffL);
    }

    @Test
    void fourMegabytePagesNeedPse() {
        g.put(DIRECTORY + 4, 4, 0x80_0000 | 0x83);
        g.put(0x81_2345, 1, 0x5a);
        ControlRegisters.write(g.cpu, 4, Cpu.CR4_PSE);
        paging();
        assertEquals(0x5a, g.cpu.mem.load8(0x41_2345));
        g.cpu.mem.store8(0x41_2345, 1);
        assertEquals(0xe3, g.get(DIRECTORY + 4, 4) & 0xff);
        // PSE-36: bits 20:13 are bits 39:32 of the page's address, bit 21 is reserved
        g.put(DIRECTORY + 4, 4, 0x80_0000 | 0xa5 << 13 | 0x83);
        g.cpu.mem.flushAll();
        assertEquals(0xa5_0081_2345L, g.cpu.mem.probe(0x41_2345));
        g.put(DIRECTORY + 4, 4, 0x80_0000 | 1 << 21 | 0x83);
        g.cpu.mem.flushAll();
        assertThrows(GuestFault.class, () -> g.cpu.mem.load8(0x41_2345));
        assertEquals(9, g.cpu.faultError);
    }

    @Test
    void twoLevelsGiveTheErrorCodesOfThirtyTwoBitPaging() {
        g.put(TABLE + 4 * 0x30, 4, 0x30000 | 1);
        paging();
        g.enter(3);
        assertThrows(GuestFault.class, () -> g.cpu.mem.store8(0x30010, 1));
        assertEquals(7, g.cpu.faultError);
        assertEquals(0x30010, g.cpu.cr2);
        assertThrows(GuestFault.class, () -> g.cpu.mem.execHost(0x30010));
        assertEquals(5, g.cpu.faultError);
    }

    @Test
    void paeLoadsItsFourEntriesWithCr3AndChecksThem() {
        int pdpt = 0x3000;
        int pd = 0x4000;
        g.put(pdpt, 8, pd | 1);
        g.put(pd, 8, 0x83);
        g.cpu.cr3 = pdpt;
        ControlRegisters.write(g.cpu, 4, Cpu.CR4_PAE);
        paging();
        g.put(0x1_2345, 1, 0x77);
        assertEquals(0x77, g.cpu.mem.load8(0x1_2345));
        g.put(pdpt, 8, pd | 3);
        assertThrows(GuestFault.class, () -> ControlRegisters.write(g.cpu, 3, pdpt));
        assertEquals(Vector.GP, g.cpu.faultVector);
    }

    @Test
    void controlRegistersRefuseForbiddenCombinations() {
        assertThrows(GuestFault.class, () -> ControlRegisters.writeCr0(g.cpu, 0x8000_0000L));
        assertThrows(GuestFault.class, () -> ControlRegisters.writeCr0(g.cpu, 0x2000_0001L));
        assertThrows(GuestFault.class, () -> ControlRegisters.write(g.cpu, 4, 1L << 31));
        assertThrows(GuestFault.class, () -> ControlRegisters.write(g.cpu, 4, Cpu.CR4_PCIDE));
        assertThrows(GuestFault.class, () -> ControlRegisters.write(g.cpu, 8, 16));
        assertThrows(GuestFault.class, () -> ControlRegisters.write(g.cpu, 1, 0));
        assertEquals(Vector.UD, g.cpu.faultVector);
    }

    @Test
    void iretqReturnsToUserCodeAndAcceptsANullStackInsideTheKernel() {
        SystemGuest l = SystemGuest.longMode();
        long[] frame = {SystemGuest.CODE + 0x100, SystemGuest.CODE3, 0x202, 0x2_4ff8, SystemGuest.DATA3};
        l.cpu.gpr[Cpu.RSP] = SystemGuest.STACK - 40;
        for (int i = 0; i < 5; i++) l.put(SystemGuest.STACK - 40 + 8 * i, 8, frame[i]);
        l.code("48 cf"); // iretq
        l.machine.run(1);
        assertEquals(3, l.cpu.cpl);
        assertEquals(0x2_4ff8, l.cpu.gpr[Cpu.RSP]);
        assertEquals(0x202, l.cpu.rflags());

        SystemGuest k = SystemGuest.longMode();
        frame[1] = SystemGuest.CODE0;
        frame[4] = 0;
        k.cpu.gpr[Cpu.RSP] = SystemGuest.STACK - 40;
        for (int i = 0; i < 5; i++) k.put(SystemGuest.STACK - 40 + 8 * i, 8, frame[i]);
        k.code("48 cf");
        k.machine.run(1);
        assertEquals(SystemGuest.CODE + 0x100, k.cpu.rip);
        assertEquals(0, k.cpu.seg[Cpu.SS].selector);
    }

    @Test
    void alignmentIsCheckedOnlyForUserCodeWithAcAndAm() {
        SystemGuest l = SystemGuest.longMode();
        l.cpu.cr0 |= Cpu.CR0_AM;
        l.enter(3);
        l.cpu.setRflags(2 | Flags.AC);
        l.cpu.mem.load32(0x30004);
        assertThrows(GuestFault.class, () -> l.cpu.mem.load32(0x30001));
        assertEquals(Vector.AC, l.cpu.faultVector);
        l.enter(0);
        l.cpu.mem.load32(0x30001);
    }
}
