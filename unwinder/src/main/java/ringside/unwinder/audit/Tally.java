package ringside.unwinder.audit;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ringside.unwinder.Kind;

/** Counts of one kind of unwinding over an audit. */
public final class Tally {
    /** Places that are kept apart; what goes beyond is counted but gets no place of its own. */
    private static final int MOST_PLACES = 20_000;

    /** A place in the code from which the next frame was not found or was found wrong. */
    public static final class Place {
        /** function+offset/size. */
        private final String where;

        private final String function;
        /** Linear address of the code. */
        private final long address;

        private final Verdict verdict;
        private final boolean told;
        private final Cause cause;
        private final String example;
        private long count;

        Place(String where, String function, long address, Verdict verdict, boolean told, Cause cause, String example) {
            this.where = where;
            this.function = function;
            this.address = address;
            this.verdict = verdict;
            this.told = told;
            this.cause = cause;
            this.example = example;
        }

        public String where() {
            return where;
        }

        public String function() {
            return function;
        }

        public long address() {
            return address;
        }

        public Verdict verdict() {
            return verdict;
        }

        /** @return whether the trace said that it is unreliable */
        public boolean told() {
            return told;
        }

        public Cause cause() {
            return cause;
        }

        /** The first point at which it happened: both chains, as text. */
        public String example() {
            return example;
        }

        public long count() {
            return count;
        }
    }

    private record Key(long address, Verdict verdict, boolean told, Cause cause) {}

    private final Kind kind;
    private long right, doubted, byCode, incomplete, wrong, told, silent, beyond, otherPlaces;
    private final Map<Key, Place> places = new HashMap<>();
    /** For each cause the points that say so and those that do not. */
    private final long[][] causes = new long[Cause.values().length][2];

    Tally(Kind kind) {
        this.kind = kind;
    }

    /** Makes the description of a point only if it is the first of its place. */
    interface PlaceMaker {
        Place make();
    }

    void countBeyond() {
        beyond++;
    }

    void countRight(boolean reliable, boolean code) {
        right++;
        if (!reliable) doubted++;
        if (code) byCode++;
    }

    void count(Verdict v, boolean reliable, Cause cause, long blamed, PlaceMaker maker) {
        causes[cause.ordinal()][reliable ? 1 : 0]++;
        if (v == Verdict.WRONG) {
            wrong++;
        } else {
            incomplete++;
        }
        if (reliable) {
            silent++;
        } else {
            told++;
        }
        Key k = new Key(blamed, v, !reliable, cause);
        Place p = places.get(k);
        if (p == null) {
            if (places.size() >= MOST_PLACES) {
                otherPlaces++;
                return;
            }
            p = maker.make();
            places.put(k, p);
        }
        p.count++;
    }

    /**
     * @return points that are not right for this cause
     * @param silent of those that are not said to be unreliable, or else of those that are
     */
    public long cause(Cause c, boolean silent) {
        return causes[c.ordinal()][silent ? 1 : 0];
    }

    public Kind kind() {
        return kind;
    }

    public long points() {
        return right + incomplete + wrong;
    }

    public long right() {
        return right;
    }

    /** Right, but said to be unreliable. */
    public long doubted() {
        return doubted;
    }

    /** Right, with at least one frame that only the code tells of ({@link ringside.unwinder.Proof#CODE}). */
    public long byCode() {
        return byCode;
    }

    public long incomplete() {
        return incomplete;
    }

    public long wrong() {
        return wrong;
    }

    /** Not right, and said to be unreliable. */
    public long told() {
        return told;
    }

    /** Not right, and not said so. */
    public long silent() {
        return silent;
    }

    /** Points at which the trace goes on where the shadow stack ends without an entry from user mode. */
    public long beyond() {
        return beyond;
    }

    /** Points that are not right but are of no kept place. */
    public long otherPlaces() {
        return otherPlaces;
    }

    /** @return the places, those that failed most often first; those that failed without saying so before the others */
    public List<Place> worst(int most) {
        return places.values().stream()
                .sorted(Comparator.comparing((Place p) -> p.told)
                        .thenComparing(p -> -p.count)
                        .thenComparing(p -> p.address))
                .limit(most)
                .toList();
    }

    /** @return functions and how many points failed in them, most first */
    public List<Map.Entry<String, Long>> functions(int most) {
        Map<String, Long> m = new HashMap<>();
        for (Place p : places.values()) m.merge(p.function, p.count, Long::sum);
        return m.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .toList();
    }
}
