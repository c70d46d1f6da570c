package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.memory.GuestFault;

/** Page-fault error codes and accessed and dirty bits. Expected values: Intel SDM vol. 3, 4.6, 4.7 and 4.8. */
class PagingTest {
    private static final int PAGE = 0x30000;
    private static final long ENTRY = SystemGuest.PT + (PAGE >> 12) * 8;

    private final SystemGuest g = SystemGuest.longMode();

    private int error(String access) {
        GuestFault f = assertThrows(GuestFault.class, () -> {
            switch (access) {
                case "read" -> g.cpu.mem.load32(PAGE);
                case "write" -> g.cpu.mem.store32(PAGE, 1);
                default -> g.cpu.mem.execHost(PAGE);
            }
        });
        assertEquals(g.cpu.guestFault, f);
        assertEquals(Vector.PF, g.cpu.faultVector);
        assertEquals(PAGE, g.cpu.cr2);
        return g.cpu.faultError;
    }

    private void map(long flags) {
        g.put(ENTRY, 8, PAGE | flags);
        g.cpu.mem.flushAll();
    }

    @ParameterizedTest
    @CsvSource({"0, read, 0", "0, write, 2", "0, fetch, 16", "3, read, 4", "3, write, 6", "3, fetch, 20"})
    void aPageThatIsNotPresentReportsWhoWantedWhat(int cpl, String access, int expected) {
        g.enter(cpl);
        map(0);
        assertEquals(expected, error(access));
    }

    @ParameterizedTest
    @CsvSource({"read, 5", "write, 7", "fetch, 21"})
    void userCodeMayNotTouchASupervisorPage(String access, int expected) {
        g.enter(3);
        map(3);
        assertEquals(expected, error(access));
    }

    @Test
    void userCodeMayNotWriteAReadOnlyPage() {
        g.enter(3);
        map(5);
        assertEquals(7, error("write"));
    }

    @Test
    void writeProtectionBindsTheSupervisorOnlyWithWp() {
        map(1);
        assertEquals(3, error("write"));
        g.cpu.cr0 &= ~Cpu.CR0_WP;
        g.cpu.mem.flushAll();
        g.cpu.mem.store32(PAGE, 7);
        assertEquals(7, g.get(PAGE, 4));
    }

    @Test
    void noExecuteForbidsFetches() {
        map(3 | 1L << 63);
        assertEquals(17, error("fetch"));
    }

    @Test
    void noExecuteIsReservedWithoutNxe() {
        g.cpu.efer &= ~Cpu.EFER_NXE;
        map(3 | 1L << 63);
        assertEquals(9, error("read"));
    }

    @Test
    void addressBitsBeyondThePhysicalWidthAreReserved() {
        map(3 | 1L << 46);
        assertEquals(11, error("write"));
    }

    @Test
    void smepForbidsSupervisorFetchesFromUserPages() {
        g.cpu.cr4 |= Cpu.CR4_SMEP;
        map(7);
        assertEquals(17, error("fetch"));
    }

    @Test
    void smapForbidsSupervisorDataAccessUnlessAcIsSet() {
        g.cpu.cr4 |= Cpu.CR4_SMAP;
        g.cpu.updateMode();
        map(7);
        assertEquals(1, error("read"));
        assertEquals(3, error("write"));
        g.cpu.setRflags(2 | Flags.AC);
        g.cpu.mem.store32(PAGE, 5);
        assertEquals(5, g.cpu.mem.load32(PAGE));
    }

    @Test
    void readsSetAccessedAndWritesSetDirty() {
        map(7);
        g.cpu.mem.load8(PAGE);
        assertEquals(0x27, g.get(ENTRY, 8) & 0xff);
        g.cpu.mem.store8(PAGE, 1);
        assertEquals(0x67, g.get(ENTRY, 8) & 0xff);
    }

    @Test
    void largePagesMapTwoMegabytes() {
        g.put(SystemGuest.PD + 8, 8, 0x40_0000 | 0x83);
        g.put(0x41_2345, 1, 0x5a);
        assertEquals(0x5a, g.cpu.mem.load8(0x21_2345));
    }

    @Test
    void nonCanonicalAddressesAreGeneralProtection() {
        assertThrows(GuestFault.class, () -> g.cpu.mem.load8(1L << 47));
        assertEquals(Vector.GP, g.cpu.faultVector);
    }
}
