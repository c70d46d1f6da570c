package ringside.interpreter;

import ringside.cpu.Cpu;
import ringside.cpu.Engine;
import ringside.cpu.Interrupts;
import ringside.cpu.Segmentation;
import ringside.interpreter.core.Block;
import ringside.interpreter.core.Op;
import ringside.memory.GuestFault;
import ringside.memory.LeaveBlock;

/** The reference engine: runs pre-decoded blocks, one handler call an instruction. Also tier 0 of the translator. */
public final class Interpreter implements Engine {
    private final Cpu cpu;
    private final BlockCache cache;
    private boolean running;

    public Interpreter(Cpu cpu, BlockCache cache) {
        this.cpu = cpu;
        this.cache = cache;
    }

    @Override
    public Work work() {
        return !running ? Work.NONE : cache.building() ? Work.DECODING : Work.INTERPRETING;
    }

    @Override
    public void run() {
        running = true;
        execute();
        running = false;
    }

    private void execute() {
        while (cpu.budget > 0 && !cpu.attention) {
            Block b;
            try {
                b = cache.lookup();
            } catch (GuestFault f) {
                Interrupts.deliverFault(cpu);
                continue;
            }
            if (b.ops.length > cpu.budget) {
                step();
            } else {
                runBlock(b);
            }
        }
    }

    /**
     * Runs one whole block that fits into the budget; faults are delivered, accesses that need step mode are stepped.
     */
    public void runBlock(Block b) {
        runFrom(b.ops, 0, false);
    }

    /**
     * Runs the instructions of a block or a piece of it from number {@code first} on, which is the one at RIP; as
     * {@link #runBlock}.
     *
     * @param translated whether they belong to translated code
     */
    public void runFrom(Op[] ops, int first, boolean translated) {
        Cpu cpu = this.cpu;
        long rip = cpu.rip;
        long start = rip;
        cpu.budget -= ops.length - first;
        boolean observed = (cpu.mode & Cpu.MODE_OBSERVED) != 0;
        if (observed) cpu.observers.begin(start, ops.length - first, translated);
        cpu.blockMode = true;
        int i = first;
        try {
            for (; i < ops.length; i++) {
                Op op = ops[i];
                rip += op.length;
                cpu.rip = rip;
                op.execute(cpu);
            }
            cpu.blockMode = false;
        } catch (GuestFault f) {
            back(ops, first, i, start);
            if (observed) cpu.observers.cut(ops.length - i);
            Segmentation.refineFault(cpu, ops[i].instruction);
            Interrupts.deliverFault(cpu);
        } catch (LeaveBlock l) {
            back(ops, first, i, start);
            if (observed) cpu.observers.cut(ops.length - i);
            step();
        }
    }

    /** Gives back instruction {@code i} and those behind it. */
    private void back(Op[] ops, int first, int i, long start) {
        cpu.blockMode = false;
        long rip = start;
        for (int k = first; k < i; k++) rip += ops[k].length;
        cpu.rip = rip;
        cpu.budget += ops.length - i;
    }

    @Override
    public void step() {
        Cpu cpu = this.cpu;
        long start = cpu.rip;
        long budget = cpu.budget;
        Op op = null;
        boolean observed = false;
        try {
            op = cache.lookupSingle().ops[0];
            cpu.budget = budget - 1;
            cpu.rip = start + op.length;
            observed = (cpu.mode & Cpu.MODE_OBSERVED) != 0;
            if (observed) cpu.observers.begin(start, 1, false);
            op.execute(cpu);
        } catch (GuestFault f) {
            cpu.rip = start;
            cpu.budget = budget;
            if (observed) cpu.observers.cut(1);
            if (op != null) Segmentation.refineFault(cpu, op.instruction);
            Interrupts.deliverFault(cpu);
        }
    }
}
