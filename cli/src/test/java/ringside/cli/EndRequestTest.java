package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ctrl-C and SIGTERM while a guest runs that never ends: the command ends with 128 and the signal's number, says where
 * it stopped, and loses no result.
 */
@EnabledOnOs(OS.LINUX)
class EndRequestTest {
    private static final int INT = 2, TERM = 15;

    @TempDir
    Path folder;

    private static void interrupt(Child c, int signal) throws IOException, InterruptedException {
        assumeTrue(c.hears(signal), "this signal is ignored here");
        c.signal(signal == INT ? "INT" : "TERM");
        assertEquals(128 + signal, c.end(), c.toString());
        assertFalse(c.err().contains("\tat ") || c.err().contains("Exception"), c.err());
        assertFalse(
                c.err().contains("timeout") || c.err().contains("not reached:"),
                "no other reason is given: " + c.err());
        assertEquals(1, c.err().split("interrupted", -1).length - 1, c.err());
    }

    /** @return what it said on standard error */
    private String whileItSpins(int signal, String says, String... arguments) throws IOException, InterruptedException {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = EndlessKernel.in(folder).toString();
        try (Child c = Child.ringside(folder, all)) {
            c.await("the guest's '!'", () -> c.out().contains("!") || c.err().contains("!"));
            interrupt(c, signal);
            assertTrue(c.err().contains(says), c.err());
            return c.err();
        }
    }

    @Test
    void aRunThatIsInterruptedSaysAtWhichInstructionAndPrintsItsFigures() throws Exception {
        String err = whileItSpins(INT, "ringside: interrupted at 0010:0000000000200007 after ", "run", "--stats");
        assertTrue(err.indexOf("state hash") >= 0 && err.indexOf("state hash") < err.indexOf("interrupted"), err);
        whileItSpins(TERM, "ringside: interrupted at 0010:0000000000200007 after ", "run", "--engine", "interpreter");
    }

    @Test
    void aComparisonThatIsInterruptedSaysHowFarTheEnginesWereEqual() throws Exception {
        whileItSpins(INT, "ringside: interrupted; no difference in the first ", "compare");
    }

    @Test
    void anUnwindThatIsInterruptedSaysThatThePlaceWasNotReached() throws Exception {
        whileItSpins(INT, " instructions: never: reached 0 of 1 times", "unwind", "--console", "--at", "never");
    }

    @Test
    void anAuditThatIsInterruptedPrintsItsReport() throws Exception {
        Path kernel = EndlessKernel.in(folder);
        try (Child c = Child.ringside(folder, "audit", kernel.toString(), "--console", "--every", "100000", "--json")) {
            c.await("the guest's '!'", () -> c.err().contains("!"));
            interrupt(c, INT);
            assertTrue(c.out().contains("\"ended\" : \"STOPPED\""), c.toString());
        }
    }

    @Test
    void anExperimentThatIsInterruptedPrintsItsRegisters() throws Exception {
        try (Child c = Child.ringside(folder, "exec", "--hex", "ebfe", "--limit", "1000000000000", "--trace")) {
            c.await("the first lines of the trace", () -> c.out().contains("jmp"));
            interrupt(c, INT);
            assertTrue(c.err().contains("ringside: interrupted after "), c.err());
            assertTrue(
                    c.out().contains("stopped: stopped from outside at 0x401000"),
                    c.out().substring(Math.max(0, c.out().length() - 2000)));
        }
    }

    @Test
    void theResultsOfABatchThatIsInterruptedAreKept() throws Exception {
        StringBuilder cases = new StringBuilder();
        for (int i = 1; i <= 300; i++)
            cases.append("{\"name\": \"case ").append(i).append("\", \"hex\": \"90\"}\n");
        cases.append("{\"name\": \"for ever\", \"hex\": \"ebfe\", \"limit\": 1000000000000}\n"
                + "{\"name\": \"behind\", \"hex\": \"90\"}\n");
        Path file = Files.writeString(folder.resolve("cases.jsonl"), cases);
        try (Child c = Child.ringside(folder, "exec", "--batch", file.toString())) {
            c.await("the first results", () -> c.out().contains("case 1"));
            interrupt(c, TERM);
            Matcher at = Pattern.compile("ringside: interrupted (in|after) case (\\d+)")
                    .matcher(c.err());
            assertTrue(at.find(), c.err());
            assertEquals(
                    Integer.parseInt(at.group(2)) - (at.group(1).equals("in") ? 1 : 0),
                    c.out().lines().count());
            assertTrue(c.out().endsWith("}\n"));
        }
    }

    @Test
    void aBatchThatWaitsForItsNextLineEndsAtOnce() throws Exception {
        try (Child c = Child.ringside(folder, "exec", "--batch", "-")) {
            c.type("{\"name\": \"one\", \"hex\": \"90\"}\n");
            c.await("the first result", () -> c.out().contains("one"));
            interrupt(c, INT);
            assertTrue(c.err().contains("ringside: interrupted after case 1"), c.err());
        }
    }
}
