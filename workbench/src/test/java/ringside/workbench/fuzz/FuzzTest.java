package ringside.workbench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.cpu.CpuModel;
import ringside.lab.Lab;
import ringside.lab.PcLab;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.exec.CaseSpec;

/**
 * Cases that once differed between the engines (testdata/fuzz) and a short run of each kind; and that the fuzzer sees a
 * difference.
 */
class FuzzTest {
    private static final CpuModel MODEL = CpuModel.standard();

    private static Lab interpreter(CpuModel m) {
        return new Lab(Machine::interpreter, m, 4 << 20);
    }

    private static Fuzzer engines() {
        return new Fuzzer(MODEL, Translator.factory(TranslatorOptions.after(1)), null);
    }

    static Stream<String> found() throws IOException {
        return Files.readAllLines(Path.of("..", "testdata", "fuzz", "found.jsonl")).stream();
    }

    @ParameterizedTest
    @MethodSource("found")
    void whatOnceDifferedIsRightOnBothEngines(String line) throws Exception {
        Map<String, Object> fields = JSON.std.mapFrom(line);
        try (Fuzzer f = engines()) {
            assertEquals(List.of(), f.differences(fields));
        }
        CaseSpec c = CaseSpec.of(fields);
        try (Lab lab = interpreter(MODEL)) {
            assertEquals(
                    List.of(),
                    c.expectation().failures(lab.run(c.experiment()), lab),
                    "recorded from a processor: " + line);
        }
    }

    @ParameterizedTest
    @EnumSource(CaseGenerator.Kind.class)
    void aShortRunFindsNoDifference(CaseGenerator.Kind kind) {
        try (Fuzzer f = engines()) {
            for (long seed = 0; seed < (kind == CaseGenerator.Kind.SYSTEM ? 60 : 200); seed++) {
                Map<String, Object> c = CaseGenerator.make(kind, seed);
                assertEquals(List.of(), f.differences(c), () -> c.toString());
            }
        }
    }

    /** The fuzzer passes over a case that cannot be set up, so there must be none. */
    @ParameterizedTest
    @EnumSource(CaseGenerator.Kind.class)
    void everyCaseCanBeSetUp(CaseGenerator.Kind kind) throws Exception {
        try (Lab lab = interpreter(MODEL);
                PcLab pc = new PcLab(Machine::interpreter, MODEL, 2 << 20)) {
            for (long seed = 0; seed < 200; seed++) {
                CaseSpec c = CaseSpec.of(CaseGenerator.make(kind, seed));
                if (c.pc()) {
                    if (seed < 60) pc.stopOf(c.experiment());
                } else {
                    lab.setUp(c.experiment());
                }
            }
        }
    }

    @Test
    void aCaseFollowsFromItsSeed() {
        assertEquals(CaseGenerator.make(CaseGenerator.Kind.BLOCK, 7), CaseGenerator.make(CaseGenerator.Kind.BLOCK, 7));
        assertNotEquals(
                CaseGenerator.make(CaseGenerator.Kind.BLOCK, 7).get("hex"),
                CaseGenerator.make(CaseGenerator.Kind.BLOCK, 8).get("hex"));
    }

    @Test
    void aDifferenceIsFoundAndMadeSmaller() {
        // Two processors that do differ: POPCNT exists on one of them only.
        try (Fuzzer f = new Fuzzer(MODEL, CpuModel.parse("max,-popcnt"), Machine::interpreter, null)) {
            Map<String, Object> c =
                    new LinkedHashMap<>(Map.of("mode", "long", "cpl", 3, "hex", "ffc0f30fb8c3ffc1f4", "until", "hlt"));
            c.put("regs", new LinkedHashMap<>(Map.of("rbx", "0x77", "rdx", "0x55")));
            assertFalse(f.differences(c).isEmpty());
            Map<String, Object> small = f.minimise(c);
            assertEquals("f30fb8c0f4", small.get("hex")); // popcnt eax, eax
            assertTrue(((Map<?, ?>) small.get("regs")).isEmpty(), small.toString());
        }
    }
}
