package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;
import ringside.workbench.profile.EntryStatistics;
import ringside.workbench.profile.Profile;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;

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
            "Exit status: as 'ringside run'.",
            "",
            "Examples:",
            "  ringside profile --linux",
            "  ringside profile --linux --script pipe.sh --from 'script begins' --out profile",
            "  ringside profile vmlinuz --initrd initrd.img --append console=ttyS0 --until 'login:' --json"
        })
final class ProfileCommand implements Callable<Integer> {
    @Mixin
    KernelSource source = new KernelSource();

    @Option(
            names = {"--from"},
            paramLabel = "N|REGEX",
            description =
                    "begin at instruction N, or when a line of the console contains a match (default: at the start)")
    String from;

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
                    "write flame.html, stacks.collapsed (for other flame graph tools, speedscope) and profile.json"
                            + " there")
    Path out;

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

    @Override
    public Integer call() throws Exception {
        options.check();
        if (top < 0) throw new UsageException("--top must be 0 or greater");
        source.prepare(options);
        source.endAtShell(options);
        if (out != null) Files.createDirectories(out);
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            return run(machine);
        }
    }

    private int run(Machine machine) throws IOException {
        long start = from != null && from.matches("\\d[\\d_]*[kmgKMG]?") ? new RunOptions.Count().convert(from) : 0;
        Pattern begins = from == null || start > 0 ? null : new RunOptions.Regex().convert(from);
        ConsoleOutput begin = new ConsoleOutput(null, begins, machine::requestStop);
        ConsoleOutput end = new ConsoleOutput(console ? Output.messages() : null, options.until, machine::requestStop);
        machine.board().serial(0).setSink(b -> {
            begin.write(b);
            end.write(b);
        });
        Profile profile;
        Outcome[] outcome = new Outcome[1];
        try (Interrupt interrupt = new Interrupt(
                        machine::requestStop,
                        () -> Output.say(
                                "interrupted after %,d instructions",
                                machine.cpu().instructions()));
                Deadline deadline = new Deadline(options.timeout, machine::requestStop);
                Progress progress = Progress.of(() ->
                        String.format("%,d million instructions", machine.cpu().instructions() / 1_000_000))) {
            if (start > 0 || begins != null) {
                Outcome o = machine.run(start > 0 ? Math.min(start, options.maxInstructions) : options.maxInstructions);
                if (start > 0 ? machine.cpu().instructions() < start : !begin.found()) {
                    Output.say(
                            "the profile's beginning (--from %s) was not reached: %s after %,d instructions",
                            from, o.reason(), machine.cpu().instructions());
                    return ExitStatus.LIMIT;
                }
            }
            profile = Profile.of(machine, source.known(), options.maxInstructions, out == null ? 0 : every, outcome);
            progress.close();
            Output.result(json ? json(profile) + "\n" : text(profile));
        }
        if (out != null) write(profile);
        return end.found() ? ExitStatus.OK : ExitStatus.of(outcome[0]);
    }

    private void write(Profile p) throws IOException {
        Files.writeString(out.resolve("stacks.collapsed"), p.collapsed());
        Files.writeString(
                out.resolve("flame.html"), p.flameGraph("Guest instructions of " + source.kernel.getFileName()));
        Files.writeString(out.resolve("profile.json"), json(p));
        Output.say("wrote flame.html, stacks.collapsed and profile.json to %s", out);
    }

    // ---- text ----

    private String text(Profile p) {
        StringBuilder s = new StringBuilder();
        long all = Math.max(1, p.retired());
        s.append(String.format(
                "%,d instructions: %.1f %% user mode, %.1f %% kernel outside of entries, %.1f %% entries; %.1f %% in"
                        + " translated code%n%n",
                p.retired(),
                share(p.user(), all),
                share(p.kernel(), all),
                share(p.retired() - p.user() - p.kernel(), all),
                share(p.translated(), all)));
        s.append(String.format(
                "%6s %12s %9s %8s  %9s %9s %11s %6s %6s  %s%n",
                "share", "entries", "of them", "nested", "median", "99 %", "most", "in", "out", "entry"));
        s.append(String.format("%6s %12s %9s%n", "", "", "from user"));
        List<Profile.Entry> rows = p.entries();
        for (Profile.Entry e : rows.subList(0, limit(rows.size()))) {
            EntryStatistics t = e.statistics();
            s.append(String.format(
                    "%5.1f%% %,12d %9s %,8d  %,9d %,9d %,11d %6d %6d  %s%n",
                    share(t.own(), all),
                    t.entries(),
                    e.key().user() ? "all" : "none",
                    t.nested(),
                    t.total().getValueAtPercentile(50),
                    t.total().getValueAtPercentile(99),
                    t.total().getMaxValue(),
                    t.entryCode().getValueAtPercentile(50),
                    t.exitCode().getValueAtPercentile(50),
                    e.name()));
        }
        if (rows.size() > limit(rows.size()))
            s.append(String.format("  ... and %d kinds more (--top 0 shows all)%n", rows.size() - limit(rows.size())));
        if (p.unmatched() > 0)
            s.append(String.format(
                    "%,d entries ended otherwise than by their return (signals, exec, exit)%n", p.unmatched()));
        s.append(String.format("%n%6s %15s  %s%n", "share", "instructions", "function"));
        List<Profile.Function> functions = p.functions();
        for (Profile.Function f : functions.subList(0, limit(functions.size()))) {
            s.append(String.format("%5.1f%% %,15d  %s%n", share(f.instructions(), all), f.instructions(), f.name()));
        }
        if (functions.size() > limit(functions.size()))
            s.append(String.format("  ... and %,d functions more%n", functions.size() - limit(functions.size())));
        return s.toString();
    }

    private int limit(int rows) {
        return top == 0 ? rows : Math.min(top, rows);
    }

    private static double share(long part, long all) {
        return 100.0 * part / all;
    }

    // ---- JSON ----

    private static String json(Profile p) throws IOException {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("instructions", p.retired());
        o.put("user", p.user());
        o.put("kernelOutsideOfEntries", p.kernel());
        o.put("translated", p.translated());
        o.put("endedOtherwise", p.unmatched());
        List<Object> entries = new ArrayList<>();
        for (Profile.Entry e : p.entries()) entries.add(entry(e));
        o.put("entries", entries);
        List<Object> functions = new ArrayList<>();
        for (Profile.Function f : p.functions())
            functions.add(Map.of("name", f.name(), "instructions", f.instructions()));
        o.put("functions", functions);
        return JSON.std.asString(o);
    }

    private static Map<String, Object> entry(Profile.Entry e) {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("name", e.name());
        o.put("kind", e.key().kind().name().toLowerCase(java.util.Locale.ROOT));
        o.put("vector", e.key().vector());
        if (e.key().systemCall()) o.put("number", e.key().number());
        o.put("fromUser", e.key().user());
        o.put("entries", e.statistics().entries());
        o.put("nested", e.statistics().nested());
        o.put("instructions", e.statistics().own());
        o.put("perEntry", spread(e.statistics().total()));
        o.put("entryCode", spread(e.statistics().entryCode()));
        o.put("exitCode", spread(e.statistics().exitCode()));
        return o;
    }

    private static Map<String, Object> spread(Histogram h) {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("returned", h.getTotalCount());
        o.put("least", h.getTotalCount() == 0 ? 0 : h.getMinValue());
        o.put("median", h.getValueAtPercentile(50));
        o.put("p99", h.getValueAtPercentile(99));
        o.put("most", h.getMaxValue());
        return o;
    }
}
