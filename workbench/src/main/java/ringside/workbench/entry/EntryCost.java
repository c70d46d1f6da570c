package ringside.workbench.entry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import ringside.boot.BootException;
import ringside.machine.Machine;

/**
 * What each way of helping unwinders costs the entry code, and what it gives.
 *
 * @param counts instructions and memory operations, exact
 * @param nanoseconds host time of an entry with its handler and exit; empty if it was not measured
 * @param accuracy how right each variant's unwinder is
 * @param sizes bytes of entry code and of the table
 */
public record EntryCost(
        Map<EntryKind, Map<EntryKernel.Variant, EntryCounts>> counts,
        Map<EntryKind, Map<EntryKernel.Variant, EntryTimes.Spread>> nanoseconds,
        Map<EntryKernel.Variant, Accuracy> accuracy,
        Map<EntryKernel.Variant, long[]> sizes) {
    /**
     * Runs every variant of the entry kernel.
     *
     * @param engine for the times
     * @param times entries in a timed run
     * @param repeats timed runs; 0: no times
     * @param doing is told what is measured next
     */
    public static EntryCost measure(Machine.EngineFactory engine, int times, int repeats, Consumer<String> doing)
            throws IOException, BootException {
        EntryCost cost = new EntryCost(
                new EnumMap<>(EntryKind.class),
                new EnumMap<>(EntryKind.class),
                new EnumMap<>(EntryKernel.Variant.class),
                new EnumMap<>(EntryKernel.Variant.class));
        Path folder = EntryKernel.folder();
        List<EntryKernel> kernels = new ArrayList<>();
        for (EntryKernel.Variant v : EntryKernel.Variant.values()) kernels.add(EntryKernel.in(folder, v));
        for (EntryKind kind : EntryKind.values()) {
            doing.accept("entry by " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            Map<EntryKernel.Variant, EntryCounts> c = new EnumMap<>(EntryKernel.Variant.class);
            for (EntryKernel k : kernels) c.put(k.variant(), EntryCounts.of(k, kind));
            cost.counts.put(kind, c);
            if (repeats > 0) cost.nanoseconds.put(kind, EntryTimes.of(kernels, kind, engine, times, repeats));
        }
        for (EntryKernel k : kernels) {
            doing.accept("unwinders over the kernel with " + k.variant().name().toLowerCase(Locale.ROOT));
            cost.accuracy.put(k.variant(), Accuracy.of(k));
            cost.sizes.put(k.variant(), EntryTruth.sizes(k));
        }
        return cost;
    }
}
