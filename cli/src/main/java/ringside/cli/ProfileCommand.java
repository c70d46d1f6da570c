package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;
import ringside.workbench.profile.EntryStatistics;
import ringside.workbench.profile.Exports;
import ringside.workbench.profile.Part;
import ringside.workbench.profile.Profile;
import ringside.workbench.profile.ProfileComparison;
import ringside.workbench.profile.ProfileDocument;
import ringside.workbench.profile.Programs;
import ringside.workbench.profile.Report;
import ringside.workbench.profile.Stretches;
import ringside.workbench.profile.TaskRow;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.SourceFile;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;

/**
 * {@code ringside profile}: which entries a kernel takes, what they cost, and where its instructions go; exact by
 * instruction.
 */
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Counts a guest's entries, what they cost, and its instructions by function; draws flame graphs of its"
                        + " stacks.",
        footer = {
            "",
            "Each retired instruction is counted once: for the entry that is handled, for user mode, or for the kernel"
                    + " outside of entries. Tables",
            "give instructions of an entry without nested ones and without other tasks: median, 99th percentile, most;"
                    + " 'in' and 'out' are the",
            "medians of its entry code before the handler and behind it, by the kernel's own bounds of that code"
                    + " (Linux).",
            "",
            "WHEN is " + When.GRAMMAR + ".",
            "",
            "Exit status: as 'ringside run'.",
            "",
            "Examples:",
            "  ringside profile --linux --out profile",
            "  ringside profile --linux --script pipe.sh --from 'console:script begins' --to 'console:script ends'",
            "  ringside profile vmlinux --vmlinux vmlinux.debug --out profile",
            "  ringside profile --compare before after",
            "  ringside profile vmlinuz --initrd initrd.img --append console=ttyS0 --until 'login:' --json"
        })
final class ProfileCommand implements Callable<Integer> {
    @Mixin
    KernelSource source = new KernelSource();

    @Option(
            names = {"--from"},
            paramLabel = "WHEN",
            description = "begin there (default: at the start)")
    String from;

    @Option(
            names = {"--to"},
            paramLabel = "WHEN",
            description = "end there, with exit status 0; counted from --from on")
    String to;

    @Option(
            names = {"--top"},
            paramLabel = "N",
            defaultValue = "25",
            description = "rows of each table (default: ${DEFAULT-VALUE}); 0: all")
    int top;

    @Option(
            names = {"--sample-every"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "10k",
            description = "with --out: instructions between two looks at the stack (default: ${DEFAULT-VALUE})")
    long every;

    @Option(
            names = {"--out"},
            paramLabel = "DIR",
            description =
                    "write report.html there, profile.json (for --compare), and what other tools read: flame.html,"
                            + " stacks.collapsed, speedscope.json, profile.pb.gz (pprof), firefox.json, timeline.json"
                            + " (Perfetto)")
    Path out;

    @Option(
            names = {"--entries"},
            description = "count entries and what they cost alone: cheaper, without parts, functions and stacks")
    boolean entries;

    @Option(
            names = {"--program"},
            paramLabel = "FILE[:TASK]",
            description = "an ELF file with symbols that tasks of its name, or of the name TASK, execute: their"
                    + " functions by name; may be repeated")
    List<String> programs = new ArrayList<>();

    @Option(
            names = {"--compare"},
            arity = "2",
            paramLabel = "PROFILE",
            description = "run nothing; say what differs between two folders of --out (or files profile.json), by entry"
                    + " path, line of entry code and function, the greatest difference first")
    List<Path> compared;

    @Option(
            names = {"--json"},
            description = "print JSON")
    boolean json;

    @Option(
            names = {"--console"},
            description = "show the guest's console on standard error")
    boolean console;

    @Mixin
    RunOptions options = new RunOptions();

    @Spec
    CommandSpec spec;

    private Stops stops;
    private Programs files;

    @Override
    public Integer call() throws Exception {
        options.check();
        if (top < 0) throw new UsageException("--top must be 0 or greater");
        if (compared != null) return compare();
        if (entries && out != null)
            throw new UsageException("--entries counts no functions and no stacks, which --out is for; --json goes");
        files = Programs.none();
        for (String p : programs) {
            int colon = p.lastIndexOf(':');
            files.add(Path.of(colon < 0 ? p : p.substring(0, colon)), colon < 0 ? null : p.substring(colon + 1));
        }
        When begin = from == null ? null : When.parse("--from", from);
        When end = to == null ? null : When.parse("--to", to);
        source.prepare(options);
        if (end == null) source.endAtShell(options);
        if (out != null) Files.createDirectories(out);
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            return run(machine, begin, end);
        }
    }

    private int compare() throws IOException {
        if (source.kernel != null || source.linux || out != null || from != null || to != null)
            throw new UsageException(
                    "--compare takes two profiles and runs nothing: leave KERNEL, --linux, --from, --to"
                            + " and --out away");
        ProfileComparison c =
                ProfileComparison.of(ProfileComparison.read(compared.get(0)), ProfileComparison.read(compared.get(1)));
        ProfileComparisonText t = new ProfileComparisonText(c, top);
        Output.result(json ? t.json() : t.text());
        return ExitStatus.OK;
    }

    private int run(Machine machine, When begin, When end) throws IOException {
        ConsoleOutput until =
                new ConsoleOutput(console ? Output.messages() : null, options.until, machine::requestStop);
        machine.board().serial(0).setSink(b -> {
            until.write(b);
            if (stops != null) stops.console(b);
        });
        Profile profile;
        Map<String, Object> document;
        boolean ended;
        Outcome[] outcome = new Outcome[1];
        try (EndRequest interrupt = new EndRequest(
                        machine::requestStop,
                        () -> Output.say(
                                "interrupted after %,d instructions",
                                machine.cpu().instructions()));
                Deadline deadline = new Deadline(options.timeout, machine::requestStop);
                Progress progress = Progress.of(() ->
                        String.format("%,d million instructions", machine.cpu().instructions() / 1_000_000))) {
            BooleanSupplier over = () -> until.found() || interrupt.happened() || deadline.passed();
            if (begin != null) {
                stops = new Stops(machine, List.of(begin), source.known());
                Outcome o = stops.run(machine::run, options.maxInstructions, over, s -> false);
                if (!stops.complete()) {
                    Output.say(
                            "the profile's beginning (--from %s) was not reached: %s after %,d instructions",
                            from, o.reason(), machine.cpu().instructions());
                    return ExitStatus.LIMIT;
                }
            }
            stops = end == null ? null : new Stops(machine, List.of(end), source.known());
            Stops.Runner runner = stops == null ? machine::run : limit -> toEnd(machine, limit, over);
            Profile.Settings settings = new Profile.Settings(
                    out == null ? 0 : every, entries, files, entries ? SourceFile.NONE : source.lines());
            profile = Profile.of(machine, source.known(), runner, options.maxInstructions, settings, outcome);
            ended = stops != null && stops.complete();
            progress.close();
            document = json || out != null ? document(profile) : null;
            Output.result(json ? json(document) + "\n" : text(profile));
        }
        if (out != null) write(profile, document);
        if (end != null && !ended) {
            Output.say("the profile's end (--to %s) was not reached", to);
            if (ExitStatus.of(outcome[0]) == ExitStatus.OK) return ExitStatus.NOT_SEEN;
        }
        return until.found() || ended ? ExitStatus.OK : ExitStatus.of(outcome[0]);
    }

    /** A run to the moment of --to: a stop of the machine, as seen by who profiles. */
    private Outcome toEnd(Machine machine, long limit, BooleanSupplier over) throws IOException {
        Outcome o = stops.run(machine::run, limit, over, s -> false);
        return stops.complete() ? new Outcome(Outcome.Reason.STOPPED, 0) : o;
    }

    private Map<String, Object> document(Profile p) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("ringside", new Version().getVersion()[0]);
        about.put(
                "command",
                RunOptions.commandLine(
                        spec.commandLine().getParent().getParseResult().originalArgs()));
        about.put("kernel", source.kernel.getFileName().toString());
        about.put("engine", options.engine.engine.name());
        about.put("processor", options.guest.config().model().text());
        about.put("memory", options.guest.memory.toString());
        about.put(
                "host",
                String.format(
                        "%s, Java %s, %d processors",
                        System.getProperty("os.arch"),
                        Runtime.version().feature(),
                        Runtime.getRuntime().availableProcessors()));
        return ProfileDocument.of(p, about);
    }

    private void write(Profile p, Map<String, Object> document) throws IOException {
        String name = source.kernel.getFileName().toString();
        Files.writeString(out.resolve("profile.json"), json(document));
        document.put("sampleEvery", every);
        document.put("stacks", Exports.stacks(p));
        Files.writeString(out.resolve("report.html"), Report.of(document));
        Files.writeString(out.resolve("stacks.collapsed"), p.collapsed());
        Files.writeString(out.resolve("flame.html"), p.flameGraph("Guest instructions of " + name));
        Files.writeString(out.resolve("speedscope.json"), json(Exports.speedscope(p, name)));
        Files.writeString(out.resolve("firefox.json"), json(Exports.firefox(p, name)));
        Files.writeString(out.resolve("timeline.json"), json(Exports.timeLine(p)));
        Files.write(out.resolve("profile.pb.gz"), Exports.pprof(p, every));
        Output.say(
                "wrote to %s: report.html, profile.json, flame.html, stacks.collapsed, speedscope.json, profile.pb.gz"
                        + " (pprof), firefox.json, timeline.json (Perfetto)",
                out);
    }

    private static String json(Map<String, Object> document) {
        try {
            return JSON.std.asString(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- text ----

    private String text(Profile p) {
        StringBuilder s = new StringBuilder();
        long all = Math.max(1, p.retired());
        s.append(String.format(
                "%,d instructions: %.1f %% user mode, %.1f %% kernel outside of entries, %.1f %% entries%s%n%n",
                p.retired(),
                share(p.user(), all),
                share(p.kernel(), all),
                share(p.retired() - p.user() - p.kernel(), all),
                p.full() ? String.format("; %.1f %% in translated code", share(p.translated(), all)) : ""));
        s.append(String.format(
                "%6s %12s %9s %8s  %9s %9s %11s %6s %6s  %s%n",
                "share", "entries", "of them", "nested", "median", "99 %", "most", "in", "out", "entry"));
        s.append(String.format("%6s %12s %9s%n", "", "", "from user"));
        List<Profile.Entry> rows = p.entries();
        for (Profile.Entry e : rows.subList(0, limit(rows.size()))) {
            EntryStatistics t = e.statistics();
            s.append(String.format(
                    "%5.1f%% %,12d %9s %,8d  %,9d %,9d %,11d %6s %6s  %s%n",
                    share(t.own(), all),
                    t.entries(),
                    e.key().user() ? "all" : "none",
                    t.nested(),
                    t.total().getValueAtPercentile(50),
                    t.total().getValueAtPercentile(99),
                    t.total().getMaxValue(),
                    p.full() ? t.part(Part.IN).getValueAtPercentile(50) : "",
                    p.full() ? t.part(Part.OUT).getValueAtPercentile(50) : "",
                    e.name()));
        }
        if (rows.size() > limit(rows.size()))
            s.append(String.format("  ... and %d kinds more (--top 0 shows all)%n", rows.size() - limit(rows.size())));
        if (p.unmatched() > 0)
            s.append(String.format(
                    "%,d entries ended otherwise than by their return (signals, exec, exit)%n", p.unmatched()));
        if (p.full()) functions(s, p, all);
        List<TaskRow> tasks = p.tasks();
        if (!tasks.isEmpty()) {
            s.append(String.format("%n%6s %15s %15s %9s  %s%n", "pid", "user", "kernel", "switches", "task"));
            for (TaskRow t : tasks.subList(0, limit(tasks.size())))
                s.append(String.format(
                        "%6d %,15d %,15d %,9d  %s%n", t.pid(), t.user(), t.kernel(), t.switches(), t.comm()));
            if (tasks.size() > limit(tasks.size()))
                s.append(String.format("  ... and %,d tasks more%n", tasks.size() - limit(tasks.size())));
        }
        if (p.full()) {
            off(s, "interrupts off", p.interruptsOff());
            off(s, "preemption off", p.preemptionOff());
            if (p.preemptionNote() != null) s.append(String.format("%n%s", p.preemptionNote()));
        }
        return s.append(String.format("%n")).toString();
    }

    private void functions(StringBuilder s, Profile p, long all) {
        s.append(String.format("%n%6s %15s  %s%n", "share", "instructions", "function"));
        List<Profile.Function> functions = p.functions();
        for (Profile.Function f : functions.subList(0, limit(functions.size()))) {
            s.append(String.format("%5.1f%% %,15d  %s%n", share(f.instructions(), all), f.instructions(), f.name()));
        }
        if (functions.size() > limit(functions.size()))
            s.append(String.format("  ... and %,d functions more%n", functions.size() - limit(functions.size())));
        List<Profile.SourceLine> lines = p.lines();
        if (!lines.isEmpty())
            s.append(String.format("%n%6s %15s  %s%n", "share", "instructions", "line of the source"));
        for (Profile.SourceLine l : lines.subList(0, limit(lines.size())))
            s.append(String.format("%5.1f%% %,15d  %s%n", share(l.instructions(), all), l.instructions(), l.line()));
    }

    private static void off(StringBuilder s, String what, Stretches off) {
        if (off.lengths().getTotalCount() == 0) return;
        s.append(String.format(
                "%n%s: %,d stretches, median %,d instructions, 99 %% %,d, longest %,d",
                what,
                off.lengths().getTotalCount(),
                off.lengths().getValueAtPercentile(50),
                off.lengths().getValueAtPercentile(99),
                off.lengths().getMaxValue()));
    }

    private int limit(int rows) {
        return top == 0 ? rows : Math.min(top, rows);
    }

    private static double share(long part, long all) {
        return 100.0 * part / all;
    }
}
