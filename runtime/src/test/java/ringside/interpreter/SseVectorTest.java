package ringside.interpreter;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Flags;
import ringside.cpu.Vector;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.memory.GuestFault;
import ringside.memory.PhysicalMemory;

/**
 * Replays what a real processor did with each MMX and SSE instruction form, bit for bit; the file's form is in
 * testdata/recorder/sse/README.md.
 */
class SseVectorTest {
    private static final long DATA = 0x1000;
    private static final int MODE = Cpu.MODE_64 | Cpu.MODE_FLAT | Cpu.MODE_SSE | Cpu.MODE_FPU;

    private final PhysicalMemory memory = new PhysicalMemory(1 << 20);
    private final Cpu cpu = new Cpu(memory, new CpuModel(EnumSet.allOf(CpuModel.Feature.class)));
    private final OpFactory factory = new OpFactory();

    @Test
    void everyFormDoesWhatTheRecordedProcessorDid() throws IOException {
        List<String> failures = new ArrayList<>();
        int cases = 0;
        try (BufferedReader r = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(SseVectorTest.class.getResourceAsStream("/ringside/simd/sse.vectors.gz")),
                StandardCharsets.US_ASCII))) {
            for (String line = r.readLine(); line != null; line = r.readLine()) {
                cases++;
                String difference = replay(line.split(" "));
                if (difference != null) failures.add(difference + "\n  " + line);
            }
        }
        assertTrue(cases > 10_000, "only " + cases + " cases");
        assertTrue(
                failures.isEmpty(),
                () -> failures.size() + " differences, the first:\n"
                        + String.join("\n", failures.subList(0, Math.min(25, failures.size()))));
    }

    private static long hex(String s) {
        return Long.parseUnsignedLong(s, 16);
    }

    private String replay(String[] f) {
        byte[] code = HexFormat.of().parseHex(f[0]);
        List<Instruction> instructions = new ArrayList<>();
        for (int at = 0; at < code.length; ) {
            Instruction i = new Instruction();
            int n = Decoder.decode(code, at, code.length, 64, i);
            if (n <= 0) return "not decoded";
            instructions.add(i);
            at += n;
        }
        Instruction i = instructions.size() == 1 ? instructions.get(0) : instructions.get(instructions.size() - 2);
        cpu.mode = MODE;
        cpu.cr0 = Cpu.CR0_PE;
        cpu.cr4 = Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT;
        cpu.fpTag = 0xffff;
        cpu.fpStatus = 0x3800;
        cpu.gpr[Cpu.RDI] = DATA;
        cpu.setRflags(2);
        for (int k = 0; k < 2; k++) {
            cpu.vec[k] = hex(f[1 + k]);
            cpu.vec[4 + k] = hex(f[3 + k]);
            memory.write(DATA + 8 * k, 8, hex(f[3 + k]));
        }
        cpu.fpMantissa[0] = hex(f[5]);
        cpu.fpMantissa[1] = hex(f[6]);
        cpu.gpr[Cpu.RAX] = hex(f[7]);
        cpu.mxcsr = (int) hex(f[8]);
        boolean trapped = false;
        try {
            for (Instruction each : instructions)
                factory.create(each, MODE, cpu.model).execute(cpu);
        } catch (GuestFault g) {
            trapped = cpu.faultVector == Vector.XM;
            if (!trapped) return i.mnemonic + " raised exception " + cpu.faultVector;
        }
        if (trapped != f[9].equals("1")) return i.mnemonic + (trapped ? " trapped" : " did not trap");
        long flags = trapped ? 0 : cpu.rflags() & Flags.ARITHMETIC;
        long[] have = {
            cpu.vec[0],
            cpu.vec[1],
            cpu.fpMantissa[0],
            cpu.gpr[Cpu.RAX],
            memory.read(DATA, 8),
            memory.read(DATA + 8, 8),
            cpu.mxcsr,
            flags
        };
        String[] names = {"low lane", "high lane", "mm0", "rax", "memory", "memory+8", "mxcsr", "rflags"};
        for (int k = 0; k < have.length; k++) {
            if (have[k] != hex(f[10 + k])) {
                return String.format("%s: %s is %x, expected %s", i.mnemonic, names[k], have[k], f[10 + k]);
            }
        }
        return null;
    }
}
