package ringside.workbench.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.snapshot.StateHash;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.UsageException;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;

/** Logs of the demonstration kernel on both engines. */
class EventLogTest {
    private static final Path DEMO = Path.of("../testdata/demo/demo.elf");
    private static final List<Machine.EngineFactory> ENGINES = List.of(
            Machine::interpreter, Translator.factory(TranslatorOptions.after(20).withBackground(false)));
    private static final Set<LogKind> RARE =
            LogKind.parse(List.of("int", "exception", "nmi", "syscall", "io", "mmio", "msr", "cr"));

    private record Logged(List<String> lines, String state, long deliveries) {}

    private static Machine demo(Machine.EngineFactory engine) throws Exception {
        Machine m = new Machine(MachineConfig.standard(), engine);
        Loader.load(m, DEMO, BootOptions.NONE.withAppend("skip=9"));
        return m;
    }

    private static Logged run(Machine.EngineFactory engine, Set<LogKind> kinds, boolean json, List<String> filter)
            throws Exception {
        try (Machine m = demo(engine)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            EventLog log = new EventLog(
                    m, new Names(m, KnownKernel.read(DEMO, null)), kinds, LogFilter.parse(filter), json, out, 5);
            log.start();
            m.run(Long.MAX_VALUE);
            log.stop();
            long all = 0;
            for (long d : m.cpu().deliveries) all += d;
            List<String> lines =
                    out.toString(StandardCharsets.ISO_8859_1).lines().toList();
            assertEquals(lines.subList(Math.max(0, lines.size() - 5), lines.size()), log.last());
            return new Logged(lines, StateHash.of(m), all);
        }
    }

    @Test
    void bothEnginesWriteTheSameLinesAndTheGuestDoesNotNotice() throws Exception {
        String free;
        try (Machine m = demo(Machine::interpreter)) {
            m.run(Long.MAX_VALUE);
            free = StateHash.of(m);
        }
        List<String> reference = null;
        for (Machine.EngineFactory engine : ENGINES) {
            Logged l = run(engine, RARE, false, List.of());
            if (reference == null) reference = l.lines;
            assertEquals(reference, l.lines);
            assertEquals(free, l.state);
            long events = l.lines.stream()
                    .filter(s -> s.matches(" *\\d+ (int|exception|nmi) .*"))
                    .count();
            assertEquals(l.deliveries, events, "one line for each event that the processor counted");
        }
        assertTrue(
                reference.stream()
                        .anyMatch(s -> s.matches(
                                " *\\d+ exception +#PF error \\d \\((user|kernel) .*\\) cr2 [0-9a-f]+ at [0-9a-f]+.*")),
                () -> "a page fault");
    }

    @Test
    void everyJsonLineIsAnObjectWithItsKind() throws Exception {
        for (String line : run(ENGINES.get(1), RARE, true, List.of()).lines) {
            Map<String, Object> o = JSON.std.mapFrom(line);
            assertTrue(RARE.stream().anyMatch(k -> k.label().equals(o.get("kind"))), line);
            assertTrue(o.get("n") instanceof Number, line);
        }
    }

    @Test
    void filtersKeepWhatMeetsThem() throws Exception {
        List<String> faults =
                run(ENGINES.get(1), LogKind.parse(List.of("exception", "int")), false, List.of("vector=14")).lines;
        assertTrue(!faults.isEmpty() && faults.stream().allMatch(l -> l.contains("#PF")), faults.toString());
    }

    @Test
    void aWindowOfInstructionsHasExactlyThose() throws Exception {
        List<String> reference = null;
        for (Machine.EngineFactory engine : ENGINES) {
            try (Machine m = demo(engine)) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                EventLog log = new EventLog(
                        m,
                        new Names(m, KnownKernel.read(DEMO, null)),
                        Set.of(LogKind.INSN),
                        LogFilter.parse(List.of()),
                        false,
                        out,
                        0);
                to("20k", m);
                log.start();
                to("21_000", m);
                log.stop();
                List<String> lines =
                        out.toString(StandardCharsets.ISO_8859_1).lines().toList();
                assertEquals(1000, lines.size());
                for (int i = 0; i < lines.size(); i++)
                    assertTrue(lines.get(i).strip().startsWith(20_001 + i + " insn"), lines.get(i));
                if (reference == null) reference = lines;
                assertEquals(reference, lines);
            }
        }
    }

    private static void to(String when, Machine m) throws Exception {
        Stops stops = new Stops(m, List.of(When.parse("--log-from", when)), KnownKernel.read(DEMO, null));
        stops.run(Long.MAX_VALUE, s -> false);
        assertTrue(stops.complete());
    }

    @Test
    void momentsAreTold() throws Exception {
        for (Machine.EngineFactory engine : ENGINES) {
            try (Machine m = demo(engine)) {
                to("1ms", m);
                assertEquals(1_000_000, m.now());
            }
        }
        for (String bad : List.of(
                "", "-3", "console:", "a b", "#2", "do_exit if", "do_exit if rdi = 3", "irq:", "irq:300", "f#0"))
            assertThrows(UsageException.class, () -> When.parse("--log-from", bad), bad);
        assertThrows(UsageException.class, () -> LogKind.parse(List.of("everything")));
        assertThrows(UsageException.class, () -> LogFilter.parse(List.of("pid=x")));
        assertThrows(UsageException.class, () -> LogFilter.parse(List.of("colour=red")));
    }
}
