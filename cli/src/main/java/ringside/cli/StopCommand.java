package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.workbench.UsageException;
import ringside.workbench.core.CoreGuest;
import ringside.workbench.crash.ConsoleAlarm;
import ringside.workbench.crash.CrashReport;
import ringside.workbench.crash.FaultChain;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;

/** A command that runs a kernel to a place, or takes a guest that lies in a core file, and does something there. */
abstract class StopCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    KernelSource source = new KernelSource();

    @Option(
            names = {"--at"},
            paramLabel = "WHEN",
            description = "stop there, before the instruction: " + When.GRAMMAR)
    List<String> at = new ArrayList<>();

    @Option(
            names = {"--at-instruction"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            description = "after N instructions")
    List<Long> instructions = new ArrayList<>();

    @Option(
            names = {"--on-fault"},
            paramLabel = "VECTOR[#HIT]",
            arity = "0..1",
            fallbackValue = "#1",
            description = "at the HIT-th exception, before it is delivered; without VECTOR any exception; a vector from"
                    + " 32 on is an interrupt")
    List<String> faults = new ArrayList<>();

    @Option(
            names = {"--at-console"},
            paramLabel = "REGEX",
            converter = RunOptions.Regex.class,
            description = "when a line of the console contains a match")
    List<Pattern> consoles = new ArrayList<>();

    @Option(
            names = {"--core"},
            paramLabel = "FILE",
            description =
                    "take the guest in an ELF core (QEMU's dump-guest-memory, kdump's vmcore) instead of running one")
    Path core;

    @Option(
            names = {"--on-cpu"},
            paramLabel = "N",
            description = "with --core: the CPU to look at, counted from 0 (default: 0)")
    Integer onCpu;

    @Option(
            names = {"--console"},
            description = "show the guest's console on standard error")
    boolean console;

    @Mixin
    RunOptions options = new RunOptions();

    /** What a crash report needs, while a machine runs. */
    CrashReport.Run crash;

    /** Checks what the command was given, before anything is run. */
    abstract void check();

    /** Options of this command that mean something for a core file too, by their first names. */
    abstract Set<String> forCores();

    /** @return moments that this command has options of its own for */
    List<When> more() {
        return List.of();
    }

    /** @return whether a run is to end at this command's first stop */
    boolean once() {
        return true;
    }

    /**
     * Does the command's work where the guest has been stopped.
     *
     * @param what for a heading
     * @param machine null for a core file
     */
    abstract int stopped(String what, GuestView view, KernelModel kernel, Machine machine) throws IOException;

    /** Called behind {@link #stopped} when a machine runs. @return whether it may run on */
    boolean goesOn(Stops stops, Stops.Stop stop, Machine machine) throws IOException {
        return true;
    }

    /**
     * Called when the run is over, or the command's work is.
     *
     * @param interrupted whether somebody ended it
     * @return the exit status of what is still to be done
     */
    int done(boolean interrupted) throws IOException {
        return ExitStatus.OK;
    }

    private List<When> moments() {
        List<When> all = new ArrayList<>();
        for (String text : at) all.add(When.parse("--at", text));
        for (long n : instructions) all.add(new When.AtInstruction(n));
        for (String text : faults) all.add(When.fault("--on-fault", text));
        for (Pattern p : consoles) all.add(new When.AtConsole(p));
        all.addAll(more());
        if (all.isEmpty())
            throw new UsageException("a place is missing: --at, --at-instruction, --on-fault or --at-console"
                    + (spec.findOption("--core") == null ? "" : "; or --core FILE"));
        if (once() && all.size() > 1) throw new UsageException("one place is enough: this command stops once");
        return all;
    }

    @Override
    public final Integer call() throws Exception {
        options.check();
        check();
        if (core != null) return fromCore();
        if (onCpu != null) throw new UsageException("--on-cpu needs --core");
        List<When> moments = moments();
        source.prepare(options);
        boolean byCount = moments.stream().allMatch(w -> w instanceof When.AtInstruction);
        boolean idle = !byCount && source.endAtShell(options);
        long from = !byCount
                ? 0
                : moments.stream()
                        .mapToLong(w -> ((When.AtInstruction) w).number())
                        .min()
                        .getAsLong();
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory(), from)) {
            return run(machine, moments, idle);
        }
    }

    private static final Set<String> PLACES = Set.of(
            "--at",
            "--at-instruction",
            "--on-fault",
            "--at-console",
            "--watch",
            "--every",
            "--stops",
            "--inject",
            "--code",
            "--report");

    private static final Set<String> CORE = Set.of("--core", "--on-cpu", "--symbols");

    private int fromCore() throws IOException {
        for (var o : spec.commandLine().getParseResult().matchedOptions()) {
            String name = o.names()[0];
            if (!CORE.contains(name) && !forCores().contains(name))
                throw new UsageException(o.longestName() + " has no meaning with --core: nothing is run");
        }
        if (source.kernel != null)
            throw new UsageException(
                    "--core brings its own kernel: leave KERNEL away, or give it with --vmlinux for its symbols");
        try (CoreGuest guest = CoreGuest.open(core, source.symbols, onCpu == null ? 0 : onCpu)) {
            return stopped(guest.what(), guest.view(), guest.kernel(), null);
        }
    }

    private int run(Machine machine, List<When> moments, boolean idle) throws Exception {
        Stops stops = new Stops(machine, moments, source.known());
        ConsoleOutput out = new ConsoleOutput(console ? Output.messages() : null, null, () -> {});
        ConsoleOutput end = new ConsoleOutput(null, options.until, machine::requestStop);
        FaultChain chain = new FaultChain();
        machine.cpu().observers.add(chain);
        ConsoleAlarm alarm = new ConsoleAlarm(machine.cpu(), chain);
        crash = new CrashReport.Run(machine, source.known(), source.lines(), chain, alarm, again());
        machine.board().serial(0).setSink(b -> {
            out.write(b);
            alarm.write(b);
            stops.console(b);
            end.write(b);
        });
        EndRequest interrupt = new EndRequest(
                machine::requestStop,
                () -> Output.messages()
                        .printf(
                                "%nringside: interrupted after %,d instructions: %s%n",
                                machine.cpu().instructions(), stops.progress()));
        Outcome outcome;
        int[] status = {ExitStatus.OK};
        Models models = new Models(source.known());
        try (interrupt;
                Progress progress = Progress.of(() -> String.format(
                        "%,d million instructions; %s", machine.cpu().instructions() / 1_000_000, stops.progress()));
                Deadline deadline = new Deadline(options.timeout, machine::requestStop)) {
            outcome = stops.run(
                    machine::run,
                    options.maxInstructions,
                    () -> interrupt.happened() || end.found() || deadline.passed(),
                    stop -> {
                        progress.close();
                        GuestView view = new GuestView(machine.cpu());
                        int s = stopped(stop.what(), view, models.now(view, stops), machine);
                        if (s != ExitStatus.OK) status[0] = s;
                        return goesOn(stops, stop, machine) && !stops.complete() && !once();
                    });
        }
        int last = done(interrupt.happened());
        if (interrupt.happened()) return ExitStatus.LIMIT;
        if (last != ExitStatus.OK) return last;
        if (stops.left().isEmpty()) return status[0];
        int missed = notReached(machine, outcome, stops, end.found(), idle);
        if (!end.found() && CrashReport.explains(crash, outcome))
            Output.messages().print(CrashReport.of(crash, outcome));
        return missed;
    }

    /** @return the command without its places, to which another one can be added */
    private String again() {
        List<String> words = new ArrayList<>(List.of(spec.name()));
        for (var a : spec.commandLine().getParseResult().matchedArgs()) {
            if (a.isPositional()) {
                words.addAll(a.originalStringValues());
                continue;
            }
            String name = ((OptionSpec) a).longestName();
            if (PLACES.contains(name)) continue;
            if (a.originalStringValues().isEmpty()) words.add(name);
            for (String value : a.originalStringValues()) words.add(value.isEmpty() ? name : name + "=" + value);
        }
        return RunOptions.commandLine(words);
    }

    /**
     * @param line whether a line of the console ended the run
     * @param idle whether that line was the shell's, which waits for input
     */
    private int notReached(Machine m, Outcome o, Stops stops, boolean line, boolean idle) {
        String left =
                String.join("; ", stops.left().stream().map(When::toString).toList());
        String why = line
                ? "the console said '" + options.until + "'"
                : switch (o.reason()) {
                    case POWER_OFF -> "the guest powered off";
                    case RESET -> "the guest reset the machine";
                    case DEBUG_EXIT -> "the guest ended the run by the debug-exit port";
                    case TRIPLE_FAULT -> "triple fault";
                    case INSTRUCTION_LIMIT -> "the limit of instructions was reached";
                    case HALTED_FOREVER -> "the guest halted for good";
                    case STOPPED ->
                        options.timeout == null ? "the run was stopped" : "timeout of " + options.timeout + " s";
                };
        Output.messages()
                .printf(
                        "ringside: the place was not reached: %s after %,d instructions; %s%n",
                        why, m.cpu().instructions(), stops.progress().isEmpty() ? left : stops.progress());
        if (line && idle)
            Output.messages()
                    .println("ringside: the guest's shell waits for input; --script FILE gives it work,"
                            + " --max-instructions N lets it wait longer");
        return ExitStatus.LIMIT;
    }

    /** What is known of the kernel, looked up anew only when there is more to know. */
    private static final class Models {
        private static final int SURE = 20;
        private final KnownKernel known;
        private KernelModel last;
        private int same;

        Models(KnownKernel known) {
            this.known = known;
        }

        /** Modules come and go: the model is made anew at the first stops, then at every twentieth. */
        KernelModel now(GuestView view, Stops stops) {
            if (last == null || last.symbols().count() == 0 || ++same % SURE == 0)
                last = known.modelNow(view, stops.symbols());
            return last;
        }
    }
}
