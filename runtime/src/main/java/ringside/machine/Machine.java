package ringside.machine;

import java.util.List;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.PortBus;
import ringside.cpu.Cpu;
import ringside.cpu.DebugTraps;
import ringside.cpu.Engine;
import ringside.cpu.Flags;
import ringside.cpu.Interrupts;
import ringside.cpu.Reset;
import ringside.device.Device;
import ringside.device.firmware.Firmware;
import ringside.interpreter.BlockCache;
import ringside.interpreter.Interpreter;
import ringside.memory.PhysicalMemory;
import ringside.state.StateVisitor;

/**
 * The whole guest computer: one CPU, RAM, the {@link Board} of devices, the event queue, and the loop that ties them
 * together. Deterministic: what happens is a function of the loaded image, the configuration and the input stamped with
 * instruction counts.
 *
 * <p>Virtual time = retired instructions x {@link Clock#NS_PER_INSTRUCTION} + time skipped while halted.
 */
public final class Machine implements AutoCloseable {
    /** Makes the engine that runs blocks; the machine steps single instructions with the interpreter. */
    public interface EngineFactory {
        /**
         * {@return a new engine for a machine that is just being put together}
         *
         * @param machine that machine
         */
        Engine create(Machine machine);
    }

    /** Input from outside and requests to stop are looked at after this many instructions at the latest. */
    private static final long OUTSIDE_INTERVAL = 1 << 20;

    private final MachineConfig config;
    private final PhysicalMemory memory;
    private final Cpu cpu;
    private final PortBus ports = new PortBus();
    private final EventQueue events = new EventQueue(this::eventsChanged);
    private final BlockCache blocks;
    private final Interpreter interpreter;
    private final Engine engine;
    private final Board board;
    private long idle;
    private volatile boolean stopRequested;
    private boolean endOnHalt;
    /** INIT has arrived and is taken before the next instruction. */
    private boolean initPending;

    private Outcome outcome;
    /**
     * What happened since the last instruction or idle time: events, interrupts, input. With count and time it names a
     * point between two instructions.
     */
    private int acts;

    private InputScript script;

    /** {@return what puts a machine together} */
    public static MachineBuilder builder() {
        return new MachineBuilder();
    }

    /**
     * A machine after power-on.
     *
     * @param config what it is built from
     * @param engines makes the engine
     */
    public Machine(MachineConfig config, EngineFactory engines) {
        this(config, engines, List.of());
    }

    /** @param devices beyond those of the PC */
    Machine(MachineConfig config, EngineFactory engines, List<Device> devices) {
        this.config = config;
        this.memory = new PhysicalMemory(config.memory());
        this.cpu = new Cpu(memory, config.model());
        this.blocks = new BlockCache(cpu, memory);
        this.interpreter = new Interpreter(cpu, blocks);
        this.board = new Board(this, devices);
        cpu.bus = board;
        cpu.observers.whenBreakpointsChange(blocks::dropAll);
        Firmware.install(memory, ports, board.pic(), board.apic(), board.rtc());
        this.engine = engines.create(this);
    }

    /** Gives RAM and TLBs back to the host, which no garbage collection does; the machine must not be used any more. */
    @Override
    public void close() {
        cpu.mem.free();
        memory.free();
    }

    /**
     * {@return a machine that runs on the interpreter alone}
     *
     * @param config what it is built from
     */
    public static Machine interpreted(MachineConfig config) {
        return new Machine(config, Machine::interpreter);
    }

    /** {@return what it was built from} */
    public MachineConfig config() {
        return config;
    }

    /** {@return the guest physical address space} */
    public PhysicalMemory memory() {
        return memory;
    }

    /** {@return the processor} */
    public Cpu cpu() {
        return cpu;
    }

    /** {@return the I/O ports} */
    public PortBus ports() {
        return ports;
    }

    /** {@return what is to happen at a later virtual time} */
    public EventQueue events() {
        return events;
    }

    /** {@return the board with its devices} */
    public Board board() {
        return board;
    }

    /** {@return the decoded blocks of guest code} */
    public BlockCache blocks() {
        return blocks;
    }

    /** {@return the interpreter, which also steps single instructions for other engines} */
    public Interpreter interpreter() {
        return interpreter;
    }

    /** {@return the engine that runs blocks} */
    public Engine engine() {
        return engine;
    }

    /** {@return virtual nanoseconds since power-on} */
    public long now() {
        return cpu.instructions() * Clock.NS_PER_INSTRUCTION + idle;
    }

    /** {@return virtual nanoseconds that were skipped while the CPU was halted} */
    public long idleTime() {
        return idle;
    }

    /**
     * Ends the run before the next instruction; called by devices. The first reason stands.
     *
     * @param o how the run ends
     */
    public void end(Outcome o) {
        if (outcome == null) outcome = o;
        cpu.attention = true;
    }

    /** The INIT signal of the CPU. */
    void initialise() {
        initPending = true;
        cpu.attention = true;
    }

    /** Asks a running {@link #run} to return soon, at a block boundary; callable from any thread. */
    public void requestStop() {
        stopRequested = true;
        cpu.attention = true;
        board.wake();
    }

    /** {@return whether {@link #run} would return before the next instruction because somebody asked for it} */
    public boolean stopRequested() {
        return stopRequested;
    }

    /** Takes back a request to stop that has not been answered yet. */
    public void cancelStop() {
        stopRequested = false;
    }

    /** {@return the point that the machine stands at, between two instructions} */
    public Moment moment() {
        return new Moment(cpu.instructions(), now(), acts);
    }

    /**
     * From now on input comes from a script, each piece at its moment, and none from outside; null for the outside
     * again.
     *
     * @param s the input; null for none
     */
    public void setScript(InputScript s) {
        script = s;
        cpu.attention = true;
    }

    /**
     * Makes HLT end the run (HALTED_FOREVER), even if an interrupt could wake the CPU.
     *
     * @param on whether to end
     */
    public void endOnHalt(boolean on) {
        endOnHalt = on;
    }

    private void eventsChanged() {
        cpu.attention = true;
    }

    /**
     * Runs until the guest ends the run, a stop is requested, or {@code limit} instructions have been retired in all.
     * May be called again to go on after INSTRUCTION_LIMIT and STOPPED.
     *
     * @param limit count of retired instructions at which the run ends at the latest
     * @return why it ended
     */
    public Outcome run(long limit) {
        Outcome o = runOn(limit);
        cpu.observers.flush();
        return o;
    }

    private Outcome runOn(long limit) {
        while (true) {
            if (cpu.shutdown && outcome == null) outcome = new Outcome(Outcome.Reason.TRIPLE_FAULT, 0);
            if (outcome != null) return outcome;
            cpu.attention = false;
            if (initPending) {
                initPending = false;
                if (board.startsAfterInit()) Reset.init(cpu);
                else Reset.initAndWait(cpu);
                cpu.attention = false;
            }
            if (stopRequested) {
                stopRequested = false;
                return new Outcome(Outcome.Reason.STOPPED, 0);
            }
            long done = cpu.instructions();
            if (done >= limit) return new Outcome(Outcome.Reason.INSTRUCTION_LIMIT, 0);
            if (script != null && script.endsAt(moment())) return new Outcome(Outcome.Reason.STOPPED, 0);
            if (script == null ? board.takeInput() : script.play(moment(), board)) acts++;
            if (events.run(now())) acts++;
            if (cpu.pendingDebug != 0 && !cpu.shadowFromMovSs) {
                DebugTraps.deliver(cpu);
                acts++;
                continue;
            }
            if (deliverInterrupt()) {
                acts++;
                continue;
            }
            if (outcome != null) continue;
            if (cpu.halted) {
                if (endOnHalt || !idleUntilNextEvent()) return new Outcome(Outcome.Reason.HALTED_FOREVER, 0);
                continue;
            }
            setBudget(Math.min(limit - done, instructionsToNextEvent()));
            acts = 0;
            if (cpu.interruptShadow || cpu.stepping()) {
                stepOne();
            } else {
                engine.run();
            }
        }
    }

    /** Instructions until the next event is due or the outside must be looked at, at least 1. */
    private long instructionsToNextEvent() {
        long next = events.next();
        long most = script == null
                ? OUTSIDE_INTERVAL
                : Math.min(OUTSIDE_INTERVAL, script.instructionsToNext(cpu.instructions()));
        if (next == Long.MAX_VALUE) return most;
        long ns = next - now();
        return Math.clamp((ns + Clock.NS_PER_INSTRUCTION - 1) / Clock.NS_PER_INSTRUCTION, 1, most);
    }

    private void setBudget(long instructions) {
        long done = cpu.instructions();
        cpu.budget = instructions;
        cpu.budgetEnd = done + instructions;
    }

    private void stepOne() {
        if (!cpu.observers.passing() && cpu.observers.breaksAt(cpu.codeLinear())) {
            cpu.observers.tellBreakpoint();
            return;
        }
        boolean shadow = cpu.interruptShadow;
        boolean movSs = cpu.shadowFromMovSs;
        cpu.interruptShadow = false;
        cpu.shadowFromMovSs = false;
        if (cpu.stepping()) {
            DebugTraps.step(cpu, interpreter, movSs);
        } else {
            interpreter.step();
        }
        if (shadow) cpu.attention = true;
    }

    /** Delivers NMI or an interrupt if one is pending and allowed. @return whether one was delivered */
    private boolean deliverInterrupt() {
        if (cpu.interruptShadow || cpu.waitsForStartup) return false;
        if (cpu.nmiPending && !cpu.nmiBlocked) {
            cpu.nmiPending = false;
            cpu.halted = false;
            Interrupts.deliverNmi(cpu);
            return true;
        }
        if ((cpu.systemFlags & Flags.IF) != 0 && board.interruptPending()) {
            int vector = board.acknowledgeInterrupt();
            cpu.halted = false;
            Interrupts.deliverExternal(cpu, vector);
            return true;
        }
        return false;
    }

    private boolean idleUntilNextEvent() {
        if (cpu.waitsForStartup || (cpu.systemFlags & Flags.IF) == 0 && !board.nmiMayCome()) return false;
        long before = now();
        long time = script == null ? board.idle(events.next()) : Math.min(events.next(), script.nextTime(moment()));
        if (time < 0 || script != null && time == Long.MAX_VALUE) return false;
        if (time > before) {
            idle += time - before;
            acts = 0;
        }
        return true;
    }

    /** Raises the CPU's NMI line (edge). */
    public void raiseNmi() {
        cpu.nmiPending = true;
        cpu.attention = true;
    }

    /**
     * Called when a snapshot was put into this machine: caches of the old state are dropped and the instruction count
     * is set.
     *
     * @param instructions the count of retired instructions that was saved
     */
    public void restored(long instructions) {
        outcome = null;
        stopRequested = false;
        initPending = false;
        acts = 0;
        cpu.budget = 0;
        cpu.budgetEnd = instructions;
        cpu.mem.flushAll();
        cpu.updateMode();
        cpu.attention = true;
    }

    /**
     * Visits the whole machine: CPU, RAM, devices, time.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        v.enter("cpu0");
        cpu.visit(v);
        v.leave();
        idle = v.i64("idle", idle);
        board.visit(v);
        memory.visit(v);
    }
}
