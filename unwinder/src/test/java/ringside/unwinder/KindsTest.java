package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.DATA;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;

/** A kind for which a guest has nothing is not offered, and a trace by it is never called reliable. */
class KindsTest {
    private final SyntheticGuest guest = new SyntheticGuest();

    /** A stack that looks well to each kind by rbp. */
    private GuestView view() {
        guest.put(STACK + 0x100, STACK + 0xff0);
        guest.put(STACK + 0x108, function(1) + 0x20);
        guest.put(STACK + 0xff0, 0);
        guest.put(STACK + 0xff8, function(2) + 0x30);
        return guest.at(function(0) + 0x10, STACK + 0xc0, STACK + 0x100);
    }

    private static final Object[] ENTRY = {"__entry_text_start", function(40), "__entry_text_end", function(44)};

    private static Set<Kind> kinds(KernelModel k, GuestView v) {
        Unwinder u = new Unwinder(k);
        Set<Kind> able = u.kinds(v);
        for (Kind kind : Kind.values()) {
            if (!able.contains(kind)) assertFalse(u.trace(kind, v).reliable(), kind.label());
        }
        return able;
    }

    @Test
    void encodedPointersAreOfferedOnlyWhereEntryCodeMakesThem() {
        GuestView v = view();
        Symbols s = SyntheticGuest.symbols(ENTRY);
        assertEquals(Set.of(Kind.FRAME_POINTER, Kind.SHADOW, Kind.SCAN), kinds(KernelModel.with(s, v), v));
        assertFalse(new Unwinder(KernelModel.with(s, v)).trace(Kind.ENCODED, v).reliable());
        guest.write(function(42) + 8, 0x48, 0x8d, 0x6c, 0x24, 0x08); // lea 8(%rsp), %rbp: not encoded
        assertFalse(kinds(KernelModel.with(s, v), v).contains(Kind.ENCODED));
        guest.write(function(42) + 8, 0x48, 0x8d, 0x6c, 0x24, 0x09);
        assertTrue(kinds(KernelModel.with(s, v), v).contains(Kind.ENCODED));
        assertTrue(new Unwinder(KernelModel.with(s, v)).trace(Kind.ENCODED, v).reliable());
    }

    /** A compiler may use rbp as any register: then a chain that looks well means nothing. */
    @Test
    void aKernelWhoseFunctionsHaveNoFramesHasNoFramePointers() {
        GuestView v = view();
        for (int f = 0; f < SyntheticGuest.FUNCTIONS; f++) if (f > 2) guest.write(function(f), 0x90, 0x90, 0x90, 0x90);
        assertEquals(Set.of(Kind.SHADOW, Kind.SCAN), kinds(KernelModel.with(SyntheticGuest.symbols(ENTRY), v), v));
    }

    @Test
    void aKernelWithOrcTablesHasNoFramePointers() {
        GuestView v = view();
        guest.put4(DATA, (int) (function(0) - DATA));
        guest.put(DATA + 0x100, 0x0205_0000_0008L);
        Object[] orc = {
            "__start_orc_unwind_ip", DATA, "__stop_orc_unwind_ip", DATA + 4, "__start_orc_unwind", DATA + 256
        };
        assertEquals(
                Set.of(Kind.ORC, Kind.SHADOW, Kind.SCAN), kinds(KernelModel.with(SyntheticGuest.symbols(orc), v), v));
    }

    /** The example of docs/unwinder.md on a guest whose kernel carries no symbols. */
    @Test
    void withoutSymbolsThereAreTheShadowStackAndTheScan() {
        GuestView v = view();
        Unwinder unwinder = new Unwinder(LinuxKernel.find(v).orElse(KernelModel.unknown()));
        assertEquals(Set.of(Kind.SHADOW, Kind.SCAN), kinds(unwinder.kernel(), v));
        int frames = 0;
        for (Frame f : unwinder.unwind(Kind.ORC, v)) frames += f.function() == null ? 1 : 0;
        assertEquals(1, frames, "the instruction pointer");
        assertEquals(List.of(Long.toHexString(function(0) + 0x10)), names(unwinder.trace(Kind.ORC, v)));
    }

    /** Words of 4 bytes, and no other kind; a scan says what it is. */
    @Test
    void aGuestOf32BitsIsScannedByItsOwnWords() {
        guest.cpu.efer = 0;
        guest.cpu.cr4 = 0;
        guest.cpu.cr0 = Cpu.CR0_PE;
        guest.cpu.seg[Cpu.CS].access &= ~ringside.cpu.Segment.LONG;
        guest.cpu.updateMode();
        for (int i = 0; i < 0x200; i++) guest.machine.memory().write(0x8000 + i, 1, 0);
        int[] call = {0xe8, 1, 2, 3, 0};
        for (int i = 0; i < 5; i++) guest.machine.memory().write(0x9000 + i, 1, call[i]);
        guest.machine.memory().write(0x8014, 4, 0x9005);
        GuestView v = guest.at(0x9000, 0x8000, 0x8100);
        Unwinder u = new Unwinder(KernelModel.unknown());
        assertEquals(Set.of(Kind.SHADOW, Kind.SCAN), kinds(u.kernel(), v));
        Trace t = u.trace(Kind.SCAN, v);
        assertEquals(List.of("9000", "9005"), names(t));
        assertEquals(0x8014, t.frames().get(1).slot());
        assertTrue(t.verdict().contains("nothing is proven"), t.verdict());
    }
}
