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
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.table.EntryTable;

/** Rows as docs/entry-table.md defines them, written byte by byte. */
class EntryTableTest {
    private static final long TABLE = SyntheticGuest.DATA;
    private static final int RSP = 4, RDI = 7, GS = 16;
    private final SyntheticGuest guest = new SyntheticGuest();
    private final ByteBuffer rows = ByteBuffer.allocate(0x400).order(ByteOrder.LITTLE_ENDIAN);

    private void row(long from, int length, int kind, int base, int saved, int flags, int offset) {
        rows.putInt((int) (from - TABLE))
                .putInt(length)
                .put((byte) kind)
                .put((byte) base)
                .put((byte) saved)
                .put((byte) flags)
                .putInt(offset);
    }

    private Trace trace(long rip, long rsp, long rbp) {
        byte[] bytes = java.util.Arrays.copyOf(rows.array(), rows.position());
        guest.put(TABLE, bytes);
        Symbols s = SyntheticGuest.symbols("__entry_table_start", TABLE, "__entry_table_end", TABLE + bytes.length);
        GuestView v = guest.at(rip, rsp, rbp);
        return new Unwinder(KernelModel.with(s, v)).trace(Kind.TABLE, v);
    }

    @Test
    void registersAtTheStackPointer() {
        row(function(40), 0x20, EntryTable.REGS, RSP, 0, 0, 8);
        guest.regs(STACK + 0x108, 0x401000, 0x7fff_0000, 0, true);
        Trace t = trace(function(40) + 0x10, STACK + 0x100, 0);
        assertEquals(List.of("f40+10", "RIP 401000"), names(t));
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void pointerToRegistersOnAnotherStack() {
        row(function(40), 0x20, EntryTable.REGS, RSP, 0, EntryTable.AT, 0);
        guest.put(STACK + 0x40, 0);
        guest.put(STACK + 0x48, function(40) + 0x20);
        guest.put(STACK + 0x50, OTHER_STACK + 0x200);
        guest.regs(OTHER_STACK + 0x200, function(5) + 0x50, OTHER_STACK + 0x400, OTHER_STACK + 0xff0, false);
        guest.put(OTHER_STACK + 0xff0, 0);
        guest.put(OTHER_STACK + 0xff8, function(6) + 0x60);
        Trace t = trace(function(0) + 0x10, STACK + 0x20, STACK + 0x40);
        assertEquals(
                List.of("f0+10", "f40+20", "RIP f5+50", "f6+60"),
                names(t),
                "a call at the end of a range finds its own row");
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void frameWithSomeRegistersSaved() {
        row(function(40), 1, EntryTable.FRAME, RSP, 2, EntryTable.ORIG, 0x18);
        guest.regs(STACK + 0x100, 0x401000, 0x7fff_0000, 0, true);
        for (int r = 0; r < 16; r++) guest.cpu.gpr[r] = 0xa0 + r;
        Trace t = trace(function(40), STACK + 0x100 + PtRegs.FRAME - 0x18, 0xa5);
        PtRegs r = t.frames().get(1).regs();
        assertEquals(0x1000 + PtRegs.RDI, r.word(PtRegs.RDI), "saved");
        assertEquals(0x1000 + PtRegs.RSI, r.word(PtRegs.RSI), "saved");
        assertEquals(0xa0 + Cpu.RDX, r.word(PtRegs.RDX), "still in the register");
        assertEquals(0xaf, r.word(PtRegs.R15));
        assertEquals(-1, r.origRax());
        assertTrue(r.full());
    }

    @Test
    void systemCallBeforeAnythingIsSaved() {
        row(function(40), 0x20, EntryTable.SYSCALL, GS, 0, EntryTable.AT, 16);
        guest.cpu.gpr[Cpu.RCX] = 0x401002;
        guest.cpu.gpr[11] = 0x202;
        guest.cpu.seg[Cpu.GS].base = STACK + 0x1000;
        guest.put(STACK + 0x1010, 0x7fff_1230);
        Trace t = trace(function(40) + 3, STACK + 0x100, 0);
        assertEquals(List.of("f40+3", "RIP 401002"), names(t));
        assertEquals(0x7fff_1230, t.frames().get(1).regs().rsp());
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void helpersAndTheEnd() {
        row(function(40), 0x20, EntryTable.CALL, RSP, 1, 0, 8);
        row(function(41), 0x20, EntryTable.END, 0, 0, 0, 0);
        guest.put(STACK + 0x100, 0x5555);
        guest.put(STACK + 0x108, function(41) + 0x10);
        Trace t = trace(function(40) + 8, STACK + 0x100, 0);
        assertEquals(List.of("f40+8", "f41+10"), names(t));
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void registersLostBehindACallEndTheTrace() {
        row(function(40), 0x20, EntryTable.REGS, RDI, 0, 0, 0);
        guest.put(STACK + 0x40, 0);
        guest.put(STACK + 0x48, function(40) + 0x10);
        Trace t = trace(function(0) + 0x10, STACK + 0x20, STACK + 0x40);
        assertEquals(Warning.Kind.UNKNOWN_REGISTER, t.warnings().getLast().kind());
        assertFalse(t.reliable());
    }

    @Test
    void disorderedOrRaggedTablesAreNone() {
        row(function(41), 0x20, EntryTable.END, 0, 0, 0, 0);
        row(function(40), 0x20, EntryTable.END, 0, 0, 0, 0);
        byte[] bytes = java.util.Arrays.copyOf(rows.array(), 32);
        assertNull(EntryTable.of(bytes, TABLE));
        assertNull(EntryTable.of(java.util.Arrays.copyOf(bytes, 20), TABLE));
        assertNull(EntryTable.of(new byte[0], TABLE));
    }
}
