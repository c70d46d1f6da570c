package ringside.workbench.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.machine.Machine;
import ringside.snapshot.StateHash;

/** Going back is exact. */
class TimelineTest {
    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void everyInstructionOfThePastIsAsItWas(String engine) throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        try (Machine plain = SnapshotFileTest.demo(engine);
                Machine m = SnapshotFileTest.demo(engine);
                Timeline t = new Timeline(m)) {
            plain.run(Long.MAX_VALUE);
            long length = plain.cpu().instructions();
            assertTrue(t.goTo(length / 2));
            for (int i = 0; i < 6; i++) {
                long at = random.nextLong(length);
                assertTrue(t.goTo(at));
                try (Machine fresh = SnapshotFileTest.demo(engine)) {
                    fresh.run(at);
                    assertEquals(StateHash.of(fresh), StateHash.of(m), "instruction " + at);
                }
            }
            t.run(Long.MAX_VALUE);
            assertEquals(StateHash.of(plain), StateHash.of(m));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void theLastPlaceBeforeIsFound(String engine) throws Exception {
        try (Machine m = SnapshotFileTest.demo(engine);
                Timeline t = new Timeline(m)) {
            t.goTo(200_000);
            Timeline.Search everyTenThousand = (x, limit) -> {
                long next = Math.min(limit, x.cpu().instructions() / 10_000 * 10_000 + 10_000);
                x.run(next);
                return next % 10_000 == 0;
            };
            assertTrue(t.last(155_555, everyTenThousand));
            assertEquals(150_000, m.cpu().instructions());
            assertTrue(t.last(150_000, everyTenThousand));
            assertEquals(140_000, m.cpu().instructions());
            assertFalse(t.last(140_000, (x, limit) -> {
                x.run(limit);
                return false;
            }));
            assertEquals(0, m.cpu().instructions());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void inputOfThePastComesAgainAtItsMoment(String engine) throws Exception {
        try (Machine m = SnapshotFileTest.demo(engine);
                Timeline t = new Timeline(m)) {
            t.run(50_000);
            m.board().serial(0).offer("typed".getBytes());
            t.run(150_000);
            String then = StateHash.of(m);
            t.goTo(20_000);
            assertTrue(t.repeating());
            t.goTo(150_000);
            assertEquals(then, StateHash.of(m));
            assertFalse(t.repeating());
        }
    }
}
