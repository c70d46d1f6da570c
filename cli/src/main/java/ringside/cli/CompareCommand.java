package ringside.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ringside compare}: both engines over the same guest, in lockstep. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs interpreter and translator over the same guest and compares their whole states.",
        footer = {
            "",
            "Every N instructions registers, system registers, device state and every byte of RAM are compared. At the"
                    + " first",
            "difference the interval is narrowed down to the one instruction; its bytes, disassembly and both states"
                    + " are shown.",
            "",
            "Exit status: 0 no difference, 5 a difference, 2 wrong usage or an unusable file.",
            "",
            "Example:",
            "  ringside compare vmlinuz --append 'console=ttyS0' --max-instructions 500m"
        })
final class CompareCommand implements Callable<Integer> {
    @Parameters(paramLabel = "KERNEL", description = "the kernel's file, a snapshot or a recording")
    Path kernel;

    @Option(
            names = {"--every"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "20m",
            description = "instructions between two comparisons (default: ${DEFAULT-VALUE})")
    long every;

    @Mixin
    RunOptions options = new RunOptions();

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        options.check();
        new Given(spec).refuseBesideSaved(kernel);
        return Comparison.run(options.guest(kernel), options, every);
    }
}
