package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.cpu.CpuModel;
import ringside.machine.Core;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.memory.PhysicalMemory;
import ringside.snapshot.Snapshot;

/**
 * Machines with two processors that run in turn: what one does to code, mappings and interrupts is seen by the other,
 * in both engines and at the same counts.
 */
class SeveralProcessorsTest {
    private static final int SEEN = 0x8000, ANSWERED = 0x8008, BEFORE = 0x8010, APIC = 0x1ff000;
    /** 20,000 times round a loop. */
    private static final String DELAY = "b9204e0000 ffc9 75fc ";

    static Stream<Machine.EngineFactory> engines() {
        return Stream.of(Machine::interpreter, Guests.translated(2));
    }

    private static Machine start(Machine.EngineFactory engine, String... code) {
        String[] plain = Arrays.stream(code).map(c -> c.replace(" ", "")).toArray(String[]::new);
        Machine m = PagedGuest.start(2, engine, plain);
        PagedGuest.map(m, PagedGuest.TABLES, APIC, 0xfee0_0000L);
        for (Core c : m.cores()) m.board().apic(c.number()).write(0xf0, 4, 0x1ff);
        return m;
    }

    private static long byteAt(Machine m, int pa) {
        return m.memory().read(pa, 1);
    }

    private static String state(Machine m) {
        byte[] ram = new byte[1 << 20];
        m.memory().read(0, ram, 0, ram.length);
        StringBuilder s = new StringBuilder("ram " + Arrays.hashCode(ram));
        for (Core c : m.cores()) {
            s.append(String.format(
                    "%ncpu %d at %d ns after %d:", c.number(), c.now(), c.cpu().instructions()));
            for (long g : c.cpu().gpr) s.append(String.format(" %x", g));
            s.append(String.format(" rip %x flags %x", c.cpu().rip, c.cpu().rflags()));
        }
        return s.toString();
    }

    private static final int HALTED = 1_000_000;

    /**
     * The first stores into a function that the second has been calling for long, by a page that it had written to
     * before there was code in it.
     */
    private static Machine modifiesCode(Machine.EngineFactory engine) {
        return start(
                engine,
                // byte at 5001h = 1; wait; byte at 5001h = 2; hlt
                "1000:c604250150000001 " + DELAY + "c604250150000002 f4",
                // do call 5000h while eax != 2; [8000h] = eax; hlt
                "2000:e8fb2f0000 83f802 75f6 89042500800000 f4",
                "5000:b800000000 c3");
    }

    @ParameterizedTest
    @MethodSource("engines")
    void codeThatOneStoresIntoIsNewForTheOther(Machine.EngineFactory engine) {
        try (Machine m = modifiesCode(engine)) {
            assertEquals(Outcome.Reason.HALTED_FOREVER, m.run(HALTED).reason());
            assertEquals(2, byteAt(m, SEEN));
        }
    }

    /**
     * The second reads by a mapping that the first changes; it sees the old page, which its TLB has, until the first
     * sends an interrupt whose handler executes INVLPG.
     */
    private static Machine shootsDown(Machine.EngineFactory engine) {
        Machine m = start(
                engine,
                // wait; PTE of 9000h = B007h; wait; [8010h] = [8000h]; IPI 40h to 1; until byte at 8008h is 1; hlt
                "1000:" + DELAY + "48c704254830020007b00000 " + DELAY + "8b042500800000 89042510800000"
                        + "c7042510f31f0000000001 c7042500f31f0040000000 803c250880000001 75f6 f4",
                // sti; do [8000h] = eax = [9000h] while eax != 2; cli; hlt
                "2000:fb 8b042500900000 89042500800000 83f802 75ed fa f4",
                // invlpg [9000h]; byte at 8008h = 1; end of interrupt; iretq
                "4300:0f013c2500900000 c604250880000001 c70425b0f01f0000000000 48cf",
                "a000:01",
                "b000:02");
        PagedGuest.map(m, PagedGuest.TABLES, 0x9000, 0xa000);
        return m;
    }

    @ParameterizedTest
    @MethodSource("engines")
    void anInterruptOfOneDropsAMappingOfTheOther(Machine.EngineFactory engine) {
        try (Machine m = shootsDown(engine)) {
            assertEquals(Outcome.Reason.HALTED_FOREVER, m.run(HALTED).reason());
            assertEquals(1, byteAt(m, BEFORE), "the old mapping stays in the other's TLB until it drops it");
            assertEquals(1, byteAt(m, ANSWERED));
            assertEquals(2, byteAt(m, SEEN));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aProcessorStartsWhereTheStartupMessageSays(Machine.EngineFactory engine) {
        try (Machine m = start(
                engine,
                // INIT to 1; startup at 6000h; until byte at 8000h is 12h; hlt
                "1000:c7042510f31f0000000001 c7042500f31f0000450000 c7042500f31f0006460000"
                        + "803c250080000012 75f6 f4",
                "2000:f4",
                // in real mode: mov ax, 12h; mov [8000h], ax; hlt
                "6000:b81200 a30080 f4")) {
            assertEquals(Outcome.Reason.HALTED_FOREVER, m.run(HALTED).reason());
            assertEquals(0x12, byteAt(m, SEEN));
            assertEquals(0x600, m.cores().get(1).cpu().seg[ringside.cpu.Cpu.CS].selector);
        }
    }

    @Test
    void bothEnginesDoTheSameAtTheSameCounts() {
        try (Machine a = shootsDown(Machine::interpreter);
                Machine b = shootsDown(Guests.translated(2));
                Machine c = modifiesCode(Machine::interpreter);
                Machine d = modifiesCode(Guests.translated(2))) {
            for (Machine m : new Machine[] {a, b, c, d}) m.run(HALTED);
            assertEquals(state(a), state(b));
            assertEquals(state(c), state(d));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void aRunGoesOnFromASnapshotAsIfNothingHadHappened(Machine.EngineFactory engine) {
        try (Machine m = shootsDown(engine);
                Machine other = shootsDown(engine);
                Snapshot s = new Snapshot()) {
            m.run(50_000);
            s.take(m);
            s.restore(other);
            m.run(HALTED);
            other.run(HALTED);
            assertEquals(state(m), state(other));
        }
    }

    @Test
    void tablesAndConfigurationSayHowManyThereAre() {
        for (int n : new int[] {1, 2, 4, 5, 32}) {
            try (Machine m = Machine.builder().memory(4 << 20).processors(n).build()) {
                assertEquals(n, localApics(m.memory()));
                m.ports().out(0x510, 2, 5);
                assertEquals(n, m.ports().in(0x511, 1));
            }
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new MachineConfig(4 << 20, CpuModel.standard(), java.util.Set.of(), false, 33));
    }

    /** Counts the local APICs in the MADT, found by way of the RSDT. */
    private static int localApics(PhysicalMemory ram) {
        int rsdt = (int) ram.read(0xf0010, 4);
        for (int at = rsdt + 36; at < rsdt + ram.read(rsdt + 4, 4); at += 4) {
            int table = (int) ram.read(at, 4);
            if (ram.read(table, 4) != 0x4349_5041) continue; // "APIC"
            int count = 0;
            int end = table + (int) ram.read(table + 4, 4);
            for (int e = table + 44; e < end; e += (int) ram.read(e + 1, 1)) {
                if (ram.read(e, 1) == 0) count++;
            }
            return count;
        }
        return 0;
    }
}
