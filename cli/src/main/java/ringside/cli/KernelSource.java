package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import ringside.workbench.UsageException;
import ringside.workbench.linux.LinuxBoot;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.SourceFile;

/** Options that choose a kernel, a file or Debian's, and what is known of it: its symbols and tables once it runs. */
final class KernelSource {
    @Parameters(paramLabel = "KERNEL", arity = "0..1", description = "the kernel's file, a snapshot or a recording")
    Path kernel;

    @Option(
            names = {"--linux"},
            description = "Debian's kernel and busybox, as 'ringside linux' boots them, instead of KERNEL")
    boolean linux;

    @Option(
            names = {"--release"},
            paramLabel = "6.1|6.12|FILE.deb",
            defaultValue = "6.1",
            description = "with --linux: which kernel (default: ${DEFAULT-VALUE})")
    String release;

    @Option(
            names = {"--script"},
            paramLabel = "FILE",
            description = "with --linux: a shell script that the guest runs, then powers off")
    Path script;

    @Option(
            names = {"--packages"},
            paramLabel = "NAME[,NAME]",
            split = ",",
            description = "with --linux: Debian packages that the guest has, with all they depend on")
    List<String> packages = new ArrayList<>();

    @Option(
            names = {"--add"},
            paramLabel = "FILE[:PATH]",
            description = "with --linux: a file or folder of yours for the guest, at /root or at PATH; may be repeated")
    List<String> added = new ArrayList<>();

    @Option(
            names = {"--symbols", "--vmlinux"},
            paramLabel = "FILE",
            description =
                    "vmlinux (ELF) or System.map; without it, KERNEL's own symbols or those in the guest's memory")
    Path symbols;

    private KnownKernel known;
    private SourceFile lines;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Reads or fetches everything, and puts Debian's command line and ramdisk into the options. */
    void prepare(RunOptions options) throws IOException {
        if (linux == (kernel != null))
            throw new UsageException(
                    linux ? "--linux brings its own kernel: leave KERNEL away" : "a KERNEL or --linux is missing");
        Given given = new Given(command);
        for (String option : List.of("--release", "--script", "--packages", "--add"))
            given.needs(option, "--linux", linux);
        if (linux) {
            LinuxBoot.Prepared p = LinuxBoot.prepare(release, script, packages, added, Output.messages());
            if (p.comfortable() > options.guest.memory.bytes()) options.guest.memory = new Size(p.comfortable());
            kernel = p.kernel();
            List<Path> ramdisks = new ArrayList<>(p.initrds());
            for (String extra : options.guest.initrd) ramdisks.add(Path.of(extra));
            options.guest = options.guest.with((p.arguments() + " " + options.guest.append).strip(), ramdisks);
        }
        given.refuseBesideSaved(kernel);
        known = KnownKernel.read(kernel, symbols);
    }

    /**
     * Lets a run of Debian's kernel that is given neither work nor an end stop when its shell waits for input, as
     * nobody types there.
     *
     * @return whether it will
     */
    boolean endAtShell(RunOptions options) {
        // a time limit is for runs that hang, and no end that anybody waits for
        boolean endless = options.until == null && options.maxInstructions == Long.MAX_VALUE;
        if (!linux || script != null || !endless) return false;
        options.until = Pattern.compile("Ringside: shell ready");
        return true;
    }

    /** @return the lines of source that --vmlinux or KERNEL tells of; read when somebody asks */
    SourceFile lines() throws IOException {
        if (lines == null) lines = SourceFile.of(symbols != null ? symbols : kernel);
        return lines;
    }

    /** @return what the files tell; after {@link #prepare} */
    KnownKernel known() {
        return known;
    }
}
