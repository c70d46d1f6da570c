package ringside.translator.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import ringside.cpu.CpuModel;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.InstructionInfo;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/**
 * Single instructions against a recorded processor, on both engines (testdata/vectors). With RINGSIDE_VECTORS set to a
 * file that the recorder has just made, that one is replayed instead of the stored one.
 */
class VectorsTest {
    private static final Path STORED = Path.of("..", "testdata", "vectors", "user.vectors.gz");

    static Stream<Arguments> groups() throws IOException {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        String fresh = System.getenv("RINGSIDE_VECTORS");
        try (InputStream raw = Files.newInputStream(fresh == null ? STORED : Path.of(fresh));
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(fresh == null ? new GZIPInputStream(raw) : raw))) {
            in.lines()
                    .forEach(l -> groups.computeIfAbsent(l.substring(0, l.indexOf(' ')), k -> new ArrayList<>())
                            .add(l));
        }
        return Stream.of("interpreter", "translator")
                .flatMap(e -> groups.entrySet().stream().map(g -> Arguments.of(e, g.getKey(), g.getValue())));
    }

    @ParameterizedTest(name = "{1} on the {0}")
    @MethodSource("groups")
    void doesWhatTheProcessorDoes(String engine, String group, List<String> forms) {
        Machine.EngineFactory factory =
                engine.equals("translator") ? Translator.factory(TranslatorOptions.after(1)) : Machine::interpreter;
        long cases = 0;
        try (VectorCase c = new VectorCase(factory, CpuModel.implemented())) {
            List<String> differences = new ArrayList<>();
            for (String form : forms) cases += replay(c, form, differences);
            assertEquals(List.of(), differences);
        }
        System.out.printf("vectors: %-8s %-11s %,5d forms, %,9d cases%n", group, engine, forms.size(), cases);
    }

    /**
     * {@link InstructionInfo} against the same cases, whose results are those of the recorded processor: nothing
     * changes that is not said to be written, and nothing matters that is not said to be read.
     */
    @Test
    void factsHoldForTheProcessor() throws IOException {
        Map<String, String> contradictions = new TreeMap<>();
        int forms = 0;
        try (VectorCase c = new VectorCase(Machine::interpreter, CpuModel.implemented())) {
            for (String form : stored()) {
                String[] f = form.substring(0, form.indexOf(" ;")).split(" ");
                byte[] code = HexFormat.of().parseHex(f[1]);
                Instruction in = new Instruction();
                int mode = f[2].contains("l") ? 32 : 64;
                if (Decoder.decode(code, 0, code.length, mode, in) != code.length) continue;
                forms++;
                c.form(f[1], f[2]);
                InstructionInfo info = InstructionInfo.of(in);
                for (int i = 0; i < 8; i++) {
                    String wrong = c.contradiction(i, in, info);
                    if (wrong != null) contradictions.putIfAbsent(in.mnemonic + " " + wrong, form);
                }
            }
        }
        assertEquals(Map.of(), contradictions);
        assertTrue(forms > 9000, forms + " forms");
    }

    private static List<String> stored() throws IOException {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(STORED))))) {
            return in.lines().toList();
        }
    }

    private static long replay(VectorCase c, String form, List<String> differences) {
        int text = form.indexOf(" ;");
        String[] f = form.substring(0, text).split(" ");
        long first = Long.parseLong(f[3]);
        c.form(f[1], f[2]);
        for (int b = 4; b < f.length; b++) {
            long at = first + (long) (b - 4) * VectorCase.BATCH;
            if (c.batch(at).equals(f[b])) continue;
            differences.add(String.format("%n%s: vectors raw %s %s %d 64", form.substring(text + 3), f[1], f[2], at));
            break;
        }
        return (long) (f.length - 4) * VectorCase.BATCH;
    }
}
