package ringside.workbench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.boot.BootOptions;
import ringside.cpu.CpuModel;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.UsageException;

/** Whatever a run stops at, it stops exactly there, and the guest does not notice. */
class StopsTest {
    private static final Path KERNEL = Path.of("../testdata/entrykernel/entry-table.elf");

    private static Machine kernel(String engine) throws Exception {
        MachineConfig config = new MachineConfig(64 << 20, CpuModel.standard(), Set.of(), false);
        return new Guest(KERNEL, new BootOptions("", List.of(), null, BootOptions.DEFAULT_NAME), config)
                .load(
                        engine.equals("interpreter")
                                ? Machine::interpreter
                                : Translator.factory(
                                        TranslatorOptions.standard().withTranslateAfter(20)));
    }

    private static List<Stops.Stop> all(Machine m, List<When> moments, List<Long> at) throws Exception {
        List<Stops.Stop> found = new ArrayList<>();
        Stops stops = new Stops(m, moments, KnownKernel.read(KERNEL, null));
        m.board().serial(0).setSink(stops::console);
        stops.run(Long.MAX_VALUE, s -> {
            found.add(s);
            at.add(m.cpu().instructions());
            return true;
        });
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void theGuestDoesNotNoticeThatItIsStopped(String engine) throws Exception {
        String undisturbed;
        long instructions;
        try (Machine m = kernel("interpreter")) {
            m.run(Long.MAX_VALUE);
            undisturbed = StateHash.of(m);
            instructions = m.cpu().instructions();
        }
        List<When> moments = new ArrayList<>();
        for (String t : List.of(
                "do_irq#*", "do_irq+4#3", "20k", "10us", "exception:#*", "irq:0x41#*", "irq:0xec#*", "exception:2#*"))
            moments.add(When.parse("--at", t));
        moments.add(new When.Every(777));
        try (Machine m = kernel(engine)) {
            List<Long> at = new ArrayList<>();
            List<Stops.Stop> found = all(m, moments, at);
            assertEquals(instructions, m.cpu().instructions());
            assertEquals(undisturbed, StateHash.of(m));
            assertTrue(found.size() > 80, found.size() + " stops");
            for (When w : moments) {
                if (!(w instanceof When.Event))
                    assertTrue(found.stream().anyMatch(s -> s.when() == w), w + " was missed");
            }
            assertTrue(found.stream().anyMatch(s -> s.what().startsWith("exception 14, error code ")), "no page fault");
            assertTrue(found.stream().anyMatch(s -> s.what().startsWith("interrupt ")), "no interrupt");
        }
    }

    @Test
    void bothEnginesStopAtTheSameInstructions() throws Exception {
        List<When> moments = new ArrayList<>();
        for (String t : List.of("do_irq#* if [rsp] != 0", "do_page_fault#*", "15us", "12_345", "exception:#*"))
            moments.add(When.parse("--at", t));
        List<List<Long>> at = new ArrayList<>();
        List<List<String>> what = new ArrayList<>();
        for (String engine : List.of("interpreter", "translator")) {
            try (Machine m = kernel(engine)) {
                List<Long> counts = new ArrayList<>();
                what.add(all(m, moments, counts).stream().map(Stops.Stop::what).toList());
                at.add(counts);
            }
        }
        assertEquals(at.get(0), at.get(1));
        assertEquals(what.get(0), what.get(1));
        assertTrue(at.getFirst().contains(12_345L));
    }

    /** A watched access ends the run behind its very instruction, however the engine runs it: call, push, string. */
    @Test
    void bothEnginesStopBehindTheSameAccesses() throws Exception {
        List<When> moments = new ArrayList<>();
        long stack;
        try (Machine m = kernel("interpreter")) {
            Stops first = new Stops(m, List.of(When.parse("--at", "do_irq")), KnownKernel.read(KERNEL, null));
            first.run(Long.MAX_VALUE, s -> false);
            stack = m.cpu().gpr[4] & -8;
        }
        moments.add(When.watch("--watch", String.format("0x%x:128:rw", stack - 64)));
        moments.add(When.watch("--watch", "count_page_faults"));
        List<List<Long>> at = new ArrayList<>();
        List<List<String>> what = new ArrayList<>();
        for (String engine : List.of("interpreter", "translator", "translator")) {
            try (Machine m = kernel(engine)) {
                List<Long> counts = new ArrayList<>();
                what.add(all(m, moments, counts).stream().map(Stops.Stop::what).toList());
                at.add(counts);
            }
        }
        assertTrue(at.getFirst().size() > 100, at.getFirst().size() + " accesses");
        for (int i = 0; i < at.getFirst().size(); i++) {
            for (int e = 1; e < at.size(); e++) {
                String where = "access " + i + ": " + what.getFirst().get(i) + " / "
                        + what.get(e).get(i);
                assertEquals(at.getFirst().get(i), at.get(e).get(i), where);
                assertEquals(what.getFirst().get(i), what.get(e).get(i));
            }
        }
    }

    /** The place is reached as often as stepping through the run finds it. */
    @Test
    void hitsAndConditionsCountAsSingleStepsDo() throws Exception {
        long address;
        List<Long> steps = new ArrayList<>();
        List<Long> odd = new ArrayList<>();
        KnownKernel known = KnownKernel.read(KERNEL, null);
        address = known.fixedSymbols().address("do_irq");
        try (Machine m = kernel("interpreter")) {
            long end;
            try (Machine whole = kernel("interpreter")) {
                whole.run(Long.MAX_VALUE);
                end = whole.cpu().instructions();
            }
            for (long n = 0; n < end; n++) {
                m.run(n);
                if (m.cpu().longMode() && m.cpu().rip == address) {
                    steps.add(n);
                    if ((steps.size() & 1) == 1) odd.add(n);
                }
            }
        }
        assertTrue(steps.size() > 2);
        for (String engine : List.of("interpreter", "translator")) {
            try (Machine m = kernel(engine)) {
                List<Long> at = new ArrayList<>();
                all(m, List.of(When.parse("--at", "do_irq#*")), at);
                assertEquals(steps, at);
            }
            try (Machine m = kernel(engine)) {
                List<Long> at = new ArrayList<>();
                all(m, List.of(When.parse("--at", "do_irq#2")), at);
                assertEquals(List.of(steps.get(1)), at);
            }
            try (Machine m = kernel(engine)) {
                Stops never = new Stops(m, List.of(When.parse("--at", "do_irq#* if 1 == 2")), known);
                never.run(Long.MAX_VALUE, s -> true);
                assertEquals(1, never.left().size());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void aWatchedWriteStopsBehindItsInstructionWithBothValues(String engine) throws Exception {
        long stack;
        try (Machine m = kernel(engine)) {
            Stops first = new Stops(m, List.of(When.parse("--at", "do_irq")), KnownKernel.read(KERNEL, null));
            first.run(Long.MAX_VALUE, s -> false);
            stack = m.cpu().gpr[4] - 8;
            long before = new GuestView(m.cpu()).load(stack, 0);
            Stops stops = new Stops(
                    m, List.of(When.watch("--watch", String.format("0x%x:8", stack))), KnownKernel.read(KERNEL, null));
            String[] what = new String[1];
            long[] now = new long[1];
            stops.run(Long.MAX_VALUE, s -> {
                what[0] = s.what();
                now[0] = new GuestView(m.cpu()).load(stack, 0);
                return now[0] == before;
            });
            assertTrue(what[0].startsWith(String.format("write of 0x%x by the instruction at 0x", stack)), what[0]);
            assertTrue(what[0].endsWith(String.format(": 0x%016x to 0x%016x", before, now[0])), what[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "translator"})
    void anInjectedNmiIsAtItsHandlerAndThePlaceIsCountedOnce(String engine) throws Exception {
        try (Machine m = kernel(engine)) {
            KnownKernel known = KnownKernel.read(KERNEL, null);
            Stops stops = new Stops(m, List.of(When.parse("--at", "do_irq#*")), known);
            long[] n = new long[2];
            stops.run(Long.MAX_VALUE, s -> {
                n[0]++;
                long rip = m.cpu().rip;
                assertEquals(null, stops.inject(2, -1, Long.MAX_VALUE));
                assertFalse(rip == m.cpu().rip);
                n[1] = m.cpu().deliveries[2];
                return n[0] < 3;
            });
            assertEquals(3, n[0]);
            assertTrue(n[1] >= 3);
        }
    }

    @Test
    void expressionsHaveTheValuesOfC() throws Exception {
        try (Machine m = kernel("interpreter")) {
            m.run(10_000);
            m.cpu().gpr[7] = 0xffff_ffff_0000_0003L;
            GuestView view = new GuestView(m.cpu());
            for (String[] c : new String[][] {
                {"1 + 2 * 3", "7"},
                {"(1 + 2) * 3", "9"},
                {"1 << 4 | 3", "19"},
                {"10 - 3 - 2", "5"},
                {"edi", "3"},
                {"di == 3 && dil == 3", "1"},
                {"rdi > 0x7fffffffffffffff", "1"},
                {"!0 + ~0", "0"},
                {"-1 == 0xffffffffffffffff", "1"},
                {"1 == 1 == 1", "1"},
                {"6 & 3 == 3", "0"},
                {"0 || 2 && 1", "1"},
                {"f + 1", "4097"}
            })
                assertEquals(
                        Long.parseLong(c[1]),
                        Condition.parse(c[0]).value(view, n -> 4096L).orElseThrow(),
                        c[0]);
            assertTrue(Condition.parse("[0x1234567800000000]")
                    .value(view, n -> null)
                    .isEmpty());
            assertTrue(Condition.parse("nobody").value(view, n -> null).isEmpty());
        }
        for (String bad : Arrays.asList("", "1 +", "rdi = 3", "(1", "u8[1", "1 2", "%", "99999999999999999999", "&1"))
            assertThrows(UsageException.class, () -> Condition.parse(bad), bad);
    }
}
