package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import ringside.workbench.entry.EntryKernel;
import ringside.workbench.entry.EntryKind;

/**
 * {@code ringside entry-cost}: what annotations cost by the entry kernel's source. A marker is three pushes and a MOV
 * before a call, a POP and an ADD behind it: six instructions with three stores and one load; an encoded pointer is one
 * LEA; the table is no code.
 */
class EntryCostCommandTest {
    private static String run(String... args) {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertEquals(0, new CommandLine(new EntryCostCommand()).execute(args));
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static double sum(Map<?, ?> entry, String a, String b) {
        return ((Number) entry.get(a)).doubleValue() + ((Number) entry.get(b)).doubleValue();
    }

    @Test
    void countsWhatAnnotationsAddAndFindsNoSilentMistake() throws Exception {
        Map<String, Object> answer = JSON.std.mapFrom(run("--json", "--repeat", "1", "--times", "50"));
        Map<String, Map<?, ?>> entries = new HashMap<>();
        for (Object o : (List<?>) answer.get("entries")) {
            Map<?, ?> e = (Map<?, ?>) o;
            entries.put(e.get("kind") + "/" + e.get("variant"), e);
            assertTrue(((Number) e.get("nanoseconds")).doubleValue() > 0);
        }
        assertEquals(EntryKind.values().length * EntryKernel.Variant.values().length, entries.size());
        for (EntryKind kind : EntryKind.values()) {
            Map<?, ?> none = entries.get(kind.title + "/none");
            Map<String, List<Double>> added = new HashMap<>();
            for (EntryKernel.Variant v : EntryKernel.Variant.values()) {
                Map<?, ?> e = entries.get(kind.title + "/" + v);
                added.put(
                        v.name(),
                        List.of(
                                sum(e, "entryInstructions", "exitInstructions")
                                        - sum(none, "entryInstructions", "exitInstructions"),
                                sum(e, "entryMemory", "exitMemory") - sum(none, "entryMemory", "exitMemory")));
            }
            double marked = added.get("marker").get(0) / 6;
            assertTrue(marked == 1 || marked == 2, kind + ": " + added);
            assertEquals(4 * marked, added.get("marker").get(1), kind.title);
            assertTrue(added.get("encoded").get(0) == 1 || added.get("encoded").get(0) == 2, kind + ": " + added);
            assertEquals(0, added.get("encoded").get(1), kind.title);
            assertEquals(List.of(0.0, 0.0), added.get("table"), kind.title);
        }
        TreeSet<String> variants = new TreeSet<>();
        for (Object o : (List<?>) answer.get("unwinders")) {
            Map<?, ?> u = (Map<?, ?>) o;
            variants.add((String) u.get("variant"));
            assertEquals(0, ((Number) u.get("wrongAndReliable")).intValue(), u.toString());
            assertEquals(u.get("promised"), u.get("promisedAndRight"), u.toString());
            assertEquals(u.get("points"), u.get("shadowStackRight"), u.toString());
        }
        assertEquals(5, variants.size());
    }

    @Test
    void countsTheEntriesOfAnyKernelWithSymbols() throws Exception {
        Map<String, Object> answer =
                JSON.std.mapFrom(run("../testdata/entrykernel/entry-none.elf", "--engine", "interpreter", "--json"));
        Map<?, ?> row = ((List<?>) answer.get("entries"))
                .stream()
                        .map(o -> (Map<?, ?>) o)
                        .filter(e -> e.get("name").equals("#GP exc_general_protection"))
                        .findFirst()
                        .orElseThrow();
        // docs/entry-cost.md, "exception with code, user", found by stepping: 26 instructions with 27 accesses
        assertEquals(26, ((Number) row.get("entry assembly instructions")).intValue());
        assertEquals(27, ((Number) row.get("entry assembly memory")).intValue());
    }
}
