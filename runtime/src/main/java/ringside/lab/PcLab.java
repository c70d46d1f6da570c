package ringside.lab;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.RawStart;
import ringside.bus.Clock;
import ringside.bus.EventQueue;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Observer;
import ringside.decoder.Instruction;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.machine.Outcome;
import ringside.memory.PhysicalMemory;
import ringside.snapshot.Snapshot;

/**
 * A laboratory that is a whole PC: all of RAM, all devices, every event delivered by the guest's own tables. Each
 * {@link Experiment} starts from the machine at power-on. Addresses of code and memory are guest physical; the
 * processor starts as a boot loader leaves it: real mode, flat 32-bit protected mode without paging, or 64-bit mode
 * with the first 4 GiB mapped one to one.
 */
public final class PcLab implements Laboratory {
    private static final int PAGE = PhysicalMemory.PAGE_SIZE;

    /** Virtual time that a run may spend halted, in ns. */
    private static final long MOST_IDLE = 2_000_000;

    private final Machine machine;
    private final Cpu cpu;
    private final Snapshot powerOn = new Snapshot();
    private final byte[] before;
    /** Ends a run whose processor is halted for good while timers go on. */
    private final EventQueue.Event deadline;

    private Stop stop;
    /** Linear address at which the experiment ends, or null. */
    private Long end;

    private volatile boolean stopRequested;

    /** Most RAM: a case starts with a copy of it, and ends with a comparison. */
    public static final long MOST_MEMORY = 1L << 30;

    /**
     * A PC for experiments, as it is after reset.
     *
     * @param engines the engine experiments run on, as for {@link Machine}
     * @param model the processor
     * @param ram bytes of RAM, at most {@link #MOST_MEMORY}
     */
    public PcLab(Machine.EngineFactory engines, CpuModel model, long ram) {
        if (ram > MOST_MEMORY)
            throw new LabException("memory (--memory): a PC has at most " + (MOST_MEMORY >> 20) + " MiB here");
        machine = new Machine(new MachineConfig(ram, model, Set.of(), false), engines);
        cpu = machine.cpu();
        cpu.observers.add(new Watch());
        cpu.reset();
        before = new byte[Math.toIntExact(ram)];
        deadline = new EventQueue.Event(machine::requestStop);
        powerOn.take(machine);
    }

    @Override
    public Result run(Experiment e, Lab.Trace trace) {
        prepare(e);
        long limit = e.end == Experiment.End.COUNT ? Math.min(e.endValue, e.limit) : e.limit;
        Outcome o = trace == null ? machine.run(limit) : traced(limit, trace);
        return new Result(
                reason(o, e),
                cpu.instructions(),
                Registers.all(cpu, cpu.code64() ? Mode.LONG : e.mode, e.registers.keySet(), e.shown),
                changes());
    }

    /**
     * Runs an experiment without collecting its result, for callers that look at the machine.
     *
     * @param e the experiment
     * @return why and where it ended
     */
    public Stop stopOf(Experiment e) {
        prepare(e);
        return reason(machine.run(e.limit), e);
    }

    /** {@return the machine, as the last experiment left it} */
    public Machine machine() {
        return machine;
    }

    @Override
    public Cpu processor() {
        return cpu;
    }

    @Override
    public void stop() {
        stopRequested = true;
        machine.requestStop();
    }

    @Override
    public byte[] read(long address, int length) {
        byte[] b = new byte[length];
        machine.memory().read(address, b, 0, length);
        return b;
    }

    @Override
    public void close() {
        machine.close();
        powerOn.close();
    }

    // ---- set-up ----

    private void prepare(Experiment e) {
        if (!e.regions.isEmpty()) throw new LabException("map: on a PC all memory is there already");
        if (e.mode == Mode.COMPAT || e.cpl != 0)
            throw new LabException("mode: code on a PC starts at CPL 0 in long, protected or real mode");
        stop = null;
        stopRequested = false;
        boolean stale = end != null;
        end = null;
        machine.events().cancel(deadline);
        powerOn.restore(machine);
        long start = e.start != null ? e.start : 0x10000;
        try {
            RawStart.enter(machine, BootOptions.CodeMode.valueOf(e.mode.name()), start);
        } catch (BootException x) {
            throw new LabException(x.getMessage());
        }
        place(start, e.code);
        for (Experiment.Patch p : e.patches) place(p.address(), p.bytes());
        for (int order = 0; order < Registers.ORDERS; order++) {
            for (Map.Entry<String, BigInteger> r : e.registers.entrySet()) {
                if (Registers.order(r.getKey()) == order) Registers.write(cpu, r.getKey(), r.getValue());
            }
        }
        cpu.mem.flushAll();
        cpu.updateMode();
        if (e.end == Experiment.End.ADDRESS || e.end == Experiment.End.CODE && e.code.length > 0) {
            end = e.end == Experiment.End.ADDRESS ? e.endValue : start + e.code.length;
        }
        if (stale || end != null) cpu.observers.changed();
        machine.memory().read(0, before, 0, before.length);
        machine.events().schedule(deadline, machine.now() + e.limit * Clock.NS_PER_INSTRUCTION + MOST_IDLE);
    }

    /** Ends an experiment at its end's address. */
    private final class Watch implements Observer {
        @Override
        public Set<Interest> interests() {
            return Set.of(Interest.BREAKPOINTS);
        }

        @Override
        public boolean breaksAt(long la) {
            return end != null && la == end;
        }

        @Override
        public void breakpoint(Cpu c) {
            stop = new Stop(Stop.Reason.UNTIL, -1, -1, c.codeLinear());
            machine.requestStop();
        }
    }

    private void place(long address, byte[] bytes) {
        if (address < 0 || address > machine.memory().lowSize() - bytes.length)
            throw new LabException("address " + Registers.hex(address) + " is not in RAM");
        machine.memory().write(address, bytes);
    }

    // ---- the end ----

    private Outcome traced(long limit, Lab.Trace trace) {
        while (true) {
            long done = cpu.instructions();
            if (done < limit && !cpu.halted && !stopRequested && !cpu.observers.breaksAt(cpu.codeLinear())) {
                Instruction i = Lab.current(cpu);
                trace.next(cpu, i);
            }
            Outcome o = machine.run(Math.min(limit, done + 1));
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || cpu.instructions() >= limit) return o;
        }
    }

    private Stop reason(Outcome o, Experiment e) {
        if (stop != null) return stop;
        Stop.Reason r = switch (o.reason()) {
            case INSTRUCTION_LIMIT ->
                e.end == Experiment.End.COUNT && cpu.instructions() >= e.endValue
                        ? Stop.Reason.COUNT
                        : Stop.Reason.LIMIT;
            case HALTED_FOREVER -> Stop.Reason.HLT;
            case TRIPLE_FAULT -> Stop.Reason.SHUTDOWN;
            case POWER_OFF -> Stop.Reason.POWER_OFF;
            case RESET -> Stop.Reason.RESET;
            case DEBUG_EXIT -> Stop.Reason.EXIT;
            default -> stopRequested ? Stop.Reason.STOPPED : Stop.Reason.LIMIT;
        };
        return new Stop(r, -1, r == Stop.Reason.EXIT ? (int) o.detail() : -1, cpu.codeLinear());
    }

    /** @return runs of bytes of RAM that differ from the start, in rising order */
    private List<Result.Bytes> changes() {
        List<Result.Bytes> runs = new ArrayList<>();
        byte[] now = new byte[PAGE];
        for (int page = 0; page < before.length; page += PAGE) {
            machine.memory().read(page, now, 0, PAGE);
            int at = Arrays.mismatch(before, page, page + PAGE, now, 0, PAGE);
            while (at >= 0) {
                int end = at;
                while (end < PAGE && before[page + end] != now[end]) end++;
                runs.add(new Result.Bytes(page + at, Arrays.copyOfRange(now, at, end)));
                int skip = Arrays.mismatch(before, page + end, page + PAGE, now, end, PAGE);
                at = skip < 0 ? -1 : end + skip;
            }
        }
        return runs;
    }
}
