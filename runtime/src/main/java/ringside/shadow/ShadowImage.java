package ringside.shadow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import ringside.shadow.Origin.Marker;
import ringside.shadow.Origin.Position;
import ringside.shadow.ShadowEntry.Kind;
import ringside.state.StateVisitor;

/**
 * The shadow stack as an array of longs, for snapshots and comparison: the stretches reachable from the current one and
 * from sleeping stacks, each written once, those that others hang on first.
 */
final class ShadowImage {
    private static final int NO_ORIGIN = 0, POSITION = 1, MARKER = 2;

    /** More words than any guest's stacks come to: what a snapshot may claim. */
    private static final int LARGEST = 1 << 24;

    private final List<Stretch> stretches = new ArrayList<>();
    private final Map<Stretch, Integer> numbers = new IdentityHashMap<>();
    private long[] data = new long[256];
    private int at;

    private ShadowImage() {}

    /** @return the current stretch if the visitor put back another state, otherwise null */
    static Stretch visit(StateVisitor v, Position here, SleepingStacks sleeping) {
        long[] now = new ShadowImage().write(here, sleeping);
        v.enter("shadow");
        int length = v.i32("length", now.length);
        if (length < 0 || length > LARGEST) throw new IllegalStateException("a shadow stack of " + length + " words");
        long[] image = length == now.length ? now.clone() : new long[length];
        v.longs("chain", image);
        v.leave();
        return Arrays.equals(image, now) ? null : new ShadowImage().read(image, sleeping);
    }

    // ---- writing ----

    private void put(long x) {
        if (at == data.length) data = Arrays.copyOf(data, 2 * at);
        data[at++] = x;
    }

    private long[] write(Position here, SleepingStacks sleeping) {
        collect(here.stretch());
        for (Position p : sleeping.all()) collect(p.stretch());
        put(stretches.size());
        for (Stretch s : stretches) {
            int n = s == here.stretch() ? here.n() : s.n;
            put(n);
            put(s.word);
            put(s.depth);
            put(s.entered);
            put(s.e[2]);
            for (int i = Stretch.FIRST; i < n; i++) put(s.e[i]);
            origin(s.base);
        }
        place(here);
        long[] spaces = sleeping.spaces();
        put(spaces.length);
        int k = 0;
        for (Position p : sleeping.all()) {
            put(spaces[k++]);
            place(p);
        }
        put(sleeping.puts());
        return Arrays.copyOf(data, at);
    }

    /** Numbers a stretch and, before it, all it hangs on. */
    private void collect(Stretch s) {
        List<Stretch> inner = new ArrayList<>();
        while (s != null && !numbers.containsKey(s)) {
            numbers.put(s, -1);
            inner.add(s);
            Position p = s.base instanceof Marker m ? m.parent() : (Position) s.base;
            s = p == null ? null : p.stretch();
        }
        for (int i = inner.size() - 1; i >= 0; i--) {
            numbers.put(inner.get(i), stretches.size());
            stretches.add(inner.get(i));
        }
    }

    private void place(Position p) {
        put(p == null ? -1 : numbers.get(p.stretch()));
        if (p == null) return;
        put(p.n());
        put(p.sp());
    }

    private void origin(Origin o) {
        switch (o) {
            case null -> put(NO_ORIGIN);
            case Position p -> {
                put(POSITION);
                place(p);
            }
            case Marker m -> {
                ShadowEntry s = m.entry();
                put(MARKER);
                put(s.kind().ordinal());
                put(s.slot());
                put(s.address());
                put(s.sp());
                put(s.vector());
                put(s.user() ? 1 : 0);
                place(m.parent());
            }
        }
    }

    // ---- reading ----

    private long get() {
        return data[at++];
    }

    private Stretch read(long[] image, SleepingStacks sleeping) {
        data = image;
        int count = (int) get();
        for (int i = 0; i < count; i++) {
            int n = (int) get();
            int word = (int) get();
            int depth = (int) get();
            long entered = get();
            long bound = get();
            long[] pairs = Arrays.copyOfRange(data, at, at + n - Stretch.FIRST);
            at += pairs.length;
            Stretch s = new Stretch(origin()).boundedBy(bound);
            s.fill(pairs);
            s.word = word;
            s.depth = depth;
            s.entered = entered;
            stretches.add(s);
        }
        Position here = place();
        here.stretch().n = here.n();
        sleeping.clear();
        for (long k = get(); k > 0; k--) sleeping.add(get(), place());
        sleeping.setPuts(get());
        return here.stretch();
    }

    private Position place() {
        int number = (int) get();
        return number < 0 ? null : new Position(stretches.get(number), (int) get(), get());
    }

    private Origin origin() {
        return switch ((int) get()) {
            case POSITION -> place();
            case MARKER -> {
                ShadowEntry s =
                        new ShadowEntry(Kind.values()[(int) get()], get(), get(), get(), (int) get(), get() != 0);
                yield new Marker(s, place());
            }
            default -> null;
        };
    }
}
