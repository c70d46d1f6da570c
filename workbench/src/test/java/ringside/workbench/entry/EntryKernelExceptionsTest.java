package ringside.workbench.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import ringside.machine.Machine;
import ringside.machine.Outcome;

/**
 * The addresses of the entry kernel at which a variant's unwinder was not right in a full run, each with the rule that
 * takes it out of what is promised (testdata/entrykernel/exceptions.txt). With {@code -Dringside.write=true} the list
 * is written instead of compared.
 */
class EntryKernelExceptionsTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");
    private static final Path LIST = FOLDER.resolve("exceptions.txt");
    /** An instruction by which the kernel runs in the upper half, before its first task. */
    private static final long UP = 4000;

    private static final int WIDTH = 140;

    /** @return by function and rule, the offsets at which the trace was not right at least once */
    private static Map<String, TreeSet<Long>> exceptions(EntryKernel.Variant v) throws Exception {
        EntryKernel kernel = EntryKernel.in(FOLDER, v);
        Map<String, TreeSet<Long>> found = new TreeMap<>();
        try (Machine m = kernel.start(Machine::interpreter, "")) {
            EntryTruth truth = new EntryTruth(kernel, m);
            for (long at = UP; m.run(at).reason() == Outcome.Reason.INSTRUCTION_LIMIT; at++) {
                if (m.cpu().cpl == 3) continue;
                truth.look();
                if (truth.unwindRight()) continue;
                long rip = m.cpu().rip;
                String rule = truth.exception();
                assertNotNull(rule, () -> v + ": a right trace was promised at " + truth.name(rip));
                found.computeIfAbsent(truth.function(rip) + ": " + rule, k -> new TreeSet<>())
                        .add(rip - truth.functionStart(rip));
            }
        }
        return found;
    }

    private static List<String> lines(EntryKernel.Variant v) throws Exception {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, TreeSet<Long>> e : exceptions(v).entrySet()) {
            StringBuilder line = new StringBuilder(v + " " + e.getKey() + ":");
            for (long offset : e.getValue()) {
                if (line.length() > WIDTH) {
                    lines.add(line.toString());
                    line = new StringBuilder("   ");
                }
                line.append(" +").append(Long.toHexString(offset));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Test
    void whereAnUnwinderIsNotRightItsRulesSaySo() throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "# Where the unwinder of each variant was not right at least once in a full run of the entry"
                        + " kernel: function, the rule that promises nothing there,",
                "# offsets of the instructions (hexadecimal). Written and checked by"
                        + " EntryKernelExceptionsTest; the rules are those of docs/entry-kernel.md."));
        for (EntryKernel.Variant v : EntryKernel.Variant.values()) lines.addAll(lines(v));
        if (Boolean.getBoolean("ringside.write")) Files.write(LIST, lines);
        assertEquals(String.join("\n", Files.readAllLines(LIST)), String.join("\n", lines));
    }
}
