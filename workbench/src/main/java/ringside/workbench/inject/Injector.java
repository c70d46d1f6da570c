package ringside.workbench.inject;

import java.util.ArrayList;
import java.util.List;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;

/**
 * Repeats a stretch of a deterministic run and puts an event into it at any instruction. The stretch is first run
 * undisturbed by {@link #record}, which takes snapshots; {@link #seek} then brings the machine to any instruction of
 * it, as often as wanted, and {@link #inject} raises the event there.
 *
 * <pre>
 * try (Injector in = new Injector(machine, 2000)) {
 *     in.record(60_000);
 *     for (long k = in.start(); k &lt; in.end(); k++) {
 *         in.inject(k, Injection.nmi());
 *         Outcome o = in.watch(300, m -&gt; compare(m));  // behind each of the next 300 instructions
 *         o = in.finish(1_000_000);                      // and to the end of the run
 *     }
 * }
 * </pre>
 *
 * Works on either engine. Not for several threads. Each snapshot holds a copy of the guest's whole RAM outside the Java
 * heap.
 */
public final class Injector implements AutoCloseable {
    /** Looks at the machine behind an instruction. */
    @FunctionalInterface
    public interface Watcher {
        /** @return whether to go on watching */
        boolean look(Machine m);
    }

    private final Machine machine;
    private final long spacing;
    private final List<Snapshot> snapshots = new ArrayList<>();
    private long end;

    /** @param spacing instructions between two snapshots; more are slower to seek, fewer need more memory */
    public Injector(Machine machine, long spacing) {
        if (spacing < 1) throw new IllegalArgumentException("spacing " + spacing);
        this.machine = machine;
        this.spacing = spacing;
    }

    /**
     * Runs undisturbed from where the machine is to {@code to} retired instructions, or to the end of the run.
     * @return why it stopped there
     */
    public Outcome record(long to) {
        Outcome o;
        long at = machine.cpu().instructions();
        do {
            Snapshot s = new Snapshot();
            s.take(machine);
            snapshots.add(s);
            at = Math.min(to, at + spacing);
            o = machine.run(at);
        } while (o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && at < to);
        end = machine.cpu().instructions();
        return o;
    }

    /** Instruction count at which the recorded stretch begins. */
    public long start() {
        return snapshots.getFirst().instructions();
    }

    /** Instruction count at which it ends. */
    public long end() {
        return end;
    }

    /**
     * Brings the machine to the state in which {@code instruction} instructions have been retired, as in the
     * undisturbed run.
     */
    public void seek(long instruction) {
        if (snapshots.isEmpty() || instruction < start() || instruction > end)
            throw new IllegalArgumentException("instruction " + instruction + " is not recorded");
        int i = (int) Math.min(snapshots.size() - 1, (instruction - start()) / spacing);
        Snapshot s = snapshots.get(i);
        s.restore(machine);
        machine.run(instruction);
    }

    /**
     * Seeks, and raises the event there: it is delivered before the next instruction if the processor accepts it then,
     * otherwise as soon as it does.
     */
    public void inject(long instruction, Injection what) {
        seek(instruction);
        what.raise(machine);
    }

    /** Runs {@code instructions} instructions one by one. @return why the machine stopped after the last one */
    public Outcome watch(long instructions, Watcher w) {
        Outcome o = null;
        for (long i = 0; i < instructions; i++) {
            o = machine.run(machine.cpu().instructions() + 1);
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || !w.look(machine)) break;
        }
        return o;
    }

    /** Runs on to the end of the run, or for {@code most} instructions. */
    public Outcome finish(long most) {
        return machine.run(machine.cpu().instructions() + most);
    }

    @Override
    public void close() {
        for (Snapshot s : snapshots) s.close();
        snapshots.clear();
    }
}
