package ringside.shadow;

import java.util.Arrays;

/**
 * Calls nested on one stack without an entry or a change of stacks between them: pairs (slot, return address) with falling slots. The first two pairs
 * bound it: pair 0 is never reached, pair 1 holds the address above which the stack pointer has left the stretch for what lies above it on the same stack.
 */
final class Stretch {
    /** Index of the first real pair. */
    static final int FIRST = 4;
    /** Longs; when full, the outer half is forgotten. */
    static final int MOST = 1 << 16;
    /** Stretches that hang on each other; beyond it the outer ones are forgotten. */
    static final int MOST_DEPTH = 1000;
    private static final long NEVER = Long.MAX_VALUE;

    long[] e = new long[32];
    /** For each pair, what the engine expects to run at its return address; a guess, which may be of another pair that stood here before. */
    Object[] expected = new Object[e.length / 2 + 1];
    /** Index behind the innermost pair; the current stretch's is kept by {@link ShadowStack}. */
    int n = FIRST;
    /** Bytes that a return pops. */
    int word = 8;
    /** Null where nothing is known: boot, a new task, an unknown stack. */
    Origin base;
    int depth;
    /** Stack pointer with which a change of stacks began it; a RET from there on means that the stack belongs to another task. */
    long entered = NEVER;

    Stretch(Origin base) {
        this.base = base != null && base.depth() >= MOST_DEPTH ? null : base;
        this.depth = this.base == null ? 1 : base.depth() + 1;
        e[0] = NEVER;
        e[2] = NEVER;
    }

    /** @param bound highest stack pointer at which the running code is in this stretch and not in what it hangs on, which lies on the same stack */
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
            e = Arrays.copyOf(e, e.length * 2);
            expected = Arrays.copyOf(expected, e.length / 2 + 1);
            return n;
        }
        int kept = MOST / 2 / 2 * 2;
        System.arraycopy(e, n - kept, e, FIRST, kept);
        System.arraycopy(expected, (n - kept) / 2, expected, FIRST / 2, kept / 2);
        base = null;
        e[2] = NEVER;
        return FIRST + kept;
    }
}
