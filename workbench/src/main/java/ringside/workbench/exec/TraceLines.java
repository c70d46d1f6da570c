package ringside.workbench.exec;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.lab.Lab;

/** The instructions of a run as lines of text, for a result in JSON. */
public final class TraceLines implements Lab.Trace {
    /** Lines that are kept; a longer run goes on without. */
    static final int MOST = 1_000_000;

    private final List<String> lines = new ArrayList<>();

    @Override
    public void next(Cpu cpu, Instruction i) {
        if (lines.size() < MOST) lines.add(line(cpu, i));
    }

    public List<String> lines() {
        return lines;
    }

    /** @return the linear address and the text of an instruction, or "(bad)" */
    public static String line(Cpu cpu, Instruction i) {
        return HexFormat.of().toHexDigits(cpu.codeLinear()) + "  "
                + (i == null ? "(bad)" : Formatter.format(i, cpu.codeLinear()));
    }
}
