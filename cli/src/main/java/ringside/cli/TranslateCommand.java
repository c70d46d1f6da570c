package ringside.cli;

import java.io.IOException;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.translator.RegionListing;
import ringside.unwinder.KernelModel;
import ringside.workbench.UsageException;

/** {@code ringside translate}: runs a kernel to a place and shows what the translator makes of the code there. */
@Command(
        name = "translate",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a kernel to a place and prints the region that the translator makes of the code there: guest"
                        + " code, plan and bytecode.",
        footer = {
            "",
            "What belongs to a region is what has been executed: --warm lets the guest run on behind the place before"
                    + " the region is planned.",
            "",
            "Exit status: 0 the region was printed, 2 wrong usage, no such symbol or an unusable file, 4 the place was"
                    + " never reached, or its code was gone when the region was planned.",
            "",
            "Examples:",
            "  ringside translate --linux --at memset_erms",
            "  ringside translate kernel.elf --at 0x100000 --warm 1m --plan",
            "  ringside translate --linux --at vsnprintf#50 --bytecode"
        })
final class TranslateCommand extends StopCommand {
    @Option(
            names = {"--warm"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "1m",
            description = "instructions to run on behind the place (default: ${DEFAULT-VALUE})")
    long warm;

    @Option(
            names = {"--plan"},
            description = "print guest code and plan only")
    boolean planOnly;

    @Option(
            names = {"--bytecode"},
            description = "print the bytecode only")
    boolean bytecodeOnly;

    private Machine machine;
    private RegionListing.Place place;
    private KernelModel kernel;
    private String what;

    @Override
    void check() {
        if (planOnly && bytecodeOnly) throw new UsageException("--plan and --bytecode exclude each other");
    }

    @Override
    Set<String> forCores() {
        return Set.of();
    }

    @Override
    int stopped(String reached, GuestView view, KernelModel known, Machine m) throws IOException {
        place = RegionListing.here(m.cores().getFirst());
        machine = m;
        kernel = known;
        what = reached;
        if (place != null) return ExitStatus.OK;
        Output.say("%s: the code there does not lie in RAM", reached);
        return ExitStatus.LIMIT;
    }

    /** Behind the stop, when no breakpoint cuts blocks any more. */
    @Override
    int done(boolean interrupted) {
        if (place == null || interrupted) return ExitStatus.OK;
        machine.run(Math.min(options.maxInstructions, machine.cpu().instructions() + warm));
        RegionListing l = RegionListing.of(machine.cores().getFirst(), place, options.engine.translatorOptions());
        if (l == null) {
            Output.say(
                    "%s: the code there was not executed again in %,d instructions, or has been overwritten; --warm N"
                            + " runs on for longer",
                    what, warm);
            return ExitStatus.LIMIT;
        }
        StringBuilder s = new StringBuilder();
        if (!bytecodeOnly) s.append(l.plan(a -> kernel.describe(a, true)));
        if (!planOnly) s.append(s.isEmpty() ? "" : System.lineSeparator()).append(l.bytecode());
        Output.result(s.toString());
        return ExitStatus.OK;
    }
}
