package ringside.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** What the shadow stack costs events that it follows: the same with it and without. */
public class ShadowStackBenchmark extends TimedEvents {
    @Param({"call", "int3", "syscall"})
    public String event;

    @Setup
    public void start() {
        begin(event);
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
