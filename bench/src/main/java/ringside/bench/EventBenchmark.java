package ringside.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * What one architectural event costs on each engine, in nanoseconds, with the loop around it ("loop" is an iteration
 * without anything).
 */
public class EventBenchmark extends TimedEvents {
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

    @Setup
    public void start() {
        begin(event);
    }

    @Benchmark
    @OperationsPerInvocation(EventGuest.EVENTS)
    public long event() {
        return guest.run();
    }
}
