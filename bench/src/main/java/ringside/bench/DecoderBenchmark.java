package ringside.bench;

import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;

/**
 * Instructions a second of the decoder on a mix as kernels have it: moves, branches, arithmetic, locked and string
 * operations, SSE, system instructions (src/main/asm/mix.s). The unit is instructions per microsecond, that is,
 * millions a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class DecoderBenchmark {
    private static final int INSTRUCTIONS = 69;
    /** Machine code of src/main/asm/mix.s. */
    private static final byte[] MIX = HexFormat.of()
            .parseHex(
                    "554889e541574156534883ec2865488b042528000000488945d031c04889fb4189f64885ff0f84b50000000fb64714488d0d"
                        + "45230100488b14c1837b407f0f8f9c0000004801d0486bc01b48c1e80583e03f0fa3030f92c1480f43c2084b10f0480fb153"
                        + "080fc1034863cec7448c1034120000e8250000000f10030f290424660fefc9660ffec1f2480f2ad0f20f59d2660f2ed1660f"
                        + "70d81b660f62c349ba8877665544332211490fca41c1c20719c948f7d9f7d241ffce75e3f348a5f3aaf3480fb8c3f30fbcca"
                        + "0fbcd00f1f0400f30f1efa0f01f80f320f30fafb9c9d48cf4883c4285b415e415f5dc3");

    private final Instruction instruction = new Instruction();

    @Benchmark
    @OperationsPerInvocation(INSTRUCTIONS)
    public int kernelMix() {
        int sum = 0;
        for (int at = 0; at < MIX.length; ) {
            int length = Decoder.decode(MIX, at, Math.min(at + Instruction.MAX_LENGTH, MIX.length), 64, instruction);
            sum += instruction.mnemonic.ordinal();
            at += length;
        }
        return sum;
    }
}
