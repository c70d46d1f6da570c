package ringside.machine;

import java.util.function.LongPredicate;
import ringside.cpu.Cpu;
import ringside.cpu.EventFilter;

/**
 * Stops a machine before chosen instructions, without debug registers and without any effect that the guest could see. On either engine: no decoded
 * block spans a breakpoint, so that code elsewhere runs as fast as without them.
 */
public final class Breakpoints {
    private final Machine machine;
    private final Cpu cpu;
    private boolean hit;

    public Breakpoints(Machine machine) {
        this.machine = machine;
        this.cpu = machine.cpu();
    }

    /** Sets breakpoints in place of all that were set before. @param where tells for a linear address whether to stop there; must not change its mind */
    public void set(LongPredicate where) {
        machine.blocks().dropAll();
        cpu.breakpoints = where;
        cpu.filter = this::take;
    }

    public void clear() {
        cpu.breakpoints = null;
        cpu.filter = null;
    }

    private boolean take(Cpu c, int vector, int error, boolean software) {
        if (vector != EventFilter.BREAKPOINT) return false;
        hit = true;
        machine.requestStop();
        return true;
    }

    /**
     * Runs as {@link Machine#run}, and stops before an instruction at a breakpoint: then {@link #hit} is true and the outcome STOPPED. A breakpoint at the very
     * instruction where it starts is passed.
     */
    public Outcome run(long limit) {
        hit = false;
        long done = cpu.instructions();
        if (cpu.breakpoints != null && cpu.breakpoints.test(cpu.codeLinear()) && done < limit) {
            Outcome o = step();
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) return o;
            if (cpu.breakpoints.test(cpu.codeLinear()) && cpu.instructions() < limit) {
                hit = true;
                return new Outcome(Outcome.Reason.STOPPED, 0);
            }
        }
        return machine.run(limit);
    }

    /** Runs until one more instruction has been retired; a breakpoint does not stop it. */
    public Outcome step() {
        cpu.passBreakpoint = true;
        try {
            return machine.run(cpu.instructions() + 1);
        } finally {
            cpu.passBreakpoint = false;
        }
    }

    /** @return whether the last {@link #run} ended before a breakpoint */
    public boolean hit() {
        return hit;
    }
}
