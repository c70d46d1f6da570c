package ringside.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import ringside.machine.Machine;
import ringside.snapshot.StateHash;
import ringside.workbench.run.Deadline;
import ringside.workbench.snapshot.ContinuityCheck;

/** {@code ringside snapshot check}: a machine restored at random points against one that never stops. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a kernel, saves it at random points, restores each state into another machine with the other"
                        + " engine, and compares both at the next point: every field and every byte of RAM.",
        footer = {
            "",
            "--engine says which one never stops; --max-instructions and --timeout end the check earlier.",
            "",
            "Exit status: 0 no difference, 5 a difference, 2 wrong usage or an unusable file.",
            "",
            "Example:",
            "  ringside snapshot check --linux --points 10000 --distance 130000"
        })
final class SnapshotCheckCommand implements Callable<Integer> {
    @Mixin
    KernelSource source = new KernelSource();

    @Option(
            names = {"--points"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "1000",
            description = "how many points (default: ${DEFAULT-VALUE})")
    long points;

    @Option(
            names = {"--distance"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "1m",
            description = "instructions between two points in the mean (default: ${DEFAULT-VALUE})")
    long distance;

    @Option(
            names = {"--seed"},
            paramLabel = "N",
            defaultValue = "1",
            description = "which random points (default: ${DEFAULT-VALUE})")
    long seed;

    @Mixin
    RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        options.check();
        source.prepare(options);
        EngineOptions.Kind other = options.engine.engine == EngineOptions.Kind.translator
                ? EngineOptions.Kind.interpreter
                : EngineOptions.Kind.translator;
        try (Machine never = options.guest(source.kernel).load(options.engine.factory());
                Machine restored = new Machine(never.config(), options.engine.factory(other));
                Progress progress = Progress.of(() ->
                        String.format("%,d million instructions", never.cpu().instructions() / 1_000_000));
                Deadline deadline = new Deadline(options.timeout, never::requestStop)) {
            long start = System.nanoTime();
            ContinuityCheck.Result r = ContinuityCheck.run(
                    never, restored, distance, options.maxInstructions, seed, n -> n >= points || deadline.passed());
            progress.close();
            if (!r.differences().isEmpty()) {
                Output.results()
                        .printf(
                                "the state saved at instruction %,d goes another way; at instruction %,d:%n",
                                r.at(), r.instructions());
                for (String d : r.differences()) Output.results().println("  " + d);
                return ExitStatus.DIFFERENCE;
            }
            Output.results()
                    .printf(
                            "%,d points up to instruction %,d: no difference; state hash %s, %.1f s%n",
                            r.points(), r.instructions(), StateHash.of(never), (System.nanoTime() - start) / 1e9);
            return ExitStatus.OK;
        }
    }
}
