package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.CpuModel.Feature;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Result;
import ringside.machine.Machine;

/** Named processors and their features. That CPUID and the instructions go together is CpuidTest's, on both engines. */
class CpuModelTest {
    private static Result run(String cpu, String hex) {
        try (Lab lab = new Lab(Machine::interpreter, CpuModel.parse(cpu), 4 << 20)) {
            return lab.run(new Experiment(Mode.LONG)
                    .code(HexFormat.of().parseHex(hex))
                    .register("rbx", 0x100)
                    .register("rax", 1)
                    .register("rcx", 0));
        }
    }

    @Test
    void levelsAreThoseOfThePsAbi() {
        Set<Feature> v2 = EnumSet.of(
                Feature.CX16,
                Feature.LAHF_LM,
                Feature.POPCNT,
                Feature.SSE3,
                Feature.SSSE3,
                Feature.SSE4_1,
                Feature.SSE4_2);
        Set<Feature> v3 = EnumSet.of(
                Feature.AVX,
                Feature.AVX2,
                Feature.BMI1,
                Feature.BMI2,
                Feature.F16C,
                Feature.FMA,
                Feature.LZCNT,
                Feature.MOVBE);
        // there is no processor with v3 and without these
        Set<Feature> withV3 = EnumSet.of(Feature.AES, Feature.PCLMULQDQ, Feature.RDRAND);
        Set<Feature> others = EnumSet.of(
                Feature.SHA,
                Feature.ADX,
                Feature.RDSEED,
                Feature.VAES,
                Feature.XSAVES,
                Feature.VPCLMULQDQ,
                Feature.CLWB,
                Feature.GFNI,
                Feature.PKU,
                Feature.PKS,
                Feature.CLDEMOTE,
                Feature.SERIALIZE,
                Feature.WBNOINVD,
                Feature.RDPID);
        for (Feature f : v2) {
            assertFalse(CpuModel.parse("baseline").has(f), f.name());
            assertTrue(CpuModel.parse("v2").has(f), f.name());
            assertTrue(CpuModel.parse("v3").has(f), f.name());
        }
        for (Feature f : v3) {
            assertFalse(CpuModel.parse("v2").has(f), f.name());
            assertTrue(CpuModel.parse("v3").has(f), f.name());
        }
        for (Feature f : withV3) {
            assertFalse(CpuModel.parse("v2").has(f), f.name());
            assertTrue(CpuModel.parse("v3").has(f), f.name());
        }
        for (Feature f : others) {
            assertFalse(CpuModel.parse("v3").has(f), f.name());
            assertTrue(CpuModel.parse("max").has(f), f.name());
        }
        assertTrue(CpuModel.parse("v3").has(Feature.XSAVE)); // OSXSAVE is part of v3, for the kernel to set
    }

    @Test
    void featuresCanBeAddedAndTakenAway() {
        assertTrue(CpuModel.parse("v2,+aes,-pcid").has(Feature.AES));
        assertFalse(CpuModel.parse("v2,+aes,-pcid").has(Feature.PCID));
        assertTrue(CpuModel.parse("-sha").has(Feature.AES));
    }

    @Test
    void takingAFeatureAwayTakesWhatIsBuiltOnIt() {
        CpuModel m = CpuModel.parse("max,-xsave");
        for (Feature f :
                new Feature[] {Feature.AVX, Feature.AVX2, Feature.FMA, Feature.F16C, Feature.VAES, Feature.XSAVEC})
            assertFalse(m.has(f), f.name());
        assertTrue(m.has(Feature.AES));
        assertFalse(CpuModel.parse("v3,-aes").has(Feature.VAES));
    }

    @Test
    void takingAnSseGroupAwayTakesTheLaterOnes() {
        CpuModel m = CpuModel.parse("max,-sse4.1");
        for (Feature f : new Feature[] {Feature.SSE4_1, Feature.SSE4_2, Feature.AVX, Feature.AVX2})
            assertFalse(m.has(f), f.name());
        assertTrue(m.has(Feature.SSSE3) && m.has(Feature.AES) && m.has(Feature.BMI2));
    }

    @Test
    void addingAFeatureAddsWhatItNeeds() {
        CpuModel m = CpuModel.parse("baseline,+avx2");
        for (Feature f : new Feature[] {Feature.AVX2, Feature.AVX, Feature.SSE4_2, Feature.SSE3, Feature.XSAVE})
            assertTrue(m.has(f), f.name());
        assertFalse(m.has(Feature.FMA));
        assertTrue(CpuModel.parse("baseline,-xsave,+shstk").has(Feature.XSAVES));
        assertFalse(CpuModel.parse("baseline,+vaes,-avx").has(Feature.VAES)); // in the order given
    }

    @ParameterizedTest
    @CsvSource({
        "sse4.1, SSE4_1",
        "sse4-1, SSE4_1",
        "SSE4_2, SSE4_2",
        "abm, LZCNT",
        "pni, SSE3",
        "pclmulqdq, PCLMULQDQ",
        "pclmul, PCLMULQDQ",
        "cx16, CX16",
        "cmpxchg16b, CX16",
        "sha-ni, SHA",
        "sha_ni, SHA",
        "lahf-lm, LAHF_LM",
        "tsc-deadline, TSC_DEADLINE",
        "tsc_deadline_timer, TSC_DEADLINE",
        "pdpe1gb, PDPE1GB",
        "rdrnd, RDRAND"
    })
    void featuresHaveLinuxsAndQemusNames(String name, Feature feature) {
        assertFalse(CpuModel.parse("max,-" + name).has(feature));
    }

    @Test
    void anUnknownFeatureGetsCloseOnesAndTheList() {
        String message = assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("max,+avx9"))
                .getMessage();
        assertTrue(message.contains("'avx9'; close are avx, avx2") && message.contains("sse4_1"), message);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("max,-sse4.3"))
                .getMessage()
                .contains("close are sse4_1, sse4_2"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("max,+la57"))
                .getMessage()
                .contains("not implemented: la57"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("v4"))
                .getMessage()
                .contains("there is no processor 'v4'"));
    }

    @Test
    void randomNumbersRepeatAndSetCarry() {
        Result a = run("max", "0fc7f0480fc7fb9c59"); // rdrand eax; rdseed rbx; pushf; pop rcx
        Result b = run("max", "0fc7f0480fc7fb9c59");
        assertEquals(a.register("rax"), b.register("rax"));
        assertEquals(a.register("rbx"), b.register("rbx"));
        assertTrue(a.register("rax") != a.register("rbx"));
        assertEquals(1, a.register("rcx") & 0x8d5);
        assertEquals(0, a.register("rax") >>> 32);
    }

    @Test
    void withoutTheirFeatureTheCountsAreBitScans() {
        assertEquals(23, run("max", "f30fbdc3").register("rax")); // lzcnt eax, ebx
        assertEquals(8, run("max,-lzcnt", "f30fbdc3").register("rax")); // bsr eax, ebx
        assertEquals(32, run("max", "f30fbcc1").register("rax")); // tzcnt eax, ecx
        assertEquals(1, run("max,-bmi1", "f30fbcc1").register("rax")); // bsf eax, ecx: unchanged for 0
    }
}
