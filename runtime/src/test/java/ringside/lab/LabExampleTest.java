package ringside.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The example of docs/exec.md, as it stands there. */
class LabExampleTest {
    @Test
    void sumsAnArray() {
        byte[] sum = HexFormat.of()
                .parseHex(
                        "31c0" // xor eax, eax
                                + "4803044e" // add rax, [rsi + rcx*2]
                                + "83e904" // sub ecx, 4
                                + "79f7"); // jns back to the add
        try (Lab lab = Lab.interpreted()) {
            Result r = lab.run(new Experiment(Mode.LONG)
                    .cpl(3)
                    .code(sum)
                    .map(0x10000, 0x1000, "r")
                    .write(0x10000, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 41})
                    .register("rsi", 0x10000)
                    .register("rcx", 4));
            assertEquals(Stop.Reason.UNTIL, r.stop().reason());
            assertEquals(42, r.register("rax"));
            assertEquals(7, r.instructions());
        }
    }
}
