package ringside.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import ringside.interpreter.core.Block;
import ringside.machine.Core;
import ringside.machine.Machine;
import ringside.translator.TranslatorOptions;
import ringside.translator.cache.RegionLoader;
import ringside.translator.emit.RegionEmitter;
import ringside.translator.frontend.RegionBuilder;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Region;

/** Making a region of the loops of the event "work": of one block alone and of all that belong together. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
public class TranslationBenchmark {
    private EventGuest guest;
    private RegionBuilder builder;
    private RegionPlan block, region;
    private final TranslatorOptions options = TranslatorOptions.standard();

    @Setup
    public void start() {
        guest = new EventGuest("work", Machine::interpreter);
        guest.run();
        Core core = guest.machine().cores().getFirst();
        builder = new RegionBuilder(core.blocks(), options.maxInstructions());
        Block b = core.blocks().lookup();
        block = builder.plan(b, b.ops.length);
        region = builder.plan(b, options.maxInstructions());
        if (block.nodes().size() != 1 || region.nodes().size() < 4)
            throw new IllegalStateException(
                    block.nodes().size() + " and " + region.nodes().size() + " nodes");
    }

    @TearDown
    public void end() {
        guest.close();
    }

    @Benchmark
    public Region translateBlock() {
        return translate(block);
    }

    @Benchmark
    public Region translateRegion() {
        return translate(region);
    }

    private Region translate(RegionPlan plan) {
        RegionEmitter e = RegionEmitter.fitting(plan, options.maxMethodBytes(), false);
        return RegionLoader.define(e.plan(), e.emit());
    }
}
