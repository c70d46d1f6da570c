package ringside.unwinder;

import java.util.Iterator;
import ringside.guest.GuestView;
import ringside.shadow.ShadowEntry;
import ringside.shadow.ShadowStack;

/**
 * The chain that the engines keep from what the processor did ({@code ringside.shadow}): the ground truth for the other
 * kinds. Of saved registers it knows rip, rsp and the privilege level for certain; the rest of the processor's frame is
 * added where memory still holds it, and the general registers where entry code has called a handler with all of them
 * saved.
 */
final class ShadowWalk extends Walk {
    private final Iterator<ShadowEntry> chain;

    ShadowWalk(KernelModel kernel, GuestView view) {
        super(kernel, view);
        ShadowStack shadow = view.state().shadow();
        if (shadow == null) warn(Warning.Kind.NO_SOURCE, 0);
        chain = shadow == null ? null : (view.isElsewhere() ? shadow.chain(view.rsp()) : shadow.chain()).iterator();
    }

    @Override
    void step() {
        if (chain == null) {
            end();
            return;
        }
        if (!chain.hasNext()) {
            endOfChain();
            return;
        }
        ShadowEntry e = chain.next();
        if (e.kind().entry()) {
            PtRegs whole = last().exact() ? null : PtRegs.atCall(view, last().sp(), e.address(), e.sp(), e.user());
            emitRegs(
                    whole != null ? whole : PtRegs.ofEntry(view, e.slot(), e.address(), e.sp(), e.user()),
                    Proof.SHADOW_STACK);
        } else {
            emitCall(e.address(), e.slot(), e.sp(), Proof.SHADOW_STACK);
        }
    }
}
