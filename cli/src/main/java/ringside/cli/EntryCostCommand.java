package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.workbench.UsageException;
import ringside.workbench.entry.Accuracy;
import ringside.workbench.entry.EntryCost;
import ringside.workbench.entry.EntryCounts;
import ringside.workbench.entry.EntryKernel;
import ringside.workbench.entry.EntryKind;
import ringside.workbench.entry.EntryTimes;
import ringside.workbench.entry.EntryTruth;
import ringside.workbench.profile.Profile;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;

/** {@code ringside entry-cost}: what each way of helping unwinders costs the entry code, and what it gives. */
@Command(
        name = "entry-cost",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Measures what entry code pays for unwinders, by kind of entry and of annotation, and how right the"
                        + " unwinders are.",
        footer = {
            "",
            "With KERNEL or --linux: runs that once and counts its own entries, by its symbols; see 'ringside profile'"
                    + " for more of it.",
            "Otherwise runs the kernel in testdata/entrykernel, which comes in variants: none (no annotation), marker"
                    + " (a frame around each call",
            "into C), encoded (rbp points to pt_regs), table (a read-only table), seed (marker, but not around system"
                    + " calls).",
            "Instructions and memory operations are exact counts of a deterministic run; nanoseconds are medians and"
                    + " noisy."
        })
final class EntryCostCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Option(
            names = "--times",
            paramLabel = "N",
            defaultValue = "20000",
            description = "entries in a timed run (default: ${DEFAULT-VALUE})")
    int times;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "7",
            description = "timed runs, of which the median counts (default: ${DEFAULT-VALUE}); 0: no times")
    int repeats;

    @Spec
    CommandSpec spec;

    @Mixin
    KernelSource source = new KernelSource();

    @Mixin
    RunOptions options = new RunOptions();

    private EntryCost cost;

    @Override
    public Integer call() throws Exception {
        if (source.kernel != null || source.linux) return ofKernel();
        if (options.until != null || options.timeout != null || options.maxInstructions != Long.MAX_VALUE)
            throw new UsageException("--until, --timeout and --max-instructions need a KERNEL or --linux");
        if (times < 1 || times > 10_000_000)
            throw new ParameterException(spec.commandLine(), "--times must be 1 to 10000000");
        if (repeats < 0 || repeats > 1000)
            throw new ParameterException(spec.commandLine(), "--repeat must be 0 to 1000");
        measure();
        Output.result(json ? json() : text());
        return 0;
    }

    /** Counts the entries of any kernel, by a profile of a run of it. */
    private int ofKernel() throws Exception {
        Given given = new Given(spec);
        for (String o : List.of("--times", "--repeat"))
            given.refuse(o, "a KERNEL is run once; instructions and memory operations are exact");
        options.check();
        source.prepare(options);
        source.endAtShell(options);
        try (Machine machine = options.guest(source.kernel).load(options.engine.factory())) {
            ConsoleOutput console = new ConsoleOutput(null, options.until, machine::requestStop);
            machine.board().serial(0).setSink(console::write);
            Outcome[] outcome = new Outcome[1];
            Profile p;
            try (EndRequest interrupt = new EndRequest(machine::requestStop, () -> {});
                    Deadline deadline = new Deadline(options.timeout, machine::requestStop);
                    Progress progress = Progress.of(() -> String.format(
                            "%,d million instructions", machine.cpu().instructions() / 1_000_000))) {
                p = Profile.of(machine, source.known(), options.maxInstructions, 0, outcome);
            }
            Output.result(json ? KernelEntryCost.json(p) : KernelEntryCost.text(p));
            return console.found() ? ExitStatus.OK : ExitStatus.of(outcome[0]);
        }
    }

    private void measure() throws IOException, BootException {
        AtomicReference<String> doing = new AtomicReference<>("the kernels");
        Machine.EngineFactory factory = options.engine.factory();
        try (EndRequest interrupt =
                        new EndRequest(() -> {}, () -> Output.say("interrupted while measuring %s", doing.get()), 0);
                Progress progress = Progress.of(() -> "measuring " + doing.get())) {
            cost = EntryCost.measure(factory, times, repeats, doing::set);
        }
    }

    // ---- text ----

    private String text() {
        StringBuilder s = new StringBuilder();
        EntryKernel.Variant[] variants = EntryKernel.Variant.values();
        s.append("Guest instructions, and loads and stores, of entry and exit code (handlers not counted); each variant"
                + " as the difference to none.\n\n");
        s.append(String.format("%-30s %15s %15s", "", "entry none", "exit none"));
        for (EntryKernel.Variant v : variants) {
            if (v != EntryKernel.Variant.none) s.append(String.format(" %15s", v));
        }
        s.append('\n').append(String.format("%-30s", "kind of entry"));
        for (int i = 0; i < variants.length + 1; i++) s.append(String.format(" %8s %6s", "instr", "mem"));
        s.append('\n');
        for (EntryKind kind : EntryKind.values()) {
            EntryCounts none = cost.counts().get(kind).get(EntryKernel.Variant.none);
            s.append(String.format("%-30s", kind.title));
            s.append(String.format(
                    " %8s %6s %8s %6s",
                    number(none.entry()), number(none.entryMemory()), number(none.exit()), number(none.exitMemory())));
            for (EntryKernel.Variant v : variants) {
                if (v == EntryKernel.Variant.none) continue;
                EntryCounts c = cost.counts().get(kind).get(v);
                s.append(String.format(
                        " %8s %6s",
                        "+" + number(c.entry() + c.exit() - none.entry() - none.exit()),
                        "+" + number(c.entryMemory() + c.exitMemory() - none.entryMemory() - none.exitMemory())));
            }
            s.append('\n');
        }
        if (repeats > 0) times(s, variants);
        unwinders(s, variants);
        return s.toString();
    }

    private void times(StringBuilder s, EntryKernel.Variant[] variants) {
        s.append(String.format(
                "%nHost nanoseconds (processor time) of an entry with its handler and exit: median of %d runs of %,d"
                        + " entries on the %s, and half of the distance of its quartiles.%n%n",
                repeats, times, options.engine.engine));
        s.append(String.format("%-30s %10s", "kind of entry", "handler"));
        for (EntryKernel.Variant v : variants) s.append(String.format(" %12s", v));
        s.append('\n');
        for (EntryKind kind : EntryKind.values()) {
            EntryCounts none = cost.counts().get(kind).get(EntryKernel.Variant.none);
            s.append(String.format("%-30s %10s", kind.title, number(none.handler() + none.switching())));
            for (EntryKernel.Variant v : variants) {
                EntryTimes.Spread t = cost.nanoseconds().get(kind).get(v);
                s.append(String.format(" %12s", String.format("%.0f ±%.0f", t.median(), (t.third() - t.first()) / 2)));
            }
            s.append('\n');
        }
        s.append("(handler: guest instructions of handlers and of the change of stacks, the same in all variants)\n");
    }

    private void unwinders(StringBuilder s, EntryKernel.Variant[] variants) {
        s.append("\n"
                + "The unwinder of each variant, at every kernel instruction of a whole run, against the kernel's"
                + " own description of its stacks.\n\n");
        s.append(String.format(
                "%-9s %-8s %8s %9s %12s %13s %11s %13s %9s %9s %11s %8s%n",
                "variant",
                "unwinder",
                "points",
                "right",
                "wrong, says",
                "wrong, silent",
                "promised",
                "right of them",
                "shadow",
                "ns/trace",
                "entry bytes",
                "table"));
        for (EntryKernel.Variant v : variants) {
            Accuracy a = cost.accuracy().get(v);
            s.append(String.format(
                    "%-9s %-8s %,8d %8.2f%% %11.2f%% %13d %,11d %12.2f%% %8.2f%% %9.0f %11d %8d%n",
                    v,
                    EntryTruth.kind(v).label(),
                    a.points(),
                    percent(a.right(), a.points()),
                    percent(a.said(), a.points()),
                    a.silent(),
                    a.promised(),
                    percent(a.promisedRight(), a.promised()),
                    percent(a.shadowRight(), a.points()),
                    a.nanoseconds(),
                    cost.sizes().get(v)[0],
                    cost.sizes().get(v)[1]));
        }
        s.append("(promised: points where the unwinder's rules allow a right trace: rbp set up at the start and at each"
                + " interrupted place, entry code only with a table)\n");
    }

    private static double percent(long n, long of) {
        return of == 0 ? 100 : 100.0 * n / of;
    }

    private static String number(double d) {
        return d == Math.rint(d) ? Long.toString((long) d) : String.format("%.1f", d);
    }

    // ---- JSON ----

    private String json() throws IOException {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("engine", options.engine.engine.name());
        o.put("times", times);
        o.put("repeats", repeats);
        List<Object> kinds = new ArrayList<>();
        for (EntryKind kind : EntryKind.values()) {
            for (EntryKernel.Variant v : EntryKernel.Variant.values()) {
                EntryCounts c = cost.counts().get(kind).get(v);
                Map<String, Object> e = new LinkedHashMap<>();
                e.put("kind", kind.title);
                e.put("variant", v.name());
                e.put("entryInstructions", c.entry());
                e.put("exitInstructions", c.exit());
                e.put("entryMemory", c.entryMemory());
                e.put("exitMemory", c.exitMemory());
                e.put("handlerInstructions", c.handler());
                e.put("switchInstructions", c.switching());
                if (repeats > 0) {
                    EntryTimes.Spread t = cost.nanoseconds().get(kind).get(v);
                    e.put("nanoseconds", t.median());
                    e.put("nanosecondsQuartiles", List.of(t.first(), t.third()));
                }
                kinds.add(e);
            }
        }
        o.put("entries", kinds);
        List<Object> unwinders = new ArrayList<>();
        cost.accuracy().forEach((v, a) -> {
            Map<String, Object> e = new LinkedHashMap<>();
            e.put("variant", v.name());
            e.put("unwinder", EntryTruth.kind(v).label());
            e.put("points", a.points());
            e.put("right", a.right());
            e.put("wrongAndSaidSo", a.said());
            e.put("wrongAndReliable", a.silent());
            e.put("promised", a.promised());
            e.put("promisedAndRight", a.promisedRight());
            e.put("shadowStackRight", a.shadowRight());
            e.put("nanosecondsPerTrace", a.nanoseconds());
            e.put("framesPerTrace", a.frames());
            e.put("entryCodeBytes", cost.sizes().get(v)[0]);
            e.put("tableBytes", cost.sizes().get(v)[1]);
            unwinders.add(e);
        });
        o.put("unwinders", unwinders);
        return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(o) + "\n";
    }
}
