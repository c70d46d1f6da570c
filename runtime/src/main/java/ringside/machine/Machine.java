package ringside.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.bus.PortBus;
import ringside.cpu.Cpu;
import ringside.cpu.DebugTraps;
import ringside.cpu.Engine;
import ringside.device.Device;
import ringside.device.firmware.Firmware;
import ringside.interpreter.BlockCache;
import ringside.interpreter.Interpreter;
import ringside.memory.PhysicalMemory;
import ringside.state.StateVisitor;

/**
 * The whole guest computer: one processor or several, RAM, the {@link Board} of devices, the event queue, and the loop
 * that ties them together. Deterministic: what happens is a function of the loaded image, the configuration and the
 * input stamped with instruction counts.
 *
 * <p>Virtual time = retired instructions x {@link Clock#NS_PER_INSTRUCTION} + time skipped while halted. Several
 * processors run in turn on the calling thread: always the one that is least far in time, for {@link #TURN}
 * instructions at most; an interrupt or a message to another ends the turn. So their runs repeat exactly, too.
 */
public final class Machine implements AutoCloseable {
    /** Makes the engine that runs blocks; the machine steps single instructions with the interpreter. */
    public interface EngineFactory {
        /**
         * {@return a new engine for a processor of a machine that is just being put together}
         *
         * @param core that processor
         */
        Engine create(Core core);
    }

    /** Input from outside and requests to stop are looked at after this many instructions at the latest. */
    private static final long OUTSIDE_INTERVAL = 1 << 20;
    /** Instructions that one of several processors runs before it is another's turn. */
    private static final long TURN = 1 << 12;

    private final MachineConfig config;
    private final PhysicalMemory memory;
    private final List<Core> cores;
    private final PortBus ports = new PortBus();
    private final EventQueue events = new EventQueue(this::eventsChanged);
    private final Board board;
    /** The processor whose turn it is, and its registers. */
    private Core core;

    private Cpu cpu;
    private volatile boolean stopRequested;
    private boolean endOnHalt;
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
        this(config, engines, List.of(), false);
    }

    /** @param devices beyond those of the PC */
    Machine(MachineConfig config, EngineFactory engines, List<Device> devices, boolean bare) {
        this.config = config;
        this.memory = new PhysicalMemory(config.memory());
        List<Core> all = new ArrayList<>();
        this.cores = Collections.unmodifiableList(all);
        for (int n = 0; n < config.processors(); n++) all.add(new Core(this, n));
        turn(cores.getFirst());
        this.board = new Board(this, devices, bare);
        Firmware.install(memory, ports, cores.size(), board.pic(), board.apic(), board.rtc());
        for (Core c : cores) {
            c.make(engines);
            if (c.number() > 0) c.waitForStartup();
        }
    }

    /** Gives RAM and TLBs back to the host, which no garbage collection does; the machine must not be used any more. */
    @Override
    public void close() {
        for (Core c : cores) {
            c.engine().close();
            c.cpu().mem.free();
        }
        memory.free();
    }

    /**
     * A machine whose board has no devices: ports read all ones, no interrupts come, and there is no local APIC.
     *
     * @param config what it is built from
     * @param engines makes the engine
     * @return a machine, which the caller closes
     */
    public static Machine bare(MachineConfig config, EngineFactory engines) {
        return new Machine(config, engines, List.of(), true);
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

    /** {@return the registers of the boot processor} */
    public Cpu cpu() {
        return cores.getFirst().cpu();
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

    /** {@return its processors by number; the first is the boot processor} */
    public List<Core> cores() {
        return cores;
    }

    /** {@return the processor whose turn it is, or was last} */
    public Core running() {
        return core;
    }

    /**
     * The interpreter as an engine: what {@link EngineFactory} is without a translator.
     *
     * @param core a processor
     * @return its interpreter
     */
    public static Engine interpreter(Core core) {
        return core.interpreter();
    }

    /** {@return the decoded blocks of the boot processor} */
    public BlockCache blocks() {
        return cores.getFirst().blocks();
    }

    /** {@return the interpreter of the boot processor, which also steps single instructions for other engines} */
    public Interpreter interpreter() {
        return cores.getFirst().interpreter();
    }

    /** {@return the engine that runs the boot processor's blocks} */
    public Engine engine() {
        return cores.getFirst().engine();
    }

    /** {@return virtual nanoseconds since power-on, at which the processor stands whose turn it is} */
    public long now() {
        return core.now();
    }

    /** {@return virtual nanoseconds that were skipped while the boot processor was halted} */
    public long idleTime() {
        return cores.getFirst().idle;
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

    /** The INIT signal of the processor whose turn it is. */
    void initialise() {
        core.initPending = true;
        cpu.attention = true;
    }

    /** Asks a running {@link #run} to return soon, at a block boundary; callable from any thread. */
    public void requestStop() {
        stopRequested = true;
        for (Core c : cores) c.cpu().attention = true;
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
        return new Moment(instructions(), now(), acts);
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
        for (Core c : cores) c.cpu().observers.flush();
        return o;
    }

    private Outcome runOn(long limit) {
        while (true) {
            if (cores.size() > 1) choose();
            if (cpu.shutdown && outcome == null) outcome = new Outcome(Outcome.Reason.TRIPLE_FAULT, 0);
            if (outcome != null) return outcome;
            cpu.attention = false;
            if (core.initPending) core.initialise(board.startsAfterInit(core.number()));
            if (stopRequested) {
                stopRequested = false;
                return new Outcome(Outcome.Reason.STOPPED, 0);
            }
            long done = instructions();
            if (done >= limit) return new Outcome(Outcome.Reason.INSTRUCTION_LIMIT, 0);
            if (script != null && script.endsAt(moment())) return new Outcome(Outcome.Reason.STOPPED, 0);
            if (script == null ? board.takeInput() : script.play(moment(), board)) acts++;
            if (events.run(now())) acts++;
            if (cpu.pendingDebug != 0 && !cpu.shadowFromMovSs) {
                DebugTraps.deliver(cpu);
                acts++;
                continue;
            }
            if (core.deliverInterrupt()) {
                acts++;
                continue;
            }
            if (outcome != null) continue;
            if (cpu.halted) {
                if (cores.size() > 1 && cores.stream().anyMatch(Core::ready)) continue;
                if (endOnHalt || !idleUntilNextEvent()) return new Outcome(Outcome.Reason.HALTED_FOREVER, 0);
                continue;
            }
            long most = Math.min(limit - done, instructionsToNextEvent());
            core.setBudget(cores.size() == 1 ? most : Math.min(most, TURN));
            acts = 0;
            if (cpu.interruptShadow() || cpu.stepping()) {
                stepOne();
            } else {
                core.engine().run();
            }
        }
    }

    /** @return instructions that all processors have retired */
    private long instructions() {
        if (cores.size() == 1) return cpu.instructions();
        return cores.stream().mapToLong(c -> c.cpu().instructions()).sum();
    }

    private void turn(Core c) {
        core = c;
        cpu = c.cpu();
    }

    /** Gives the turn to the processor that is least far; if none has anything to do, to the one that is farthest. */
    private void choose() {
        Core least = null;
        Core farthest = cores.getFirst();
        for (Core c : cores) {
            if (c.ready() && (least == null || c.now() < least.now())) least = c;
            if (c.now() > farthest.now()) farthest = c;
        }
        turn(least != null ? least : farthest);
    }

    private boolean canWake(Core c) {
        return !c.cpu().waitsForStartup && (c.cpu().interruptsEnabled() || board.nmiMayCome(c.number()));
    }

    /** Something has come for a processor: it looks at it next, and if it was waiting it has waited until now. */
    void look(Core c) {
        if (c != core) {
            if (c.cpu().halted && c.now() < now()) c.idle += now() - c.now();
            cpu.attention = true;
        }
        c.cpu().attention = true;
    }

    /** Instructions until the next event is due or the outside must be looked at, at least 1. */
    private long instructionsToNextEvent() {
        long next = events.next();
        long most = script == null
                ? OUTSIDE_INTERVAL
                : Math.min(OUTSIDE_INTERVAL, script.instructionsToNext(instructions()));
        if (next == Long.MAX_VALUE) return most;
        long ns = next - now();
        return Math.clamp((ns + Clock.NS_PER_INSTRUCTION - 1) / Clock.NS_PER_INSTRUCTION, 1, most);
    }

    private void stepOne() {
        if (!cpu.observers.passing() && cpu.observers.breaksAt(cpu.codeLinear())) {
            cpu.observers.tellBreakpoint();
            return;
        }
        boolean shadow = cpu.interruptShadow();
        boolean movSs = cpu.shadowFromMovSs;
        cpu.endShadow();
        cpu.shadowFromMovSs = false;
        if (cpu.stepping()) {
            DebugTraps.step(cpu, core.interpreter(), movSs);
        } else {
            core.interpreter().step();
        }
        if (shadow) cpu.attention = true;
    }

    private boolean idleUntilNextEvent() {
        if (cores.stream().noneMatch(this::canWake)) return false;
        long before = now();
        long time = script == null ? board.idle(events.next()) : Math.min(events.next(), script.nextTime(moment()));
        if (time < 0 || script != null && time == Long.MAX_VALUE) return false;
        if (time > before) {
            core.idle += time - before;
            acts = 0;
        }
        return true;
    }

    /** Raises the boot processor's NMI line (edge). */
    public void raiseNmi() {
        cpu().nmiPending = true;
        look(cores.getFirst());
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
        acts = 0;
        cores.getFirst().restored(instructions);
        for (Core c : cores.subList(1, cores.size())) c.restored(c.cpu().instructions());
    }

    /**
     * Visits the whole machine: CPU, RAM, devices, time.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        cores.getFirst().visit(v);
        cores.getFirst().idle = v.i64("idle", cores.getFirst().idle);
        for (Core c : cores.subList(1, cores.size())) c.visit(v);
        board.visit(v);
        memory.visit(v);
    }
}
