package ringside.workbench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.Cpu;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Stop;

/** What the host's processor may do otherwise than ours, and still both be right. */
class HostComparisonTest {
    /**
     * An instruction that is #UD for us is compared if the host refuses it too, and left out only if it goes on behind
     * it.
     */
    @ParameterizedTest(name = "{0}, host: vector {2} at +{3}")
    @CsvSource({
        "UD2,0f0b,6,0,false",
        "UD0,0fffc0,6,0,false",
        "UD1,0fb9c0,6,0,false",
        "KNOTW,c5f844c0,6,0,false",
        "KNOTW,c5f844c0,13,4,true",
        "KNOTW,c5f844c0,6,4,true"
    })
    void whatIsNoInstructionForUsIsComparedUnlessTheHostExecutesIt(
            String name, String hex, int vector, int offset, boolean excused) {
        byte[] code = HexFormat.of().parseHex(hex);
        try (Lab lab = Lab.interpreted()) {
            Stop s = lab.run(new Experiment(Mode.LONG).cpl(3).at(0x10000).code(code))
                    .stop();
            assertEquals(6, s.vector());
            Instruction i = new Instruction();
            assertTrue(Decoder.decode(code, 0, code.length, 64, i) > 0);
            HostProcessor.Answer a = new HostProcessor.Answer(
                    4, vector, 0, 0, new long[16], 0x10000 + offset, 0, new byte[0], new byte[0], List.of());
            assertEquals(
                    excused,
                    HostComparison.excused(lab.processor(), i, code)
                            || HostComparison.either(lab.processor(), s, a, i));
        }
    }

    /** What the host's hypervisor or an instruction that no model has makes of a case is no difference. */
    @ParameterizedTest(name = "{0}, RSP {1}, host: vector {2} at +{3}")
    @CsvSource({
        "90f4,800000000000,13,0,true",
        "90f4,7fffffffe000,13,0,false",
        "90f4,800000000000,13,1,false",
        "0f38f901,0,14,0,true",
        "660f38f801,0,14,4,true",
        "0f38f901,0,6,0,false",
        "0f38f001,0,14,4,false"
    })
    void whatTheHostAloneRefusesOrExecutesIsLeftOut(String hex, String rsp, int vector, int offset, boolean leftOut) {
        byte[] code = HexFormat.of().parseHex(hex);
        Stop s = new Stop(Stop.Reason.EXCEPTION, code[0] == (byte) 0x90 ? 13 : 6, 0, 0x10000);
        long[] registers = new long[16];
        registers[Cpu.RSP] = Long.parseUnsignedLong(rsp, 16);
        HostProcessor.Answer a = new HostProcessor.Answer(
                11, vector, 0, 0, registers, 0x10000 + offset, 0, new byte[0], new byte[0], List.of());
        assertEquals(leftOut, HostComparison.notOurs(0x10000, s, a, code));
    }
}
