package ringside.cpu.fpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.Vector;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Stop;

/**
 * The save areas of x87 and SSE are stored whole or not at all. Which alignments fault under alignment checking
 * (RFLAGS.AC at CPL 3) is what a Zen 4 does, and table 6-7 of Intel's manual says: 4 bytes, or 2 with a 16-bit operand
 * size.
 */
class SaveAreaTest {
    private static final long DATA = 0x10000;
    private static final int AC = 1 << 18;

    /** Runs one instruction with its operand at RDI in an area of two pages of bytes CCh. */
    private static void check(String code, long at, int size, boolean ac, int vector) {
        byte[] before = new byte[size];
        Arrays.fill(before, (byte) 0xcc);
        try (Lab lab = Lab.interpreted()) {
            Stop s = lab.run(new Experiment(Mode.LONG)
                            .cpl(3)
                            .code(HexFormat.of().parseHex(code))
                            .map(DATA, size, "rw")
                            .write(DATA, before)
                            .register("rdi", at)
                            .register("rax", 7)
                            .register("rflags", ac ? AC | 2 : 2))
                    .stop();
            assertEquals(vector, s.reason() == Stop.Reason.UNTIL ? -1 : s.vector(), s.toString());
            if (vector >= 0)
                assertArrayEquals(before, lab.read(DATA, size), "stored part of its area before its fault");
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "fnsave,dd37,4",
        "fnsave 16-bit,66dd37,2",
        "fnstenv,d937,4",
        "fnstenv 16-bit,66d937,2",
        "frstor,dd27,4",
        "frstor 16-bit,66dd27,2",
        "fldenv,d927,4",
        "fldenv 16-bit,66d927,2"
    })
    void theWholeAreaHasOneAlignment(String name, String code, int unit) {
        for (int offset = 0; offset < 17; offset++) {
            check(code, DATA + offset, 0x2000, true, offset % unit == 0 ? -1 : Vector.AC);
            check(code, DATA + offset, 0x2000, false, -1);
        }
    }

    /** The area reaches into a page that is not there. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "fnsave,dd37,2",
        "fnsave,dd37,107",
        "fnstenv,d937,27",
        "fxsave,0fae07,16",
        "fxsave,0fae07,496",
        "xsave,0fae27,64",
        "xsave,0fae27,768",
        "xsaveopt,0fae37,576",
        "xsavec,0fc727,64"
    })
    void nothingIsStoredBeforeAPageFault(String name, String code, int there) {
        check(code, DATA + 0x2000 - there, 0x2000, false, Vector.PF);
    }
}
