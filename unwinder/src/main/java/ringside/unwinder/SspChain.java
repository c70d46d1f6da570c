package ringside.unwinder;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the guest's architectural shadow stack (CET): the words from SSP up are return addresses, tokens, and for an interrupt of supervisor code three words: the old SSP, the
 * interrupted linear address, its CS (Intel SDM vol. 1, 17.2 and vol. 3, 6.14). A further witness beside the ordinary stack.
 */
public final class SspChain {
    private static final int MOST = 1024;

    /** What a word of the shadow stack is. */
    public enum Kind { RETURN, INTERRUPTED, TOKEN }

    /**
     * @param slot linear address of the word
     * @param value return address, interrupted address, or the token as it stands
     */
    public record Entry(Kind kind, long slot, long value) {}

    private SspChain() {}

    /** @return the entries from {@code ssp} upwards, innermost first, to a word that is zero or cannot be read */
    public static List<Entry> read(GuestView view, long ssp) {
        List<Entry> l = new ArrayList<>();
        if ((ssp & 7) != 0) return l;
        for (long at = ssp; l.size() < MOST && view.load(at) && view.value() != 0; at += 8) {
            long word = view.value();
            if ((word & 7) == 0 && word == at + 24 && selector(view.load(at + 16, -1))) {
                l.add(new Entry(Kind.INTERRUPTED, at + 8, view.load(at + 8, 0)));
                at += 16;
            } else {
                boolean token = (word & ~7L) == at || (word & ~7L) == at + 8 || (word & 3) != 0 && word - at >= 0 && word - at < 1 << 20;
                l.add(new Entry(token ? Kind.TOKEN : Kind.RETURN, at, word));
            }
        }
        return l;
    }

    private static boolean selector(long word) {
        return word > 0 && word < 0x1_0000;
    }
}
