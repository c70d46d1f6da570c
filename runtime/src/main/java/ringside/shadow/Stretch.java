package ringside.shadow;

import java.util.Arrays;

/**
 * Calls nested on one stack without an entry or a change of stacks between them: pairs (slot, return address) with
 * falling slots. The first two pairs bound it: pair 0 is never reached, pair 1 holds the address above which the stack
 * pointer has left the stretch for what lies above it on the same stack.
 */
final class Stretch {
    /** Index of the first real pair. */
    static final int FIRST = 4;
    /** Longs; when full, the outer half is forgotten. */
    static final int MOST = 1 << 16;
    /** Stretches that hang on each other; beyond it the outer ones are forgotten. */
    static final int MOST_DEPTH = 1000;
    /** What a stretch weighs beside its pairs, in longs; weights bound the memory that a guest can make this hold. */
    static final int OVERHEAD = 64;
    /** Weight of what a stretch hangs on, at most. */
    static final int MOST_OUTWARD = 1 << 20;

    private static final long NEVER = Long.MAX_VALUE;

    long[] e = new long[32];
    /**
     * For each pair, what the engine expects to run at its return address; a guess, which may be of another pair that
     * stood here before.
     */
    Object[] expected = new Object[e.length / 2 + 1];
    /** Index behind the innermost pair; the current stretch's is kept by {@link ShadowStack}. */
    int n = FIRST;
    /** Bytes that a return pops. */
    int word = 8;
    /** Null where nothing is known: boot, a new task, an unknown stack. */
    Origin base;

    int depth;
    /** Weight of what it hangs on, as it was when this began. */
    private int outward;
    /**
     * Stack pointer with which a change of stacks began it; a RET from there on means that the stack belongs to another
     * task.
     */
    long entered = NEVER;

    Stretch(Origin base) {
        this.base = base != null && (base.depth() >= MOST_DEPTH || base.weight() > MOST_OUTWARD) ? null : base;
        this.depth = this.base == null ? 1 : base.depth() + 1;
        this.outward = this.base == null ? 0 : base.weight();
        e[0] = NEVER;
        e[2] = NEVER;
    }

    /**
     * @param bound highest stack pointer at which the running code is in this stretch and not in what it hangs on,
     *     which lies on the same stack
     */
    Stretch boundedBy(long bound) {
        e[2] = bound;
        return this;
    }

    /** Whether what it hangs on lies above it on the same stack. */
    boolean continues() {
        return e[2] != NEVER;
    }

    /** Makes room for a pair. @return the index at which it goes, {@code n} or less */
    int room(int n) {
        if (n < MOST) {
            resize(e.length * 2);
            return n;
        }
        int kept = MOST / 2 / 2 * 2;
        System.arraycopy(e, n - kept, e, FIRST, kept);
        System.arraycopy(expected, (n - kept) / 2, expected, FIRST / 2, kept / 2);
        forgetOutward();
        e[2] = NEVER;
        return FIRST + kept;
    }

    private void resize(int length) {
        e = Arrays.copyOf(e, length);
        expected = Arrays.copyOf(expected, length / 2 + 1);
    }

    /** Gives up most of the arrays' unused part; for a stretch that is left. */
    void trim() {
        if (e.length > OVERHEAD && e.length > 4 * n) resize(Math.max(32, Integer.highestOneBit(n) * 2));
    }

    /** Puts pairs in, all at once. */
    void fill(long[] pairs) {
        n = FIRST + pairs.length;
        resize(Math.max(32, Integer.highestOneBit(n) * 2));
        System.arraycopy(pairs, 0, e, FIRST, pairs.length);
    }

    void forgetOutward() {
        base = null;
        outward = 0;
    }

    /** @return where what it hangs on was left, or null */
    Origin.Position outer() {
        return base instanceof Origin.Marker m ? m.parent() : (Origin.Position) base;
    }

    /** @return longs of the chain from here outward if this has {@code n} of them */
    int weight(int n) {
        return outward + OVERHEAD + n;
    }
}
