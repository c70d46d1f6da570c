package ringside.machine;

import java.util.Set;
import java.util.function.LongPredicate;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;

/**
 * Stops a machine before chosen instructions, without debug registers and without any effect that the guest could see.
 * On either engine: no decoded block spans a breakpoint, so that code elsewhere runs as fast as without them. Several
 * may be set by several owners, each with an object of its own.
 */
public final class Breakpoints implements Observer {
    private final Machine machine;
    private final Cpu cpu;
    private LongPredicate where;
    private boolean hit;

    /**
     * A set of breakpoints, empty.
     *
     * @param machine the machine they stop
     */
    public Breakpoints(Machine machine) {
        this.machine = machine;
        this.cpu = machine.cpu();
    }

    @Override
    public Set<Interest> interests() {
        return Set.of(Interest.BREAKPOINTS);
    }

    /**
     * Sets breakpoints in place of all that this object had.
     * @param at tells for a linear address whether to stop there; must not change its mind
     */
    public void set(LongPredicate at) {
        where = at;
        if (cpu.observers.has(this)) cpu.observers.changed();
        else cpu.observers.add(this);
    }

    /** Removes all breakpoints. */
    public void clear() {
        cpu.observers.remove(this);
        where = null;
    }

    @Override
    public boolean breaksAt(long la) {
        return where.test(la);
    }

    @Override
    public void breakpoint(Cpu c) {
        hit = true;
        machine.requestStop();
    }

    /**
     * Runs as {@link Machine#run}, and stops before an instruction at a breakpoint: then {@link #hit} is true and the
     * outcome STOPPED. A breakpoint at the very instruction where it starts is passed.
     *
     * @param limit count of retired instructions to stop at
     * @return why it stopped
     */
    public Outcome run(long limit) {
        hit = false;
        long done = cpu.instructions();
        if (here() && done < limit) {
            Outcome o = step();
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) return o;
            if (here() && cpu.instructions() < limit) {
                hit = true;
                return new Outcome(Outcome.Reason.STOPPED, 0);
            }
        }
        return machine.run(limit);
    }

    private boolean here() {
        return where != null && where.test(cpu.codeLinear());
    }

    /**
     * Runs until one more instruction has been retired; a breakpoint does not stop it, whoever set it.
     *
     * @return why it stopped; INSTRUCTION_LIMIT if the instruction was retired
     */
    public Outcome step() {
        cpu.observers.setPassing(true);
        try {
            return machine.run(cpu.instructions() + 1);
        } finally {
            cpu.observers.setPassing(false);
        }
    }

    /** {@return whether the last {@link #run} ended before a breakpoint} */
    public boolean hit() {
        return hit;
    }
}
