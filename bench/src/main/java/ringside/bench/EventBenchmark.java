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

/**
 * What one architectural event costs on each engine, in nanoseconds, with the loop around it ("loop" is an iteration
 * without anything).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"})
public class EventBenchmark {
    @Param({
        "loop",
        "dispatch",
        "call",
        "indirect-jump",
        "load",
        "store",
        "load-page-crossing",
        "load-tlb-miss",
        "load-walk",
        "flags",
        "sse2",
        "double",
        "int3",
        "page-fault",
        "undefined",
        "timer",
        "nmi",
        "syscall",
        "cr3",
        "cr3-pcid",
        "port",
        "mmio",
        "code-store",
        "work"
    })
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
    @OperationsPerInvocation(EventGuest.EVENTS)
    public long event() {
        return guest.run();
    }
}
