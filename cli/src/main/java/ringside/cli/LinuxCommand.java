package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import ringside.machine.Machine;
import ringside.workbench.UsageException;
import ringside.workbench.linux.LinuxBoot;
import ringside.workbench.linux.ShellSnapshots;
import ringside.workbench.run.Guest;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;
import ringside.workbench.snapshot.SnapshotFile;

/** {@code ringside linux}: Debian's own kernel with busybox, to a shell. */
@Command(
        name = "linux",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Boots Debian's cloud kernel, unmodified, to a busybox shell.",
        footer = {
            "",
            "Kernel and busybox are fetched once by this machine's package client (apt) into a cache folder.",
            "",
            "In the shell: 'poweroff -f' ends the run, as Ctrl-A x does.",
            "",
            "Examples:",
            "  ringside linux",
            "  ringside linux --release 6.12 --engine interpreter --stats",
            "  ringside linux --from",
            "  echo uname -a | ringside linux --from --until GNU",
            "  ringside linux --until 'shell ready' -- quiet",
            "  ringside linux --packages python3,bc --add program --script commands.sh"
        })
final class LinuxCommand implements Callable<Integer> {
    private static final long MIB = 1 << 20;
    /** What /init says when it starts the shell. */
    private static final String SHELL = "console:Ringside: shell ready";

    @Option(
            names = {"--release"},
            paramLabel = "6.1|6.12|FILE.deb",
            defaultValue = "6.1",
            description = "which of Debian's kernels, or a kernel package's file (default: ${DEFAULT-VALUE})")
    String release;

    @Option(
            names = {"--script"},
            paramLabel = "FILE",
            description = "a shell script that the guest runs instead of the interactive shell, then powers off")
    Path script;

    @Option(
            names = {"--packages"},
            paramLabel = "NAME[,NAME]",
            split = ",",
            description =
                    "Debian packages that go into the guest with all they depend on, fetched by apt; their programs"
                            + " come before busybox'")
    List<String> packages = new ArrayList<>();

    @Option(
            names = {"--add"},
            paramLabel = "FILE[:PATH]",
            description = "a file or folder of yours for the guest, at /root or at PATH; may be repeated")
    List<String> added = new ArrayList<>();

    @Option(
            names = {"--compare"},
            description = "run both engines in lockstep over this boot, as 'ringside compare' does")
    boolean compare;

    @Option(
            names = {"--every"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            defaultValue = "20m",
            description = "with --compare: instructions between two comparisons (default: ${DEFAULT-VALUE})")
    long every;

    @Option(
            names = {"--from"},
            description =
                    "start at the shell, from a snapshot that the first such run of this kernel with these options"
                            + " makes; the newest eight are kept in the cache folder")
    boolean from;

    @Option(
            names = {"--print-files"},
            description = "print kernel, ramdisks and busybox as shell assignments and end")
    boolean printFiles;

    @Spec
    CommandSpec spec;

    @Mixin
    LogOptions log = new LogOptions();

    @Mixin
    RunOptions options = new RunOptions();

    @Mixin
    GdbOptions gdb = new GdbOptions();

    @Mixin
    SaveOptions save = new SaveOptions();

    @Parameters(
            paramLabel = "KERNEL-ARGUMENT",
            arity = "0..*",
            description = "added to the kernel's command line (behind --)")
    List<String> arguments = new ArrayList<>();

    /** What says which files there are, and what does not touch them. */
    private static final Set<String> PREPARED =
            Set.of("--print-files", "--release", "--script", "--packages", "--add", "--quiet");

    @Override
    public Integer call() throws Exception {
        options.log = log;
        options.command = RunOptions.again(spec.commandLine().getParseResult().originalArgs());
        options.check(gdb.gdb != null);
        gdb.check();
        checkArguments();
        LinuxBoot.Prepared p = LinuxBoot.prepare(release, script, packages, added, Output.messages());
        if (printFiles) {
            Output.results()
                    .printf(
                            "kernel='%s'%ninitrd='%s'%nbusybox='%s'%n",
                            p.kernel(), p.initrds().getLast(), p.busybox());
            if (p.initrds().size() > 1)
                Output.results().printf("packages='%s'%n", p.initrds().getFirst());
            return ExitStatus.OK;
        }
        List<String> words = new ArrayList<>(List.of(p.arguments()));
        if (!options.guest.append.isEmpty()) words.add(options.guest.append);
        words.addAll(arguments);
        List<Path> ramdisks = new ArrayList<>(p.initrds());
        for (String extra : options.guest.initrd) ramdisks.add(Path.of(extra));
        memory(p);
        options.guest = options.guest.with(String.join(" ", words), ramdisks);
        if (from) return fromShell(p.kernel(), ramdisks);
        return compare
                ? Comparison.run(options.guest(p.kernel()), options, every)
                : Session.run(p.kernel(), options, gdb, save);
    }

    /** Runs on from the shell's snapshot; if there is none that can be used, makes it first. */
    private int fromShell(Path kernel, List<Path> ramdisks) throws Exception {
        List<Path> files = new ArrayList<>(List.of(kernel));
        files.addAll(ramdisks);
        Guest guest = options.guest(kernel);
        Path snapshot = ShellSnapshots.of(
                files,
                List.of(
                        guest.boot().toString(),
                        guest.config().model().text(),
                        Long.toString(guest.config().memory()),
                        guest.config().devices().toString(),
                        ShellSnapshots.machine(guest.config()),
                        new Version().getVersion()[0],
                        Integer.toString(SnapshotFile.VERSION)));
        if (!usable(snapshot)) {
            Output.say("booting once to the shell, for the snapshot %s", snapshot);
            try (Machine m = guest.load(options.engine.factory())) {
                Stops stops = new Stops(m, List.of(When.parse("--from", SHELL)), new KernelOnce(kernel, gdb.symbols));
                m.board().serial(0).setSink(stops::console);
                stops.run(options.maxInstructions, s -> {
                    SnapshotFile.save(snapshot, m, SaveOptions.labels(kernel, options), null)
                            .close();
                    return false;
                });
                if (!stops.complete())
                    throw new UsageException("--from: the guest ended before its shell was ready; run it without");
            }
        }
        for (Path gone : ShellSnapshots.used(snapshot)) Output.say("removed %s, not used for long", gone);
        options.guest = new GuestOptions();
        options.guest.cpu = guest.config().model();
        options.guest.memory = new Size(guest.config().memory());
        options.guest.clock = GuestOptions.ClockKind.virtual;
        return Session.run(snapshot, options, gdb, save);
    }

    private static boolean usable(Path snapshot) {
        if (!Files.exists(snapshot)) return false;
        try (SnapshotFile s = SnapshotFile.open(snapshot)) {
            return s.parent() == null;
        } catch (IOException e) {
            Output.say("%s; it is made anew", e.getMessage());
            return false;
        }
    }

    /** A word that does not stand behind "--" is more likely a slip than a kernel argument. */
    private void checkArguments() {
        List<String> words = spec.commandLine().getParseResult().originalArgs();
        int dashes = words.indexOf("--");
        int behind = dashes < 0 ? 0 : words.size() - dashes - 1;
        if (arguments.size() > behind) {
            throw new UsageException("'" + arguments.getFirst()
                    + "' is no option; kernel arguments stand behind '--', as in: ringside linux -- quiet");
        }
        Given given = new Given(spec);
        if (printFiles) {
            given.refuseAllBut("--print-files starts no guest", PREPARED);
            if (!arguments.isEmpty())
                throw new UsageException("'" + arguments.getFirst() + "': --print-files starts no guest");
        }
        if (from) {
            if (compare) throw new UsageException("--from does not go with --compare, which compares the boot");
            if (script != null)
                throw new UsageException(
                        "--from starts at the shell, and --script replaces it; type, or pipe, commands");
            if (options.guest.clock == GuestOptions.ClockKind.wall)
                throw new UsageException("--from needs --clock virtual");
        }
        given.needs("--every", "--compare", compare);
        if (compare) {
            given.refuse("--log", "--compare runs the guest twice; log a run without it");
            given.refuse("--log-last", "--compare runs the guest twice; log a run without it");
            for (String o : List.of("--save-at", "--save-to", "--record"))
                given.refuse(o, "--compare keeps nothing of its runs");
            given.refuse("--engine", "--compare runs both engines");
            given.refuse("--gdb", "a comparison has two machines");
            given.refuse("--stats", "--compare prints what it compared; a run without it has figures");
        }
    }

    /** Gives the guest the memory that its initramfs needs, unless the user said how much it has: then that must do. */
    private void memory(LinuxBoot.Prepared p) {
        if (spec.commandLine().getParseResult().hasMatchedOption("--memory")) {
            if (options.guest.memory.bytes() < p.memory()) {
                throw new UsageException(String.format(
                        "the initramfs needs --memory %dM at the least, it does not fit into %s",
                        p.memory() / MIB + 1, options.guest.memory));
            }
        } else if (p.comfortable() > options.guest.memory.bytes()) {
            options.guest.memory = new Size(p.comfortable());
            Output.say("the guest gets %s of memory, for its initramfs (--memory changes it)", options.guest.memory);
        }
    }
}
