package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.cpu.CpuModel.Feature;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Result;
import ringside.lab.Stop;
import ringside.machine.Machine;

/** Named processors: what CPUID says and what instructions do go together. */
class CpuModelTest {
    private static Result run(String cpu, String hex) {
        try (Lab lab = new Lab(Machine::interpreter, CpuModel.parse(cpu), 4 << 20)) {
            return lab.run(new Experiment(Mode.LONG).code(HexFormat.of().parseHex(hex)).register("rbx", 0x100).register("rax", 1).register("rcx", 0));
        }
    }

    @Test
    void levelsAreThoseOfThePsAbi() {
        Set<Feature> v2 = EnumSet.of(Feature.CX16, Feature.POPCNT, Feature.SSE3, Feature.SSSE3, Feature.SSE4_1, Feature.SSE4_2);
        Set<Feature> v3 = EnumSet.of(Feature.AVX, Feature.AVX2, Feature.BMI1, Feature.BMI2, Feature.F16C, Feature.FMA, Feature.LZCNT, Feature.MOVBE);
        Set<Feature> others = EnumSet.of(Feature.AES, Feature.PCLMULQDQ, Feature.SHA, Feature.ADX, Feature.RDRAND, Feature.RDSEED, Feature.VAES,
                Feature.VPCLMULQDQ, Feature.CLWB, Feature.RDPID);
        for (Feature f : v2) {
            assertFalse(CpuModel.parse("baseline").has(f), f.name());
            assertTrue(CpuModel.parse("v2").has(f), f.name());
            assertTrue(CpuModel.parse("v3").has(f), f.name());
        }
        for (Feature f : v3) {
            assertFalse(CpuModel.parse("v2").has(f), f.name());
            assertTrue(CpuModel.parse("v3").has(f), f.name());
        }
        for (Feature f : others) {
            assertFalse(CpuModel.parse("v3").has(f), f.name());
            assertTrue(CpuModel.parse("max").has(f), f.name());
        }
        assertTrue(CpuModel.parse("v3").has(Feature.XSAVE)); // OSXSAVE is part of v3, for the kernel to set
        assertEquals(1, run("baseline", "b80100008031c90fa2").register("rcx") & 1); // LAHF and SAHF in 64-bit mode
    }

    @Test
    void featuresCanBeAddedAndTakenAway() {
        assertTrue(CpuModel.parse("v2,+aes,-pcid").has(Feature.AES));
        assertFalse(CpuModel.parse("v2,+aes,-pcid").has(Feature.PCID));
        assertTrue(CpuModel.parse("-sha").has(Feature.AES));
    }

    /** A feature: where CPUID says it (leaf, register number, bit), and code at CPL 0 that faults without it; no code where nothing faults. */
    private record Probe(Feature feature, int leaf, int register, int bit, String code, int fault) {}

    private static Probe p(Feature f, int leaf, int register, int bit, String code) {
        return new Probe(f, leaf, register, bit, code, 6);
    }

    /** A feature whose use begins with a bit of CR4. */
    private static Probe control(Feature f, int leaf, int register, int bit, int cr4) {
        return new Probe(f, leaf, register, bit, String.format("0f20e0480d%08x0f22e0", Integer.reverseBytes(1 << cr4)), 13);
    }

    private static final int EAX = 0, EBX = 1, ECX = 2, EDX = 3, EXTENDED = 0x8000_0001;
    private static final Probe[] PROBES = {
        p(Feature.SSE3, 1, ECX, 0, "f20f7cc1"), p(Feature.PCLMULQDQ, 1, ECX, 1, "660f3a44c100"), p(Feature.SSSE3, 1, ECX, 9, "660f3800c1"),
        p(Feature.FMA, 1, ECX, 12, "c4e2f198c2"), p(Feature.CX16, 1, ECX, 13, "480fc70c24"), control(Feature.PCID, 1, ECX, 17, 17),
        p(Feature.SSE4_1, 1, ECX, 19, "660f3817c1"), p(Feature.SSE4_2, 1, ECX, 20, "660f3837c1"), p(Feature.X2APIC, 1, ECX, 21, ""),
        p(Feature.MOVBE, 1, ECX, 22, "0f38f00424"), p(Feature.POPCNT, 1, ECX, 23, "f30fb8c3"), p(Feature.TSC_DEADLINE, 1, ECX, 24, ""),
        p(Feature.AES, 1, ECX, 25, "660f38dcc1"), p(Feature.XSAVE, 1, ECX, 26, "0f01d0"), p(Feature.AVX, 1, ECX, 28, "c5f058c2"),
        p(Feature.F16C, 1, ECX, 29, "c4e27913ca"), p(Feature.RDRAND, 1, ECX, 30, "0fc7f0"),
        p(Feature.FSGSBASE, 7, EBX, 0, "f3480faec0"), p(Feature.BMI1, 7, EBX, 3, "c4e278f2c3"), p(Feature.AVX2, 7, EBX, 5, "c4e27d58ca"),
        control(Feature.SMEP, 7, EBX, 7, 20), p(Feature.BMI2, 7, EBX, 8, "c4e37bf0c300"), p(Feature.ERMS, 7, EBX, 9, ""),
        p(Feature.INVPCID, 7, EBX, 10, "660f38820424"), p(Feature.RDSEED, 7, EBX, 18, "0fc7f8"), p(Feature.ADX, 7, EBX, 19, "660f38f6c3"),
        p(Feature.SMAP, 7, EBX, 20, "0f01ca"), p(Feature.CLFLUSHOPT, 7, EBX, 23, "660fae3c24"), p(Feature.CLWB, 7, EBX, 24, "660fae3424"),
        p(Feature.SHA, 7, EBX, 29, "0f38c8c1"), control(Feature.UMIP, 7, ECX, 2, 11), p(Feature.VAES, 7, ECX, 9, "c4e275dcc2"),
        p(Feature.VPCLMULQDQ, 7, ECX, 10, "c4e37544c200"), p(Feature.RDPID, 7, ECX, 22, "f30fc7f8"), p(Feature.FSRM, 7, EDX, 4, ""),
        p(Feature.LZCNT, EXTENDED, ECX, 5, ""), p(Feature.PDPE1GB, EXTENDED, EDX, 26, ""), p(Feature.RDTSCP, EXTENDED, EDX, 27, "0f01f9"),
        p(Feature.XSAVEOPT, 0xd, EAX, 0, "0faeb42400fcffff"), p(Feature.XSAVEC, 0xd, EAX, 1, "0fc7a42400fcffff")};

    private static void check(String cpu, Probe p) {
        CpuModel model = CpuModel.parse(cpu);
        boolean has = model.has(p.feature);
        String cpuid = String.format("b8%08xb9%08x0fa2", Integer.reverseBytes(p.leaf), Integer.reverseBytes(p.leaf == 0xd ? 1 : 0));
        String register = new String[] {"rax", "rbx", "rcx", "rdx"}[p.register];
        assertEquals(has ? 1 : 0, run(cpu, cpuid).register(register) >> p.bit & 1, () -> "CPUID's " + p.feature + " on " + cpu);
        if (p.code.isEmpty()) return;
        Stop stop = run(cpu, p.code).stop();
        String what = p.feature + " on " + cpu + " ended by " + stop;
        if (has && p.feature == Feature.SMEP) {
            assertEquals(14, stop.vector(), what); // the laboratory's pages are user pages
        } else if (has) {
            assertEquals(Stop.Reason.UNTIL, stop.reason(), what);
        } else {
            assertEquals(p.fault, stop.vector(), what);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"baseline", "v2", "v3", "max"})
    void everyAdvertisedFeatureExecutesAndNoOther(String cpu) {
        for (Probe p : PROBES) check(cpu, p);
    }

    @Test
    void aFeatureThatIsTakenAwayIsNeitherAdvertisedNorExecuted() {
        for (Probe p : PROBES) check("max,-" + p.feature.name().toLowerCase(Locale.ROOT), p);
    }

    @Test
    void everyImplementedFeatureHasAProbe() {
        CpuModel max = CpuModel.implemented();
        for (Feature f : Feature.values()) {
            assertEquals(max.has(f), Arrays.stream(PROBES).anyMatch(p -> p.feature == f), f.name());
        }
    }

    @Test
    void takingAFeatureAwayTakesWhatIsBuiltOnIt() {
        CpuModel m = CpuModel.parse("max,-xsave");
        for (Feature f : new Feature[] {Feature.AVX, Feature.AVX2, Feature.FMA, Feature.F16C, Feature.VAES, Feature.XSAVEC}) assertFalse(m.has(f), f.name());
        assertTrue(m.has(Feature.AES));
        assertFalse(CpuModel.parse("v3,-aes").has(Feature.VAES));
    }

    @Test
    void anUnknownFeatureGetsTheListOfKnownOnes() {
        String message = assertThrows(IllegalArgumentException.class, () -> CpuModel.parse("max,+avx9")).getMessage();
        assertTrue(message.contains("'avx9'") && message.contains("avx2") && message.contains("sse4_1"), message);
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
