package ringside.unwinder;

import ringside.guest.GuestView;

/**
 * Every word from the stack pointer to the end of its stack that points into kernel code: return addresses, interrupted
 * instructions, and what is left of calls that are over. Where code is not known, the words that point behind a call
 * instruction. Proves nothing. Words have 4 bytes where the guest is not in long mode.
 */
final class ScanWalk extends Walk {
    private static final long MOST_BYTES = 64 << 10;
    private long at;
    private final long end;
    private final int bytes;

    ScanWalk(KernelModel kernel, GuestView view) {
        super(kernel, view);
        bytes = view.state().longMode() ? 8 : 4;
        at = rsp + bytes - 1 & -bytes;
        Stack s = stackOf(rsp);
        end = s.contains(rsp) ? Math.min(s.high() - at, MOST_BYTES) + at : at + MOST_BYTES;
        warn(Warning.Kind.GUESSED, 0);
    }

    @Override
    void step() {
        for (; at - end < 0; at += bytes) {
            if (!view.load(at)) break;
            long word = bytes == 8 ? view.value() : view.value() & 0xffff_ffffL;
            if (kernel.symbols().count() > 0 ? kernel.isText(word) : CallSite.before(view, word)) {
                at += bytes;
                emitCall(word, at - bytes, at, Proof.SCAN);
                return;
            }
        }
        end();
    }
}
