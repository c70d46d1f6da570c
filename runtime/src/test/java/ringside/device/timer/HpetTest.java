package ringside.device.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import ringside.bus.EventQueue;

/** The high precision event timer. Expected values: IA-PC HPET specification 1.0a, 2.3. */
class HpetTest {
    private static final int CONFIGURATION = 0x10,
            STATUS = 0x20,
            COUNTER = 0xf0,
            TIMER0 = 0x100,
            TIMER1 = 0x120,
            COMPARATOR = 8;
    private static final int LEVEL = 2, ENABLE = 4, PERIODIC = 8, SET_VALUE = 0x40, NARROW = 0x100;
    private long time;
    private final EventQueue events = new EventQueue(() -> {});
    private final List<String> edges = new ArrayList<>();
    private final Hpet hpet = new Hpet(
            () -> time,
            events,
            pin -> level -> edge("input" + pin, level),
            level -> edge("irq0", level),
            level -> edge("irq8", level));
    private final ringside.bus.InterruptLine pit = hpet.replaced(0, level -> edge("pit", level)),
            rtc = hpet.replaced(1, level -> edge("rtc", level));

    private void edge(String line, boolean level) {
        edges.add(time + (level ? "+" : "-") + line);
    }

    private void write64(int at, long v) {
        hpet.write(at, 4, v & 0xffff_ffffL);
        hpet.write(at + 4, 4, v >>> 32);
    }

    private long read64(int at) {
        return hpet.read(at, 4) | hpet.read(at + 4, 4) << 32;
    }

    private void passTo(long ns) {
        while (events.next() <= ns) {
            time = events.next();
            events.run(time);
        }
        time = ns;
    }

    @Test
    void theCounterHas64BitsStopsAndCanBeSet() {
        assertEquals(0x8086_a201L, hpet.read(0, 4));
        long femtoseconds = hpet.read(4, 4);
        assertEquals(0, 1_000_000_000L % femtoseconds);
        passTo(1000);
        assertEquals(0, read64(COUNTER));
        write64(COUNTER, 0xffff_ffffL);
        write64(CONFIGURATION, 1);
        passTo(2000);
        assertEquals(0xffff_ffffL + 1000 * 1_000_000 / femtoseconds, read64(COUNTER));
        write64(CONFIGURATION, 0);
        passTo(3000);
        assertEquals(0xffff_ffffL + 1000 * 1_000_000 / femtoseconds, read64(COUNTER));
    }

    @Test
    void aOneShotComparatorMatchesOnce() {
        write64(TIMER0, ENABLE | 20 << 9);
        write64(TIMER0 + COMPARATOR, 500);
        write64(CONFIGURATION, 1);
        passTo(1_000_000_000_000L);
        assertEquals(List.of("5000+input20"), edges);
        assertEquals(500, read64(TIMER0 + COMPARATOR));
    }

    @Test
    void aPeriodicComparatorTakesItsFirstMatchAndItsPeriodBy64BitWrites() {
        write64(TIMER0, ENABLE | PERIODIC | SET_VALUE | 2 << 9);
        write64(TIMER0 + COMPARATOR, 300);
        write64(TIMER0 + COMPARATOR, 100);
        write64(CONFIGURATION, 1);
        passTo(5500);
        assertEquals(List.of("3000+input2", "4000-input2", "4000+input2", "5000-input2", "5000+input2"), edges);
        assertEquals(600, read64(TIMER0 + COMPARATOR), "the next match");
        assertEquals(0, hpet.read(TIMER0, 4) & SET_VALUE, "clears itself");
    }

    @Test
    void aLevelInterruptStaysUntilItsStatusBitIsWritten() {
        write64(TIMER0, ENABLE | LEVEL | 21 << 9);
        write64(TIMER0 + COMPARATOR, 10);
        write64(CONFIGURATION, 1);
        passTo(200);
        assertEquals(1, hpet.read(STATUS, 4));
        hpet.write(STATUS, 4, 2);
        assertEquals(List.of("100+input21"), edges);
        hpet.write(STATUS, 4, 1);
        assertEquals(List.of("100+input21", "200-input21"), edges);
        assertEquals(0, hpet.read(STATUS, 4));
    }

    @Test
    void aComparatorOf32BitsComesRoundWithTheCounter() {
        write64(TIMER1, ENABLE | NARROW | 22 << 9);
        write64(TIMER1 + COMPARATOR, 1);
        write64(COUNTER, 0x5_ffff_ffffL);
        write64(CONFIGURATION, 1);
        passTo(20 + (1L << 32) * 10);
        assertEquals(
                List.of("20+input22", (20 + (1L << 32) * 10) + "-input22", (20 + (1L << 32) * 10) + "+input22"), edges);
    }

    @Test
    void legacyReplacementCutsThePitAndTheRtcOff() {
        pit.set(true);
        write64(TIMER0, ENABLE);
        write64(TIMER1, ENABLE);
        write64(TIMER0 + COMPARATOR, 5);
        write64(TIMER1 + COMPARATOR, 6);
        edges.clear();
        write64(CONFIGURATION, 3);
        rtc.set(true);
        pit.set(true);
        passTo(100);
        assertEquals(List.of("0-pit", "50+irq0", "60+irq8"), edges);
        edges.clear();
        write64(CONFIGURATION, 1);
        assertEquals(List.of("100+pit", "100+rtc", "100-irq0", "100-irq8"), edges);
    }

    @Test
    void aRouteThatTheTimerDoesNotHaveIsNotKept() {
        assertEquals(0xf0_0004L, hpet.read(TIMER0 + 4, 4));
        write64(TIMER0, 3 << 9);
        assertEquals(0x30, hpet.read(TIMER0, 4), "periodic and 64 bits can be had");
        write64(TIMER0, 23 << 9);
        assertEquals(0x30 | 23 << 9, hpet.read(TIMER0, 4));
    }
}
