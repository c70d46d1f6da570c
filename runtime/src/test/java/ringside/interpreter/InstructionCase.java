package ringside.interpreter;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Segment;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * A few lines of 64-bit machine code and what a real processor left behind after them. Runs on any engine: the code
 * stands in flat, unpaged memory at {@link #CODE} with a jump to itself behind it, the data area holds a fixed pattern,
 * registers hold fixed values. Same layout as testdata/recorder/recorder.c.
 *
 * @param expected "rax=1f flags=44 101008:0011ff": registers that changed, arithmetic flags with DF, bytes that changed
 */
public record InstructionCase(String name, String assembly, byte[] code, String expected) {
    static final int CODE = 0x200000;
    static final int DATA = 0x100000;
    static final int DATA_SIZE = 0x10000;
    private static final int FLAGS = 0xcd5;
    private static final int LIMIT = 20_000;
    private static final String[] NAMES = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };

    /** @return the cases of a golden file beside this class */
    public static List<InstructionCase> read(String resource) throws IOException {
        List<InstructionCase> cases = new ArrayList<>();
        try (InputStream in = InstructionCase.class.getResourceAsStream(resource)) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
            for (int k = 0; k < lines.length; k++) {
                if (lines[k].startsWith("#")) continue;
                String[] head = lines[k].split(": ", 2);
                byte[] code = HexFormat.of().parseHex(lines[++k].strip().substring("code ".length()));
                cases.add(new InstructionCase(
                        head[0], head[1], code, lines[++k].strip().substring("then ".length())));
            }
        }
        return cases;
    }

    /** @return a processor with every optional integer instruction */
    public static CpuModel model() {
        return new CpuModel(EnumSet.of(
                Feature.SSE3,
                Feature.SSSE3,
                Feature.CX16,
                Feature.LAHF_LM,
                Feature.BMI1,
                Feature.BMI2,
                Feature.ADX,
                Feature.LZCNT,
                Feature.POPCNT,
                Feature.MOVBE,
                Feature.SSE4_2,
                Feature.CLFLUSHOPT));
    }

    private static byte pattern(int i) {
        return (byte) (i * 7 + 3 ^ i >> 8);
    }

    private static long initial(int register) {
        return switch (register) {
            case Cpu.RBX -> 0x101000;
            case Cpu.RSP -> 0x108000;
            case Cpu.RBP -> 0x107000;
            case Cpu.RSI -> 0x102000;
            case Cpu.RDI -> 0x104000;
            default -> 0x1122334455667788L + register * 0x0101010101010101L;
        };
    }

    /** @return a machine in flat 64-bit mode without paging; may be used for many cases */
    public static Machine machine(Machine.EngineFactory engines) {
        Machine m = new Machine(new MachineConfig(4 << 20, model(), Set.of(), false), engines);
        Cpu c = m.cpu();
        for (Segment s : c.seg) {
            s.usable = true;
            s.access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.WRITABLE | Segment.ACCESSED | Segment.BIG;
            s.limit = 0xffff_ffffL;
            s.base = 0;
        }
        c.seg[Cpu.CS].access = Segment.PRESENT
                | Segment.CODE_OR_DATA
                | Segment.CODE
                | Segment.READABLE
                | Segment.ACCESSED
                | Segment.LONG;
        c.cr0 = Cpu.CR0_PE;
        c.efer = Cpu.EFER_LME | Cpu.EFER_LMA;
        c.updateMode();
        return m;
    }

    /** Runs the case. @return the outcome in the form of {@link #expected} */
    public String run(Machine m) {
        Cpu c = m.cpu();
        byte[] data = new byte[DATA_SIZE];
        for (int i = 0; i < DATA_SIZE; i++) data[i] = pattern(i);
        m.memory().write(DATA, data);
        byte[] all = java.util.Arrays.copyOf(code, code.length + 2);
        all[code.length] = (byte) 0xeb;
        all[code.length + 1] = (byte) 0xfe;
        m.memory().write(CODE, all);
        for (int r = 0; r < 16; r++) c.gpr[r] = initial(r);
        c.setRflags(0x202);
        c.rip = CODE;
        m.run(c.instructions() + LIMIT);
        if (c.rip != CODE + code.length) return "rip=" + Long.toHexString(c.rip) + " vector " + c.faultVector;
        StringBuilder s = new StringBuilder("flags=" + Long.toHexString(c.rflags() & FLAGS));
        for (int r = 0; r < 16; r++) {
            if (c.gpr[r] != initial(r))
                s.append(' ').append(NAMES[r]).append('=').append(Long.toHexString(c.gpr[r]));
        }
        m.memory().read(DATA, data, 0, DATA_SIZE);
        for (int i = 0; i < DATA_SIZE; i++) {
            if (data[i] == pattern(i)) continue;
            s.append(' ').append(Integer.toHexString(DATA + i)).append(':');
            for (; i < DATA_SIZE && data[i] != pattern(i); i++)
                s.append(HexFormat.of().toHexDigits(data[i]));
        }
        return s.toString();
    }
}
