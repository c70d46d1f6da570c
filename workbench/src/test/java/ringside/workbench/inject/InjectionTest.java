package ringside.workbench.inject;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;
import ringside.workbench.entry.EntryKernel;
import ringside.workbench.entry.EntryTruth;

/**
 * NMIs and interrupts at every instruction of the entry kernel's entry paths, NMI handler included: the kernel's own
 * checks pass at the end, and at every instruction of the handler shadow stack and unwinder are right.
 */
class InjectionTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");
    /** Instructions watched behind an injection: more than an NMI with its page faults takes. */
    private static final int WATCHED = 420;

    private final TreeMap<String, String> wrong = new TreeMap<>();

    @Test
    void seekingGivesTheStateOfTheUndisturbedRun() throws Exception {
        Machine a = EntryKernel.in(FOLDER, EntryKernel.Variant.marker).start(Machine::interpreter, "");
        Machine b = EntryKernel.in(FOLDER, EntryKernel.Variant.marker).start(Machine::interpreter, "");
        try (Injector in = new Injector(a, 1000)) {
            in.record(30_000);
            b.run(12_345);
            in.inject(20_000, Injection.nmi());
            in.finish(3000);
            in.seek(12_345);
            // what breaks ties between device events due at the same time goes on counting
            assertEquals(
                    List.of(),
                    Snapshot.differences(b, a, 20).stream()
                            .filter(d -> !d.contains("Order: "))
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void anNmiAnywhereIsHandledAndUnwound(EntryKernel.Variant v) throws Exception {
        injectEverywhere(
                v, Injection.nmi(), 2, v == EntryKernel.Variant.table || v == EntryKernel.Variant.marker ? 1 : 5);
    }

    @ParameterizedTest
    @EnumSource(names = "table")
    void aDeviceInterruptAnywhereIsHandledAndUnwound(EntryKernel.Variant v) throws Exception {
        injectEverywhere(v, Injection.interrupt(0x41), 0x41, 2);
    }

    /**
     * At each {@code every}th address when it is reached first; at every instruction of the run with
     * {@code -Dringside.inject=all}.
     */
    private void injectEverywhere(EntryKernel.Variant v, Injection what, int vector, int every) throws Exception {
        Machine m = EntryKernel.in(FOLDER, v).start(Machine::interpreter, "");
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        m.board().serial(0).setSink(console::write);
        EntryTruth truth = new EntryTruth(EntryKernel.in(FOLDER, v), m);
        long end = truth.address("check_all");
        boolean all = "all".equals(System.getProperty("ringside.inject"));
        // where each instruction is reached, from the first task on to the last check
        Map<Long, Integer> seen = new HashMap<>();
        Map<Long, Long> points = new LinkedHashMap<>();
        try (Injector in = new Injector(m, 1000)) {
            m.run(4000);
            in.record(1_000_000);
            in.seek(in.start());
            in.watch(1_000_000, x -> {
                if (x.cpu().rip == end) return false;
                if (x.cpu().cpl == 0
                        && (all || seen.merge(x.cpu().rip, 1, Integer::sum) == 1 && seen.size() % every == 0))
                    points.put(x.cpu().instructions(), x.cpu().rip);
                return true;
            });
            for (Map.Entry<Long, Long> p : points.entrySet()) {
                String where = truth.name(p.getValue()) + " (instruction " + p.getKey() + ")";
                console.reset();
                in.inject(p.getKey(), what);
                long before = m.cpu().deliveries[vector];
                boolean accepted = vector == 2 || (m.cpu().rflags() & 0x200) != 0;
                in.watch(WATCHED, x -> {
                    String problem = truth.problem();
                    if (problem != null) wrong.putIfAbsent(where, problem);
                    return problem == null;
                });
                Outcome o = in.finish(1_000_000);
                String text = console.toString(StandardCharsets.US_ASCII);
                if (o.reason() != Outcome.Reason.POWER_OFF || !text.contains(": ok "))
                    wrong.putIfAbsent(where, o + " " + text);
                if (m.cpu().deliveries[vector] <= before && accepted)
                    wrong.putIfAbsent(where, "vector " + vector + " was not delivered");
            }
        }
        m.close();
        assertEquals(Map.of(), wrong);
        assertTrue(points.size() > 900 / every, points.size() + " points");
    }
}
