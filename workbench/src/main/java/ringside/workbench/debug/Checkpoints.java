package ringside.workbench.debug;

import java.util.ArrayList;
import java.util.List;
import ringside.machine.Machine;
import ringside.snapshot.Snapshot;

/**
 * Whole states of a machine at some places of its run, in memory, the first one for good. They are taken at a distance
 * that doubles whenever there are too many, so that any place of a run of whatever length is a bounded part of it away
 * from one.
 */
final class Checkpoints implements AutoCloseable {
    /** Host memory that states may take. */
    private static final long MOST_BYTES = 3L << 30;

    private static final int FEWEST = 6, MOST = 24;
    private static final long FIRST_DISTANCE = 20_000_000;

    /** @param at where it was taken */
    record Checkpoint(Position at, Snapshot state) {}

    private final Machine machine;
    private final List<Checkpoint> kept = new ArrayList<>();
    private final int most;
    private long distance = FIRST_DISTANCE;

    Checkpoints(Machine machine) {
        this.machine = machine;
        most = (int) Math.clamp(MOST_BYTES / machine.config().memory(), FEWEST, MOST);
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    Position first() {
        return kept.getFirst().at();
    }

    /** @return the instruction at which the next state is due */
    long next() {
        return kept.isEmpty() ? Long.MAX_VALUE : kept.getLast().at().instructions() + distance;
    }

    /**
     * Takes a state here, and forgets those of later places: the run goes another way from here if something was
     * changed.
     */
    void take(Position here) {
        dropFrom(here);
        if (kept.size() >= most) thin();
        insert(here);
    }

    /** Takes one more state between others. */
    void insert(Position here) {
        int i = 0;
        while (i < kept.size() && kept.get(i).at().before(here)) i++;
        if (i < kept.size() && kept.get(i).at().equals(here)) return;
        Snapshot s = new Snapshot();
        s.take(machine);
        kept.add(i, new Checkpoint(here, s));
        if (kept.size() > most + 2) kept.remove(closest()).state().close();
    }

    /** @return the last one at or before a place; the first if there is none */
    Checkpoint at(Position p) {
        Checkpoint found = kept.getFirst();
        for (Checkpoint c : kept) {
            if (!p.before(c.at())) found = c;
        }
        return found;
    }

    /** @return the last one before a place, or null */
    Checkpoint before(Position p) {
        Checkpoint found = null;
        for (Checkpoint c : kept) {
            if (c.at().before(p)) found = c;
        }
        return found;
    }

    private void dropFrom(Position p) {
        while (!kept.isEmpty() && !kept.getLast().at().before(p))
            kept.removeLast().state().close();
    }

    private void thin() {
        for (int i = kept.size() - 2; i > 0; i -= 2) kept.remove(i).state().close();
        distance *= 2;
    }

    /** @return the index of the one whose neighbours are nearest to each other; never the first */
    private int closest() {
        int best = 1;
        long least = Long.MAX_VALUE;
        for (int i = 1; i + 1 < kept.size(); i++) {
            long gap =
                    kept.get(i + 1).at().instructions() - kept.get(i - 1).at().instructions();
            if (gap < least) {
                least = gap;
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        for (Checkpoint c : kept) c.state().close();
        kept.clear();
    }
}
