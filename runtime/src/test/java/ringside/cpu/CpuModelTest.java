package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        assertFalse(CpuModel.parse("baseline").has(Feature.SSE3));
        for (Feature f : new Feature[] {Feature.CX16, Feature.POPCNT, Feature.SSE3, Feature.SSSE3, Feature.SSE4_1, Feature.SSE4_2}) {
            assertTrue(CpuModel.parse("v2").has(f));
            assertFalse(CpuModel.parse("baseline").has(f));
        }
        assertFalse(CpuModel.parse("v2").has(Feature.AES));
        assertTrue(CpuModel.parse("v2,+aes,-pcid").has(Feature.AES));
        assertFalse(CpuModel.parse("v2,+aes,-pcid").has(Feature.PCID));
        assertTrue(CpuModel.parse("-sha").has(Feature.AES));
        assertFalse(CpuModel.parse("max,-xsave").has(Feature.XSAVEOPT));
    }

    @ParameterizedTest
    @CsvSource({"sse3, 1, 2, 0, f20f7cc1", "ssse3, 1, 2, 9, 660f3800c1", "sse4.1, 1, 2, 19, 660f3817c1", "sse4.2, 1, 2, 20, 660f3837c1", "popcnt, 1, 2, 23, f30fb8c3",
        "aes, 1, 2, 25, 660f38dcc1", "pclmulqdq, 1, 2, 1, 660f3a44c100", "movbe, 1, 2, 22, 0f38f00424", "cx16, 1, 2, 13, 480fc70c24", "sha, 7, 1, 29, 0f38c8c1",
        "bmi1, 7, 1, 3, c4e278f2c3", "bmi2, 7, 1, 8, c4e27bf0c300", "adx, 7, 1, 19, 660f38f6c3", "clwb, 7, 1, 24, 660fae3424", "rdpid, 7, 2, 22, f30fc7f8"})
    void anInstructionExistsWhenItsFeatureIsAdvertised(String feature, int leaf, int register, int bit, String code) {
        String[] names = {"rax", "rbx", "rcx", "rdx"};
        String cpuid = String.format("b8%02x00000031c90fa2", leaf);
        assertEquals(1, run("max", cpuid).register(names[register]) >> bit & 1);
        assertEquals(0, run("max,-" + feature, cpuid).register(names[register]) >> bit & 1);
        if (!feature.equals("bmi2")) assertEquals(Stop.Reason.UNTIL, run("max", code).stop().reason());
        assertEquals(6, run("max,-" + feature, code.startsWith("c4e27b") ? "c4e27bf0c3" : code).stop().vector());
    }

    @Test
    void withoutTheirFeatureTheCountsAreBitScans() {
        assertEquals(23, run("max", "f30fbdc3").register("rax")); // lzcnt eax, ebx
        assertEquals(8, run("max,-lzcnt", "f30fbdc3").register("rax")); // bsr eax, ebx
        assertEquals(32, run("max", "f30fbcc1").register("rax")); // tzcnt eax, ecx
        assertEquals(1, run("max,-bmi1", "f30fbcc1").register("rax")); // bsf eax, ecx: unchanged for 0
    }
}
