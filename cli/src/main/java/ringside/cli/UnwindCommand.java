package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.workbench.UsageException;
import ringside.workbench.core.CoreGuest;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.StopPoint;

/** {@code ringside unwind}: runs a kernel to a place and prints which frames and saved registers are on its stacks there. */
@Command(name = "unwind", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false,
        description = "Runs a kernel to a place and prints the call chain there, through interrupts, exceptions and NMIs.",
        footer = {"", "Kinds: fp (rbp chain), marker (pt_regs+1 frames), encoded (tagged rbp), table (entry table), orc, shadow (what the processor did),",
            "scan (every word that looks like a return address), all (side by side). Without --kind: the best that the kernel allows.",
            "", "Exit status: 0 the place was reached, 2 wrong usage, no such symbol or an unusable file, 4 the place was never reached.",
            "", "Examples:", "  ringside unwind --linux --at try_to_wake_up#100",
            "  ringside unwind --linux --release 6.12 --at-instruction 900m --kind all",
            "  ringside unwind vmlinuz --initrd initrd.img --append console=ttyS0 --on-fault 14#2000",
            "  ringside unwind kernel.elf --at do_timer+4 --kind marker --json",
            "  ringside unwind --linux --at-console 'shell ready' --task all",
            "  ringside unwind --core vmcore --vmlinux vmlinux --task all"})
final class UnwindCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    KernelSource source = new KernelSource();

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    Place place;

    @Option(names = {"--core"}, paramLabel = "FILE", description = "unwind the guest in an ELF core (QEMU's dump-guest-memory, kdump's vmcore) instead of running one")
    Path core;

    @Option(names = {"--on-cpu"}, paramLabel = "N", description = "with --core: the CPU to look at, counted from 0 (default: 0)")
    Integer onCpu;

    /** Where to stop. */
    static final class Place {
        @Option(names = {"--at"}, paramLabel = "SYMBOL[+OFF][#HIT]", description = "before the instruction at a symbol (or 0xADDRESS), the HIT-th time it is reached")
        String at;

        @Option(names = {"--at-instruction"}, paramLabel = "N", converter = RunOptions.Count.class, description = "after N instructions")
        Long instruction;

        @Option(names = {"--on-fault"}, paramLabel = "VECTOR[#HIT]", arity = "0..1", fallbackValue = "",
                description = "at the HIT-th exception, before it is delivered; without VECTOR any exception; a vector from 32 on is an interrupt")
        String fault;

        @Option(names = {"--at-console"}, paramLabel = "REGEX", converter = RunOptions.Regex.class, description = "when a line of the console contains a match")
        java.util.regex.Pattern console;
    }

    @Option(names = {"--kind"}, paramLabel = "KIND[,KIND]", split = ",", description = "all, fp, marker, encoded, table, orc, shadow or scan")
    List<String> kinds = new ArrayList<>();

    @Option(names = {"--task"}, paramLabel = "PID|all", description = "Linux: unwind a task, or all of them, instead of what the CPU executes; PID is a thread's number")
    String task;

    @Option(names = {"--json"}, description = "print JSON")
    boolean json;

    @Option(names = {"--console"}, description = "show the guest's console on standard error")
    boolean console;

    @Mixin
    RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        options.check();
        Set<Kind> wanted = kinds();
        checkTask();
        if (core != null) return unwindCore(wanted);
        if (onCpu != null) throw new UsageException("--on-cpu needs --core");
        if (place == null) throw new UsageException("a place is missing: --at, --at-instruction, --on-fault or --at-console; or --core FILE");
        StopPoint stop = stopPoint();
        source.prepare(options);
        boolean idle = (stop == null || !stop.comesByItself()) && source.endAtShell(options);
        if (stop != null && stop.needsSymbols()) {
            if (source.known().fixedSymbols().count() > 0) stop.resolve(source.known().fixedSymbols());
            stop.moving(source.known().movingSymbols());
        }
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            return run(machine, stop, wanted, idle);
        }
    }

    private void checkTask() {
        if (task != null && !task.equals("all") && !task.matches("\\d{1,9}")) throw new UsageException("--task takes the number of a thread, or all, not '" + task + "'");
    }

    /** Options that mean something for a core file; all others would be ignored, and are refused. */
    private static final Set<String> FOR_CORES = Set.of("--core", "--on-cpu", "--symbols", "--kind", "--task", "--json");

    private int unwindCore(Set<Kind> wanted) throws IOException {
        for (var o : spec.commandLine().getParseResult().matchedOptions()) {
            if (!FOR_CORES.contains(o.names()[0])) throw new UsageException(o.longestName() + " has no meaning with --core: nothing is run");
        }
        if (source.kernel != null) throw new UsageException("--core brings its own kernel: leave KERNEL away, or give it with --vmlinux for its symbols");
        try (CoreGuest guest = CoreGuest.open(core, source.symbols, onCpu == null ? 0 : onCpu)) {
            return print(guest.what(), guest.view(), new Unwinder(guest.kernel()), wanted, "");
        }
    }

    private int print(String what, GuestView view, Unwinder unwinder, Set<Kind> wanted, String more) throws IOException {
        Set<Kind> chosen = choose(wanted, unwinder, view);
        if (task != null) {
            Output.result(TaskTraces.of(what, view, unwinder, chosen, task, json));
        } else {
            List<Trace> traces = new ArrayList<>();
            for (Kind k : chosen) traces.add(unwinder.trace(k, view));
            Trace scan = traces.size() == 1 && traces.getFirst().kind() == Kind.FRAME_POINTER ? unwinder.trace(Kind.SCAN, view) : null;
            Output.result(json ? TraceJson.of(what, view.state(), unwinder.kernel(), traces) : TraceText.of(what, view.state(), unwinder.kernel(), traces, scan) + more);
        }
        return ExitStatus.OK;
    }

    private int run(Machine machine, StopPoint stop, Set<Kind> wanted, boolean idle) throws Exception {
        ConsoleOutput out = new ConsoleOutput(console ? Output.messages() : null, place.console, machine::requestStop);
        ConsoleOutput end = new ConsoleOutput(null, options.until, machine::requestStop);
        machine.board().serial(0).setSink(b -> {
            out.write(b);
            end.write(b);
        });
        Interrupt interrupt = new Interrupt(machine::requestStop, () -> Output.messages().printf("%nringside: interrupted after %,d instructions: the place was not reached%s%n",
                machine.cpu().instructions(), stop == null ? "" : " (" + stop.progress() + ")"));
        Outcome[] outcome = new Outcome[1];
        boolean reached;
        String what;
        try (interrupt; Progress progress = Progress.of(() -> String.format("%,d million instructions%s", machine.cpu().instructions() / 1_000_000,
                stop == null ? "" : "; " + stop.progress()));
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
        Unwinder unwinder = new Unwinder(source.known().modelNow(view));
        return print(what, view, unwinder, wanted, ShadowStacksText.of(machine.cpu()));
    }

    /** @param line whether a line of the console ended the run @param idle whether that line was the shell's, which waits for input */
    private int notReached(Machine m, Outcome o, StopPoint stop, boolean line, boolean idle) {
        String progress = stop == null ? "" : "; " + stop.progress();
        if (line) {
            Output.messages().printf("ringside: the place was not reached: the console said '%s' after %,d instructions%s%n", options.until, m.cpu().instructions(), progress);
            if (idle) Output.messages().println("ringside: the guest's shell waits for input; --script FILE gives it work, --max-instructions N lets it wait longer");
            return ExitStatus.LIMIT;
        }
        Output.messages().printf("ringside: the place was not reached: %s after %,d instructions%s%n", switch (o.reason()) {
            case POWER_OFF -> "the guest powered off";
            case RESET -> "the guest reset the machine";
            case DEBUG_EXIT -> "the guest ended the run by the debug-exit port";
            case TRIPLE_FAULT -> "triple fault";
            case INSTRUCTION_LIMIT -> "the limit of instructions was reached";
            case HALTED_FOREVER -> "the guest halted for good";
            case STOPPED -> options.timeout == null ? "the run was stopped" : "timeout of " + options.timeout + " s";
        }, m.cpu().instructions(), progress);
        return ExitStatus.LIMIT;
    }

    private StopPoint stopPoint() {
        if (place.at != null) return StopPoint.at(place.at);
        if (place.instruction != null) return StopPoint.instruction(place.instruction);
        return place.fault != null ? StopPoint.fault(place.fault) : null;
    }

    /** @return the kinds asked for; empty to choose, null elements never */
    private Set<Kind> kinds() {
        Set<Kind> k = EnumSet.noneOf(Kind.class);
        for (String s : kinds) {
            if (s.equals("all")) {
                k.addAll(EnumSet.complementOf(EnumSet.of(Kind.SCAN)));
                continue;
            }
            Kind found = null;
            for (Kind x : Kind.values()) {
                if (x.label().equals(s)) found = x;
            }
            if (found == null) throw new UsageException("--kind: '" + s + "' is none of all, fp, marker, encoded, table, orc, shadow, scan");
            k.add(found);
        }
        return k;
    }

    private Set<Kind> choose(Set<Kind> wanted, Unwinder unwinder, GuestView view) {
        Set<Kind> able = unwinder.kinds(view);
        if (wanted.isEmpty()) {
            return EnumSet.of(Stream.of(Kind.ORC, Kind.TABLE, Kind.SHADOW, Kind.ENCODED).filter(able::contains).findFirst().orElse(Kind.FRAME_POINTER));
        }
        if (kinds.contains("all")) wanted.retainAll(able);
        for (Kind k : wanted) {
            if (!able.contains(k)) throw new UsageException("--kind " + k.label() + ": this guest has no information for it; it has it for " + able.stream().map(Kind::label).collect(Collectors.joining(", ")));
        }
        return wanted;
    }
}
