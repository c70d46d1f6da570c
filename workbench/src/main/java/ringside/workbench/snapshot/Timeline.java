package ringside.workbench.snapshot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import ringside.machine.InputScript;
import ringside.machine.Machine;
import ringside.machine.Outcome;

/**
 * A machine that can go back. It keeps states in memory, compressed and by difference, and the input that came, so that
 * any instruction that has been passed is reached again from the state before it: {@link #goTo}. Where the machine has
 * been before, input is that of before and the guest's output is a repetition ({@link #repeating}); from the newest
 * instruction on the outside is heard again. One thread.
 */
public final class Timeline implements AutoCloseable {
    /** A search forward from where the machine stands, for {@link #last}. */
    public interface Search {
        /**
         * Runs the machine to the next place that is looked for, at least one instruction on.
         *
         * @param limit not beyond this instruction
         * @return whether the machine stands at such a place; otherwise it stands at the limit or its run has ended
         */
        boolean next(Machine m, long limit);
    }

    private static final long QUANTUM = 4_000_000;
    private static final int PATIENCE = 20;
    private static final long SHORTEST_NANOS = 300_000_000L;
    /** States beyond which every second one of the older half is given up. */
    private static final int MOST = 64;

    private final Machine machine;
    private final TreeMap<Long, Image> states = new TreeMap<>();
    private final List<InputScript.Piece> input = new ArrayList<>();
    private final Recording recording;
    private long newest;
    private long taken, cost;

    /** Begins with the machine's present state. @param machine not one that plays a recording */
    public Timeline(Machine machine) {
        this.machine = machine;
        this.recording = null;
        machine.board().setInputListener((m, port, value) -> input.add(new InputScript.Piece(m, port, value)));
        newest = machine.cpu().instructions();
        keep();
    }

    /** A machine that plays a recording, and that stands somewhere in it. */
    public Timeline(Machine machine, Recording recording) {
        this.machine = machine;
        this.recording = recording;
        input.addAll(recording.input());
        newest = Long.MAX_VALUE;
        keep();
    }

    private void keep() {
        long start = System.nanoTime();
        long now = machine.cpu().instructions();
        java.util.Map.Entry<Long, Image> before = states.floorEntry(now);
        if (before == null || before.getKey() != now) {
            states.put(now, Image.of(machine, before == null ? null : before.getValue()));
            if (states.size() > MOST) thin();
        }
        taken = System.nanoTime();
        cost = taken - start;
    }

    private void thin() {
        List<Long> keys = new ArrayList<>(states.keySet());
        for (int i = 1; i < keys.size() / 2; i += 2) states.remove(keys.get(i));
    }

    public Machine machine() {
        return machine;
    }

    /** @return the earliest instruction that can be gone back to */
    public long first() {
        return recording == null
                ? states.firstKey()
                : Math.min(states.firstKey(), recording.checkpoints().getFirst());
    }

    /** @return whether the machine is where it has been before, so that what the guest writes has been seen */
    public boolean repeating() {
        return machine.cpu().instructions() < newest && recording == null;
    }

    /** Runs forward as {@link Machine#run}, keeping states. Breakpoints of the machine stop it. */
    public Outcome run(long limit) {
        while (true) {
            long now = machine.cpu().instructions();
            if (now >= newest && recording == null) machine.setScript(null);
            long next = Math.min(limit, now > Long.MAX_VALUE - QUANTUM ? Long.MAX_VALUE : now + QUANTUM);
            if (now < newest) next = Math.min(next, newest);
            Outcome o = machine.run(next);
            long reached = machine.cpu().instructions();
            newest = Math.max(newest, reached);
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || reached >= limit) return o;
            if (System.nanoTime() - taken > Math.max(SHORTEST_NANOS, PATIENCE * cost)) keep();
        }
    }

    /**
     * Goes to exactly an instruction, back or forward.
     *
     * @return whether the machine stands there; false if its run ends before
     * @throws IllegalArgumentException if that lies before {@link #first}
     */
    public boolean goTo(long instruction) throws IOException {
        if (instruction < first()) throw new IllegalArgumentException("the past begins at instruction " + first());
        newest = Math.max(newest, machine.cpu().instructions());
        if (instruction < machine.cpu().instructions()
                || stateBefore(instruction) > machine.cpu().instructions()) restore(instruction);
        if (machine.cpu().instructions() < instruction) run(instruction);
        return machine.cpu().instructions() == instruction;
    }

    private long stateBefore(long instruction) {
        Long kept = states.floorKey(instruction);
        if (recording == null) return kept;
        long recorded = recording.checkpoints().get(recording.checkpointBefore(instruction));
        return recorded > instruction ? kept : kept == null ? recorded : Math.max(kept, recorded);
    }

    private void restore(long instruction) throws IOException {
        long at = stateBefore(instruction);
        Image i = states.get(at);
        if (i == null) {
            i = recording.image(recording.checkpointBefore(at));
            states.put(at, i);
        }
        i.restore(machine);
        if (recording != null) {
            machine.setScript(recording.script(at));
        } else {
            InputScript s = new InputScript(input, null);
            s.seek(at);
            machine.setScript(s);
        }
        taken = System.nanoTime();
    }

    /**
     * Goes to the last place before an instruction that a search finds; to {@link #first} if there is none.
     *
     * @param search sees the machine at kept states, each time farther back
     * @return whether it was found
     */
    public boolean last(long before, Search search) throws IOException {
        newest = Math.max(newest, machine.cpu().instructions());
        for (long end = before; end > first(); ) {
            restore(end - 1);
            long from = machine.cpu().instructions();
            long found = -1;
            while (machine.cpu().instructions() < end - 1 && search.next(machine, end - 1))
                found = machine.cpu().instructions();
            if (found >= 0) return goTo(found);
            end = from + 1;
            if (from == first()) break;
        }
        goTo(first());
        return false;
    }

    @Override
    public void close() {
        machine.board().setInputListener(null);
        states.clear();
    }
}
