package ringside.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.CpuModel;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Result;
import ringside.machine.Machine;

/**
 * No instruction is fetched from beyond the limit of CS: it is #GP(0), as since the 80386, and IP does not wrap as an
 * 8086's (Intel SDM vol. 3, 5.3 and 21.36).
 */
class CodeLimitTest {
    /** Real mode, segment 0; the run ends at address 5, where an IP that wraps would come by. */
    @ParameterizedTest
    @CsvSource({
        "fffc, 90909090, 10000, 4, 0", // falls out of the segment
        "fff9, b9030040e2fd90, 10000, 8, 3", // mov cx,3; inc ax; loop; nop: hot code at the edge
        "fffe, b83412, fffe, 0, 0", // mov ax,1234h with its last byte behind the limit
        "fffd, b8341290, 10000, 1, 1234", // and just inside
        "fff0, b90a00404975fc90909090909090909090, 10000, 40, a"
    }) // a translated loop runs into the limit
    void codeBeyondTheLimitIsRefused(String at, String code, String rip, long instructions, String ax) {
        for (Machine.EngineFactory engine :
                new Machine.EngineFactory[] {Machine::interpreter, Guests.translated(1), Guests.translated(2)}) {
            try (Lab lab = new Lab(engine, CpuModel.standard(), 4 << 20)) {
                Result r = lab.run(new Experiment(Mode.REAL)
                        .at(Long.parseLong(at, 16))
                        .register("cs", 0)
                        .code(HexFormat.of().parseHex(code))
                        .until(5)
                        .limit(1000));
                assertEquals(13, r.stop().vector(), r.stop().toString());
                assertEquals(0, r.stop().error());
                assertEquals(Long.parseLong(rip, 16), r.register("eip"));
                assertEquals(instructions, r.instructions());
                assertEquals(Long.parseLong(ax, 16), r.register("eax"));
            }
        }
    }
}
