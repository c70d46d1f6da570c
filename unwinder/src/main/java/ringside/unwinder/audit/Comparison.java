package ringside.unwinder.audit;

import java.util.List;
import java.util.function.LongPredicate;
import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.Frame;
import ringside.unwinder.Proof;
import ringside.unwinder.Trace;

/**
 * Holds a trace against the truth. A call's frame is the same if it lies in the same stack slot and has the address
 * that was pushed there, or the one that the guest has put there since (probes' trampolines); or has the pushed address
 * and lies further in on the stack, but outward of the call before: a copy that entry code and functions that align
 * their stack make of it. An interrupted frame is the same by its address and stack pointer, wherever its registers
 * were moved to, or by those that stand in the processor's frame now (a handler sends the interrupted code elsewhere:
 * fixups, emulated instructions). User code at the end is the same if both have it: a kernel changes its saved
 * registers at will (exec, signals).
 *
 * <p>Frames outward of the truth's end, where it is {@linkplain Truth#closed open}, cannot be judged: no call made
 * them. They are counted as {@link #beyond}.
 */
final class Comparison {
    private Verdict verdict;
    private int beyond;
    private int agreed;
    private boolean helpersOnly;
    private final LongPredicate entryCode;

    /** @param entryCode whether an address lies in the kernel's entry code */
    Comparison(LongPredicate entryCode) {
        this.entryCode = entryCode;
    }

    /** @param trace the frame of rip first; guesses (frames proven by nothing) are left out of the comparison */
    Comparison of(Truth truth, Trace trace, GuestView view) {
        List<Frame> frames = trace.frames();
        int n = truth.length();
        int expected = 0;
        int skipped = 0;
        beyond = 0;
        agreed = 0;
        helpersOnly = true;
        verdict = Verdict.WRONG;
        for (int j = 1; j < frames.size(); j++) {
            Frame f = frames.get(j);
            if (f.proof() == Proof.SCAN) continue;
            int found = expected;
            while (found < n && !same(truth, found, f, view)) found++;
            if (found == n) {
                if (expected < n || truth.closed()) return this;
                beyond = frames.size() - j;
                break;
            }
            if (found > expected) {
                skipped += found - expected;
                missing(truth, expected, found);
            }
            expected = found + 1;
            if (skipped == 0) agreed = expected;
        }
        if (expected < n) {
            skipped += n - expected;
            missing(truth, expected, n);
        }
        verdict = skipped == 0 ? Verdict.RIGHT : Verdict.INCOMPLETE;
        return this;
    }

    private void missing(Truth truth, int from, int to) {
        for (int i = from; i < to; i++)
            helpersOnly &=
                    !truth.get(i).kind().entry() && entryCode.test(truth.get(i).address() - 1);
    }

    private static boolean same(Truth truth, int k, Frame f, GuestView view) {
        ShadowEntry e = truth.get(k);
        long inner = k == 0 ? view.rsp() - 1 : truth.get(k - 1).slot();
        if (e.kind().entry()) {
            if (f.regs() == null) return false;
            if (e.user() || f.user()) return e.user() == f.user();
            return f.address() == e.address() && f.sp() == e.sp()
                    || e.slot() != 0 && view.load(e.slot(), 0) == f.address() && view.load(e.slot() + 24, 0) == f.sp();
        }
        if (f.regs() != null) return false;
        if (f.slot() == e.slot()) return f.address() == e.address() || view.load(e.slot(), 0) == f.address();
        return f.address() == e.address() && f.slot() - inner > 0 && f.slot() - e.slot() < 0;
    }

    Verdict verdict() {
        return verdict;
    }

    /** @return whether the trace is incomplete only in that return addresses into entry code are missing */
    boolean helpersMissing() {
        return verdict == Verdict.INCOMPLETE && helpersOnly;
    }

    /** Frames outward of what the shadow stack knows. */
    int beyond() {
        return beyond;
    }

    /**
     * Frames from the innermost caller on that are right; the frame before them is the one whose caller was not found.
     */
    int agreed() {
        return agreed;
    }
}
