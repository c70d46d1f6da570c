package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;
import static ringside.unwinder.SyntheticGuest.names;

import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.guest.GuestView;

/** What the shadow stack's chain says about its own end. */
class ShadowWalkTest {
    private final SyntheticGuest guest = new SyntheticGuest();

    /** Runs {@code call f1} at the start of f0, with the stack pointer given. */
    private Trace afterACall(long sp) {
        guest.write(function(0), 0xe8, 0xfb, 0, 0, 0);
        guest.at(function(0), sp, 0);
        guest.machine.run(guest.cpu.instructions() + 1);
        GuestView v = new GuestView(guest.cpu);
        return new Unwinder(KernelModel.with(SyntheticGuest.symbols(), v)).trace(Kind.SHADOW, v);
    }

    @Test
    void aChainThatNobodyIsKnownToHaveCalledIsNotReliable() {
        Trace t = afterACall(STACK + 0x800);
        assertEquals(List.of("f1+0", "f0+5"), names(t));
        assertEquals(
                List.of(Warning.Kind.NO_CALLER),
                t.warnings().stream().map(Warning::kind).toList());
    }

    @Test
    void aChainUpToTheTopOfItsStackIs() {
        Trace t = afterACall(STACK + 0x1000);
        assertEquals(List.of("f1+0", "f0+5"), names(t));
        assertTrue(t.reliable(), t.verdict());
    }

    @Test
    void registersAtTheTopThatAreNotEmptyAreACallerThatIsMissing() {
        guest.regs(STACK + 0x1000 - PtRegs.BYTES, 0x401000, 0x7fff_0000, 0, true);
        assertEquals(
                Warning.Kind.NO_CALLER,
                afterACall(STACK + 0x1000 - PtRegs.BYTES).warnings().getFirst().kind());
    }
}
