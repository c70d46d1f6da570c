package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * Callers found by a function's code. Each function is written by hand, and so is the stack at the instruction: f1
 * called it, its own frame at {@link #FRAME} is complete, and f2 called f1.
 */
class ReturnPathTest {
    private static final long FRAME = STACK + 0x1f80;
    private final SyntheticGuest guest = new SyntheticGuest();
    private final Symbols symbols = SyntheticGuest.symbols("f0.cold", function(30));

    @BeforeEach
    void callers() {
        guest.put(FRAME, 0);
        guest.put(FRAME + 8, function(2) + 0x30);
    }

    private Trace trace(long rip, long rsp, long rbp) {
        GuestView v = guest.at(rip, rsp, rbp);
        return new Unwinder(KernelModel.with(symbols, v)).trace(Kind.FRAME_POINTER, v);
    }

    /** f1's return address lies in this word; rbp is f1's frame pointer. */
    private void assertFound(long rip, long rsp, long slot, long rbp) {
        guest.put(slot, function(1) + 0x20);
        Trace t = trace(rip, rsp, rbp);
        assertEquals(
                List.of("f1+20", "f2+30"),
                names(t).subList(1, t.frames().size()),
                () -> "from " + Long.toHexString(rip) + ": " + t.verdict());
        assertEquals(slot, t.frames().get(1).slot());
        assertEquals(Proof.CODE, t.frames().get(1).proof());
        assertEquals(Proof.RBP_CHAIN, t.frames().get(2).proof());
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void beforeAndBehindTheFrame() {
        long rsp = STACK + 0x100;
        assertFound(function(0), rsp, rsp, FRAME);
        guest.put(rsp, FRAME);
        assertFound(function(0) + 1, rsp, rsp + 8, FRAME);
        assertFound(function(0) + 0xf1, rsp, rsp, FRAME);
    }

    @Test
    void inAFunctionWithoutFrameByPushesAndSubtractions() {
        // push %rbx; sub $24, %rsp; nop; add $24, %rsp; pop %rbx; ret
        guest.write(function(0), 0x53, 0x48, 0x83, 0xec, 24, 0x90, 0x48, 0x83, 0xc4, 24, 0x5b, 0xc3);
        long rsp = STACK + 0x100;
        assertFound(function(0) + 1, rsp, rsp + 8, FRAME);
        assertFound(function(0) + 5, rsp, rsp + 32, FRAME);
        assertFound(function(0) + 10, rsp, rsp + 8, FRAME);
        assertFound(function(0) + 11, rsp, rsp, FRAME);
    }

    @Test
    void savedRbpIsTakenFromTheStack() {
        // push %rbp; mov %edi, %ebp; pop %rbp; ret: rbp is an ordinary register in between
        guest.write(function(0), 0x55, 0x89, 0xfd, 0x5d, 0xc3);
        guest.put(STACK + 0x100, FRAME);
        assertFound(function(0) + 3, STACK + 0x100, STACK + 0x108, 0x1234);
    }

    @Test
    void waysMeetThatAgreeAndOneLeadsIntoTheColdPart() {
        // je +2 (to the second pop); pop %rcx; ret; pop %rcx; jmp f0.cold; there: ret
        guest.write(function(0), 0x74, 2, 0x59, 0xc3, 0x59, 0xe9);
        guest.put4(function(0) + 6, (int) (function(30) - (function(0) + 10)));
        guest.write(function(30), 0xc3);
        assertFound(function(0), STACK + 0x100, STACK + 0x108, FRAME);
    }

    @Test
    void aJumpToAnotherFunctionIsACallOfItsLastAct() {
        guest.write(function(0), 0x59, 0xe9);
        guest.put4(function(0) + 2, (int) (function(5) - (function(0) + 6)));
        assertFound(function(0), STACK + 0x100, STACK + 0x108, FRAME);
    }

    @Test
    void waysThatDisagreeProveNothing() {
        // je +1 (past the pop); pop %rcx; ret: no compiler's code
        guest.write(function(0), 0x74, 1, 0x59, 0xc3);
        guest.put(STACK + 0x100, function(1) + 0x20);
        guest.put(STACK + 0x108, function(1) + 0x20);
        Trace t = trace(function(0), STACK + 0x100, FRAME);
        assertFalse(t.reliable());
        assertNotEquals(Proof.CODE, t.frames().get(1).proof());
        assertEquals(Warning.Kind.FRAME_NOT_SET_UP, t.warnings().getFirst().kind());
    }

    @Test
    void entryCodeThatJumpsBetweenItsPartsCallsNothing() {
        Symbols entry = SyntheticGuest.symbols("__entry_text_start", function(0), "__entry_text_end", function(10));
        guest.write(function(0), 0x59, 0xe9);
        guest.put4(function(0) + 2, (int) (function(5) - (function(0) + 6)));
        guest.write(function(5), 0x48, 0xcf);
        guest.put(STACK + 0x108, function(11) + 0x20);
        GuestView v = guest.at(function(0), STACK + 0x100, FRAME);
        Trace t = new Unwinder(KernelModel.with(entry, v)).trace(Kind.FRAME_POINTER, v);
        assertEquals(Warning.Kind.IN_ENTRY_CODE, t.warnings().getFirst().kind());
    }

    @Test
    void aWordThatNoCallHasPushedIsNotBelieved() {
        guest.put(STACK + 0x100, function(1) + 0x94);
        assertFalse(trace(function(0), STACK + 0x100, FRAME).reliable());
    }

    /** call 1f; pause; jmp back to it; 1: mov %rax, (%rsp); ret — a jump to %rax that is not predicted. */
    private void retpoline() {
        guest.write(function(0), 0xe8, 4, 0, 0, 0, 0xf3, 0x90, 0xeb, 0xfc, 0x48, 0x89, 0x04, 0x24, 0xc3);
    }

    @Test
    void atARetpolinesStart() {
        retpoline();
        assertFound(function(0), STACK + 0x100, STACK + 0x100, FRAME);
    }

    @Test
    void behindARetpolinesOwnCallTheWordItPushedIsAFrameToo() {
        retpoline();
        guest.put(STACK + 0x100, function(0) + 5);
        guest.put(STACK + 0x108, function(1) + 0x20);
        Trace t = trace(function(0) + 9, STACK + 0x100, FRAME);
        assertEquals(List.of("f0+9", "f0+5", "f1+20", "f2+30"), names(t));
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void aReturnToAFunctionsStartIsAJump() {
        retpoline();
        guest.put(STACK + 0x100, function(5));
        guest.put(STACK + 0x108, function(1) + 0x20);
        Trace t = trace(function(0) + 13, STACK + 0x100, FRAME);
        assertEquals(List.of("f0+d", "f5+0", "f1+20", "f2+30"), names(t));
        assertEquals(Warning.Kind.RETURN_IS_JUMP, t.warnings().getFirst().kind());
    }

    @Test
    void theAnswerIsNotKeptWhenTheCodeChanges() {
        guest.write(function(0), 0x59, 0xc3);
        GuestView v = guest.at(function(0), STACK + 0x100, FRAME);
        ReturnPath p = new ReturnPath(KernelModel.with(symbols, v), false);
        assertEquals(8, p.from(v, symbols, function(0)).slot());
        guest.write(function(0), 0xc3);
        assertEquals(0, p.from(v, symbols, function(0)).slot());
    }
}
