package ringside.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;
import ringside.machine.Machine;
import ringside.snapshot.StateHash;

/** What is measured happens: as often as the figures are divided by, and alike on both engines. */
class EventGuestTest {
    static Stream<String> names() {
        return EventGuest.names().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRunIsAThousandEventsOnBothEngines(String event) {
        try (EventGuest a = new EventGuest(event, Machine::interpreter);
                EventGuest b = new EventGuest(event, EventGuest.engine("translator"))) {
            for (int i = 2; i < 5; i++) {
                assertEquals(i * EventGuest.EVENTS, a.run());
                assertEquals(i * EventGuest.EVENTS, b.run());
                assertEquals(StateHash.of(a.machine()), StateHash.of(b.machine()));
            }
        }
    }

    /** Longer than a period of the 8254 as it starts, 55 ms, which nobody serves. */
    @Test
    void theTimerIsTheOnlyOne() {
        try (EventGuest g = new EventGuest("timer", Machine::interpreter)) {
            for (int i = 2; i < 60; i++) assertEquals(i * EventGuest.EVENTS, g.run());
        }
    }

    @Test
    void theBenchmarkHasThemAll() throws Exception {
        Param p = EventBenchmark.class.getField("event").getAnnotation(Param.class);
        assertEquals(EventGuest.names(), List.of(p.value()));
    }
}
