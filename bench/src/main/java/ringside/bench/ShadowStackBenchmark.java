package ringside.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the shadow stack costs events that it follows: the same with it and without. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class ShadowStackBenchmark {
    @Param({"call", "int3", "syscall"})
    public String event;

    @Param({"interpreter", "translator"})
    public String engine;

    private EventGuest guest;

    @Setup
    public void start() {
        guest = new EventGuest(event, EventGuest.engine(engine));
    }

    @TearDown
    public void end() {
        guest.close();
    }

    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
    @OperationsPerInvocation(EventGuest.EVENTS)
    public long with() {
        return guest.run();
    }

    @Benchmark
    @Fork(
            value = 1,
            jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "-Dringside.shadow=off"})
    @OperationsPerInvocation(EventGuest.EVENTS)
    public long without() {
        return guest.run();
    }
}
