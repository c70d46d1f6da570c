package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.STACK;

import org.junit.jupiter.api.Test;
import ringside.guest.GuestView;
import ringside.snapshot.StateHash;

class GuestViewTest {
    private final SyntheticGuest guest = new SyntheticGuest();

    @Test
    void readsWordsAlsoAcrossPages() {
        guest.put(STACK + 0xffc, 0x1122_3344_5566_7788L);
        GuestView v = guest.at(0, 0, 0);
        assertTrue(v.load(STACK + 0xffc));
        assertEquals(0x1122_3344_5566_7788L, v.value());
        assertEquals(0x88, v.load8(STACK + 0xffc));
        byte[] b = new byte[8];
        assertEquals(8, v.read(STACK + 0xffc, b, 0, 8));
        assertEquals(0x11, b[7]);
    }

    @Test
    void saysWhatCannotBeRead() {
        GuestView v = guest.at(0, 0, 0);
        long end = STACK + 4096L * SyntheticGuest.PAGES;
        assertFalse(v.load(end));
        assertFalse(v.load(end - 4));
        assertFalse(v.load(0x8000_0000_0000_0000L), "not canonical");
        assertFalse(v.load(-4));
        assertEquals(-1, v.load8(0));
        byte[] b = new byte[16];
        assertEquals(4, v.read(end - 4, b, 0, 16));
        assertEquals(7, v.load(end, 7));
    }

    @Test
    void leavesNoTraceInTheGuest() {
        String before = StateHash.of(guest.machine);
        long fills = guest.cpu.mem.fills;
        GuestView v = guest.at(0, 0, 0);
        String started = StateHash.of(guest.machine);
        for (long a = STACK - 8192; a < STACK + 16384; a += 8) v.load(a);
        assertEquals(started, StateHash.of(guest.machine), "accessed bits, TLB, CR2");
        assertEquals(before, started);
        assertEquals(fills, guest.cpu.mem.fills);
    }

    @Test
    void readsAnotherAddressSpace() {
        long other = guest.newRoot();
        long pa = guest.map(other, 0x40_0000);
        guest.machine.memory().write(pa + 8, 8, 99);
        GuestView v = guest.at(0, 0, 0);
        assertFalse(v.load(0x40_0008));
        GuestView there = v.elsewhere(other, 1, 2, 3);
        assertTrue(there.load(0x40_0008));
        assertEquals(99, there.value());
        assertFalse(there.load(STACK));
        assertEquals(2, there.rsp());
    }

    @Test
    void seesLargePages() {
        long root = guest.newRoot();
        guest.map(root, 0x4000_0000L);
        long top = guest.machine.memory().read(root, 8) & -4096L;
        guest.machine.memory().write(top + 8 * 2, 8, 0x83);
        GuestView v = guest.at(0, 0, 0).elsewhere(root, 0, 0, 0);
        assertEquals(0x12345, v.translate(0x8001_2345L), "1 GiB page");
        long second = guest.machine.memory().read(top + 8, 8) & -4096L;
        guest.machine.memory().write(second + 8, 8, 0x20_0083);
        assertEquals(0x20_2345, v.translate(0x4020_2345L), "2 MiB page");
        assertEquals(0x4040_0000L, v.endOfMapping(0x4020_2345L));
        assertEquals(0x80_0000_0000L, v.endOfMapping(0xc000_0000L) & -0x80_0000_0000L | 0x80_0000_0000L);
    }
}
