package ringside.bench;

import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Segment;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * Guest instructions a second of the interpreter on integer code: a sieve, a bitwise CRC-32 and a hash with calls, over
 * and over (src/main/asm/loops.s). The unit is guest instructions per microsecond, that is, millions a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
public class InterpreterBenchmark {
    private static final int INSTRUCTIONS = 10_000_000;
    /** Machine code of src/main/asm/loops.s. */
    private static final String LOOPS =
            "bf00001100b801010101b90004000089074883c704ffc975f6bb00001100b902000000803c0b0074138d140981fa00100000"
                + "7308c604130001caebf0ffc183f94072e0b8ffffffff31f60fb6143331d0b90800000089c283e201f7da81e22083b8edd1e8"
                + "31d0ffc975ebffc681fe0004000072d631f6488b3cf3e8120000004901c0ffc681fe0002000072eae96fffffff554889e548"
                + "89f84869c0b179371e4889c248c1ea1d4831d0a801740348f7d05dc3";

    private Machine machine;

    /** Flat 64-bit mode without paging, the code at 1000h, the stack below 9000h. */
    @Setup
    public void start() {
        machine = Machine.interpreted(new MachineConfig(4 << 20, CpuModel.standard(), Set.of(), false));
        machine.memory().write(0x1000, HexFormat.of().parseHex(LOOPS));
        Cpu c = machine.cpu();
        for (Segment s : c.seg) {
            s.usable = true;
            s.access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.WRITABLE | Segment.ACCESSED | Segment.BIG;
            s.limit = 0xffff_ffffL;
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
        c.rip = 0x1000;
        c.gpr[Cpu.RSP] = 0x9000;
    }

    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public long integerLoops() {
        machine.run(machine.cpu().instructions() + INSTRUCTIONS);
        return machine.cpu().gpr[Cpu.RAX];
    }
}
