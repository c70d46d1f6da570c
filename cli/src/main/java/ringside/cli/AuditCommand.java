package ringside.cli;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import ringside.machine.Machine;
import ringside.unwinder.Kind;
import ringside.workbench.UsageException;
import ringside.workbench.audit.AuditPlan;
import ringside.workbench.audit.AuditResult;
import ringside.workbench.audit.AuditRun;
import ringside.workbench.audit.PrintedTraces;
import ringside.workbench.run.Deadline;

/** {@code ringside audit}: proves unwinders right or wrong over a run. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Unwinds the guest at many instructions by every kind and compares with the shadow stack.",
        footer = {
            "",
            "For each kind: traces that are right; incomplete (each frame true, some missing); wrong (a frame that is"
                    + " not there); and of those that are",
            "not right, how many say that they are unreliable and how many do not, and why; 'by code': right, with a"
                    + " frame that no table and no frame pointer tells of,",
            "found by following the code to its return. Points in user mode have nothing to unwind and are left out."
                    + " Ctrl-C ends the run and prints the report so far.",
            "",
            "Exit status: 0 the run ended as 'ringside run' counts it (with --printed: all traces are the same,"
                    + " otherwise 5), 2 wrong usage or an unusable file, 3 triple fault, 4 a limit was reached.",
            "",
            "Examples:",
            "  ringside audit --linux --every 500 --until 'shell ready'",
            "  ringside audit --linux --entry-paths --max-instructions 900m --json",
            "  ringside audit kernel.elf --window 1m..2m",
            "  ringside audit --linux --script traces.sh --printed --append 'ignore_loglevel panic=-1'",
            "  ringside audit --linux --inject nmi --until 'shell ready'"
        })
final class AuditCommand implements Callable<Integer> {
    /** Seconds that Ctrl-C waits for the report. */
    private static final int REPORT_WITHIN = 20;

    @Mixin
    KernelSource source = new KernelSource();

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    Points points = new Points();

    /** Where to compare. */
    static final class Points {
        @Option(
                names = {"--every"},
                paramLabel = "N",
                converter = RunOptions.Count.class,
                description = "at every N-th instruction (default: 1000)")
        Long every;

        @Option(
                names = {"--window"},
                paramLabel = "FROM..TO",
                converter = Window.class,
                description = "at every instruction from number FROM up to TO")
        AuditPlan.Window window;

        @Option(
                names = {"--entry-paths"},
                description = "at every instruction of the kernel's entry code")
        boolean entryPaths;

        @Option(
                names = {"--printed"},
                description =
                        "where a Linux kernel prints a trace of its own: ours of that moment against what its log says")
        boolean printed;

        AuditPlan.Points plan() {
            if (printed) return new AuditPlan.Printed();
            if (entryPaths) return new AuditPlan.EntryPaths();
            return window != null ? window : new AuditPlan.Every(every);
        }
    }

    /** Reads --window. */
    static final class Window implements ITypeConverter<AuditPlan.Window> {
        @Override
        public AuditPlan.Window convert(String s) {
            Matcher m = Pattern.compile("(.+?)\\.\\.(.+)").matcher(s);
            if (!m.matches()) throw new TypeConversionException("'" + s + "' is no window: FROM..TO");
            RunOptions.Count c = new RunOptions.Count();
            AuditPlan.Window w =
                    new AuditPlan.Window(m.group(1).equals("0") ? 0 : c.convert(m.group(1)), c.convert(m.group(2)));
            if (w.from() >= w.to()) throw new TypeConversionException("'" + s + "' is an empty window");
            return w;
        }
    }

    @Option(
            names = {"--kind"},
            paramLabel = "KIND",
            split = ",",
            completionCandidates = KindNames.Audited.class,
            description =
                    "some of ${COMPLETION-CANDIDATES}, or all (default): those that the kernel has information for")
    java.util.List<String> kinds = new java.util.ArrayList<>();

    @Option(
            names = {"--inject"},
            paramLabel = "nmi|irq",
            description = "raise an NMI, or an interrupt, at every instruction of the kernel's entry code, and compare"
                    + " inside its handler too")
    Event inject;

    enum Event {
        nmi,
        irq
    }

    @Option(
            names = {"--times"},
            paramLabel = "N",
            defaultValue = "4",
            description = "with --inject: so often at each address (default: ${DEFAULT-VALUE})")
    int times;

    @Option(
            names = {"--vector"},
            paramLabel = "N",
            defaultValue = "236",
            description = "with --inject irq: the interrupt's vector (default: ${DEFAULT-VALUE}, Linux's timer)")
    int vector;

    @Option(
            names = {"--worst"},
            paramLabel = "N",
            defaultValue = "5",
            description = "functions and places to show for each kind (default: ${DEFAULT-VALUE})")
    int worst;

    @Option(
            names = {"--json"},
            description = "print JSON")
    boolean json;

    @Option(
            names = {"--console"},
            description = "show the guest's console on standard error")
    boolean console;

    @Spec
    private CommandSpec command;

    @Mixin
    RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        options.check();
        if (vector < 16 || vector > 255) throw new UsageException("--vector must be 16 to 255");
        if (times < 1) throw new UsageException("--times must be greater than 0");
        if (inject != null && (points.every != null || points.window != null || points.printed))
            throw new UsageException("--inject goes with --entry-paths");
        if (inject != null) points.entryPaths = true;
        Given given = new Given(command);
        given.needs("--times", "--inject", inject != null);
        given.needs("--vector", "--inject irq", inject == Event.irq);
        if (worst < 0) throw new UsageException("--worst must be 0 or greater");
        Set<Kind> wanted = kinds();
        if (points.every == null && points.window == null && !points.entryPaths && !points.printed)
            points.every = 1000L;
        source.prepare(options);
        source.endAtShell(options);
        AuditPlan plan = new AuditPlan(wanted, points.plan(), event(), options.maxInstructions, options.until);
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            return run(machine, plan);
        }
    }

    private AuditPlan.Event event() {
        return inject == null ? null : new AuditPlan.Event(inject == Event.nmi ? -1 : vector, times);
    }

    private int run(Machine machine, AuditPlan plan) {
        AtomicReference<AuditRun> started = new AtomicReference<>();
        try (Deadline deadline = new Deadline(options.timeout, machine::requestStop);
                EndRequest interrupt = new EndRequest(
                        machine::requestStop, () -> interrupted(machine, started.get()), REPORT_WITHIN)) {
            AuditRun run = new AuditRun(
                    plan, machine, source.known(), console ? Output.messages() : null, interrupt, Output::line);
            started.set(run);
            if (points.printed) {
                PrintedTraces t = run.printed();
                if (t == null) return ExitStatus.LIMIT;
                return new PrintedTracesText(Output.results()).print(t, worst > 0)
                        ? ExitStatus.OK
                        : ExitStatus.DIFFERENCE;
            }
            AuditResult r = run.run();
            if (r == null) return ExitStatus.LIMIT;
            AuditReport report = new AuditReport(r, worst);
            Output.result(json ? report.json() : report.text());
            return r.asked() ? ExitStatus.OK : ExitStatus.of(r.outcome());
        }
    }

    private static void interrupted(Machine machine, AuditRun run) {
        Output.messages()
                .printf(
                        "%nringside: interrupted after %,d instructions%s%n",
                        machine.cpu().instructions(),
                        run == null || !run.begun() ? ": the kernel's symbols had not appeared" : "");
    }

    private Set<Kind> kinds() {
        Set<Kind> all = EnumSet.complementOf(EnumSet.of(Kind.SCAN, Kind.SHADOW));
        Set<Kind> k = EnumSet.noneOf(Kind.class);
        for (String s : kinds) {
            if (s.equals("all")) {
                k.addAll(all);
            } else {
                k.add(all.stream()
                        .filter(x -> x.label().equals(s))
                        .findFirst()
                        .orElseThrow(() ->
                                new UsageException("--kind: '" + s + "' is none of all, " + UnwindCommand.names(all))));
            }
        }
        return k.isEmpty() ? all : k;
    }
}
