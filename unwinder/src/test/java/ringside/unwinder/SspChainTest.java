package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static ringside.unwinder.SyntheticGuest.STACK;
import static ringside.unwinder.SyntheticGuest.function;

import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.unwinder.SspChain.Kind;

/** Shadow stacks as the manual's pseudocode for CALL and for the delivery of interrupts fills them. */
class SspChainTest {
    private final SyntheticGuest guest = new SyntheticGuest();

    @Test
    void returnsAndAnInterruptOfSupervisorCode() {
        long ssp = STACK + 0x100;
        long[] words = {function(1) + 5, STACK + 0x120, function(2) + 6, 0x10, function(3) + 7, function(4) + 8, 0};
        // delivery pushes CS, LIP and the SSP before: that is the address behind the three
        for (int i = 0; i < words.length; i++) guest.put(ssp + 8L * i, words[i]);
        List<SspChain.Entry> l = SspChain.read(guest.at(0, 0, 0), ssp);
        assertEquals(List.of(Kind.RETURN, Kind.INTERRUPTED, Kind.RETURN, Kind.RETURN), l.stream().map(SspChain.Entry::kind).toList());
        assertEquals(List.of(words[0], words[2], words[4], words[5]), l.stream().map(SspChain.Entry::value).toList());
    }

    @Test
    void tokensAreNoReturnAddresses() {
        long ssp = STACK + 0x100;
        guest.put(ssp, function(1) + 5);
        guest.put(ssp + 8, ssp + 16 | 1); // restore token: address behind it, 64-bit mode
        guest.put(ssp + 16, 0);
        assertEquals(List.of(Kind.RETURN, Kind.TOKEN), SspChain.read(guest.at(0, 0, 0), ssp).stream().map(SspChain.Entry::kind).toList());
    }

    @Test
    void endsWhereNothingIsMapped() {
        assertTrue(SspChain.read(guest.at(0, 0, 0), 0x1000).isEmpty());
        assertTrue(SspChain.read(guest.at(0, 0, 0), STACK + 1).isEmpty());
        long end = STACK + 4096L * SyntheticGuest.PAGES;
        guest.put(end - 8, function(1));
        assertEquals(1, SspChain.read(guest.at(0, 0, 0), end - 8).size());
    }
}
