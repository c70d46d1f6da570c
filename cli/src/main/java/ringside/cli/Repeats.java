package ringside.cli;

import java.util.List;
import java.util.function.BiPredicate;

/** Finds where a list begins to repeat itself: the frames of an endless recursion. */
final class Repeats {
    /** Longest part that is repeated, and how often it must be. */
    private static final int LONGEST = 12, LEAST = 4;

    private Repeats() {}

    /**
     * @param period how many there are before it begins anew; 0 if nothing repeats here
     * @param times how often the part stands there, the first time included
     */
    record Repeat(int period, int times) {
        static final Repeat NONE = new Repeat(0, 1);

        /** @return how many are left out if the part is shown once */
        int leftOut() {
            return period * (times - 1);
        }
    }

    /** @return the repetition that begins at {@code from} and leaves out most */
    static <T> Repeat at(List<T> list, int from, BiPredicate<T, T> same) {
        Repeat best = Repeat.NONE;
        for (int p = 1; p <= LONGEST && from + LEAST * p <= list.size(); p++) {
            int n = from + p;
            while (n < list.size() && same.test(list.get(n), list.get(n - p))) n++;
            Repeat r = new Repeat(p, (n - from) / p);
            if (r.times >= LEAST && r.leftOut() > best.leftOut()) best = r;
        }
        return best;
    }

    static String text(Repeat r) {
        return String.format(" ... %s %,d more times", r.period == 1 ? "the same" : "these " + r.period, r.times - 1);
    }
}
