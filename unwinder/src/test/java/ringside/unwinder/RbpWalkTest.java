package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.OTHER_STACK;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.guest.GuestView;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.Symbols;

/**
 * Stacks laid out by hand as the mail that the project grew from describes them; the expected frames are what was laid
 * out.
 */
class RbpWalkTest {
    private static final long PT_REGS = function(60);
    private final SyntheticGuest guest = new SyntheticGuest();
    private final Symbols symbols = SyntheticGuest.symbols(
            "pt_regs", PT_REGS + 0x80, "__entry_text_start", function(40), "__entry_text_end", function(44));

    RbpWalkTest() {
        guest.write(function(41) + 4, 0x48, 0x8d, 0x6c, 0x24, 0x01); // entry code: lea 1(%rsp), %rbp
    }

    private Trace trace(Kind kind, GuestView v) {
        return new Unwinder(LinuxKernel.with(symbols, v)).trace(kind, v);
    }

    /** f1 called f0; f2, whose frame is at the top of the page, called f1. */
    private void chain(long at, long next) {
        long top = (at | 0xfff) + 1;
        guest.put(at, top - 0x10);
        guest.put(at + 8, function(1) + 0x20);
        guest.put(top - 0x10, next);
        guest.put(top - 0x08, function(2) + 0x30);
    }

    @Test
    void followsFramesToZero() {
        chain(STACK + 0x100, 0);
        Trace t = trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0xc0, STACK + 0x100));
        assertEquals(List.of("f0+10", "f1+20", "f2+30"), names(t));
        assertTrue(t.reliable(), t.verdict());
        assertEquals(STACK + 0x108, t.frames().get(1).slot());
        assertEquals(STACK + 0x110, t.frames().get(1).sp());
        assertEquals(Proof.RBP_CHAIN, t.frames().get(1).proof());
    }

    @Test
    void saysThatTheCallerIsMissingBeforeTheFrameIsSetUp() {
        chain(STACK + 0x100, 0);
        for (int offset : new int[] {0, 1, 0xf1}) {
            Trace t = trace(Kind.FRAME_POINTER, guest.at(function(0) + offset, STACK + 0xc0, STACK + 0x100));
            assertFalse(t.reliable(), "at +" + offset);
            assertEquals(Warning.Kind.FRAME_NOT_SET_UP, t.warnings().getFirst().kind());
        }
        assertTrue(
                trace(Kind.FRAME_POINTER, guest.at(function(0) + 0xf0, STACK + 0xc0, STACK + 0x100))
                        .reliable(),
                "at pop %rbp");
    }

    @Test
    void passesAnInterruptByItsMarkerFrame() {
        interrupted(false);
        guest.put(STACK + 0x200, 0x77);
        guest.put(STACK + 0x208, PT_REGS + 0x81);
        guest.put(STACK + 0x210, OTHER_STACK + 0x100);
        Trace t = trace(Kind.MARKER, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
        assertEquals(List.of("f0+10", "f40+20", "RIP f5+50", "f1+20", "f2+30"), names(t));
        assertTrue(t.reliable(), t.verdict());
        PtRegs r = t.frames().get(2).regs();
        assertEquals(OTHER_STACK + 0x100, r.address());
        assertEquals(0x1000 + PtRegs.R15, r.word(PtRegs.R15));
        assertEquals(-1, r.origRax());
        assertFalse(r.user());
    }

    /** f0, called from the entry code f40, interrupted f5, whose frames are at OTHER_STACK + 0x300. */
    private void interrupted(boolean user) {
        guest.put(STACK + 0x100, STACK + 0x200);
        guest.put(STACK + 0x108, function(40) + 0x20);
        guest.regs(
                OTHER_STACK + 0x100,
                user ? 0x401000 : function(5) + 0x50,
                user ? 0x7fff_0000 : OTHER_STACK + 0x2c0,
                OTHER_STACK + 0x300,
                user);
        chain(OTHER_STACK + 0x300, 0);
    }

    @Test
    void endsAtUserModeReliably() {
        interrupted(true);
        guest.put(STACK + 0x100, OTHER_STACK + 0x101);
        Trace t = trace(Kind.ENCODED, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
        assertEquals(List.of("f0+10", "f40+20", "RIP 401000"), names(t));
        assertTrue(t.frames().getLast().user());
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void passesAnInterruptByItsEncodedPointer() {
        interrupted(false);
        guest.put(STACK + 0x100, OTHER_STACK + 0x101);
        Trace t = trace(Kind.ENCODED, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
        assertEquals(List.of("f0+10", "f40+20", "RIP f5+50", "f1+20", "f2+30"), names(t));
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void plainChainSaysThatItPassedEntryCode() {
        interrupted(false);
        guest.put(STACK + 0x100, OTHER_STACK + 0x300);
        Trace t = trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
        assertEquals(List.of("f0+10", "f40+20", "f1+20", "f2+30"), names(t), "f5 is missing");
        assertEquals(Warning.Kind.IN_ENTRY_CODE, t.warnings().getFirst().kind());
        assertFalse(t.reliable());
    }

    @Test
    void callerOfAFunctionInterruptedAtItsStartIsMissingAndSaidToBe() {
        interrupted(false);
        guest.put(STACK + 0x100, OTHER_STACK + 0x101);
        guest.put(OTHER_STACK + 0x100 + 8 * PtRegs.RIP, function(5) + 1);
        Trace t = trace(Kind.ENCODED, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
        assertTrue(t.verdict().contains("f5+0x1"), t.verdict());
    }

    @Test
    void aReplacedReturnAddressIsSaid() {
        guest.put(STACK + 0x100, 0);
        guest.put(STACK + 0x108, function(20));
        Symbols traced = SyntheticGuest.symbols("return_to_handler", function(20));
        GuestView v = guest.at(function(0) + 0x10, STACK + 0x40, STACK + 0x100);
        Trace t = new Unwinder(LinuxKernel.with(traced, v)).trace(Kind.FRAME_POINTER, v);
        assertEquals(Warning.Kind.RETURN_REPLACED, t.warnings().getFirst().kind());
        assertFalse(t.reliable());
    }

    @Test
    void aChainThatEndsBelowTheTopOfItsStackIsSaid() {
        guest.put(STACK + 0x100, 0);
        guest.put(STACK + 0x108, function(1) + 0x20);
        assertEnd(Warning.Kind.NO_CALLER, STACK + 0x100);
        // a system call's entry code called f0 for user code whose rbp was 0: the registers at the top of the stack are
        // not empty
        guest.put(STACK + 0xf48, 0);
        guest.put(STACK + 0xf50, function(40) + 0x20);
        guest.regs(STACK + 0xf58, 0x401000, 0x7fff_0000, 0, true);
        assertEnd(Warning.Kind.IN_ENTRY_CODE, STACK + 0xf48);
        // a kernel thread's are
        for (int w = 0; w < 21; w++) guest.put(STACK + 0xf58 + 8 * w, 0);
        assertTrue(
                trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0xf00, STACK + 0xf48))
                        .warnings()
                        .stream()
                        .noneMatch(w -> w.kind() == Warning.Kind.NO_CALLER));
    }

    @Test
    void aReturnAddressThatNoCallStandsBeforeIsSaid() {
        chain(STACK + 0x100, 0);
        guest.put(STACK + 0x108, function(1) + 0x24);
        Trace t = trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0xc0, STACK + 0x100));
        assertEquals(List.of("f0+10", "f1+24", "f2+30"), names(t));
        assertEquals(
                List.of(Warning.Kind.NO_CALL),
                t.warnings().stream().map(Warning::kind).toList());
        guest.write(function(1) + 0x1f, 0xff, 0x55, 0x10, 0x90, 0x90);
        guest.put(STACK + 0x108, function(1) + 0x22);
        assertTrue(
                trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0xc0, STACK + 0x100))
                        .reliable(),
                "call *0x10(%rbp)");
        guest.write(function(1), 0x90);
        guest.put(STACK + 0x108, function(1) + 1);
        assertTrue(
                trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0xc0, STACK + 0x100))
                        .reliable(),
                "made by hand, behind the nop at a function's start");
    }

    @Test
    void savedRegistersThatCannotBeOnesAreSaid() {
        guest.put(STACK + 0x100, OTHER_STACK + 0x101);
        guest.put(STACK + 0x108, function(40) + 0x20);
        record Word(int word, long value) {}
        for (Word w : List.of(
                new Word(PtRegs.RFLAGS, 0x244),
                new Word(PtRegs.RFLAGS, 0x1_0000_0246L),
                new Word(PtRegs.CS, 0x10010),
                new Word(PtRegs.RSP, 0x7fff_0000),
                new Word(PtRegs.CS, 0))) {
            interrupted(false);
            guest.put(STACK + 0x100, OTHER_STACK + 0x101);
            guest.put(OTHER_STACK + 0x100 + 8 * w.word, w.value);
            if (w.word == PtRegs.CS && w.value == 0) guest.put(OTHER_STACK + 0x100 + 8 * PtRegs.RIP, 0);
            if (w.word == PtRegs.CS && w.value == 0) guest.put(OTHER_STACK + 0x100 + 8 * PtRegs.RFLAGS, 0);
            Trace t = trace(Kind.ENCODED, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100));
            assertEquals(List.of("f0+10", "f40+20"), names(t));
            assertEquals(Warning.Kind.BAD_REGISTERS, t.warnings().getFirst().kind(), w.toString());
        }
        interrupted(true);
        guest.put(STACK + 0x100, OTHER_STACK + 0x101);
        guest.put(OTHER_STACK + 0x100 + 8 * PtRegs.SS, 0x18);
        assertEquals(
                Warning.Kind.BAD_REGISTERS,
                trace(Kind.ENCODED, guest.at(function(0) + 0x10, STACK + 0x80, STACK + 0x100))
                        .warnings()
                        .getFirst()
                        .kind());
    }

    @Test
    void cyclesAndNonsenseEndInWarnings() {
        guest.put(STACK + 0x100, STACK + 0x100);
        guest.put(STACK + 0x108, function(1) + 0x20);
        assertEnd(Warning.Kind.CYCLE, STACK + 0x100);
        guest.put(STACK + 0x100, STACK + 0x140);
        guest.put(STACK + 0x140, STACK + 0x100);
        guest.put(STACK + 0x148, function(1) + 0x20);
        assertEnd(Warning.Kind.BAD_FRAME_POINTER, STACK + 0x100);
        assertEnd(Warning.Kind.BAD_FRAME_POINTER, STACK + 0x101);
        assertEnd(Warning.Kind.BAD_FRAME_POINTER, STACK - 0x100);
        assertEnd(Warning.Kind.LEFT_KERNEL, 0x7fff_1000);
        guest.put(STACK + 0x100, 0);
        guest.put(STACK + 0x108, 0x1234);
        assertEnd(Warning.Kind.NOT_TEXT, STACK + 0x100);
    }

    private void assertEnd(Warning.Kind kind, long rbp) {
        Trace t = trace(Kind.FRAME_POINTER, guest.at(function(0) + 0x10, STACK + 0x40, rbp));
        assertNotNull(t.reason());
        assertEquals(kind, t.warnings().getLast().kind());
        assertTrue(t.frames().size() < 5);
    }
}
