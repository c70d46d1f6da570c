package ringside.workbench.entry;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.snapshot.Snapshot;

/**
 * Host time of one entry with its handler and its exit: runs of the entry kernel that do nothing but one kind of entry,
 * repeated on machines that are put back to the start, so that translated code stays. The variants take turns, so that
 * what else the host does meets all of them; what counts is the thread's processor time, which other programs on the
 * host take no part of.
 */
public final class EntryTimes {
    private static final int WARM_UP = 2;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private EntryTimes() {}

    /** Nanoseconds of processor time: the median of the runs and their quartiles. */
    public record Spread(double median, double first, double third) {}

    static Map<EntryKernel.Variant, Spread> of(
            Iterable<EntryKernel> kernels, EntryKind kind, Machine.EngineFactory engine, int times, int repeats)
            throws BootException {
        Map<EntryKernel.Variant, Machine> machines = new EnumMap<>(EntryKernel.Variant.class);
        Map<EntryKernel.Variant, Snapshot> starts = new EnumMap<>(EntryKernel.Variant.class);
        Map<EntryKernel.Variant, double[]> all = new EnumMap<>(EntryKernel.Variant.class);
        for (EntryKernel k : kernels) {
            Machine m = k.start(engine, kind.commandLine(times));
            Snapshot s = new Snapshot();
            s.take(m);
            machines.put(k.variant(), m);
            starts.put(k.variant(), s);
            all.put(k.variant(), new double[repeats]);
        }
        for (int run = -WARM_UP; run < repeats; run++) {
            for (EntryKernel k : kernels) {
                Machine m = machines.get(k.variant());
                starts.get(k.variant()).restore(m);
                long start = THREADS.getCurrentThreadCpuTime();
                m.run(Long.MAX_VALUE);
                double ns = (double) (THREADS.getCurrentThreadCpuTime() - start)
                        / times
                        / (kind == EntryKind.SWITCH ? 2 : 1);
                if (run >= 0) all.get(k.variant())[run] = ns;
            }
        }
        Map<EntryKernel.Variant, Spread> medians = new EnumMap<>(EntryKernel.Variant.class);
        all.forEach((v, t) -> {
            Arrays.sort(t);
            medians.put(v, new Spread(t[t.length / 2], t[t.length / 4], t[t.length * 3 / 4]));
        });
        starts.values().forEach(Snapshot::close);
        machines.values().forEach(m -> m.close());
        return medians;
    }
}
