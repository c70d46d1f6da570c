package ringside.unwinder.audit;

import java.util.Arrays;
import ringside.shadow.ShadowEntry;
import ringside.shadow.ShadowStack;

/**
 * The call chain of the kernel as the shadow stack has it, innermost first, up to the entry from user mode. Held in
 * arrays and reused for each point of an audit.
 */
final class Truth {
    private static final int MOST = 1024;

    private ShadowEntry[] entries = new ShadowEntry[64];
    private int length;
    private boolean closed;

    /** Takes the chain at the CPU's present instruction. */
    void read(ShadowStack shadow) {
        take(shadow.chain());
    }

    /** Takes a chain, innermost first. */
    void take(Iterable<ShadowEntry> chain) {
        length = 0;
        closed = false;
        for (ShadowEntry e : chain) {
            if (length == entries.length) entries = Arrays.copyOf(entries, 2 * length);
            entries[length++] = e;
            if (e.kind().entry() && e.user()) {
                closed = true;
                return;
            }
            if (length == MOST) return;
        }
    }

    int length() {
        return length;
    }

    ShadowEntry get(int i) {
        return entries[i];
    }

    /**
     * @return whether the chain ends with an entry from user mode; otherwise there may be callers that the shadow stack
     *     never saw called: the first frames of a task
     */
    boolean closed() {
        return closed;
    }
}
