package ringside.workbench.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/** Shadow stack and unwinders against the entry kernel's true chain, at every instruction of a run. */
class EntryKernelChainsTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");
    /** Instructions between two looks at the translator, so that regions run in between. */
    private static final int STRIDE = 17;
    /** An instruction by which the kernel runs in the upper half, before its first task. */
    private static final long UP = 4000;

    private final TreeMap<String, String> wrong = new TreeMap<>();
    private Machine machine;
    private EntryTruth truth;
    private int points;
    private int promised;

    private void start(EntryKernel.Variant v, Machine.EngineFactory engine) throws Exception {
        EntryKernel kernel = EntryKernel.in(FOLDER, v);
        machine = kernel.start(engine, "");
        truth = new EntryTruth(kernel, machine);
    }

    /** Looks behind every {@code step}th instruction from {@code first} on, until the run ends. */
    private void walk(long first, long step) {
        for (long at = first; machine.run(at).reason() == Outcome.Reason.INSTRUCTION_LIMIT; at += step) {
            points++;
            String problem = truth.problem();
            if (problem != null) wrong.putIfAbsent(truth.name(machine.cpu().rip), problem);
            if (machine.cpu().cpl == 0 && truth.promised()) promised++;
        }
    }

    /** The shadow stack everywhere; unwinders where their rules promise it, and never wrong without saying so. */
    @ParameterizedTest
    @EnumSource
    void shadowStackAndUnwinderAreRightAtEveryInstructionOfTheInterpreter(EntryKernel.Variant v) throws Exception {
        start(v, Machine::interpreter);
        walk(UP, 1);
        assertEquals(Map.of(), wrong);
        assertTrue(
                points > 40_000 && promised > (v == EntryKernel.Variant.none ? 2000 : 5000),
                points + " points, " + promised + " promised");
    }

    @ParameterizedTest
    @EnumSource
    void shadowStackAndUnwinderAreRightAtEveryInstructionOfTheTranslator(EntryKernel.Variant v) throws Exception {
        start(v, Translator.factory(TranslatorOptions.after(2).withBackground(false)));
        try (Snapshot beginning = new Snapshot()) {
            beginning.take(machine);
            for (int first = 0; first < STRIDE; first++) {
                walk(UP + first, STRIDE);
                beginning.restore(machine);
            }
        }
        assertEquals(Map.of(), wrong);
        assertTrue(points > 40_000);
    }
}
