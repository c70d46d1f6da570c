package ringside.workbench.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.IntCountsHistogram;

/** Stretches in which something was off, interrupts or preemption: how long they are, where they begin, the longest. */
public final class Stretches {
    private static final int LONGEST = 10, MOST_PLACES = 1 << 14;

    /**
     * One of the longest.
     *
     * @param instructions how long it was
     * @param from instructions retired before it
     * @param begin where it was switched off
     * @param end where it was switched on again
     * @param trace of that moment, innermost first, entries marked
     * @param task that was current then, or null
     */
    record Example(long instructions, long from, long begin, long end, long[] trace, TaskRow task) {}

    /** Those that begin at one place. */
    static final class Place {
        long count, instructions, most;
    }

    private final AbstractHistogram lengths = new IntCountsHistogram(3);
    private final Map<Long, Place> places = new HashMap<>();
    private final List<Example> longest = new ArrayList<>();
    private long since = -1, begin, total;

    boolean open() {
        return since >= 0;
    }

    long since() {
        return since;
    }

    void begin(long now, long at) {
        since = now;
        begin = at;
    }

    /** @return whether it is one of the longest so far, and {@link #keep} wants to know more of it */
    boolean end(long now) {
        long n = now - since;
        since = -1;
        if (n <= 0) return false;
        total += n;
        lengths.recordValue(n);
        Place p = places.get(begin);
        if (p == null) {
            if (places.size() >= MOST_PLACES) begin = 0;
            p = places.computeIfAbsent(begin, k -> new Place());
        }
        p.count++;
        p.instructions += n;
        p.most = Math.max(p.most, n);
        return longest.size() < LONGEST || longest.getLast().instructions < n;
    }

    void keep(long now, long instructions, long end, long[] trace, TaskRow task) {
        longest.add(new Example(instructions, now - instructions, begin, end, trace, task));
        longest.sort(Comparator.comparingLong(Example::instructions).reversed());
        if (longest.size() > LONGEST) longest.removeLast();
    }

    /** @return how long they were, in instructions */
    public AbstractHistogram lengths() {
        return lengths;
    }

    /** @return instructions of all together */
    public long total() {
        return total;
    }

    Map<Long, Place> places() {
        return places;
    }

    List<Example> longest() {
        return longest;
    }
}
