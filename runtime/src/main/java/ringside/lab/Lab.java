package ringside.lab;

import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Observer;
import ringside.cpu.Vector;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;

/**
 * A small CPU laboratory: runs pieces of code on one bare processor and says what they changed. Each {@link Experiment}
 * starts from the same state, whatever the one before did. Nothing is on the board: ports read all ones, no interrupts
 * come.
 *
 * <p>One thread at a time; {@link #stop} may be called from any.
 */
public final class Lab implements Laboratory {
    /** Sees every instruction before it is executed. */
    @FunctionalInterface
    public interface Trace {
        /**
         * An instruction is about to be executed.
         *
         * @param cpu the processor, at the instruction
         * @param i the instruction at CS:RIP, or null if it cannot be fetched or is invalid
         */
        void next(Cpu cpu, Instruction i);
    }

    /** RAM for experiments when nothing else is said, bytes. */
    public static final long DEFAULT_MEMORY = 32L << 20;

    private static final long STACK_SIZE = 0x10000,
            STACK_TOP64 = 0x7fff_fff0_0000L,
            STACK_TOP32 = 0xbff0_0000L,
            RED_ZONE = 0x100;

    private final Machine machine;
    private final Cpu cpu;
    private final LabMemory memory;
    private final InitialState initial;
    /** Linear address at which the experiment ends, or null. */
    private Long end;

    private Experiment experiment;
    private Stop stop;
    private volatile boolean stopRequested;

    /**
     * A bare processor for experiments.
     *
     * @param engines the engine experiments run on, as for {@link Machine}
     * @param model the processor
     * @param ram bytes of RAM for all that one experiment maps, and its page tables
     */
    public Lab(Machine.EngineFactory engines, CpuModel model, long ram) {
        machine = Machine.bare(new MachineConfig(ram, model, Set.of(), false), engines);
        machine.endOnHalt(true);
        cpu = machine.cpu();
        cpu.observers.add(new Watch());
        cpu.reset();
        memory = new LabMemory(machine.memory());
        initial = new InitialState(cpu);
    }

    /** {@return a laboratory on the reference interpreter with the standard processor} */
    public static Lab interpreted() {
        return new Lab(Machine::interpreter, CpuModel.standard(), DEFAULT_MEMORY);
    }

    /** @param trace told about every instruction, or null */
    @Override
    public Result run(Experiment e, Trace trace) {
        prepare(e);
        return finish(trace);
    }

    /**
     * Runs what {@link #setUp} has set up to its end.
     *
     * @param trace told about every instruction, or null
     * @return the state after it
     */
    public Result finish(Trace trace) {
        Experiment e = experiment;
        long limit = e.end == Experiment.End.COUNT ? Math.min(e.endValue, e.limit) : e.limit;
        Outcome o = trace == null ? machine.run(limit) : traced(limit, trace);
        return new Result(
                reason(o),
                cpu.instructions(),
                Registers.all(cpu, e.mode, e.registers.keySet(), e.shown),
                memory.changes(LabProcessor.hidden(e.mode)));
    }

    /**
     * Sets an experiment up without running it, for callers that run the same code many times and put the state in
     * place by themselves.
     *
     * @param e the experiment
     * @return the processor, at the first instruction
     */
    public Cpu setUp(Experiment e) {
        prepare(e);
        return cpu;
    }

    /** @return the processor, as the last experiment left it */
    @Override
    public Cpu processor() {
        return cpu;
    }

    /**
     * Runs what {@link #setUp} has set up, once more from {@code rip}, on the processor's present state.
     *
     * @param rip offset in CS of the first instruction
     * @return why and where it ended
     */
    public Stop again(long rip) {
        stop = null;
        cpu.rip = rip;
        cpu.halted = false;
        Outcome o = machine.run(cpu.instructions() + experiment.limit);
        return reason(o);
    }

    /** Ends a running experiment with {@link Stop.Reason#STOPPED}. */
    @Override
    public void stop() {
        stopRequested = true;
        machine.requestStop();
    }

    /**
     * {@return the pages of the experiment that is set up or was run last, with their present content, in rising order;
     * none in real mode}
     */
    public List<Page> pages() {
        return memory.view(LabProcessor.hidden(experiment.mode));
    }

    /**
     * A page of an experiment's memory.
     *
     * @param linear its address
     * @param readable whether it is present
     * @param writable whether the guest may write to it
     * @param executable whether the guest may execute it
     * @param content its bytes
     */
    public record Page(long linear, boolean readable, boolean writable, boolean executable, byte[] content) {}

    /** Reads memory as the last experiment left it. */
    @Override
    public byte[] read(long linear, int length) {
        return memory.read(linear, length);
    }

    @Override
    public void close() {
        machine.close();
    }

    // ---- set-up ----

    private void prepare(Experiment e) {
        if (e.pc) throw new LabException("board: this laboratory has a bare processor only");
        if (e.mode == Mode.REAL && e.cpl != 0)
            throw new LabException("cpl " + e.cpl + ": real mode has no privilege levels");
        experiment = e;
        stop = null;
        stopRequested = false;
        end = null;
        initial.restore(cpu);
        cpu.bus.setTaskPriority(0);
        memory.begin(e.mode);
        LabProcessor.enter(cpu, memory, e.mode, e.cpl);
        for (Experiment.Region r : e.regions) map(r, "map");
        mapCode(e);
        machine.restored(0);
        cpu.rip = e.start();
        boolean stack = stack(e);
        if (e.code.length > 0) place(e.start(), e.code, "code");
        for (Experiment.Patch p : e.patches) {
            mapAround(p.address(), p.bytes().length, "memory");
            place(p.address(), p.bytes(), "memory");
        }
        registers(e); // segment registers may come from descriptors that are in memory now
        if (stack && e.mode != Mode.LONG) cpu.gpr[Cpu.RSP] = cpu.gpr[Cpu.RSP] - cpu.seg[Cpu.SS].base & 0xffff_ffffL;
        cpu.updateMode();
        cpu.mem.flushAll();
        if (e.end == Experiment.End.CODE || e.end == Experiment.End.ADDRESS) {
            end = e.end == Experiment.End.ADDRESS ? e.endValue : e.start() + e.code.length;
        }
    }

    /**
     * Puts bytes where the experiment may have them: not into the processor's tables, nor around the end of the address
     * space.
     */
    private void place(long address, byte[] bytes, String what) {
        long last = address + Math.max(bytes.length, 1) - 1;
        if (experiment.mode != Mode.REAL
                && (Long.compareUnsigned(last, address) < 0
                        || Long.compareUnsigned(last, LabProcessor.hidden(experiment.mode)) >= 0)) {
            throw new LabException(what + ": " + Registers.hex(address) + " to " + Registers.hex(last)
                    + " reaches into the last 8 KiB of the address space, which hold the processor's tables");
        }
        memory.place(address, bytes, what);
    }

    private void map(Experiment.Region r, String what) {
        long first = r.address() & -4096L;
        long last = r.address() + r.size() - 1;
        Mode m = experiment.mode;
        boolean wraps = Long.compareUnsigned(last, r.address()) < 0;
        if (wraps || Long.compareUnsigned(last, LabProcessor.hidden(m)) >= 0 || m == Mode.COMPAT && last >>> 32 != 0) {
            throw new LabException(what + ": " + Registers.hex(r.address()) + " to " + Registers.hex(last)
                    + " is outside the address space of mode " + m.name().toLowerCase(java.util.Locale.ROOT)
                    + " (or in its last 8 KiB, which hold the processor's tables)");
        }
        if (m == Mode.LONG && !(cpu.canonical(first) && cpu.canonical(last) && (first ^ last) >= 0)) {
            throw new LabException(
                    what + ": " + Registers.hex(r.address()) + " to " + Registers.hex(last) + " is not canonical");
        }
        if (m == Mode.REAL) return;
        for (long la = first; Long.compareUnsigned(la, last) <= 0; la += 4096) {
            memory.map(la, r.readable(), r.writable(), r.executable(), true);
        }
    }

    /** Code outside every mapped region gets pages of its own, which may be read, written and executed. */
    private void mapCode(Experiment e) {
        mapAround(e.start(), e.code.length, "code");
    }

    /** Gives bytes that no region has pages of their own, with all rights. */
    private void mapAround(long start, int bytes, String what) {
        if (experiment.mode == Mode.REAL) return;
        long last = start + bytes - 1;
        if (bytes == 0 || Long.compareUnsigned(last, start) < 0) return;
        for (long la = start & -4096L, n = (last & -4096L) - la >>> 12; n >= 0; la += 4096, n--) {
            if (!memory.mapped(la)) map(new Experiment.Region(la, 4096, true, true, true), what);
        }
    }

    /** @return whether the stack pointer is a linear address so far */
    private boolean stack(Experiment e) {
        for (String n : e.registers.keySet()) {
            if (Registers.isStackPointer(n)) return false;
        }
        if (e.mode == Mode.REAL) {
            cpu.gpr[Cpu.RSP] = 0x7c00;
            return false;
        }
        long top = e.mode == Mode.LONG ? STACK_TOP64 : STACK_TOP32;
        for (long la = top - STACK_SIZE; la != top; la += 4096) {
            if (!memory.mapped(la)) memory.map(la, true, true, false, true);
        }
        cpu.gpr[Cpu.RSP] = top - RED_ZONE;
        return true;
    }

    private void registers(Experiment e) {
        if (e.mode == Mode.REAL && !e.registers.containsKey("cs")) {
            int cs = e.start() < 0x10000 ? 0 : (int) (Math.min(e.start(), 0xffff0) >> 4);
            Registers.write(cpu, "cs", BigInteger.valueOf(cs));
        }
        for (String n : e.registers.keySet()) Registers.checkMode(n, e.mode);
        boolean rip = false;
        for (int order = 0; order < Registers.ORDERS; order++) {
            for (Map.Entry<String, BigInteger> r : e.registers.entrySet()) {
                String name = r.getKey();
                if (Registers.order(name) != order) continue;
                if (name.equals("cr3"))
                    throw new LabException(
                            "register cr3: the laboratory makes the page tables; on a PC (--board pc) they are yours");
                Registers.write(cpu, name, r.getValue());
                rip |= Registers.isInstructionPointer(name);
            }
        }
        if (e.mode == Mode.LONG) {
            if (!cpu.canonical(cpu.rip)) throw new LabException("rip " + Registers.hex(cpu.rip) + " is not canonical");
        } else if (rip) {
            if (cpu.rip >>> 32 != 0)
                throw new LabException(
                        "rip " + Registers.hex(cpu.rip) + " does not fit into the 32 bits it has outside 64-bit mode");
        } else {
            cpu.rip = e.start() - cpu.seg[Cpu.CS].base & (e.mode == Mode.REAL ? 0xffff : 0xffff_ffffL);
            if (e.code.length > 0 && cpu.codeLinear() != e.start()) {
                throw new LabException(
                        "the code at " + Registers.hex(e.start()) + " is not in the segment of cs, which starts at "
                                + Registers.hex(cpu.seg[Cpu.CS].base) + "; at (--at) places it");
            }
        }
    }

    // ---- the end ----

    private Outcome traced(long limit, Trace trace) {
        while (true) {
            long done = cpu.instructions();
            if (done < limit && !cpu.halted && !stopRequested && !cpu.observers.breaksAt(cpu.codeLinear()))
                trace.next(cpu, current());
            Outcome o = machine.run(Math.min(limit, done + 1));
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || cpu.instructions() >= limit) return o;
        }
    }

    /** Ends an experiment at its end's address, and at the first event if none is delivered. */
    private final class Watch implements Observer {
        @Override
        public Set<Interest> interests() {
            return EnumSet.of(Interest.EVENTS, Interest.BREAKPOINTS);
        }

        @Override
        public boolean breaksAt(long la) {
            return end != null && la == end;
        }

        @Override
        public void breakpoint(Cpu c) {
            if (stop == null) stop = new Stop(Stop.Reason.UNTIL, -1, -1, c.codeLinear());
            machine.requestStop();
        }

        @Override
        public boolean event(Cpu c, int vector, int error, boolean software) {
            return !experiment.deliver && take(c, vector, error, software);
        }
    }

    private boolean take(Cpu c, int vector, int error, boolean software) {
        if (stop != null) return true; // the single-step trap behind an INT n that ended the run
        stop = new Stop(kind(vector, software), vector, error, c.codeLinear());
        if (stop.reason() == Stop.Reason.SYSCALL
                || stop.reason() == Stop.Reason.SYSENTER
                || stop.reason() == Stop.Reason.HLT) {
            stop = new Stop(stop.reason(), -1, -1, stop.address());
        }
        machine.requestStop();
        return true;
    }

    private Stop.Reason kind(int vector, boolean software) {
        if (software) return Stop.Reason.INTERRUPT;
        if (vector == Vector.UD && (cpu.efer & Cpu.EFER_SCE) == 0 && at(Mnemonic.SYSCALL)) return Stop.Reason.SYSCALL;
        if (vector == Vector.GP && cpu.msrs.sysenterCs == 0 && at(Mnemonic.SYSENTER)) return Stop.Reason.SYSENTER;
        if (vector == Vector.GP && cpu.cpl == 3 && experiment.end == Experiment.End.HLT && at(Mnemonic.HLT))
            return Stop.Reason.HLT;
        return Stop.Reason.EXCEPTION;
    }

    private boolean at(Mnemonic m) {
        Instruction i = current();
        return i != null && i.mnemonic == m;
    }

    /** @return the instruction at CS:RIP, read without side effects, or null */
    private Instruction current() {
        return current(cpu);
    }

    static Instruction current(Cpu cpu) {
        return at(cpu, cpu.codeLinear(), new byte[Instruction.MAX_LENGTH]);
    }

    /**
     * {@return the instruction at an address, read without side effects, or null if it cannot be read or is none}
     *
     * @param cpu the processor, which says how many bits its code has
     * @param la linear address
     * @param bytes of 15 bytes; gets those of the instruction
     */
    public static Instruction at(Cpu cpu, long la, byte[] bytes) {
        int have = 0;
        for (; have < bytes.length; have++) {
            long pa = cpu.mem.probe(la + have);
            if (pa < 0) break;
            cpu.physical.read(pa, bytes, have, 1);
        }
        Instruction i = new Instruction();
        int bits = switch (cpu.mode & Cpu.MODE_MASK) {
            case Cpu.MODE_64 -> 64;
            case Cpu.MODE_32 -> 32;
            default -> 16;
        };
        return Decoder.decode(bytes, 0, have, bits, cpu.model.amd(), i) > 0 ? i : null;
    }

    private Stop reason(Outcome o) {
        if (stop != null) return stop;
        Stop.Reason r = switch (o.reason()) {
            case INSTRUCTION_LIMIT ->
                experiment.end == Experiment.End.COUNT && cpu.instructions() >= experiment.endValue
                        ? Stop.Reason.COUNT
                        : Stop.Reason.LIMIT;
            case HALTED_FOREVER -> Stop.Reason.HLT;
            case TRIPLE_FAULT -> Stop.Reason.SHUTDOWN;
            default -> Stop.Reason.STOPPED;
        };
        return new Stop(r, -1, -1, cpu.codeLinear());
    }
}
