package ringside.machine;

import ringside.bus.Clock;
import ringside.cpu.Cpu;
import ringside.cpu.Engine;
import ringside.cpu.Interrupts;
import ringside.cpu.Reset;
import ringside.interpreter.BlockCache;
import ringside.interpreter.Interpreter;
import ringside.state.StateVisitor;

/**
 * One processor of a {@link Machine} with everything that is its own: blocks, engine, and where it is in virtual time.
 * Its time is what it has executed and what it has spent halted, so those of a machine differ by less than a turn.
 */
public final class Core {
    private final Machine machine;
    private final int number;
    private final Cpu cpu;
    private final BlockCache blocks;
    private final Interpreter interpreter;
    private Engine engine;
    /** Virtual time that it has not spent executing: halted, or not yet started. */
    long idle;
    /** INIT has arrived and is taken before the next instruction. */
    boolean initPending;

    Core(Machine machine, int number) {
        this.machine = machine;
        this.number = number;
        this.cpu = new Cpu(machine.memory(), machine.config().model());
        this.blocks = new BlockCache(cpu, machine.memory());
        this.interpreter = new Interpreter(cpu, blocks);
        cpu.observers.whenBreakpointsChange(blocks::dropAll);
    }

    void make(Machine.EngineFactory engines) {
        engine = engines.create(this);
    }

    /** The state of a processor that is not the boot processor after power-on. */
    void waitForStartup() {
        Reset.powerOn(cpu);
        Reset.initAndWait(cpu);
    }

    /** {@return the machine it belongs to} */
    public Machine machine() {
        return machine;
    }

    /** {@return its number, which is the initial ID of its local APIC; 0 is the boot processor} */
    public int number() {
        return number;
    }

    /** {@return its registers} */
    public Cpu cpu() {
        return cpu;
    }

    /** {@return its decoded blocks} */
    public BlockCache blocks() {
        return blocks;
    }

    /** {@return the interpreter, which steps single instructions whatever the engine} */
    public Interpreter interpreter() {
        return interpreter;
    }

    /** {@return the engine that runs its blocks} */
    public Engine engine() {
        return engine;
    }

    /** {@return where it is in virtual time, in nanoseconds} */
    public long now() {
        return cpu.instructions() * Clock.NS_PER_INSTRUCTION + idle;
    }

    /** @return whether it has something to do: instructions, or what wakes it */
    boolean ready() {
        if (!cpu.halted || initPending || cpu.shutdown) return true;
        if (cpu.waitsForStartup) return false;
        return cpu.nmiPending && !cpu.nmiBlocked || cpu.interruptsEnabled() && cpu.bus.interruptPending();
    }

    /** Takes what {@link #initPending} has announced. @param boots whether it starts at the reset vector */
    void initialise(boolean boots) {
        initPending = false;
        if (boots) Reset.init(cpu);
        else Reset.initAndWait(cpu);
        cpu.attention = false;
    }

    /** @return whether an NMI or an interrupt was delivered */
    boolean deliverInterrupt() {
        if (cpu.interruptShadow() || cpu.waitsForStartup) return false;
        if (cpu.nmiPending && !cpu.nmiBlocked) {
            cpu.nmiPending = false;
            cpu.halted = false;
            Interrupts.deliverNmi(cpu);
            return true;
        }
        if (cpu.interruptsEnabled() && cpu.bus.interruptPending()) {
            int vector = cpu.bus.acknowledgeInterrupt();
            cpu.halted = false;
            Interrupts.deliverExternal(cpu, vector);
            return true;
        }
        return false;
    }

    void setBudget(long instructions) {
        long done = cpu.instructions();
        cpu.budget = instructions;
        cpu.budgetEnd = done + instructions;
    }

    /** Goes on behind {@code instructions}, after its state was set from outside. */
    void restored(long instructions) {
        initPending = false;
        boolean shadow = cpu.interruptShadow();
        cpu.budget = 0;
        cpu.budgetEnd = instructions;
        if (shadow) cpu.castShadow();
        cpu.mem.flushAll();
        cpu.updateMode();
        cpu.attention = true;
    }

    void visit(StateVisitor v) {
        v.enter("cpu" + number);
        cpu.visit(v);
        // of the boot processor's, snapshots know by themselves
        if (number > 0) {
            long done = v.i64("instructions", cpu.instructions());
            cpu.budgetEnd = done + cpu.budget;
            idle = v.i64("idle", idle);
            initPending = v.flag("initPending", initPending);
        }
        v.leave();
    }
}
