package ringside.workbench.profile;

import org.HdrHistogram.Histogram;

/**
 * What entries of one kind cost, in instructions. Those that never returned, such as exit, count as entries and for
 * nothing else.
 */
public final class EntryStatistics {
    /** Three digits are kept of each count. */
    private static final int DIGITS = 3;

    private long entries;
    private long nested;
    private final Histogram total = new Histogram(DIGITS);
    private final Histogram before = new Histogram(DIGITS);
    private final Histogram behind = new Histogram(DIGITS);
    private long own;

    void entered(boolean inside) {
        entries++;
        if (inside) nested++;
    }

    /**
     * @param instructions of the entry itself, without nested entries and other tasks
     * @param entryCode those before the first function that is no entry code
     * @param exitCode those behind the last one
     */
    void returned(long instructions, long entryCode, long exitCode) {
        total.recordValue(instructions);
        before.recordValue(entryCode);
        behind.recordValue(exitCode);
    }

    void spent(long instructions) {
        own += instructions;
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

    /** @return instructions an entry, of those that returned */
    public Histogram total() {
        return total;
    }

    /**
     * @return instructions of entry code before the handler, by the kernel's own bounds of that code; zero where it has
     *     none
     */
    public Histogram entryCode() {
        return before;
    }

    /** @return instructions of entry code behind the handler */
    public Histogram exitCode() {
        return behind;
    }
}
