package ringside.workbench.entry;

import java.util.ArrayList;
import java.util.List;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.Frame;
import ringside.unwinder.PtRegs;
import ringside.unwinder.Trace;
import ringside.workbench.entry.TrueChain.Link;

/** Brings what the shadow stack and the unwinders say into the form of {@link TrueChain}, for comparison. */
public final class Chains {
    private Chains() {}

    /** @return the shadow stack's chain, up to the first entry from user mode */
    public static List<Link> of(Iterable<ShadowEntry> shadow) {
        List<Link> out = new ArrayList<>();
        for (ShadowEntry e : shadow) {
            out.add(new Link(e.kind().entry(), e.slot(), e.address(), e.sp(), e.user(), false));
            if (e.user()) break;
        }
        return out;
    }

    /** @return an unwinder's trace without its first frame, which is the CPU's own registers */
    public static List<Link> of(Trace trace) {
        List<Link> out = new ArrayList<>();
        List<Frame> frames = trace.frames();
        for (Frame f : frames.subList(1, frames.size())) {
            PtRegs r = f.regs();
            out.add(new Link(r != null, f.slot(), f.address(), f.sp(), f.user(), r != null && r.full()));
        }
        return out;
    }

    /**
     * @return whether the same calls and interruptions stand in the same order with the same stack pointers, wherever
     *     frames lie
     */
    public static boolean same(List<Link> a, List<Link> b) {
        if (a.size() != b.size()) return false;
        for (int i = 0; i < a.size(); i++) {
            if (!a.get(i).same(b.get(i))) return false;
        }
        return true;
    }
}
