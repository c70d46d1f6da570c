package ringside.unwinder.audit;

import ringside.shadow.ShadowEntry;
import ringside.unwinder.CallSite;
import ringside.unwinder.Frame;
import ringside.unwinder.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Trace;
import ringside.unwinder.Warning;

/** Why a trace is not what the shadow stack says: the first of these whose condition holds at the point. The conditions are those of {@link #of}, not of a list of places. */
public enum Cause {
    /** All that is missing are return addresses into entry code. */
    ENTRY_HELPER("a helper of the entry code: the tables lead straight to the registers, its return address is passed over"),
    /** The trace has said so. */
    NOT_SAVED("entry code while the interrupted registers are not on the stack, or not where the kind finds them"),
    /** The frame whose caller was not found stands in entry code, behind a call. */
    BEHIND_HELPER("entry code behind the call of a helper that changes the stack: the tables still describe the stack before it"),
    /** The trace has said so. */
    NO_FRAME("a function without its frame: not set up yet, taken down, or none at all"),
    /** Saved registers on the way are not what the processor saved. */
    SENT_ELSEWHERE("a handler has sent the interrupted code elsewhere, or pushed a return address for it by hand"),
    /** In or behind a retpoline. */
    RETPOLINE("a retpoline, whose return address is the target of a jump"),
    /** The trace has said so. */
    NO_ENTRY("the tables say nothing of this code"),
    OTHER("none of these");

    private final String text;

    Cause(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** @param blamed the frame whose caller was not found @param c says that the trace is not right */
    static Cause of(Truth truth, Trace trace, Comparison c, Frame blamed, GuestView view, KernelModel kernel) {
        if (c.helpersMissing()) return ENTRY_HELPER;
        if (warned(trace, Warning.Kind.IN_ENTRY_CODE)) return NOT_SAVED;
        if (blamed.exact() && kernel.isEntry(blamed.address()) && CallSite.before(view, blamed.address())) return BEHIND_HELPER;
        if (warned(trace, Warning.Kind.FRAME_NOT_SET_UP)) return NO_FRAME;
        if (rewritten(truth, c.agreed(), view)) return SENT_ELSEWHERE;
        if (blamed.function() != null && blamed.function().startsWith("__x86_")) return RETPOLINE;
        if (warned(trace, Warning.Kind.NO_ORC_ENTRY) || warned(trace, Warning.Kind.UNDEFINED_ORC_ENTRY)) return NO_ENTRY;
        return OTHER;
    }

    private static boolean warned(Trace t, Warning.Kind kind) {
        return t.warnings().stream().anyMatch(w -> w.kind() == kind);
    }

    /** @return whether an entry up to the first difference was made from another address or stack pointer than stand in the frame the processor pushed */
    private static boolean rewritten(Truth truth, int upTo, GuestView view) {
        for (int i = 0; i < Math.min(truth.length(), upTo + 1); i++) {
            ShadowEntry e = truth.get(i);
            if (e.kind().entry() && e.slot() != 0 && (view.load(e.slot(), 0) != e.address() || view.load(e.slot() + 24, 0) != e.sp())) return true;
        }
        return false;
    }
}
