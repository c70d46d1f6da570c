package ringside.shadow;

import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import ringside.memory.Processor;
import ringside.shadow.Origin.Position;

/**
 * Stacks that were left for others, by address space and the stack pointer with which they were left, oldest first. The
 * upper half of the linear address space is taken for one that all share. Bounded in number and in the weight of the
 * chains; the oldest are forgotten.
 */
final class SleepingStacks {
    static final int MOST = 2048;
    /** Weight of all chains that are kept, in longs; looked at after every {@link #WEIGHING} stacks. */
    static final int MOST_WEIGHT = 1 << 21;

    private static final int WEIGHING = 64;
    private static final long KERNEL = 0;

    private record Key(long space, long sp) {}

    private final Processor cpu;
    private final LinkedHashMap<Key, Position> places = new LinkedHashMap<>();
    /** How many of them have a stack pointer with this hash; most that are asked for have none. */
    private final short[] counts = new short[1 << 10];

    private long puts;

    SleepingStacks(Processor cpu) {
        this.cpu = cpu;
    }

    private Key key(long sp) {
        boolean own = sp >= 0 && (cpu.cr0 & Processor.CR0_PG) != 0;
        // bit 12 tells the two tables of one process apart where the kernel isolates its own
        return new Key(own ? cpu.cr3 & 0x000f_ffff_ffff_e000L : KERNEL, sp);
    }

    private static int slot(long sp) {
        return (int) (sp * 0x9E37_79B9_7F4A_7C15L >>> 54);
    }

    private void insert(Key k, Position p) {
        if (places.put(k, p) == null) counts[slot(k.sp)]++;
    }

    private void remove(Iterator<Map.Entry<Key, Position>> i, Key k) {
        i.remove();
        counts[slot(k.sp)]--;
    }

    void put(Position p) {
        Key k = key(p.sp());
        if (places.remove(k) != null) counts[slot(k.sp)]--;
        insert(k, p);
        if (places.size() > MOST) {
            Iterator<Map.Entry<Key, Position>> i = places.entrySet().iterator();
            remove(i, i.next().getKey());
        }
        if (++puts % WEIGHING == 0) weigh();
    }

    /** Forgets the oldest stacks that are too much. What several chains share counts once for each. */
    private void weigh() {
        long weight = 0;
        for (Iterator<Map.Entry<Key, Position>> i =
                        places.sequencedEntrySet().reversed().iterator();
                i.hasNext(); ) {
            Map.Entry<Key, Position> e = i.next();
            Key k = e.getKey();
            for (Position p = e.getValue();
                    p != null && weight <= MOST_WEIGHT;
                    p = p.stretch().outer()) weight += Stretch.OVERHEAD + p.stretch().n;
            if (weight > MOST_WEIGHT) remove(i, k);
        }
    }

    /**
     * @return the stack left with exactly this stack pointer, which is then no longer asleep, or null; one whose memory
     *     has another content is forgotten
     */
    Position take(long sp) {
        if (counts[slot(sp)] == 0) return null;
        Position p = places.remove(key(sp));
        if (p == null) return null;
        counts[slot(sp)]--;
        return present(p) ? p : null;
    }

    Position find(long sp) {
        return places.get(key(sp));
    }

    /**
     * @return the stack that was left below this stack pointer and reaches above it, which is then no longer asleep, or
     *     null
     */
    Position around(long sp) {
        long space = key(sp).space();
        for (Iterator<Map.Entry<Key, Position>> i = places.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Key, Position> m = i.next();
            Position p = m.getValue();
            if (m.getKey().space() != space
                    || p.sp() > sp
                    || p.last() == Stretch.FIRST
                    || p.stretch().e[Stretch.FIRST] < sp) continue;
            remove(i, m.getKey());
            int k = p.last();
            while (p.stretch().e[k - 2] < sp) k -= 2;
            Position above = new Position(p.stretch(), k, sp);
            if (present(above)) return above;
        }
        return null;
    }

    /** Whether memory still holds the innermost return address. */
    private boolean present(Position p) {
        int k = p.last();
        if (k == Stretch.FIRST) return true;
        int size = Math.min(p.stretch().word, 8);
        return size == 8 ? word(p.stretch().e[k - 2], 8) == p.stretch().e[k - 1] : true;
    }

    /** @return the stack word, read without side effects, or 0 */
    long word(long la, int bytes) {
        if ((la & bytes - 1) != 0) return 0;
        long pa = cpu.mem.probe(la);
        return pa == -1 || cpu.physical.ramPage(pa) == 0 ? 0 : cpu.physical.read(pa, bytes);
    }

    Collection<Position> all() {
        return places.values();
    }

    // ---- for snapshots ----

    long[] spaces() {
        return places.keySet().stream().mapToLong(Key::space).toArray();
    }

    void clear() {
        places.clear();
        Arrays.fill(counts, (short) 0);
    }

    long puts() {
        return puts;
    }

    void setPuts(long n) {
        puts = n;
    }

    void add(long space, Position p) {
        insert(new Key(space, p.sp()), p);
    }
}
