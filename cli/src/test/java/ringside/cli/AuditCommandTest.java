package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code ringside audit} on the entry kernel: what it counts, and how it refuses what it cannot do. */
class AuditCommandTest {
    private static final String ENCODED = "../testdata/entrykernel/entry-encoded.elf";

    private record Result(int status, String out, String err) {}

    private static Result audit(String... args) {
        StringWriter usage = new StringWriter();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stdout = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine cl = Main.commandLine();
            cl.setErr(new PrintWriter(usage, true));
            List<String> all = new ArrayList<>(List.of("audit"));
            all.addAll(Arrays.asList(args));
            return new Result(
                    cl.execute(all.toArray(String[]::new)), out.toString(StandardCharsets.UTF_8), usage.toString());
        } finally {
            System.setOut(stdout);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> kind(Map<String, Object> report, String name) {
        return (Map<String, Object>) ((Map<String, Object>) report.get("kinds")).get(name);
    }

    private static long count(Map<String, Object> m, String name) {
        return ((Number) m.get(name)).longValue();
    }

    @Test
    void everyPointIsRightIncompleteOrWrongAndEachFailureIsSaidOrNot() throws Exception {
        Result r = audit(ENCODED, "--every", "20", "--json");
        Map<String, Object> report = JSON.std.mapFrom(r.out());
        long points = count(report, "kernelPoints");
        assertTrue(points > 500, r.out());
        for (String name : new String[] {"fp", "encoded"}) {
            Map<String, Object> k = kind(report, name);
            assertEquals(points, count(k, "right") + count(k, "incomplete") + count(k, "wrong"));
            assertEquals(
                    count(k, "incomplete") + count(k, "wrong"),
                    count(k, "notRightAndSaidSo") + count(k, "notRightAndNotSaidSo"));
        }
        assertTrue(
                count(kind(report, "encoded"), "right") > count(kind(report, "fp"), "right"),
                "encoded frame pointers pass entry code, bare ones do not");
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyFailureHasACauseAndTheCodeFindsCallersOfFunctionsWithoutFrame() throws Exception {
        Map<String, Object> report = JSON.std.mapFrom(
                audit(ENCODED, "--every", "7", "--kind", "encoded", "--json").out());
        Map<String, Object> k = kind(report, "encoded");
        long caused = 0;
        for (Object c : ((Map<String, Object>) k.get("causes")).values())
            caused += count((Map<String, Object>) c, "saidSo") + count((Map<String, Object>) c, "notSaidSo");
        assertEquals(count(k, "incomplete") + count(k, "wrong"), caused);
        assertTrue(
                count(k, "rightByCode") > count(report, "kernelPoints") / 10,
                "the guest's leaf functions have no frames");
        assertEquals(0, count(k, "notRightAndNotSaidSo"));
    }

    @Test
    void aWindowHasAPointAtEachInstruction() throws Exception {
        Result r = audit(ENCODED, "--window", "5k..6k", "--kind", "encoded", "--json");
        assertEquals(ExitStatus.OK, r.status(), r.err());
        Map<String, Object> report = JSON.std.mapFrom(r.out());
        assertEquals(1000, count(report, "kernelPoints") + count(report, "userPoints"));
    }

    @Test
    @SuppressWarnings("unchecked")
    void injectedNmisReachManyAddressesOfEntryCodeAndTheGuestSurvives() throws Exception {
        Result r = audit(
                ENCODED, "--inject", "nmi", "--times", "1", "--kind", "encoded", "--json", "--max-instructions", "3m");
        Map<String, Object> report = JSON.std.mapFrom(r.out());
        Map<String, Object> injected = (Map<String, Object>) report.get("injected");
        assertTrue(count(injected, "addresses") > 100, r.out());
        assertTrue(count(injected, "pointsInNmiHandlers") > count(injected, "addresses"), r.out());
        assertEquals("POWER_OFF", report.get("ended"));
    }

    @Test
    void sayingTooLittleOrContradictionsIsRefused() {
        refused("KERNEL or --linux is missing");
        refused("--linux brings its own kernel", "--linux", ENCODED);
        refused("is none of", ENCODED, "--kind", "dwarf");
        refused("is no window", ENCODED, "--window", "5");
        refused("is an empty window", ENCODED, "--window", "9..9");
        refused("--inject goes with --entry-paths", ENCODED, "--inject", "nmi", "--every", "5");
        refused("show_trace_log_lvl", ENCODED, "--printed");
    }

    private static void refused(String cause, String... args) {
        Result r = audit(args);
        assertEquals(ExitStatus.UNUSABLE, r.status(), r.err());
        assertTrue(r.err().contains(cause), r.err());
        assertFalse(r.err().contains("\tat "), r.err());
    }
}
