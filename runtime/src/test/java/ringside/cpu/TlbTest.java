package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the TLB must forget and what it may keep: CR3 writes, global pages, PCIDs, INVLPG and INVPCID (SDM vol. 3,
 * 4.10.4). A translation that is kept is seen by changing the page table behind it. What may be kept is not promised by
 * the manual; the cases here are those the design promises.
 */
class TlbTest {
    private static final int PAGE = 0x30_000, OTHER = 0x31_000, ENTRY = SystemGuest.PT + 8 * (PAGE >> 12);
    private static final int PML4_B = 0x40_000, PDPT_B = 0x41_000, PD_B = 0x42_000, PT_B = 0x43_000;
    private static final int GLOBAL = 0x100;
    private static final long KEEP = 1L << 63;
    private final SystemGuest g = SystemGuest.longMode();

    @BeforeEach
    void marksTheTwoPages() {
        g.put(PAGE, 4, 1);
        g.put(OTHER, 4, 2);
        g.put(PML4_B, 8, PDPT_B | 7);
        g.put(PDPT_B, 8, PD_B | 7);
        g.put(PD_B, 8, PT_B | 7);
        for (int i = 0; i < 512; i++) g.put(PT_B + 8 * i, 8, (long) i << 12 | 7);
        g.put(PT_B + 8 * (PAGE >> 12), 8, OTHER | 7);
        write(4, g.cpu.cr4 | Cpu.CR4_PGE);
    }

    private void write(int cr, long v) {
        ControlRegisters.write(g.cpu, cr, v);
    }

    /** Fills the TLB from an entry, then lets the entry point to the other page. */
    private void mapThenMove(long flags) {
        g.put(ENTRY, 8, PAGE | flags);
        g.cpu.mem.flushAll();
        assertEquals(1, g.cpu.mem.load32(PAGE));
        g.put(ENTRY, 8, OTHER | flags);
    }

    private int seen() {
        return g.cpu.mem.load32(PAGE);
    }

    @Test
    void aCr3WriteForgetsWhatIsNotGlobal() {
        mapThenMove(7);
        write(3, SystemGuest.PML4);
        assertEquals(2, seen());
    }

    @Test
    void aCr3WriteKeepsGlobalPages() {
        mapThenMove(7 | GLOBAL);
        write(3, SystemGuest.PML4);
        assertEquals(1, seen());
    }

    @Test
    void theGlobalBitMeansNothingWithoutPge() {
        write(4, g.cpu.cr4 & ~Cpu.CR4_PGE);
        mapThenMove(7 | GLOBAL);
        write(3, SystemGuest.PML4);
        assertEquals(2, seen());
    }

    @Test
    void changingPgeForgetsGlobalPages() {
        mapThenMove(7 | GLOBAL);
        write(4, g.cpu.cr4 & ~Cpu.CR4_PGE);
        assertEquals(2, seen());
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 7 | GLOBAL})
    void invlpgForgetsThePage(int flags) {
        mapThenMove(flags);
        g.code("0f 01 38"); // invlpg [rax]
        g.cpu.gpr[Cpu.RAX] = PAGE + 0x123;
        assertEquals(-1, g.run(1));
        assertEquals(2, seen());
    }

    @Test
    void invlpgForgetsEveryPieceOfALargePage() {
        g.put(SystemGuest.PD + 8, 8, 0x40_0000 | 0x83);
        g.put(0x41_2000, 1, 1);
        g.put(0x61_2000, 1, 2);
        assertEquals(1, g.cpu.mem.load8(0x21_2000));
        g.put(SystemGuest.PD + 8, 8, 0x60_0000 | 0x83);
        g.cpu.mem.flushPage(0x20_0000);
        assertEquals(2, g.cpu.mem.load8(0x21_2000));
    }

    @Test
    void invlpgForgetsWhereTheLastTableIs() {
        mapThenMove(7);
        g.put(SystemGuest.PD, 8, PT_B | 7);
        g.cpu.mem.flushPage(PAGE);
        assertEquals(2, seen());
    }

    private void pcids() {
        write(4, g.cpu.cr4 | Cpu.CR4_PCIDE);
    }

    @Test
    void eachPcidHasItsOwnTranslations() {
        pcids();
        assertEquals(1, seen());
        write(3, PML4_B | 5);
        assertEquals(2, seen());
        write(3, SystemGuest.PML4 | KEEP);
        assertEquals(1, seen());
    }

    @Test
    void bit63OfCr3KeepsThePcidsTranslations() {
        pcids();
        mapThenMove(7);
        write(3, PML4_B | 5);
        write(3, SystemGuest.PML4 | KEEP);
        assertEquals(1, seen());
        write(3, SystemGuest.PML4);
        assertEquals(2, seen());
    }

    @Test
    void moreAddressSpacesThanTheTlbHoldsAreAllRight() {
        pcids();
        for (int round = 0; round < 3; round++) {
            for (int pcid = 1; pcid < 40; pcid++) {
                write(3, (pcid % 2 == 0 ? SystemGuest.PML4 : PML4_B) | pcid | KEEP);
                assertEquals(pcid % 2 == 0 ? 1 : 2, seen());
            }
        }
    }

    private void invpcid(int type, long pcid, long linear) {
        int at = 0x50_000;
        g.put(at, 8, pcid);
        g.put(at + 8, 8, linear);
        g.cpu.gpr[Cpu.RAX] = type;
        g.cpu.gpr[Cpu.RBX] = at;
        g.code("66 0f 38 82 03"); // invpcid rax, [rbx]
        assertEquals(-1, g.run(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void invpcidForgetsAnotherAddressSpacesPage(int type) {
        pcids();
        mapThenMove(7);
        write(3, PML4_B | 5);
        invpcid(type, 0, PAGE);
        write(3, SystemGuest.PML4 | KEEP);
        assertEquals(2, seen());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void invpcidOfOneOrAllAddressSpacesKeepsGlobalPages(int type) {
        pcids();
        mapThenMove(7 | GLOBAL);
        invpcid(type, 0, 0);
        assertEquals(1, seen());
    }

    @Test
    void invpcidTypeTwoForgetsGlobalPages() {
        pcids();
        mapThenMove(7 | GLOBAL);
        invpcid(2, 0, 0);
        assertEquals(2, seen());
    }

    @Test
    void leavingPcidsForgetsEverything() {
        pcids();
        mapThenMove(7);
        write(4, g.cpu.cr4 & ~Cpu.CR4_PCIDE);
        assertEquals(2, seen());
    }

    @Test
    void codeThatTheGuestDecodesLosesWritePermissionInEveryAddressSpace() {
        pcids();
        g.cpu.mem.store32(PAGE, 0x9090_9090);
        write(3, PML4_B | 5);
        g.put(PT_B + 8 * (PAGE >> 12), 8, PAGE | 7);
        g.cpu.mem.flushPage(PAGE);
        g.cpu.mem.store32(PAGE, 0x90f4_9090); // nop; nop; hlt; nop
        g.cpu.rip = PAGE;
        g.machine.run(g.cpu.instructions() + 10);
        assertEquals(PAGE + 3, g.cpu.rip);
        g.cpu.halted = false;
        write(3, SystemGuest.PML4 | KEEP);
        g.cpu.mem.store32(PAGE, 0xf490_9090);
        g.cpu.rip = PAGE;
        g.machine.run(g.cpu.instructions() + 10);
        assertEquals(PAGE + 4, g.cpu.rip);
    }
}
