package ringside.boot;

import java.util.ArrayList;
import java.util.List;

/** A set of guest physical ranges that are in use while a kernel is being placed. Addresses are below 2^46. */
final class Ranges {
    private record Range(long start, long end) {}

    private final List<Range> taken = new ArrayList<>();

    void add(long start, long length) {
        if (length > 0) taken.add(new Range(start, start + length));
    }

    boolean overlaps(long start, long length) {
        return length > 0 && taken.stream().anyMatch(r -> start < r.end && r.start < start + length);
    }

    /** @return end of the highest range, or 0 */
    long end() {
        return taken.stream().mapToLong(Range::end).max().orElse(0);
    }

    /** @return the lowest free aligned address in [from, to) with {@code length} free bytes, or -1; takes it */
    long takeLowest(long from, long to, long length, long align) {
        long at = up(from, align);
        while (at + length <= to) {
            long a = at;
            Range hit = taken.stream()
                    .filter(r -> a < r.end && r.start < a + length)
                    .findFirst()
                    .orElse(null);
            if (hit == null) {
                add(at, length);
                return at;
            }
            at = up(hit.end, align);
        }
        return -1;
    }

    /** @return the highest free aligned address in [from, to) with {@code length} free bytes, or -1; takes it */
    long takeHighest(long from, long to, long length, long align) {
        long at = to - length & -align;
        while (at >= from) {
            long a = at;
            Range hit = taken.stream()
                    .filter(r -> a < r.end && r.start < a + length)
                    .findFirst()
                    .orElse(null);
            if (hit == null) {
                add(at, length);
                return at;
            }
            at = hit.start - length & -align;
        }
        return -1;
    }

    static long up(long v, long align) {
        return v + align - 1 & -align;
    }
}
