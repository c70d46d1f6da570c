package ringside.workbench.exec;

import java.util.HexFormat;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.lab.Lab;
import ringside.lab.Laboratory;
import ringside.lab.Result;
import ringside.lab.Stop;

/**
 * The instruction that a run has stopped at: the one that faulted or was not executed any more.
 *
 * @param bytes its bytes in hexadecimal
 * @param text as in a trace
 */
public record StopInstruction(String bytes, String text) {
    /**
     * @param lab as the run left it
     * @return null where no instruction stands at the stop: behind the code, or where nothing can be fetched
     */
    public static StopInstruction of(Result r, Laboratory lab) {
        Stop.Reason reason = r.stop().reason();
        if (reason == Stop.Reason.UNTIL || reason == Stop.Reason.INTERRUPT || reason == Stop.Reason.HLT) return null;
        byte[] b = new byte[Instruction.MAX_LENGTH];
        long at = r.stop().address();
        Instruction i = Lab.at(lab.processor(), at, b);
        return i == null
                ? null
                : new StopInstruction(HexFormat.of().formatHex(b, 0, i.length), Formatter.format(i, at));
    }
}
