package ringside.unwinder;

import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * Tells from the code whether the function that rip is in has its frame: whether {@code push %rbp; mov %rsp, %rbp} lies
 * before rip and the way on to the next transfer of control still takes the frame down. The question that live patching
 * has to ask of a task that was preempted.
 */
final class FrameState {
    private static final int LONGEST_PROLOGUE = 32;
    /** Instructions looked at from rip on. */
    private static final int AHEAD = 24;

    private final CodeAnswers<Boolean> answers = new CodeAnswers<>();
    private final byte[] code = new byte[Instruction.MAX_LENGTH];
    private final Instruction in = new Instruction();

    /** @return whether rbp is known to be the frame of the function at {@code rip} */
    boolean at(GuestView view, Symbols symbols, long rip) {
        return answers.at(view, rip, () -> search(view, symbols, rip));
    }

    private boolean search(GuestView view, Symbols symbols, long rip) {
        int s = symbols.find(rip);
        if (s < 0) return false;
        long setUp = endOfPrologue(view, symbols.start(s));
        return setUp != 0 && rip - setUp >= 0 && !takenDown(view, rip);
    }

    /**
     * @return the address behind {@code mov %rsp, %rbp} at the function's start, or 0 if it does not set up a frame
     *     there
     */
    static long endOfPrologue(GuestView view, long start) {
        byte[] code = new byte[LONGEST_PROLOGUE];
        int have = view.read(start, code, 0, code.length);
        int at = 0;
        if (matches(code, have, at, 0xf3, 0x0f, 0x1e, 0xfa)) at += 4;
        if (matches(code, have, at, 0xe8) || matches(code, have, at, 0x0f, 0x1f, 0x44, 0x00, 0x00)) at += 5;
        // BPF programs: the count of tail calls is cleared, or a nop stands for that
        if (matches(code, have, at, 0x66, 0x90) || matches(code, have, at, 0x31, 0xc0)) at += 2;
        if (matches(code, have, at, 0x0f, 0x1f, 0x00)) at += 3;
        if (!matches(code, have, at, 0x55)) return 0;
        at++;
        return matches(code, have, at, 0x48, 0x89, 0xe5) || matches(code, have, at, 0x48, 0x8b, 0xec)
                ? start + at + 3
                : 0;
    }

    private static boolean matches(byte[] code, int have, int at, int... bytes) {
        if (at + bytes.length > have) return false;
        for (int i = 0; i < bytes.length; i++) {
            if ((code[at + i] & 0xff) != bytes[i]) return false;
        }
        return true;
    }

    /**
     * @return whether the straight way from rip comes to a return or a jump without {@code pop %rbp} or {@code leave}
     *     before it
     */
    private boolean takenDown(GuestView view, long rip) {
        long at = rip;
        for (int n = 0; n < AHEAD; n++) {
            int have = view.read(at, code, 0, code.length);
            int first = have > 0 ? code[0] & 0xff : 0;
            if (first == 0x5d || first == 0xc9) return false;
            if (first == 0xc3 || first == 0xc2) return true;
            if (first == 0xe9 || first == 0xeb) return behindPop(view, rip);
            if (first == 0xe8 || first >= 0x70 && first < 0x80) return false;
            int length = Decoder.decode(code, 0, have, 64, in);
            if (length <= 0) return true;
            at += length;
        }
        return false;
    }

    /** A jump may be a loop's or a tail call's; before a tail call stands {@code pop %rbp}. */
    private static boolean behindPop(GuestView view, long rip) {
        return view.load8(rip - 1) == 0x5d || view.load8(rip - 1) == 0xc9;
    }
}
