package ringside.workbench.profile;

import java.util.Arrays;

/**
 * The runs of instructions that were retired, each with how often. What is known of a run is found out once, when it is
 * seen first; looking one up costs a comparison where it follows the same run as last time.
 */
final class Blocks {
    /** Different runs that are kept apart; what comes beyond is counted in number 0. */
    private static final int MOST = 1 << 20;

    /** What a run is to an entry. */
    static final byte OTHER = 0, ENTRY_CODE = 1, THUNK = 2, EXIT_WORK = 3, SOFTIRQ = 4, SCHEDULER = 5;
    /** It changes the count that forbids preemption. */
    static final byte CHANGES_PREEMPTION = 1;

    long[] rip = new long[1 << 14], count = new long[1 << 14], inRegions = new long[1 << 14];
    /** Instructions, and above them the space. */
    int[] key = new int[1 << 14];

    int[] next = new int[1 << 14], memory = new int[1 << 14], function = new int[1 << 14];
    byte[] kind = new byte[1 << 14], flags = new byte[1 << 14];
    /** Instructions before the one that disables interrupts; -1: none does. */
    short[] disables = new short[1 << 14];

    byte[][] code = new byte[1 << 14][];
    /** How often translated code was left for the interpreter behind the run, by {@link Exit}. */
    int[][] exits = new int[1 << 14][];
    /** Instructions of number 0, whose runs have different lengths. */
    long beyond, beyondInRegions;

    private int[] table = new int[1 << 15];
    private int size = 1, last;

    /** Why translated code was left. */
    enum Exit {
        /** An interrupt, exception, system call or the return from one came behind it. */
        EVENT,
        /** What comes next is not translated, or the run was cut short and goes on one instruction at a time. */
        NEXT
    }

    void left(int n, Exit why) {
        int[] e = exits[n];
        if (e == null) e = exits[n] = new int[2];
        e[why.ordinal()]++;
    }

    /** @return number of the run; negative: it is new, and the number is the complement */
    int find(long at, int k) {
        int n = next[last];
        if (rip[n] == at && key[n] == k && n != 0) {
            last = n;
            return n;
        }
        int mask = table.length - 1;
        int slot = slot(at, k) & mask;
        while (true) {
            n = table[slot];
            if (n == 0) break;
            if (rip[n] == at && key[n] == k) {
                next[last] = n;
                last = n;
                return n;
            }
            slot = slot + 1 & mask;
        }
        if (size == MOST) return 0;
        if (size == rip.length) grow();
        n = size++;
        rip[n] = at;
        key[n] = k;
        disables[n] = -1;
        next[last] = n;
        last = n;
        if (2 * size > table.length) rehash();
        else table[slot] = n;
        return ~n;
    }

    private static int slot(long at, int k) {
        long h = (at ^ (long) k << 40) * 0x9e3779b97f4a7c15L;
        return (int) (h >>> 33);
    }

    private void rehash() {
        table = new int[2 * table.length];
        int mask = table.length - 1;
        for (int n = 1; n < size; n++) {
            int slot = slot(rip[n], key[n]) & mask;
            while (table[slot] != 0) slot = slot + 1 & mask;
            table[slot] = n;
        }
    }

    private void grow() {
        int n = 2 * size;
        rip = Arrays.copyOf(rip, n);
        count = Arrays.copyOf(count, n);
        inRegions = Arrays.copyOf(inRegions, n);
        key = Arrays.copyOf(key, n);
        next = Arrays.copyOf(next, n);
        memory = Arrays.copyOf(memory, n);
        function = Arrays.copyOf(function, n);
        kind = Arrays.copyOf(kind, n);
        flags = Arrays.copyOf(flags, n);
        disables = Arrays.copyOf(disables, n);
        code = Arrays.copyOf(code, n);
        exits = Arrays.copyOf(exits, n);
    }

    /** @return one more than the highest number */
    int size() {
        return size;
    }

    int length(int n) {
        return key[n] & 0xffff;
    }

    int space(int n) {
        return key[n] >>> 16;
    }

    static int key(int instructions, int space) {
        return instructions & 0xffff | space << 16;
    }

    /** @return instructions retired in the run */
    long instructions(int n) {
        return n == 0 ? beyond : count[n] * length(n);
    }

    long translated(int n) {
        return n == 0 ? beyondInRegions : inRegions[n] * length(n);
    }
}
