package ringside.unwinder;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import ringside.guest.GuestView;

/**
 * Answers about code, kept by address. One is only given again while the 16 bytes at the address are what they were; a
 * change of code further on is not seen, so an answer must be one that patching (alternatives, static calls) leaves as
 * it is.
 */
final class CodeAnswers<T> {
    private static final int MOST = 1 << 18;

    private record Kept<T>(long low, long high, T answer) {}

    private final Map<Long, Kept<T>> kept = new HashMap<>();

    /** @param rip linear address @param search finds the answer if none is kept */
    T at(GuestView view, long rip, Supplier<T> search) {
        long low = view.load(rip, 0);
        long high = view.load(rip + 8, 0);
        Kept<T> k = kept.get(rip);
        if (k != null && k.low == low && k.high == high) return k.answer;
        T answer = search.get();
        if (kept.size() >= MOST) kept.clear();
        kept.put(rip, new Kept<>(low, high, answer));
        return answer;
    }
}
