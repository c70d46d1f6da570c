package ringside.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import ringside.cpu.CpuModel;
import ringside.workbench.fuzz.CaseGenerator;
import ringside.workbench.fuzz.FuzzRun;
import ringside.workbench.fuzz.Fuzzer;

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
        tell(err, "fuzzing from seed " + first);
        CpuModel model = CpuModel.parse(cpu);
        FuzzRun.Plan plan = new FuzzRun.Plan(
                first, kind, cases, seconds, model, other == null ? model : other, after, !noHost, save);
        if (print) return print(plan);
        try (FuzzRun run = new FuzzRun(plan, line -> tell(err, line));
                EndRequest end = new EndRequest(() -> {}, () -> interrupted(run))) {
            run.run(end::happened);
            if (end.happened()) return run.found() == 0 ? ExitStatus.OK : ExitStatus.DIFFERENCE;
            if (run.comparedWithHost() > 0)
                tell(
                        err,
                        String.format(
                                "%,d cases were compared with the processor of this machine", run.comparedWithHost()));
            tell(err, total(run));
            return run.found() == 0 ? ExitStatus.OK : ExitStatus.DIFFERENCE;
        }
    }

    private static void tell(PrintWriter err, String line) {
        err.println("ringside: " + line);
        err.flush();
    }

    private String total(FuzzRun run) {
        int found = run.found();
        return String.format(
                "%,d cases, %d difference%s%s",
                run.done(), found, found == 1 ? "" : "s", found == 0 ? "" : "; saved in " + save);
    }

    /** Ctrl-C, at the end: if the last case could not be waited for, what it leaves is saved and taken away here. */
    private void interrupted(FuzzRun run) {
        try {
            run.close();
        } catch (IOException e) {
            Output.line(e.toString());
        }
        Output.messages().printf("%nringside: interrupted after %s%n", total(run));
    }

    private int print(FuzzRun.Plan plan) throws IOException {
        if (cases == null) throw new ParameterException(spec.commandLine(), "--print needs --cases");
        PrintWriter out = spec.commandLine().getOut();
        for (long n = 0; n < cases; n++) out.println(Fuzzer.json(plan.make(n)));
        out.flush();
        return ExitStatus.OK;
    }
}
