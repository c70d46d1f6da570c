package ringside.unwinder;

import ringside.guest.GuestView;

/**
 * Every word from the stack pointer to the end of its stack that points into kernel code: return addresses, interrupted
 * instructions, and what is left of calls that are over. Where code is not known, the words that point behind a call
 * instruction. Proves nothing.
 */
final class ScanWalk extends Walk {
    private static final long MOST_BYTES = 64 << 10;
    private long at;
    private final long end;

    ScanWalk(KernelModel kernel, GuestView view) {
        super(kernel, view);
        at = rsp + 7 & -8L;
        Stack s = stackOf(rsp);
        end = s.contains(rsp) ? Math.min(s.high() - at, MOST_BYTES) + at : at + MOST_BYTES;
        warn(Warning.Kind.NO_SOURCE, 0);
    }

    @Override
    void step() {
        for (; at - end < 0; at += 8) {
            if (!view.load(at)) break;
            long word = view.value();
            if (kernel.symbols().count() > 0 ? kernel.isText(word) : CallSite.before(view, word)) {
                at += 8;
                emitCall(word, at - 8, at, Proof.SCAN);
                return;
            }
        }
        end();
    }
}
