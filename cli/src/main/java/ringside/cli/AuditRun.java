package ringside.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import ringside.boot.BootException;
import ringside.boot.Loader;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;
import ringside.unwinder.audit.Auditor;

/** One audit: drives the machine to each point, shows it to the {@link Auditor}, and reports. */
final class AuditRun implements AutoCloseable {
    private static final long TELL = 5_000_000_000L;
    /** While the kernel is not there yet, it is looked for each time a 64th more instructions have passed, at the latest after so many. */
    private static final long LOOK = 1_000_000;

    /** Seconds that Ctrl-C waits for the report. */
    private static final int REPORT_WITHIN = 20;

    /** Instructions between two points in an injected NMI's handler. */
    private static final long HANDLER_STEP = 97;

    /** Bytes of the console that are kept. */
    private static final int MOST_LOG = 64 << 20;

    private static final Outcome STOPPED = new Outcome(Outcome.Reason.STOPPED, 0);

    private final AuditCommand command;
    private final Set<Kind> kinds;
    private final Machine machine;
    private final ConsoleOutput console;
    private final Deadline deadline;
    private final GuestView view;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Map<Long, Integer> injected = new HashMap<>();
    private long injections, injectedInNmi, pointsInNmi;
    /** Ctrl-C: the report so far is printed before the process ends. */
    private final Interrupt interrupt;
    private Auditor auditor;
    private KernelModel model;
    private long begun = System.nanoTime();
    private long told = begun;

    AuditRun(AuditCommand command, Set<Kind> kinds, Machine machine) throws IOException, BootException {
        this.command = command;
        this.kinds = kinds;
        RunOptions o = command.options;
        this.machine = machine;
        Loader.load(machine, command.source.kernel, o.guest.boot());
        console = new ConsoleOutput(command.console ? System.err : null, o.until, machine::requestStop);
        machine.board().serial(0).setSink(b -> {
            console.write(b);
            if ((command.points.printed || command.inject != null) && log.size() < MOST_LOG) log.write(b);
        });
        deadline = new Deadline(o.timeout, machine);
        view = new GuestView(machine.cpu());
        interrupt = new Interrupt(machine::requestStop, () -> System.err.printf("%nringside: interrupted after %,d instructions%s%n", machine.cpu().instructions(),
                auditor == null ? ": the kernel's symbols had not appeared" : ""), REPORT_WITHIN);
    }

    @Override
    public void close() {
        deadline.close();
        interrupt.close();
    }

    /** @return the exit status */
    int run() {
        AuditCommand.Points p = command.points;
        long limit = command.options.maxInstructions;
        Outcome o = findKernel(limit);
        if (auditor == null && interrupt.happened()) return ExitStatus.LIMIT;
        if (p.printed) return printed(limit);
        long from = machine.cpu().instructions();
        begun = System.nanoTime();
        if (o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && auditor != null) {
            o = p.entryPaths ? entryPaths(limit) : p.window != null ? window(p.window, limit) : sample(p.every, limit);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (auditor == null) throw new UsageException("the kernel's symbols did not appear in " + String.format("%,d", machine.cpu().instructions()) + " instructions (" + o.reason() + ")");
        AuditReport report = new AuditReport(auditor, command.worst, from, machine.cpu().instructions(), seconds, o);
        if (command.inject != null) {
            report.injected(new AuditReport.Injected(command.inject.name(), injections, injected.size(), injectedInNmi, pointsInNmi, AuditReport.complaints(log)));
        }
        System.out.print(command.json ? report.json() : report.text());
        System.out.flush();
        boolean asked = console.found() || p.window != null && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && machine.cpu().instructions() >= p.window.to();
        return asked ? ExitStatus.OK : ExitStatus.of(o);
    }

    private int printed(long limit) {
        if (model == null) throw new UsageException("the kernel's symbols did not appear");
        Set<Kind> able = new Unwinder(model).kinds();
        Kind kind = able.contains(Kind.ORC) ? Kind.ORC : Kind.ENCODED;
        if (kinds.size() == 1) kind = kinds.iterator().next();
        PrintedTraces t = new PrintedTraces(machine, log, kind);
        t.run(model, limit);
        return t.report(command.worst > 0) ? ExitStatus.OK : ExitStatus.DIFFERENCE;
    }

    /** Runs until the kernel runs at its own addresses and its symbols are found. */
    private Outcome findKernel(long limit) {
        Outcome o;
        do {
            o = machine.run(Math.min(limit, machine.cpu().instructions() + Math.clamp(machine.cpu().instructions() / 64, 1, LOOK)));
            model = command.source.model(machine, view);
            if (model != null) auditor = new Auditor(machine.cpu(), model, kinds);
        } while (auditor == null && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && machine.cpu().instructions() < limit);
        return o;
    }

    private Outcome sample(long every, long limit) {
        Cpu cpu = machine.cpu();
        while (true) {
            Outcome o = machine.run(Math.min(limit, cpu.instructions() / every * every + every));
            if (interrupt.happened()) return STOPPED;
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) return o;
            auditor.point();
            tell();
            if (cpu.instructions() >= limit) return o;
        }
    }

    private Outcome window(AuditCommand.Window w, long limit) {
        Cpu cpu = machine.cpu();
        Outcome o = machine.run(Math.min(limit, w.from()));
        while (!interrupt.happened() && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && cpu.instructions() < Math.min(limit, w.to())) {
            auditor.point();
            tell();
            o = machine.run(cpu.instructions() + 1);
        }
        return o;
    }

    private Outcome entryPaths(long limit) {
        Breakpoints b = new Breakpoints(machine);
        b.set(model::isEntry);
        while (true) {
            Outcome o = b.run(limit);
            if (interrupt.happened()) return STOPPED;
            if (!b.hit()) return o;
            auditor.point();
            tell();
            if (command.inject != null && inject() && !followHandler(b, limit)) return interrupt.happened() ? STOPPED : new Outcome(Outcome.Reason.INSTRUCTION_LIMIT, 0);
        }
    }

    /** Raises the event at the present instruction if it has not been raised there often enough. @return whether it did */
    private boolean inject() {
        Cpu cpu = machine.cpu();
        if (cpu.nmiPending || injected.merge(cpu.rip, 1, Integer::sum) > command.times) return false;
        if (cpu.nmiBlocked) injectedInNmi++;
        injections++;
        if (command.inject == AuditCommand.Event.nmi) {
            machine.raiseNmi();
        } else {
            machine.board().apic().raise(command.vector);
        }
        return true;
    }

    /** Compares all over the NMI's handler, at every instruction of entry code and at every so many elsewhere. @return false if the limit was reached in it */
    private boolean followHandler(Breakpoints b, long limit) {
        Cpu cpu = machine.cpu();
        if (cpu.nmiBlocked || command.inject != AuditCommand.Event.nmi) return true;
        do {
            Outcome o = b.run(Math.min(limit, cpu.instructions() + HANDLER_STEP));
            if (!b.hit() && (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || cpu.instructions() >= limit)) return false;
            if (!cpu.nmiBlocked) return true;
            auditor.point();
            pointsInNmi++;
            if (b.hit()) inject();
            tell();
        } while (true);
    }

    private void tell() {
        long now = System.nanoTime();
        if (now - told < TELL) return;
        told = now;
        long points = auditor.kernelPoints();
        StringBuilder s = new StringBuilder(String.format("ringside: instruction %,d: %,d points, %,.0f/s", machine.cpu().instructions(), points, points / ((now - begun) / 1e9)));
        auditor.tallies().forEach(t -> s.append(String.format(", %s %.3f %%", t.kind().label(), 100.0 * t.right() / Math.max(1, t.points()))));
        System.err.println(s);
    }
}
