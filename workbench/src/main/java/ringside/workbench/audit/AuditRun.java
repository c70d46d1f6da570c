package ringside.workbench.audit;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;
import ringside.unwinder.audit.Auditor;
import ringside.workbench.UsageException;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Stopping;

/** One audit: drives the machine to each point and shows it to the {@link Auditor}. */
public final class AuditRun {
    private static final long TELL = 5_000_000_000L;
    /**
     * While the kernel is not there yet, it is looked for each time a 64th more instructions have passed, at the latest
     * after so many.
     */
    private static final long LOOK = 1_000_000;

    /** Instructions between two points in an injected NMI's handler. */
    private static final long HANDLER_STEP = 97;

    /** Bytes of the console that are kept. */
    private static final int MOST_LOG = 64 << 20;

    private static final Outcome STOPPED = new Outcome(Outcome.Reason.STOPPED, 0);

    private static final Pattern COMPLAINT = Pattern.compile(
            "BUG:|Oops|Kernel panic|general protection|WARNING:|double fault|kernel BUG|segfault|Attempted to kill");

    private final AuditPlan plan;
    private final Machine machine;
    private final KnownKernel known;
    private final ConsoleOutput console;
    private final Stopping stopping;
    private final Consumer<String> progress;
    private final GuestView view;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Map<Long, Integer> injected = new HashMap<>();
    private long injections, injectedInNmi, pointsInNmi;
    private volatile Auditor auditor;
    private KernelModel model;
    private long begun = System.nanoTime();
    private long told = begun;

    /**
     * @param machine has the kernel loaded
     * @param known what files tell of the kernel
     * @param show gets the guest's console, or null
     * @param stopping asked at each point whether to end
     * @param progress gets lines for whoever waits
     */
    public AuditRun(
            AuditPlan plan,
            Machine machine,
            KnownKernel known,
            OutputStream show,
            Stopping stopping,
            Consumer<String> progress) {
        if (!known.mayHaveSymbols()) throw new UsageException(KnownKernel.NO_SYMBOLS);
        this.plan = plan;
        this.machine = machine;
        this.known = known;
        this.stopping = stopping;
        this.progress = progress;
        console = new ConsoleOutput(show, plan.until(), machine::requestStop);
        boolean keep = plan.points() instanceof AuditPlan.Printed || plan.event() != null;
        machine.board().serial(0).setSink(b -> {
            console.write(b);
            if (keep && log.size() < MOST_LOG) log.write(b);
        });
        view = new GuestView(machine.cpu());
    }

    /**
     * @return whether the kernel's symbols have appeared, without which nothing is compared; callable from any thread
     */
    public boolean begun() {
        return auditor != null;
    }

    /** Drives the machine to the end of the audit. @return null if it was stopped before it began */
    public AuditResult run() {
        Outcome o = findKernel(plan.limit());
        if (auditor == null && stopping.happened()) return null;
        long from = machine.cpu().instructions();
        begun = System.nanoTime();
        if (o.reason() == Outcome.Reason.INSTRUCTION_LIMIT && auditor != null) o = points(plan.limit());
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (auditor == null) {
            throw new UsageException(String.format(
                    "the kernel's symbols did not appear in %,d instructions (%s)",
                    machine.cpu().instructions(), o.reason()));
        }
        AuditResult.Injected i = plan.event() == null
                ? null
                : new AuditResult.Injected(
                        plan.event().nmi(), injections, injected.size(), injectedInNmi, pointsInNmi, complaints(log));
        boolean asked = console.found()
                || plan.points() instanceof AuditPlan.Window w
                        && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT
                        && machine.cpu().instructions() >= w.to();
        return new AuditResult(auditor, from, machine.cpu().instructions(), seconds, o, i, asked);
    }

    private Outcome points(long limit) {
        return switch (plan.points()) {
            case AuditPlan.Every e -> sample(e.n(), limit);
            case AuditPlan.Window w -> window(w, limit);
            case AuditPlan.EntryPaths p -> entryPaths(limit);
            case AuditPlan.Printed p -> throw new IllegalStateException("printed traces have a run of their own");
        };
    }

    /** Compares the traces that the kernel prints itself. @return null if it was stopped before it began */
    public PrintedTraces printed() {
        findKernel(plan.limit());
        if (auditor == null && stopping.happened()) return null;
        if (model == null) throw new UsageException("the kernel's symbols did not appear");
        Set<Kind> able = new Unwinder(model).kinds(view);
        Kind kind =
                able.contains(Kind.ORC) ? Kind.ORC : able.contains(Kind.ENCODED) ? Kind.ENCODED : Kind.FRAME_POINTER;
        if (plan.kinds().size() == 1) kind = plan.kinds().iterator().next();
        PrintedTraces t = new PrintedTraces(machine, log, kind);
        t.run(model, plan.limit());
        return t;
    }

    private static List<String> complaints(ByteArrayOutputStream log) {
        return log.toString(StandardCharsets.ISO_8859_1)
                .lines()
                .filter(l -> COMPLAINT.matcher(l).find())
                .toList();
    }

    /** Runs until the kernel runs at its own addresses and its symbols are found. */
    private Outcome findKernel(long limit) {
        Outcome o;
        do {
            o = machine.run(Math.min(
                    limit,
                    machine.cpu().instructions() + Math.clamp(machine.cpu().instructions() / 64, 1, LOOK)));
            model = known.model(machine, view);
            if (model != null) auditor = new Auditor(machine.cpu(), model, plan.kinds());
        } while (auditor == null
                && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT
                && machine.cpu().instructions() < limit);
        return o;
    }

    private Outcome sample(long every, long limit) {
        Cpu cpu = machine.cpu();
        while (true) {
            Outcome o = machine.run(Math.min(limit, cpu.instructions() / every * every + every));
            if (stopping.happened()) return STOPPED;
            if (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT) return o;
            auditor.point();
            tell();
            if (cpu.instructions() >= limit) return o;
        }
    }

    private Outcome window(AuditPlan.Window w, long limit) {
        Cpu cpu = machine.cpu();
        Outcome o = machine.run(Math.min(limit, w.from()));
        while (!stopping.happened()
                && o.reason() == Outcome.Reason.INSTRUCTION_LIMIT
                && cpu.instructions() < Math.min(limit, w.to())) {
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
            if (stopping.happened()) return STOPPED;
            if (!b.hit()) return o;
            auditor.point();
            tell();
            if (plan.event() != null && inject() && !followHandler(b, limit))
                return stopping.happened() ? STOPPED : new Outcome(Outcome.Reason.INSTRUCTION_LIMIT, 0);
        }
    }

    /**
     * Raises the event at the present instruction if it has not been raised there often enough.
     * @return whether it did
     */
    private boolean inject() {
        Cpu cpu = machine.cpu();
        if (cpu.nmiPending
                || injected.merge(cpu.rip, 1, Integer::sum) > plan.event().times()) return false;
        if (cpu.nmiBlocked) injectedInNmi++;
        injections++;
        if (plan.event().nmi()) {
            machine.raiseNmi();
        } else {
            machine.board().apic().raise(plan.event().vector());
        }
        return true;
    }

    /**
     * Compares all over the NMI's handler, at every instruction of entry code and at every so many elsewhere.
     * @return false if the limit was reached in it
     */
    private boolean followHandler(Breakpoints b, long limit) {
        Cpu cpu = machine.cpu();
        if (cpu.nmiBlocked || !plan.event().nmi()) return true;
        do {
            Outcome o = b.run(Math.min(limit, cpu.instructions() + HANDLER_STEP));
            if (!b.hit() && (o.reason() != Outcome.Reason.INSTRUCTION_LIMIT || cpu.instructions() >= limit))
                return false;
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
        StringBuilder s = new StringBuilder(String.format(
                "instruction %,d: %,d points, %,.0f/s",
                machine.cpu().instructions(), points, points / ((now - begun) / 1e9)));
        auditor.tallies()
                .forEach(t -> s.append(
                        String.format(", %s %.3f %%", t.kind().label(), 100.0 * t.right() / Math.max(1, t.points()))));
        progress.accept(s.toString());
    }
}
