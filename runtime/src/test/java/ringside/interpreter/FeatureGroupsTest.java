package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.interpreter.core.UndefinedOp;

/**
 * Every form that the vectors file under an instruction group is #UD on a processor without the group's feature. The
 * groups are those of forms.txt, which says them independently of the interpreter.
 */
class FeatureGroupsTest {
    private static final Map<String, String> FEATURES = Map.ofEntries(
            Map.entry("adx", "adx"),
            Map.entry("aes", "aes"),
            Map.entry("avx", "avx"),
            Map.entry("avx2", "avx2"),
            Map.entry("bmi1", "bmi1"),
            Map.entry("bmi2", "bmi2"),
            Map.entry("f16c", "f16c"),
            Map.entry("fma", "fma"),
            Map.entry("gfni", "gfni"),
            Map.entry("movbe", "movbe"),
            Map.entry("pclmul", "pclmulqdq"),
            Map.entry("popcnt", "popcnt"),
            Map.entry("sha", "sha"),
            Map.entry("sse3", "sse3"),
            Map.entry("ssse3", "ssse3"),
            Map.entry("sse4.1", "sse4_1"),
            Map.entry("sse4.2", "sse4_2"),
            Map.entry("vaes", "vaes"),
            Map.entry("vpclmul", "vpclmulqdq"));
    private static final int MODE = Cpu.MODE_FLAT | Cpu.MODE_SSE | Cpu.MODE_FPU | Cpu.MODE_AVX;

    private final OpFactory factory = new OpFactory();

    /** @return whether an instruction of the form is #UD on the processor */
    private boolean undefined(byte[] code, boolean legacy, CpuModel model) {
        for (int at = 0; at < code.length; ) {
            Instruction i = new Instruction();
            int length = Decoder.decode(code, at, code.length, legacy ? 32 : 64, i);
            if (length <= 0) return true;
            // without BMI1 it is REP BSF
            if (i.mnemonic == Mnemonic.TZCNT) return true;
            if (factory.create(i, MODE | (legacy ? Cpu.MODE_32 | Cpu.MODE_STACK32 : Cpu.MODE_64), model)
                    instanceof UndefinedOp) return true;
            at += length;
        }
        return false;
    }

    @Test
    void noFormOfAGroupExecutesWithoutItsFeature() throws IOException {
        List<String> executes = new ArrayList<>();
        int forms = 0;
        String all = new String(
                new GZIPInputStream(Files.newInputStream(Path.of("..", "testdata", "vectors", "user.vectors.gz")))
                        .readAllBytes(),
                java.nio.charset.StandardCharsets.UTF_8);
        for (String line : all.lines().toList()) {
            String[] f = line.split(" ", 4);
            if (!FEATURES.containsKey(f[0])) continue;
            forms++;
            CpuModel without = CpuModel.parse("max,-" + FEATURES.get(f[0]));
            if (!undefined(HexFormat.of().parseHex(f[1]), f[2].contains("l"), without))
                executes.add(f[0] + line.substring(line.indexOf(" ;")));
        }
        assertEquals(List.of(), executes);
        assertTrue(forms > 6000, forms + " forms");
    }
}
