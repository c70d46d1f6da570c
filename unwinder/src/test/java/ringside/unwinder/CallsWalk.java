package ringside.unwinder;

import ringside.guest.GuestView;

/** The example of docs/add-an-unwinder.md: every word of the stack that points behind a call instruction is a frame. */
final class CallsWalk extends Walk {
    private long at = rsp + 7 & -8L;

    CallsWalk(KernelModel kernel, GuestView view) {
        super(kernel, view);
        warn(Warning.Kind.GUESSED, 0); // nothing that follows is proven
    }

    @Override
    void step() { // finds one frame, or ends
        for (; sameStack(at, rsp) && view.load(at); at += 8) {
            if (!kernel.isText(view.value()) || !CallSite.before(view, view.value())) continue;
            emitCall(view.value(), at, at + 8, Proof.SCAN);
            at += 8;
            return;
        }
        end();
    }
}
