package ringside.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import ringside.cpu.Vector;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.workbench.UsageException;
import ringside.workbench.crash.CrashReport;
import ringside.workbench.run.Dump;
import ringside.workbench.run.SourceFile;
import ringside.workbench.run.Stops;
import ringside.workbench.run.Vectors;
import ringside.workbench.run.When;

/**
 * {@code ringside unwind}: runs a kernel to a place and prints which frames and saved registers are on its stacks
 * there.
 */
@Command(
        name = "unwind",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a kernel to a place and prints the call chain there, through interrupts, exceptions and NMIs.",
        footer = {
            "",
            "Kinds: fp (rbp chain), marker (pt_regs+1 frames), encoded (tagged rbp), table (entry table), orc, shadow"
                    + " (what the processor did),",
            "scan (every word that looks like a return address), all (side by side). Without --kind: the best that the"
                    + " kernel allows.",
            "",
            "Exit status: 0 the place was reached, 2 wrong usage, no such symbol or an unusable file, 4 the place was"
                    + " never reached.",
            "",
            "Examples:",
            "  ringside unwind --linux --at try_to_wake_up#100",
            "  ringside unwind --linux --release 6.12 --at-instruction 900m --kind all",
            "  ringside unwind vmlinuz --initrd initrd.img --append console=ttyS0 --on-fault 14#2000",
            "  ringside unwind kernel.elf --at do_timer+4 --kind marker --json",
            "  ringside unwind --linux --at 'do_exit#* if u32[rdi] == 0' --code --dump stack:256",
            "  ringside unwind --linux --watch jiffies_64 --stops 10 --frames 5",
            "  ringside unwind boot.rec --at schedule --at do_exit#2 --at 900m",
            "  ringside unwind --linux --at schedule#50 --inject nmi",
            "  ringside unwind kernel.elf --on-fault 13 --report",
            "  ringside unwind --linux --at-console 'shell ready' --task all",
            "  ringside unwind --core vmcore --vmlinux vmlinux --task all"
        })
final class UnwindCommand extends StopCommand {
    @Option(
            names = {"--kind"},
            paramLabel = "KIND[,KIND]",
            split = ",",
            completionCandidates = KindNames.class,
            description = "all, or some of ${COMPLETION-CANDIDATES}")
    List<String> kinds = new ArrayList<>();

    @Option(
            names = {"--task"},
            paramLabel = "PID|all",
            description =
                    "Linux: unwind a task, or all of them, instead of what the CPU executes; PID is a thread's number")
    String task;

    @Option(
            names = {"--json"},
            description = "print JSON")
    boolean json;

    @Option(
            names = {"--watch"},
            paramLabel = "SYMBOL|0xADDRESS[:SIZE][:rw]",
            description =
                    "stop behind each instruction that writes there (:r reads, :rw uses); SIZE in bytes, otherwise the"
                            + " symbol's, 8 at the most")
    List<String> watches = new ArrayList<>();

    @Option(
            names = {"--every"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            description = "stop every N instructions")
    Long every;

    @Option(
            names = {"--stops"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            description = "end at the N-th stop")
    Long most;

    @Option(
            names = {"--inject"},
            paramLabel = "nmi|irq:VECTOR|#EXCEPTION[:ERROR]",
            description =
                    "at each stop raise this event, and show the call chain at its handler's first instruction too")
    String inject;

    @Option(
            names = {"--dump"},
            paramLabel = "WHAT",
            description = "show memory@ADDRESS[:BYTES], stack[:BYTES] or 'struct NAME@ADDRESS' too; ADDRESS may be an"
                    + " expression: rdi+0x10, [rsp], a symbol; may be repeated")
    List<String> dumps = new ArrayList<>();

    @Option(
            names = {"--code"},
            paramLabel = "N",
            arity = "0..1",
            fallbackValue = "8",
            description = "show the next N instructions too (8)")
    Integer code;

    @Option(
            names = {"--frames"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            description = "show the N innermost frames only")
    Long frames;

    @Option(
            names = {"--report"},
            description = "print a crash report at each stop instead: the first fault that is open, code, registers,"
                    + " the traces of all kinds, the last events")
    boolean report;

    private Set<Kind> wanted;
    private List<Dump> shown;
    private Injected event;
    private long stops;
    private final StopTexts texts = new StopTexts();

    /** @param error -1: none given */
    private record Injected(int vector, int error) {
        static Injected parse(String text) {
            if (text.equalsIgnoreCase("nmi")) return new Injected(2, -1);
            if (text.toLowerCase(Locale.ROOT).startsWith("irq:")) {
                int v = Vectors.parse("--inject", text.substring(4));
                if (v < 16)
                    throw new UsageException("--inject: interrupts have vectors from 16 on; exceptions: #PF, 14");
                return new Injected(v, -1);
            }
            String[] parts = text.split(":", 2);
            int v = Vectors.parse("--inject", parts[0]);
            if (v > 31) throw new UsageException("--inject: interrupts are written irq:" + v);
            if (v == 2) return new Injected(2, -1);
            int error = Vector.hasErrorCode(v) ? 0 : -1;
            if (parts.length == 2) {
                if (error == -1) throw new UsageException("--inject: " + Vectors.name(v) + " has no error code");
                try {
                    error = Math.toIntExact(Long.decode(parts[1]));
                } catch (NumberFormatException | ArithmeticException e) {
                    throw new UsageException("--inject: '" + parts[1] + "' is no error code");
                }
            }
            return new Injected(v, error);
        }
    }

    @Override
    void check() {
        wanted = kinds();
        if (task != null && !task.equals("all") && !task.matches("\\d{1,9}"))
            throw new UsageException("--task takes the number of a thread, or all, not '" + task + "'");
        shown = dumps.stream().map(d -> Dump.parse("--dump", d)).toList();
        if (inject != null) event = Injected.parse(inject);
        if (code != null && (code < 1 || code > 1000))
            throw new UsageException("--code: 1 to 1000 instructions can be shown, not " + code);
        if (json && (!dumps.isEmpty() || code != null))
            throw new UsageException("--dump and --code do not go with --json");
        if (report && (json || task != null || frames != null || code != null || !dumps.isEmpty() || !kinds.isEmpty()))
            throw new UsageException("--report does not go with --json, --task, --frames, --code, --dump and --kind");
        if (task != null && frames != null) throw new UsageException("--frames does not go with --task");
    }

    @Override
    List<When> more() {
        List<When> more = new ArrayList<>();
        for (String w : watches) more.add(When.watch("--watch", w));
        if (every != null) more.add(new When.Every(every));
        return more;
    }

    @Override
    boolean once() {
        return false;
    }

    @Override
    Set<String> forCores() {
        return Set.of("--kind", "--task", "--json", "--dump", "--code", "--frames");
    }

    @Override
    int stopped(String what, GuestView view, KernelModel kernel, Machine machine) throws IOException {
        show(what, view, kernel, machine);
        stops++;
        return machine == null ? done(false) : ExitStatus.OK;
    }

    private void show(String what, GuestView view, KernelModel kernel, Machine machine) throws IOException {
        if (report) {
            Output.result(CrashReport.at(crash, what));
            return;
        }
        Unwinder unwinder = new Unwinder(kernel);
        Set<Kind> chosen = choose(unwinder, view);
        if (task != null) {
            Output.result(TaskTraces.of(what, view, unwinder, chosen, task, json));
            return;
        }
        List<Trace> traces = new ArrayList<>();
        int n = frames == null ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, frames);
        for (Kind k : chosen) traces.add(unwinder.trace(k, view).innermost(n));
        if (json) {
            Output.result(TraceJson.of(what, view.state(), unwinder.kernel(), traces, lines(unwinder.kernel())));
            return;
        }
        Trace scan = traces.size() == 1 && traces.getFirst().kind() == Kind.FRAME_POINTER && frames == null
                ? unwinder.trace(Kind.SCAN, view)
                : null;
        StringBuilder more = new StringBuilder();
        if (machine != null) more.append(ShadowStacksText.of(machine.cpu()));
        if (code != null)
            more.append(
                    Dump.code(view, unwinder.kernel(), machine == null ? null : machine.cpu(), code, source.lines()));
        for (Dump d : shown) more.append(d.of(view, unwinder.kernel()));
        texts.show(
                what,
                view,
                TraceText.of(what, view.state(), unwinder.kernel(), traces, scan, lines(unwinder.kernel())) + more,
                more.isEmpty() && dumps.isEmpty() ? StopTexts.chain(traces) : null);
    }

    private LongFunction<String> lines(KernelModel kernel) throws IOException {
        SourceFile lines = source.lines();
        return a -> lines.at(kernel, a);
    }

    @Override
    boolean goesOn(Stops running, Stops.Stop stop, Machine machine) throws IOException {
        if (event != null) {
            Outcome end = running.inject(event.vector(), event.error(), options.maxInstructions);
            String name = event.vector() < 32 ? Vectors.name(event.vector()) : "interrupt " + event.vector();
            if (end != null) {
                Output.say("%s was raised at %s, but its handler was not entered", name, stop.what());
                return false;
            }
            GuestView view = new GuestView(machine.cpu());
            show(name + " injected at " + stop.what(), view, source.known().modelNow(view), machine);
        }
        return most == null || stops < most;
    }

    @Override
    int done(boolean interrupted) {
        texts.end();
        for (Dump d : shown) {
            if (stops == 0 || d.found() || report || json || task != null) continue;
            Output.say("--dump %s: its address was known at no stop", d);
            return ExitStatus.UNUSABLE;
        }
        return ExitStatus.OK;
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
            if (found == null)
                throw new UsageException("--kind: '" + s + "' is none of all, " + names(EnumSet.allOf(Kind.class)));
            k.add(found);
        }
        return k;
    }

    static String names(Set<Kind> kinds) {
        return kinds.stream().map(Kind::label).collect(Collectors.joining(", "));
    }

    private Set<Kind> choose(Unwinder unwinder, GuestView view) {
        Set<Kind> able = unwinder.kinds(view);
        if (wanted.isEmpty()) {
            return EnumSet.of(Stream.of(Kind.ORC, Kind.TABLE, Kind.SHADOW, Kind.ENCODED)
                    .filter(able::contains)
                    .findFirst()
                    .orElse(Kind.FRAME_POINTER));
        }
        if (kinds.contains("all")) wanted.retainAll(able);
        for (Kind k : wanted) {
            if (!able.contains(k))
                throw new UsageException(
                        "--kind " + k.label() + ": this guest has no information for it; it has it for "
                                + able.stream().map(Kind::label).collect(Collectors.joining(", ")));
        }
        return wanted;
    }
}
