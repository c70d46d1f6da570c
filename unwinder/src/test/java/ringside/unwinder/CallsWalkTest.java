package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.guest.GuestView;

/** The walk that docs/add-an-unwinder.md adds finds what that page says, and calls it a guess. */
class CallsWalkTest {
    private final SyntheticGuest guest = new SyntheticGuest();

    @Test
    void wordsBehindCallsAreFrames() {
        long inner = function(1) + 0x20, outer = function(2) + 0x30, noCall = function(3) + 0x21;
        guest.put(STACK + 0x100, inner);
        guest.put(STACK + 0x108, noCall);
        guest.put(STACK + 0x110, STACK + 0x200);
        guest.put(STACK + 0x1ff8, outer);
        GuestView view = guest.at(function(0) + 0x10, STACK + 0xc4, 0);
        CallsWalk walk = new CallsWalk(KernelModel.with(SyntheticGuest.symbols(), view), view);
        List<Long> found = new ArrayList<>();
        walk.forEachRemaining(f -> found.add(f.address()));
        assertEquals(List.of(function(0) + 0x10, inner, outer), found);
        assertEquals(Warning.Kind.GUESSED, walk.reason().kind());
    }
}
