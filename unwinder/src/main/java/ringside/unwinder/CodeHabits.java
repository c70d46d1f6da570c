package ringside.unwinder;

import java.util.List;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * What a kernel's code does for unwinders by rbp, told from the code itself: whether its functions set up frames, and
 * whether its entry code encodes a pointer to the saved registers into rbp. Looked at once.
 */
final class CodeHabits {
    /** Functions that are looked at, and how many of a hundred must begin with a frame. */
    private static final int SAMPLE = 400, LEAST = 8;

    private static final int MOST_ENTRY_CODE = 1 << 20;
    private final KernelModel kernel;
    private Boolean framed, encodes;

    CodeHabits(KernelModel kernel) {
        this.kernel = kernel;
    }

    /** @return whether functions keep their frames in rbp; not if there are no symbols to tell where one begins */
    boolean framed(GuestView view) {
        if (framed == null) framed = kernel.orc() == null && lookForFrames(view);
        return framed;
    }

    private boolean lookForFrames(GuestView view) {
        Symbols s = kernel.symbols();
        int step = Math.max(1, s.count() / SAMPLE);
        int seen = 0;
        int found = 0;
        for (int i = 0; i < s.count(); i += step) {
            if ((s.type(i) | 0x20) != 't' || !s.isText(s.start(i)) || kernel.isEntry(s.start(i))) continue;
            if (view.load8(s.start(i)) < 0) continue;
            seen++;
            if (FrameState.endOfPrologue(view, s.start(i)) != 0) found++;
        }
        return seen > 0 && 100 * found >= LEAST * seen;
    }

    /** @return whether entry code has {@code lea N(%rsp), %rbp} with an odd N: registers lie on 8 bytes */
    boolean encodes(GuestView view) {
        if (encodes == null) encodes = framed(view) && lookForEncoding(view, kernel.entryCode());
        return encodes;
    }

    private static boolean lookForEncoding(GuestView view, List<Symbols.Range> code) {
        for (Symbols.Range r : code) {
            byte[] b = new byte[(int) Math.clamp(r.to() - r.from(), 0, MOST_ENTRY_CODE)];
            int n = view.read(r.from(), b, 0, b.length);
            for (int i = 0; i + 5 <= n; i++) {
                if (b[i] == 0x48
                        && b[i + 1] == (byte) 0x8d
                        && (b[i + 2] == 0x6c || b[i + 2] == (byte) 0xac)
                        && b[i + 3] == 0x24
                        && (b[i + 4] & 1) != 0) return true;
            }
        }
        return false;
    }
}
