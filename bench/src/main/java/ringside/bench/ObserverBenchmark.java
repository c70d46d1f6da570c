package ringside.bench;

import java.util.EnumSet;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.shadow.ShadowEntry;

/**
 * What an observer costs: the same events with none, with one that was there and is gone, and with one that asks for
 * entries, for all rare things, for instructions, or for memory.
 */
public class ObserverBenchmark extends TimedEvents {
    @Param({"work", "load", "int3", "syscall"})
    public String event;

    @Param({"none", "gone", "entries", "rare", "instructions", "memory"})
    public String observer;

    private final Counter counter = new Counter();

    private static final class Counter implements Observer {
        Set<Interest> interests = Set.of();
        long told;

        @Override
        public Set<Interest> interests() {
            return interests;
        }

        @Override
        public boolean event(Cpu cpu, int vector, int error, boolean software) {
            told++;
            return false;
        }

        @Override
        public void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
            told++;
        }

        @Override
        public void retired(Cpu cpu, long rip, int instructions, boolean inRegion) {
            told += instructions;
        }

        @Override
        public void access(Cpu cpu, long la, int bytes, boolean write) {
            told++;
        }
    }

    @Setup
    public void start() {
        begin(event);
        counter.interests = switch (observer) {
            case "entries", "gone" -> Set.of(Observer.Interest.ENTRIES);
            case "rare" ->
                EnumSet.of(
                        Observer.Interest.EVENTS,
                        Observer.Interest.ENTRIES,
                        Observer.Interest.PORTS,
                        Observer.Interest.MMIO,
                        Observer.Interest.MSRS,
                        Observer.Interest.CONTROL,
                        Observer.Interest.TRANSLATIONS);
            case "instructions" -> Set.of(Observer.Interest.INSTRUCTIONS);
            case "memory" -> Set.of(Observer.Interest.MEMORY);
            default -> Set.of();
        };
        if (!observer.equals("none")) guest.machine().cpu().observers.add(counter);
        if (observer.equals("gone")) guest.machine().cpu().observers.remove(counter);
    }

    @Benchmark
    @OperationsPerInvocation(EventGuest.EVENTS)
    public long event() {
        return guest.run() + counter.told;
    }
}
