package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.CpuModel.Feature;

/**
 * A program that was compiled for the processor a model names runs on it: the compiler's own table of what {@code
 * -march} means, asked from the compiler at hand, is held against the model.
 */
class CompilerTargetsTest {
    /** On every model: part of x86-64, hints, or another name of a feature in this list. */
    private static final Set<String> ALWAYS =
            Set.of("mmx", "sse", "sse2", "fxsr", "prfchw", "sse4", "crc32", "no-sse4", "abm", "64", "80387");
    /** HLE is prefixes that mean nothing elsewhere; MONITOR and MWAIT are the kernel's, which asks CPUID first. */
    private static final Set<String> NOT_FOR_USERS = Set.of("hle", "mwait");

    private static final Map<String, Feature> FEATURES = Map.ofEntries(
            Map.entry("sse3", Feature.SSE3),
            Map.entry("ssse3", Feature.SSSE3),
            Map.entry("sse4.1", Feature.SSE4_1),
            Map.entry("sse4.2", Feature.SSE4_2),
            Map.entry("sse4a", Feature.SSE4A),
            Map.entry("cx16", Feature.CX16),
            Map.entry("sahf", Feature.LAHF_LM),
            Map.entry("popcnt", Feature.POPCNT),
            Map.entry("avx", Feature.AVX),
            Map.entry("avx2", Feature.AVX2),
            Map.entry("bmi", Feature.BMI1),
            Map.entry("bmi2", Feature.BMI2),
            Map.entry("f16c", Feature.F16C),
            Map.entry("fma", Feature.FMA),
            Map.entry("lzcnt", Feature.LZCNT),
            Map.entry("movbe", Feature.MOVBE),
            Map.entry("fsgsbase", Feature.FSGSBASE),
            Map.entry("aes", Feature.AES),
            Map.entry("pclmul", Feature.PCLMULQDQ),
            Map.entry("rdrnd", Feature.RDRAND),
            Map.entry("rdseed", Feature.RDSEED),
            Map.entry("rdpid", Feature.RDPID),
            Map.entry("adx", Feature.ADX),
            Map.entry("sha", Feature.SHA),
            Map.entry("vaes", Feature.VAES),
            Map.entry("vpclmulqdq", Feature.VPCLMULQDQ),
            Map.entry("gfni", Feature.GFNI),
            Map.entry("clflushopt", Feature.CLFLUSHOPT),
            Map.entry("clwb", Feature.CLWB),
            Map.entry("clzero", Feature.CLZERO),
            Map.entry("mwaitx", Feature.MWAITX),
            Map.entry("pku", Feature.PKU),
            Map.entry("wbnoinvd", Feature.WBNOINVD),
            Map.entry("serialize", Feature.SERIALIZE),
            Map.entry("cldemote", Feature.CLDEMOTE),
            Map.entry("xsave", Feature.XSAVE),
            Map.entry("xsavec", Feature.XSAVEC),
            Map.entry("xsaveopt", Feature.XSAVEOPT),
            Map.entry("xsaves", Feature.XSAVES));

    /** @return what the compiler uses, without "-m" */
    private static List<String> enabled(String arch) throws IOException, InterruptedException {
        Process p;
        try {
            p = new ProcessBuilder("gcc", "-march=" + arch, "-Q", "--help=target")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "no compiler: " + e.getMessage());
            return List.of();
        }
        String text = new String(p.getInputStream().readAllBytes());
        assumeTrue(p.waitFor() == 0, "the compiler does not know " + arch);
        return text.lines()
                .map(l -> l.strip().split("\\s+"))
                .filter(w -> w.length == 2 && w[0].startsWith("-m") && w[1].equals("[enabled]"))
                .map(w -> w[0].substring(2))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "baseline, x86-64, 5",
        "v2, x86-64-v2, 12",
        "v2, nehalem, 12",
        "v3, x86-64-v3, 20",
        "v3, haswell, 25",
        "max, broadwell, 27",
        "amd, znver3, 38"
    })
    void eachModelHasAllThatTheCompilerUsesForIt(String cpu, String arch, int atLeast) throws Exception {
        CpuModel m = CpuModel.parse(cpu);
        assertTrue(arch.startsWith("x86-64") || m.identity().arch().equals(arch), "the processor that CPUID names");
        List<String> missing = new ArrayList<>();
        int known = 0;
        List<String> options = enabled(arch);
        for (String option : options) {
            Feature f = FEATURES.get(option);
            if (f != null || ALWAYS.contains(option)) known++;
            if (f != null && !m.has(f)) missing.add(option);
            // an instruction set of a later compiler that is not in the table
            if (f == null && instructionSet(option)) missing.add(option + "?");
        }
        assertEquals(List.of(), missing);
        assertTrue(known >= atLeast, known + " of " + options);
    }

    /** Names of tuning, of the ABI and of the code model are none of instructions. */
    private static boolean instructionSet(String option) {
        if (ALWAYS.contains(option) || NOT_FOR_USERS.contains(option)) return false;
        return !option.matches("(128bit|96bit)-long-double|long-double-.*|align-.*|direct-.*|fancy-.*|fp-ret-.*"
                + "|glibc|hard-float|ieee-fp|push-args|red-zone|stv|tls-.*|vzeroupper|avx256-.*|accumulate-.*"
                + "|move-max.*|store-max.*|relax.*|cmodel.*|branch-cost.*|tune.*|unroll.*|gather|scatter|partial-.*"
                + "|daz-ftz|uniform.*");
    }
}
