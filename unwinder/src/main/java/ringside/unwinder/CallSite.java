package ringside.unwinder;

import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/** Whether a return address can be one: a call instruction ends there. Intel SDM vol. 2, CALL. */
public final class CallSite {
    private static final int CALL = 0xe8,
            GROUP_5 = 0xff,
            NEAR = 2,
            INT3 = 0xcc,
            NOP = 0x90,
            REX_W = 0x48,
            FAR_RETURN = 0xcb;
    /** Bytes of E8 with its distance. */
    private static final int DIRECT = 5;

    private CallSite() {}

    /**
     * {@return whether a near call ends at this address: E8 rel32, or FF /2 of 2 to 7 bytes}
     *
     * @param view where code is read
     * @param address guest linear address behind the call
     */
    public static boolean before(GuestView view, long address) {
        if (view.load8(address - DIRECT) == CALL) return true;
        for (int n = 2; n <= 7; n++) {
            if (view.load8(address - n) == GROUP_5 && (view.load8(address - n + 1) >> 3 & 7) == NEAR) return true;
        }
        return false;
    }

    /**
     * Whether a frame may return to this address. Besides behind a call that is: where the kernel has put INT3 over the
     * call to patch it; behind a far return, by which boot code goes to the kernel's first function; the start of the
     * function that Linux makes new tasks return to; behind a nop at a function's start, which stands there so that an
     * address made by hand lies inside the function. Code that cannot be read (another address space's) is not judged.
     */
    static boolean plausible(GuestView view, Symbols symbols, long address) {
        if (before(view, address)) return true;
        int direct = view.load8(address - DIRECT);
        int last = view.load8(address - 1);
        if (direct < 0 || last < 0 || direct == INT3 || last == FAR_RETURN && view.load8(address - 2) == REX_W)
            return true;
        int s = symbols.find(address);
        return s >= 0
                && (symbols.start(s) == address && symbols.name(s).startsWith("ret_from_fork")
                        || symbols.start(s) == address - 1 && last == NOP);
    }
}
