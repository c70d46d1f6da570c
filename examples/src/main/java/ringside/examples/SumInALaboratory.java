package ringside.examples;

import java.util.HexFormat;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.Mode;
import ringside.lab.Result;

/** Runs four instructions on a processor with nothing around it. */
public final class SumInALaboratory {
    private SumInALaboratory() {}

    public static long sum(byte[] numbers) {
        byte[] code = HexFormat.of()
                .parseHex(
                        "31c0" // xor eax, eax
                                + "4803044e" // add rax, [rsi + rcx*2]
                                + "83e904" // sub ecx, 4
                                + "79f7"); // jns back to the add
        try (Lab lab = Lab.interpreted()) {
            Result r = lab.run(new Experiment(Mode.LONG)
                    .cpl(3)
                    .code(code)
                    .map(0x10000, 0x1000, "r")
                    .write(0x10000, numbers)
                    .register("rsi", 0x10000)
                    .register("rcx", numbers.length / 2 - 4));
            return r.register("rax");
        }
    }
}
