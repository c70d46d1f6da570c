package ringside.memory;

import java.util.Arrays;

/**
 * The tables of one CPU's software TLB, off-heap: for each recent address space (PCID) and each context of
 * {@link LinearMemory} one table for data and one for code. A change of CR3 selects other tables; one that must forget
 * drops only what was filled and is not global.
 *
 * <p>Entry of either kind, 32 bytes: read (or fetch) tag, write tag, addend, attributes. A tag is a linear page
 * address, or -1. Attributes: {@link #GLOBAL}, and from bit 8 the base-2 logarithm of the size of the page the entry is
 * a piece of.
 */
final class TlbTables {
    /** Address spaces that are kept; a further one takes the tables of the one selected longest ago. */
    static final int SPACES = 8;

    static final int CONTEXTS = 3;
    static final int GLOBAL = 1, SIZE_SHIFT = 8;
    static final int READ_TAG = 0, WRITE_TAG = 8, ADDEND = 16, ATTRIBUTES = 24;
    private static final int TABLES = SPACES * CONTEXTS * 2;
    /**
     * Fills of entries that are not global which a table remembers one by one, to drop them without a look at the
     * others.
     */
    private static final int LOG = 192;

    private static final int FREE = -1;

    private final int dataBytes, codeBytes;
    private final long memory;
    private final int[] pcid = new int[SPACES];
    private final long[] selected = new long[SPACES];
    /** Number of the table: (space * CONTEXTS + context) * 2, and 1 more for code. */
    private final boolean[] used = new boolean[TABLES];
    /** The table holds pieces of pages larger than 4 KiB in the lower, upper half of the address space. */
    private final boolean[] largeLow = new boolean[TABLES], largeHigh = new boolean[TABLES];

    private final int[][] log = new int[TABLES][LOG];
    private final int[] logged = new int[TABLES];
    /** Pages of RAM that may be mapped with write permission, by number. */
    private final long[] writable;

    private int space;
    private long selections;

    TlbTables(int dataBytes, int codeBytes, int ramPages) {
        writable = new long[(ramPages + 63) / 64];
        this.dataBytes = dataBytes;
        this.codeBytes = codeBytes;
        memory = HostMemory.allocate((long) SPACES * CONTEXTS * (dataBytes + codeBytes));
        Arrays.fill(used, true);
        clear(0);
    }

    void free() {
        HostMemory.free(memory);
    }

    /** @return the selected address space's place among the {@link #SPACES} */
    int space() {
        return space;
    }

    /** @return host address of the selected address space's data table for a context */
    long data(int context) {
        return table(number(context, false));
    }

    long code(int context) {
        return table(number(context, true));
    }

    private int number(int context, boolean code) {
        return (space * CONTEXTS + context) * 2 + (code ? 1 : 0);
    }

    private long table(int n) {
        return memory + (long) (n >> 1) * (dataBytes + codeBytes) + ((n & 1) == 0 ? 0 : dataBytes);
    }

    private int bytes(int n) {
        return (n & 1) == 0 ? dataBytes : codeBytes;
    }

    /**
     * To be told of every entry of the selected space that is filled.
     * @param e host address of the entry, its attributes already written
     */
    void filled(int context, boolean code, long e, long la) {
        int n = number(context, code);
        used[n] = true;
        long attributes = HostMemory.get64(e + ATTRIBUTES);
        if (attributes >> SIZE_SHIFT > 12) {
            if (la < 0) largeHigh[n] = true;
            else largeLow[n] = true;
        }
        if ((attributes & GLOBAL) == 0 && logged[n] <= LOG) {
            if (logged[n] < LOG) log[n][logged[n]] = (int) (e - table(n));
            logged[n]++;
        }
    }

    /** Selects an address space. @return false if it is new here, so that nothing is held for it */
    boolean select(int wanted) {
        int oldest = 0;
        for (int s = 0; s < SPACES; s++) {
            if (pcid[s] == wanted) {
                space = s;
                selected[s] = ++selections;
                return true;
            }
            if (selected[s] < selected[oldest]) oldest = s;
        }
        clearSpace(oldest);
        pcid[oldest] = wanted;
        space = oldest;
        selected[oldest] = ++selections;
        return false;
    }

    /** @return the place of an address space, or -1 if nothing is held for it */
    int find(int wanted) {
        for (int s = 0; s < SPACES; s++) {
            if (pcid[s] == wanted) return s;
        }
        return -1;
    }

    /** Drops everything of all address spaces and selects one. */
    void clear(int wanted) {
        Arrays.fill(pcid, FREE);
        for (int s = 0; s < SPACES; s++) clearSpace(s);
        space = 0;
        pcid[0] = wanted;
        selected[0] = ++selections;
    }

    private void clearSpace(int s) {
        for (int n = s * CONTEXTS * 2; n < (s + 1) * CONTEXTS * 2; n++) {
            if (used[n]) HostMemory.fill(table(n), bytes(n), 0xff);
            used[n] = largeLow[n] = largeHigh[n] = false;
            logged[n] = 0;
        }
    }

    /** Drops all entries of a space that are not global. */
    void dropLocal(int s) {
        for (int n = s * CONTEXTS * 2; n < (s + 1) * CONTEXTS * 2; n++) {
            if (logged[n] == 0) continue;
            long t = table(n);
            if (logged[n] <= LOG) {
                for (int k = 0; k < logged[n]; k++) dropLocalEntry(t + log[n][k]);
            } else {
                for (long e = t; e < t + bytes(n); e += 32) dropLocalEntry(e);
            }
            logged[n] = 0;
        }
    }

    private static void dropLocalEntry(long e) {
        if ((HostMemory.get64(e + ATTRIBUTES) & GLOBAL) == 0) drop(e);
    }

    private static void drop(long e) {
        HostMemory.put64(e, -1);
        HostMemory.put64(e + WRITE_TAG, -1);
    }

    /**
     * Drops the page of an address from every space: the 4 KiB entry, and all pieces of a larger page around it.
     *
     * @param dataIndex offset of the address's entry in a data table, {@code codeIndex} in a code table
     */
    void dropPage(long la, int dataIndex, int codeIndex) {
        for (int n = 0; n < TABLES; n++) {
            if (!used[n]) continue;
            long t = table(n);
            drop(t + ((n & 1) == 0 ? dataIndex : codeIndex));
            if (la < 0 ? !largeHigh[n] : !largeLow[n]) continue;
            for (long e = t; e < t + bytes(n); e += 32) {
                long tag = HostMemory.get64(e) & HostMemory.get64(e + WRITE_TAG);
                int shift = (int) HostMemory.get64(e + ATTRIBUTES) >> SIZE_SHIFT;
                if (tag != -1 && shift > 12 && (tag ^ la) >>> shift == 0) drop(e);
            }
        }
    }

    /** Notes that an entry with write permission maps a page of RAM. */
    void writable(int ramPage) {
        writable[ramPage >>> 6] |= 1L << ramPage;
    }

    /** Takes write permission off every entry of a data table that maps this RAM page. @param host its host address */
    void protect(int ramPage, long host) {
        if ((writable[ramPage >>> 6] >>> ramPage & 1) == 0) return;
        writable[ramPage >>> 6] &= ~(1L << ramPage);
        for (int n = 0; n < TABLES; n += 2) {
            if (!used[n]) continue;
            long t = table(n);
            for (long e = t; e < t + dataBytes; e += 32) {
                long tag = HostMemory.get64(e + WRITE_TAG);
                if (tag != -1 && tag + HostMemory.get64(e + ADDEND) == host) HostMemory.put64(e + WRITE_TAG, -1);
            }
        }
    }
}
