package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Parts that a list repeats, as the frames of a recursion. */
class RepeatsTest {
    private static Repeats.Repeat at(String frames, int from) {
        return Repeats.at(List.of(frames.split("")), from, Objects::equals);
    }

    @Test
    void aRecursionOfSeveralFunctionsIsOnePart() {
        assertEquals(new Repeats.Repeat(3, 5), at("xabcabcabcabcabcz", 1));
        assertEquals(12, at("xabcabcabcabcabcz", 1).leftOut());
        assertEquals(new Repeats.Repeat(1, 6), at("aaaaaab", 0));
        assertEquals(" ... these 3 4 more times", Repeats.text(at("xabcabcabcabcabcz", 1)));
    }

    @Test
    void whatComesThreeTimesOrElsewhereIsShown() {
        assertEquals(Repeats.Repeat.NONE, at("abcabcabcz", 0));
        assertEquals(Repeats.Repeat.NONE, at("xabcabcabcabc", 0));
    }
}
