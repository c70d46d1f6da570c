package ringside.unwinder.audit;

import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.CallSite;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Warning;
import ringside.unwinder.orc.OrcTable;

/**
 * Why a trace is not what the shadow stack says: the first of these whose condition holds at the point. The conditions
 * are those of {@link #of}: what the kernel's tables, its symbols, the stack and the trace's own warnings have at the
 * frame whose caller was not found; not a list of places, and never the result alone.
 */
public enum Cause {
    /**
     * All that is missing are return addresses into entry code; of ORC, only where the table's row says that registers
     * lie on the stack.
     */
    ENTRY_HELPER(
            "a helper of the entry code: the way leads straight to the registers, its return address is passed over"),
    /** The trace has said so. */
    NOT_SAVED("entry code while the interrupted registers are not on the stack, or not where the kind finds them"),
    /** The frame whose caller was not found stands in entry code, behind a call. */
    BEHIND_HELPER(
            "entry code behind the call of a helper that changes the stack: the tables still describe the stack before"
                    + " it"),
    /** The next entry of the truth is a call from the function to its own middle. */
    OWN_CALL("code that calls its own middle (RSB filling): the tables do not count the word"),
    /** The trace has said so. */
    NO_FRAME("a function without its frame: not set up yet, taken down, or none at all; and its code does not tell"),
    /** Saved registers on the way are not what the processor saved. */
    SENT_ELSEWHERE("a handler has sent the interrupted code elsewhere, or pushed a return address for it by hand"),
    /** In or behind a retpoline. */
    RETPOLINE("a retpoline, whose return address is the target of a jump"),
    /** No entry, or one that says undefined. */
    NO_ENTRY("the tables say nothing of this code"),
    /** The entry says end of stack. */
    END_OF_STACK("the tables say 'end of stack' where there is a caller"),
    /** The entry leads to a word that is no return address. */
    NO_CODE("the tables lead to a word that is no address of code"),
    OTHER("none of these");

    private final String text;

    Cause(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /**
     * @return who would have to change something: the tables that the kernel has, the rules of this kind of unwinding,
     *     or we
     */
    public String whose(Kind kind) {
        return this == OTHER
                ? "unexplained"
                : this == SENT_ELSEWHERE ? "nobody's" : kind == Kind.ORC ? "the kernel's tables" : "the kind's rules";
    }

    /** @return whether it is for the tables that the kernel has */
    public boolean tables(Kind kind) {
        return kind == Kind.ORC && this != OTHER && this != SENT_ELSEWHERE;
    }

    /** @param blamed the frame whose caller was not found @param c says that the trace is not right */
    static Cause of(Truth truth, Trace trace, Comparison c, Frame blamed, GuestView view, KernelModel kernel) {
        if (c.helpersMissing() && (trace.kind() != Kind.ORC || saysRegisters(blamed, view, kernel)))
            return ENTRY_HELPER;
        if (warned(trace, Warning.Kind.IN_ENTRY_CODE)) return NOT_SAVED;
        if (behindHelper(blamed, view, kernel)) return BEHIND_HELPER;
        if (ownCall(truth, c.agreed(), blamed, kernel)) return OWN_CALL;
        if (warned(trace, Warning.Kind.FRAME_NOT_SET_UP)) return NO_FRAME;
        if (rewritten(truth, c.agreed(), view)) return SENT_ELSEWHERE;
        if (blamed.function() != null && blamed.function().startsWith("__x86_")) return RETPOLINE;
        return trace.kind() == Kind.ORC ? ofTables(blamed, view, kernel) : OTHER;
    }

    /**
     * @return whether entry code is to go on behind a call, or is in it and the registers that the tables see make no
     *     sense
     */
    private static boolean behindHelper(Frame blamed, GuestView view, KernelModel kernel) {
        if (!kernel.isEntry(blamed.exact() ? blamed.address() : blamed.address() - 1)
                || !CallSite.before(view, blamed.address())) return false;
        return blamed.exact() || blamed.warnings().stream().anyMatch(w -> w.kind() == Warning.Kind.BAD_REGISTERS);
    }

    private static boolean saysRegisters(Frame blamed, GuestView view, KernelModel kernel) {
        int type = kernel.orcType(view, blamed.address(), blamed.exact());
        return type == OrcTable.TYPE_REGS || type == OrcTable.TYPE_PARTIAL;
    }

    private static Cause ofTables(Frame blamed, GuestView view, KernelModel kernel) {
        int type = kernel.orcType(view, blamed.address(), blamed.exact());
        if (type < 0 || type == OrcTable.TYPE_UNDEFINED) return NO_ENTRY;
        if (type == OrcTable.TYPE_END) return END_OF_STACK;
        return blamed.warnings().stream()
                        .anyMatch(w -> w.kind() == Warning.Kind.NOT_TEXT || w.kind() == Warning.Kind.TABLE_WRONG)
                ? NO_CODE
                : OTHER;
    }

    private static boolean ownCall(Truth truth, int agreed, Frame blamed, KernelModel kernel) {
        if (agreed >= truth.length() || truth.get(agreed).kind().entry()) return false;
        int f = kernel.symbols().find(truth.get(agreed).address() - 1);
        return f >= 0 && f == kernel.symbols().find(blamed.exact() ? blamed.address() : blamed.address() - 1);
    }

    private static boolean warned(Trace t, Warning.Kind kind) {
        return t.warnings().stream().anyMatch(w -> w.kind() == kind);
    }

    /**
     * @return whether an entry up to the first difference was made from another address or stack pointer than stand in
     *     the frame the processor pushed
     */
    private static boolean rewritten(Truth truth, int upTo, GuestView view) {
        for (int i = 0; i < Math.min(truth.length(), upTo + 1); i++) {
            ShadowEntry e = truth.get(i);
            if (e.kind().entry()
                    && e.slot() != 0
                    && (view.load(e.slot(), 0) != e.address() || view.load(e.slot() + 24, 0) != e.sp())) return true;
        }
        return false;
    }
}
