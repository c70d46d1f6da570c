package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.OTHER_STACK;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.guest.GuestView;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.orc.OrcTable.Layout;
import ringside.unwinder.symbols.Symbols;

/** A table encoded in each of the three layouts of the kernel's headers leads to the same frames. */
class OrcWalkTest {
    private static final long IPS = SyntheticGuest.DATA, ENTRIES = IPS + 0x1000;
    private static final int CALL = 2, REGS = 3, PARTIAL = 4, END = 1, NOTHING = 0;
    private static final int SP = 5, BP = 4, PREV = 1, R10 = 6, SP_AT = 9, BP_AT = 8;
    private final SyntheticGuest guest = new SyntheticGuest();

    private record Entry(long from, int spBase, int spOffset, int bpBase, int bpOffset, int type) {}

    private final List<Entry> table = new ArrayList<>();

    private void entry(long from, int spBase, int spOffset, int bpBase, int bpOffset, int type) {
        table.add(new Entry(from, spBase, spOffset, bpBase, bpOffset, type));
    }

    private static int fields(Entry e, Layout layout) {
        int registers = e.spBase | e.bpBase << 4;
        if (layout == Layout.SINCE_6_4) return registers | e.type << 8;
        int type = switch (e.type) {
            case REGS -> 1;
            case PARTIAL -> 2;
            default -> 0;
        };
        return registers | type << 8 | (e.type == END ? layout == Layout.IN_6_3 ? 1 << 11 : 1 << 10 : 0);
    }

    private Trace trace(Layout layout, GuestView v) {
        // many ordinary entries, as in a kernel
        for (int f = 50; f < 60; f++) entry(function(f), SP, 8, 0, 0, CALL);
        entry(function(62), 0, 0, 0, 0, END);
        entry(function(63), 0, 0, 0, 0, NOTHING);
        ByteBuffer ips = ByteBuffer.allocate(4 * table.size()).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer entries = ByteBuffer.allocate(6 * table.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < table.size(); i++) {
            Entry e = table.get(i);
            ips.putInt((int) (e.from - (IPS + 4 * i)));
            entries.putShort((short) e.spOffset).putShort((short) e.bpOffset).putShort((short) fields(e, layout));
        }
        guest.put(IPS, ips.array());
        guest.put(ENTRIES, entries.array());
        Symbols s = SyntheticGuest.symbols(
                "__start_orc_unwind_ip",
                IPS,
                "__stop_orc_unwind_ip",
                IPS + ips.capacity(),
                "__start_orc_unwind",
                ENTRIES,
                "__entry_text_start",
                function(30),
                "__entry_text_end",
                function(31));
        KernelModel k = LinuxKernel.with(s, v);
        assertEquals(layout, k.orc().layout());
        return new Unwinder(k).trace(Kind.ORC, v);
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void callsRegistersAndTheEnd(Layout layout) {
        entry(function(0), SP, 8, 0, 0, CALL);
        entry(function(0) + 1, SP, 16, PREV, -16, CALL);
        entry(function(0) + 4, BP, 16, PREV, -16, CALL);
        entry(function(1), SP, 0x28, 0, 0, CALL);
        entry(function(2), SP, 0x10, 0, 0, REGS);
        entry(function(5), SP, 0x18, 0, 0, CALL);
        guest.put(STACK + 0x80, 0x4444);
        guest.put(STACK + 0x88, function(1) + 0x20);
        guest.put(STACK + 0x90 + 0x20, function(2) + 0x30);
        guest.regs(STACK + 0xb8 + 0x10, function(5) + 0x50, OTHER_STACK + 0x300, 0x6666, false);
        guest.put(OTHER_STACK + 0x310, function(62) + 0x10);
        Trace t = trace(layout, guest.at(function(0) + 0x10, STACK + 0x20, STACK + 0x80));
        assertEquals(List.of("f0+10", "f1+20", "f2+30", "RIP f5+50", "f62+10"), names(t));
        assertTrue(t.reliable(), t.verdict());
        assertEquals(STACK + 0xb8, t.frames().get(2).sp());
    }

    @ParameterizedTest
    @EnumSource(Layout.class)
    void frameNotYetSetUpIsNoProblem(Layout layout) {
        entry(function(0), SP, 8, 0, 0, CALL);
        entry(function(0) + 1, SP, 16, PREV, -16, CALL);
        guest.put(STACK + 0x80, function(62) + 0x10);
        Trace t = trace(layout, guest.at(function(0), STACK + 0x80, 0x1234));
        assertEquals(List.of("f0+0", "f62+10"), names(t), t.verdict());
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void processorFrameAlone() {
        entry(function(0), SP, 8, 0, 0, PARTIAL);
        guest.regs(STACK + 0x100, 0x401000, 0x7fff_0000, 0, true);
        Trace t = trace(Layout.SINCE_6_4, guest.at(function(0), STACK + 0x100 + PtRegs.FRAME - 8, 0));
        assertEquals(List.of("f0+0", "RIP 401000"), names(t));
        assertTrue(t.frames().get(1).user());
        assertFalse(t.frames().get(1).regs().full());
    }

    @Test
    void indirectBases() {
        entry(function(0), SP_AT, 8, 0, 0, CALL);
        entry(function(1), BP_AT, -8, 0, 0, CALL);
        guest.put(STACK + 0x40, OTHER_STACK + 0x100);
        guest.put(OTHER_STACK + 0x100, function(1) + 0x10);
        guest.put(STACK + 0x78, STACK + 0x200);
        guest.put(STACK + 0x1f8, function(62) + 0x10);
        Trace t = trace(Layout.SINCE_6_4, guest.at(function(0), STACK + 0x40, STACK + 0x80));
        assertEquals(List.of("f0+0", "f1+10", "f62+10"), names(t));
    }

    @Test
    void otherRegistersOnlyWhereTheyAreKnown() {
        entry(function(0), R10, 0, 0, 0, CALL);
        guest.cpu.gpr[10] = STACK + 0x108;
        guest.put(STACK + 0x100, function(0) + 0x10);
        Trace t = trace(Layout.SINCE_6_4, guest.at(function(0), STACK + 0x40, 0));
        assertEquals(List.of("f0+0", "f0+10"), names(t));
        assertEquals(Warning.Kind.UNKNOWN_REGISTER, t.warnings().getFirst().kind());
    }

    @Test
    void noEntryAndUndefinedEntriesAreSaid() {
        Trace t = trace(Layout.SINCE_6_4, guest.at(function(63), STACK + 0x40, 0));
        assertEquals(Warning.Kind.UNDEFINED_ORC_ENTRY, t.warnings().getFirst().kind());
        table.clear();
        guest.put(STACK + 0x80, 0);
        guest.put(STACK + 0x88, function(62) + 0x10);
        t = trace(Layout.SINCE_6_4, guest.at(0xffff_ffff_c000_0000L, STACK + 0x40, STACK + 0x80));
        assertEquals(Warning.Kind.NO_ORC_ENTRY, t.warnings().getFirst().kind());
        assertEquals("f62+10", names(t).get(1), "by rbp");
        assertFalse(t.reliable());
    }

    @Test
    void endOfStackInEntryCodeThatRunsIsNoKnownEnd() {
        entry(function(30), 0, 0, 0, 0, END);
        Trace t = trace(Layout.SINCE_6_4, guest.at(function(30) + 4, STACK + 0x40, 0));
        assertEquals(List.of("f30+4"), names(t));
        assertEquals(
                Warning.Kind.IN_ENTRY_CODE, t.warnings().getFirst().kind(), "the user's registers are not saved yet");
    }

    @Test
    void callThroughANullPointer() {
        guest.put(STACK + 0x80, function(62) + 0x10);
        assertEquals(List.of("0", "f62+10"), names(trace(Layout.UP_TO_6_2, guest.at(0, STACK + 0x80, 0))));
    }

    /** A module of one function: its entry, and the one that says where its code ends. */
    @Test
    void theLayoutOfATableOfTwoEntriesIsKnown() {
        ByteBuffer ips = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x100)
                .putInt(0x200);
        for (Layout layout : new Layout[] {Layout.UP_TO_6_2, Layout.SINCE_6_4}) {
            ByteBuffer b = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
            b.putShort((short) 8).putShort((short) 0).putShort((short) fields(new Entry(0, SP, 8, 0, 0, CALL), layout));
            b.putInt(0).putShort((short) fields(new Entry(0, 0, 0, 0, 0, NOTHING), layout));
            OrcTable t = OrcTable.of(ips.array(), STACK, b.array());
            assertEquals(layout, t.layout());
            assertEquals(OrcTable.TYPE_CALL, t.type(0));
            assertEquals(OrcTable.TYPE_UNDEFINED, t.type(1));
        }
    }

    @Test
    void tablesThatDoNotFitEachOtherAreNone() {
        assertNull(OrcTable.of(new byte[8], STACK, new byte[6]));
        assertNull(OrcTable.of(new byte[0], STACK, new byte[0]));
    }
}
