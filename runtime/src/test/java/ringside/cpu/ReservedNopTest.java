package ringside.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Encodings that are no operation on a processor without the extension they belong to (SDM vol. 2, "NOP", RDSSPQ,
 * BNDMK).
 */
class ReservedNopTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "f3480f1ece",
                "f30f1ec8",
                "f30f1efa",
                "f30f1efb",
                "0f1ec8",
                "0f1fc0",
                "0f1dc0",
                "0f1cc8",
                "0f1ac0",
                "0f1b00",
                "660f1a00",
                "f30f1a00",
                "f20f1a00",
                "f30f1b00",
                "f20f1b00",
                "660f1b00",
                "0f18e0",
                "0f18f8",
                "0f0d00",
                "0f0d08"
            })
    void doesNothing(String code) {
        SystemGuest g = SystemGuest.longMode();
        g.code(code + "f4");
        long[] before = g.cpu.gpr.clone();
        g.run(10);
        assertEquals(SystemGuest.CODE + code.length() / 2 + 1, g.cpu.rip, "it faulted");
        assertArrayEquals(before, g.cpu.gpr);
    }
}
