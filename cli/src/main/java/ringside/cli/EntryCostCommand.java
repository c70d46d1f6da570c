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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.entry.Accuracy;
import ringside.workbench.entry.EntryCost;
import ringside.workbench.entry.EntryCounts;
import ringside.workbench.entry.EntryKernel;
import ringside.workbench.entry.EntryKind;
import ringside.workbench.entry.EntryTimes;
import ringside.workbench.entry.EntryTruth;

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
            "Runs the kernel in testdata/entrykernel, which comes in variants: none (no annotation), marker (a frame"
                    + " around each call",
            "into C), encoded (rbp points to pt_regs), table (a read-only table), seed (marker, but not around system"
                    + " calls).",
            "Instructions and memory operations are exact counts of a deterministic run; nanoseconds are medians and"
                    + " noisy."
        })
final class EntryCostCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Option(
            names = "--engine",
            paramLabel = "translator|interpreter",
            defaultValue = "translator",
            description = "engine for the nanoseconds (default: ${DEFAULT-VALUE})")
    Engine engine;

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

    enum Engine {
        translator,
        interpreter
    }

    private EntryCost cost;

    @Override
    public Integer call() throws Exception {
        if (times < 1 || times > 10_000_000)
            throw new ParameterException(spec.commandLine(), "--times must be 1 to 10000000");
        if (repeats < 0 || repeats > 1000)
            throw new ParameterException(spec.commandLine(), "--repeat must be 0 to 1000");
        measure();
        Output.result(json ? json() : text());
        return 0;
    }

    private void measure() throws IOException, BootException {
        AtomicReference<String> doing = new AtomicReference<>("the kernels");
        Machine.EngineFactory factory =
                engine == Engine.interpreter ? Machine::interpreter : Translator.factory(TranslatorOptions.standard());
        try (Interrupt interrupt =
                        new Interrupt(() -> {}, () -> Output.say("interrupted while measuring %s", doing.get()), 0);
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
                repeats, times, engine));
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
        o.put("engine", engine.name());
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
