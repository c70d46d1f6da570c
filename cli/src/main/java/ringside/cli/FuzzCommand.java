package ringside.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.cpu.CpuModel;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.workbench.fuzz.CaseGenerator;
import ringside.workbench.fuzz.Fuzzer;
import ringside.workbench.fuzz.HostProcessor;

/** {@code ringside fuzz}: random programs on both engines. */
@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs random code on interpreter and translator and compares everything; a difference is made smaller"
                        + " and saved as a case for 'ringside exec --batch'.",
        footer = {
            "",
            "Runs until it is stopped (Ctrl-C), --seconds are over, or --cases are done. A case follows from --kind"
                    + " and its seed, which is its name.",
            "",
            "Examples:",
            "  ringside fuzz --seconds 60",
            "  ringside fuzz --kind system --seed 42 --cases 10000",
            "",
            "Exit status: 0 no difference; 5 a difference was found; 130 stopped by Ctrl-C."
        })
final class FuzzCommand implements Callable<Integer> {
    private static final int DIFFERENCE = 5;
    /**
     * Laboratories are made anew after so many cases, so that a long run does not keep what old cases left in caches.
     */
    private static final int RENEW = 20_000;

    @Spec
    CommandSpec spec;

    @Option(names = "--seconds", paramLabel = "N", description = "host time to run (default: until stopped)")
    Double seconds;

    @Option(names = "--cases", paramLabel = "N", description = "cases to run (default: until stopped)")
    Long cases;

    @Option(names = "--seed", paramLabel = "S", description = "first seed (default: from the clock; it is shown)")
    Long seed;

    @Option(
            names = "--kind",
            paramLabel = "instruction|block|system",
            description = "what to generate (default: all three in turn)")
    CaseGenerator.Kind kind;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            defaultValue = "fuzz-found.jsonl",
            description = "where cases that differ are appended (default: ${DEFAULT-VALUE})")
    Path save;

    @Option(
            names = "--cpu",
            paramLabel = "MODEL[,+F][,-F]",
            defaultValue = "max",
            description = "processor, as for 'run' (default: max)")
    String cpu;

    @Option(
            names = "--translate-after",
            paramLabel = "N",
            description = "entries of a block before it is translated (default: 1 and 3 by turns)")
    Integer after;

    @Option(names = "--no-host", description = "do not compare with the processor of this machine")
    boolean noHost;

    @Option(
            names = "--print",
            description = "print the cases, as 'exec --batch' takes them, instead of running them (needs --cases)")
    boolean print;

    /** The processor of the second engine, for tests that want differences; null for the same. */
    CpuModel other;

    private volatile long done;
    private volatile int found;
    private int turn;
    private long compared;
    private volatile HostProcessor host;
    /** A difference that was told of and is not saved yet, as small as it is by now. */
    private Map<String, Object> pending;

    @Override
    public Integer call() throws IOException {
        if (seconds != null && !(seconds > 0))
            throw new ParameterException(spec.commandLine(), "--seconds must be greater than 0");
        if (after != null && after < 1)
            throw new ParameterException(spec.commandLine(), "--translate-after must be greater than 0");
        if (cases != null && cases <= 0)
            throw new ParameterException(spec.commandLine(), "--cases must be greater than 0");
        if (!Files.isDirectory(save.toAbsolutePath().getParent()))
            throw new ParameterException(
                    spec.commandLine(),
                    "--save: there is no folder " + save.toAbsolutePath().getParent());
        long first = seed != null ? seed : new SplittableRandom().nextLong() >>> 16;
        PrintWriter err = spec.commandLine().getErr();
        err.println("ringside: fuzzing from seed " + first);
        err.flush();
        if (print) return print(first);
        try (Interrupt end = new Interrupt(() -> {}, this::interrupted)) {
            run(first, err, end);
            if (compared > 0 && !end.happened())
                err.printf("ringside: %,d cases were compared with the processor of this machine%n", compared);
            if (!end.happened()) err.println("ringside: " + total());
            err.flush();
        }
        return found == 0 ? 0 : DIFFERENCE;
    }

    private String total() {
        return String.format(
                "%,d cases, %d difference%s%s",
                done, found, found == 1 ? "" : "s", found == 0 ? "" : "; saved in " + save);
    }

    /** Ctrl-C, at the end: if the last case could not be waited for, what it leaves is saved and taken away here. */
    private void interrupted() {
        try {
            save();
            HostProcessor h = host;
            if (h != null) h.close();
        } catch (IOException e) {
            Output.line(e.toString());
        }
        Output.messages().printf("%nringside: interrupted after %s%n", total());
    }

    private synchronized void pending(Map<String, Object> difference) {
        pending = difference;
    }

    private synchronized Map<String, Object> pending() {
        return pending;
    }

    private synchronized void save() throws IOException {
        if (pending == null) return;
        Files.writeString(save, Fuzzer.json(pending) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        pending = null;
    }

    private int print(long first) throws IOException {
        if (cases == null) throw new ParameterException(spec.commandLine(), "--print needs --cases");
        PrintWriter out = spec.commandLine().getOut();
        for (long n = 0; n < cases; n++) out.println(Fuzzer.json(make(first, n)));
        out.flush();
        return 0;
    }

    private Map<String, Object> make(long first, long n) {
        CaseGenerator.Kind[] all = CaseGenerator.Kind.values();
        return CaseGenerator.make(kind != null ? kind : all[(int) (n % all.length)], first + n);
    }

    private Fuzzer fuzzer() {
        CpuModel model = CpuModel.parse(cpu);
        int n = after != null ? after : turn++ % 2 == 0 ? 3 : 1;
        TranslatorOptions options = TranslatorOptions.after(n).withBackground(false);
        return new Fuzzer(model, other == null ? model : other, Translator.factory(options), host);
    }

    private HostProcessor host(PrintWriter err) throws IOException {
        if (noHost || kind == CaseGenerator.Kind.SYSTEM) return null;
        try {
            HostProcessor h = HostProcessor.start();
            if (!h.runs32BitCode())
                err.println("ringside: cases of 32-bit code are compared between the engines only:"
                        + " this machine's kernel has no segment for 32-bit code");
            return h;
        } catch (HostProcessor.UnavailableException e) {
            err.println("ringside: no comparison with the processor of this machine: " + e.getMessage());
            return null;
        }
    }

    private void run(long first, PrintWriter err, Interrupt end) throws IOException {
        long start = System.nanoTime();
        try (HostProcessor h = host(err)) {
            host = h;
            run(first, err, end, start);
        }
    }

    private void run(long first, PrintWriter err, Interrupt end, long start) throws IOException {
        long told = start;
        Fuzzer f = fuzzer();
        while (!end.happened()
                && (cases == null || done < cases)
                && (seconds == null || System.nanoTime() - start < seconds * 1e9)) {
            Map<String, Object> c = make(first, done);
            List<String> d = f.differences(c);
            if (!d.isEmpty()) report(f, c, d, err, end);
            done++;
            if (done % RENEW == 0) {
                compared += f.comparedWithHost();
                f.close();
                f = fuzzer();
            }
            if (System.nanoTime() - told > 5_000_000_000L) {
                told = System.nanoTime();
                err.printf("ringside: %,d cases, %,.0f/s, %d differences%n", done, done * 1e9 / (told - start), found);
                err.flush();
            }
        }
        compared += f.comparedWithHost();
        f.close();
    }

    private void report(Fuzzer f, Map<String, Object> c, List<String> first, PrintWriter err, Interrupt end)
            throws IOException {
        pending(f.withExpectation(c));
        found++;
        err.println("ringside: a difference in " + c.get("name") + ": " + first.getFirst() + "; making it smaller ...");
        err.flush();
        Map<String, Object> small = f.minimise(c, end::happened, this::pending);
        List<String> d = end.happened() ? first : f.differences(small);
        if (!end.happened()) pending(f.withExpectation(small));
        for (String line : d.subList(0, Math.min(8, d.size()))) err.println("  " + line);
        err.println("  " + Fuzzer.json(pending()));
        err.flush();
        save();
    }
}
