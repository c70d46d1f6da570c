package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import ringside.cpu.Cpu;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.workbench.UsageException;
import ringside.workbench.core.CoreGuest;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.StopPoint;

/** A command that runs a kernel to a place, or takes a guest that lies in a core file, and does something there. */
abstract class StopCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    KernelSource source = new KernelSource();

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    Place place;

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

    /** Where to stop. */
    static final class Place {
        @Option(
                names = {"--at"},
                paramLabel = "SYMBOL[+OFF][#HIT]",
                description = "before the instruction at a symbol (or 0xADDRESS), the HIT-th time it is reached")
        String at;

        @Option(
                names = {"--at-instruction"},
                paramLabel = "N",
                converter = RunOptions.Count.class,
                description = "after N instructions")
        Long instruction;

        @Option(
                names = {"--on-fault"},
                paramLabel = "VECTOR[#HIT]",
                arity = "0..1",
                fallbackValue = "",
                description =
                        "at the HIT-th exception, before it is delivered; without VECTOR any exception; a vector from"
                                + " 32 on is an interrupt")
        String fault;

        @Option(
                names = {"--at-console"},
                paramLabel = "REGEX",
                converter = RunOptions.Regex.class,
                description = "when a line of the console contains a match")
        java.util.regex.Pattern console;
    }

    @Option(
            names = {"--console"},
            description = "show the guest's console on standard error")
    boolean console;

    @Mixin
    RunOptions options = new RunOptions();

    /** Checks what the command was given, before anything is run. */
    abstract void check();

    /** Options of this command that mean something for a core file too, by their first names. */
    abstract Set<String> forCores();

    /**
     * Does the command's work where the guest has been stopped.
     *
     * @param what for a heading
     * @param cpu of the machine, or null for a core file
     */
    abstract int stopped(String what, GuestView view, KernelModel kernel, Cpu cpu) throws IOException;

    @Override
    public final Integer call() throws Exception {
        options.check();
        check();
        if (core != null) return fromCore();
        if (onCpu != null) throw new UsageException("--on-cpu needs --core");
        if (place == null)
            throw new UsageException(
                    "a place is missing: --at, --at-instruction, --on-fault or --at-console; or --core FILE");
        StopPoint stop = stopPoint();
        source.prepare(options);
        boolean idle = (stop == null || !stop.comesByItself()) && source.endAtShell(options);
        if (stop != null && stop.needsSymbols()) {
            if (source.known().fixedSymbols().count() > 0)
                stop.resolve(source.known().fixedSymbols());
            stop.moving(source.known().movingSymbols());
        }
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            return run(machine, stop, idle);
        }
    }

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

    private int run(Machine machine, StopPoint stop, boolean idle) throws Exception {
        ConsoleOutput out = new ConsoleOutput(console ? Output.messages() : null, place.console, machine::requestStop);
        ConsoleOutput end = new ConsoleOutput(null, options.until, machine::requestStop);
        machine.board().serial(0).setSink(b -> {
            out.write(b);
            end.write(b);
        });
        Interrupt interrupt = new Interrupt(
                machine::requestStop,
                () -> Output.messages()
                        .printf(
                                "%nringside: interrupted after %,d instructions: the place was not reached%s%n",
                                machine.cpu().instructions(), stop == null ? "" : " (" + stop.progress() + ")"));
        Outcome[] outcome = new Outcome[1];
        boolean reached;
        String what;
        try (interrupt;
                Progress progress = Progress.of(() -> String.format(
                        "%,d million instructions%s",
                        machine.cpu().instructions() / 1_000_000, stop == null ? "" : "; " + stop.progress()));
                Deadline deadline = new Deadline(options.timeout, machine::requestStop)) {
            if (stop == null) {
                outcome[0] = machine.run(options.maxInstructions);
                reached = out.found();
                what = "the console's match of '" + place.console + "'";
            } else {
                reached = stop.run(machine, options.maxInstructions, outcome);
                what = stop.what();
            }
        }
        if (interrupt.happened()) return ExitStatus.LIMIT;
        if (!reached) return notReached(machine, outcome[0], stop, end.found(), idle);
        GuestView view = new GuestView(machine.cpu());
        return stopped(what, view, source.known().modelNow(view), machine.cpu());
    }

    /**
     * @param line whether a line of the console ended the run
     * @param idle whether that line was the shell's, which waits for input
     */
    private int notReached(Machine m, Outcome o, StopPoint stop, boolean line, boolean idle) {
        String progress = stop == null ? "" : "; " + stop.progress();
        if (line) {
            Output.messages()
                    .printf(
                            "ringside: the place was not reached: the console said '%s' after %,d instructions%s%n",
                            options.until, m.cpu().instructions(), progress);
            if (idle)
                Output.messages()
                        .println("ringside: the guest's shell waits for input; --script FILE gives it work,"
                                + " --max-instructions N lets it wait longer");
            return ExitStatus.LIMIT;
        }
        Output.messages()
                .printf(
                        "ringside: the place was not reached: %s after %,d instructions%s%n",
                        switch (o.reason()) {
                            case POWER_OFF -> "the guest powered off";
                            case RESET -> "the guest reset the machine";
                            case DEBUG_EXIT -> "the guest ended the run by the debug-exit port";
                            case TRIPLE_FAULT -> "triple fault";
                            case INSTRUCTION_LIMIT -> "the limit of instructions was reached";
                            case HALTED_FOREVER -> "the guest halted for good";
                            case STOPPED ->
                                options.timeout == null
                                        ? "the run was stopped"
                                        : "timeout of " + options.timeout + " s";
                        },
                        m.cpu().instructions(),
                        progress);
        return ExitStatus.LIMIT;
    }

    private StopPoint stopPoint() {
        if (place.at != null) return StopPoint.at(place.at);
        if (place.instruction != null) return StopPoint.instruction(place.instruction);
        return place.fault != null ? StopPoint.fault(place.fault) : null;
    }
}
