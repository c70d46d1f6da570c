package ringside.workbench.profile;

import java.util.Arrays;
import ringside.workbench.profile.Recorder.Slice;

/** What happened when: sums in equal stretches of the whole run, and single slices up to a number of them. */
final class TimeLine {
    private static final int BINS = 512, MOST_SLICES = 1 << 17;
    private static final long FIRST = 10_000;

    private final int columns;
    /** Bins of cumulative sums; each row is one bin's columns. */
    private long[][] bins = new long[BINS][];

    private int n;
    private long width = FIRST, end;
    private Slice[] slices = new Slice[1024];
    private int count;
    private long dropped;

    /** @param start instruction at which it begins */
    TimeLine(int columns, long start) {
        this.columns = columns;
        end = start + width;
    }

    /** @return instruction at which {@link #roll} is to be called */
    long end() {
        return end;
    }

    /** Ends bins up to {@code now}. @param sums of all columns up to now */
    void roll(long now, long[] sums) {
        while (now >= end) {
            if (n == BINS) {
                halve();
                continue;
            }
            bins[n++] = Arrays.copyOf(sums, columns);
            end += width;
        }
    }

    /** Makes one bin of two. */
    private void halve() {
        for (int i = 0; i < BINS / 2; i++) bins[i] = bins[2 * i + 1];
        Arrays.fill(bins, BINS / 2, BINS, null);
        n = BINS / 2;
        width *= 2;
        end += width / 2;
    }

    /** Ends the last bin. */
    void finish(long[] sums) {
        if (n == BINS) halve();
        bins[n++] = Arrays.copyOf(sums, columns);
    }

    void add(Slice s) {
        if (count == MOST_SLICES) {
            dropped++;
            return;
        }
        if (count == slices.length) slices = Arrays.copyOf(slices, 2 * count);
        slices[count++] = s;
    }

    /** @return each bin's sums, not cumulative */
    long[][] bins() {
        long[][] rows = new long[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = bins[i].clone();
            if (i > 0) for (int c = 0; c < columns; c++) rows[i][c] -= bins[i - 1][c];
        }
        return rows;
    }

    /** @return instructions of a bin */
    long width() {
        return width;
    }

    Slice[] slices() {
        return Arrays.copyOf(slices, count);
    }

    /** @return slices that came after there was no room for them */
    long dropped() {
        return dropped;
    }
}
