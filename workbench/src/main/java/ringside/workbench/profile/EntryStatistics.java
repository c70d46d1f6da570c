package ringside.workbench.profile;

import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * What entries of one kind cost, in instructions and memory operations, as a whole and by {@link Part}. Those that
 * never returned, such as exit, count as entries and for nothing else.
 */
public final class EntryStatistics {
    /** Three digits are kept of each count. */
    private static final int DIGITS = 3;
    /** Interrupted places that are kept apart. */
    private static final int MOST_PLACES = 4096;

    private static final Part[] PARTS = Part.values();
    private static final AbstractHistogram EMPTY = new IntCountsHistogram(DIGITS);

    long own, ownMemory, tlbFills, hostNanos;
    final long[] partInstructions = new long[PARTS.length];
    final Map<Long, long[]> interrupted = new HashMap<>();
    private long entries, nested;
    private final AbstractHistogram total = new IntCountsHistogram(DIGITS);
    // made when they get their first value: hundreds of kinds have no softirqs
    private final AbstractHistogram[] parts = new AbstractHistogram[PARTS.length],
            memory = new AbstractHistogram[PARTS.length];

    void entered(boolean inside, long from) {
        entries++;
        if (inside) nested++;
        long[] n = interrupted.get(from);
        if (n == null) {
            if (interrupted.size() >= MOST_PLACES) from = 0;
            n = interrupted.computeIfAbsent(from, k -> new long[1]);
        }
        n[0]++;
    }

    /** An entry of this kind is over. @param instructions by part, @param operations on memory, by part */
    void returned(long[] instructions, long[] operations) {
        long sum = 0;
        for (int i = 0; i < PARTS.length; i++) {
            sum += instructions[i];
            record(parts, i, instructions[i]);
            record(memory, i, operations[i]);
        }
        // all entries, those without the part too, so that medians are of one population
        total.recordValue(sum);
    }

    private void record(AbstractHistogram[] of, int i, long value) {
        if (value == 0 && of[i] == null) return;
        if (of[i] == null) {
            of[i] = new IntCountsHistogram(DIGITS);
            // those before had none of it
            if (total.getTotalCount() > 0) of[i].recordValueWithCount(0, total.getTotalCount());
        }
        of[i].recordValue(value);
    }

    public long entries() {
        return entries;
    }

    /** @return entries that came while another one was handled */
    public long nested() {
        return nested;
    }

    /** @return instructions of all these entries, nested ones and other tasks not counted */
    public long own() {
        return own;
    }

    /** @return loads and stores of all these entries */
    public long memory() {
        return ownMemory;
    }

    /** @return translations that the TLB had to get from page tables meanwhile */
    public long tlbFills() {
        return tlbFills;
    }

    /** @return the host's time meanwhile, the profiler's own included */
    public long hostNanos() {
        return hostNanos;
    }

    /** @return instructions an entry, of those that returned */
    public AbstractHistogram total() {
        return total;
    }

    /** @return instructions of a part an entry, of those that returned */
    public AbstractHistogram part(Part p) {
        AbstractHistogram h = parts[p.ordinal()];
        return h == null ? EMPTY : h;
    }

    /** @return loads and stores of a part an entry, of those that returned */
    public AbstractHistogram memory(Part p) {
        AbstractHistogram h = memory[p.ordinal()];
        return h == null ? EMPTY : h;
    }

    /** @return instructions of a part of all these entries, whether they returned or not */
    public long own(Part p) {
        return partInstructions[p.ordinal()];
    }
}
