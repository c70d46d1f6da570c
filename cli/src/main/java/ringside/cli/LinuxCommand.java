package ringside.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import ringside.linux.LinuxBoot;

/** {@code ringside linux}: Debian's own kernel with busybox, to a shell. */
@Command(name = "linux", mixinStandardHelpOptions = true, versionProvider = Main.Version.class, sortOptions = false,
        description = "Boots Debian's cloud kernel, unmodified, to a busybox shell.",
        footer = {"", "Kernel and busybox are fetched once by this machine's package client (apt) into a cache folder.",
            "", "In the shell: 'poweroff -f' ends the run, as Ctrl-A x does.",
            "", "Examples:", "  ringside linux", "  ringside linux --release 6.12 --engine interpreter --stats",
            "  ringside linux --until 'shell ready' -- quiet"})
final class LinuxCommand implements Callable<Integer> {
    @Option(names = {"--release"}, paramLabel = "6.1|6.12|FILE.deb", defaultValue = "6.1",
            description = "which of Debian's kernels, or a kernel package's file (default: ${DEFAULT-VALUE})")
    String release;

    @Option(names = {"--script"}, paramLabel = "FILE", description = "a shell script that the guest runs instead of the interactive shell, then powers off")
    java.nio.file.Path script;

    @Option(names = {"--compare"}, description = "run both engines in lockstep over this boot, as 'ringside compare' does")
    boolean compare;

    @Option(names = {"--every"}, paramLabel = "N", converter = RunOptions.Count.class, defaultValue = "20m",
            description = "with --compare: instructions between two comparisons (default: ${DEFAULT-VALUE})")
    long every;

    @Option(names = {"--print-files"}, description = "print kernel, ramdisk and busybox as shell assignments and end")
    boolean printFiles;

    @Mixin
    RunOptions options = new RunOptions();

    @Parameters(paramLabel = "KERNEL-ARGUMENT", arity = "0..*", description = "added to the kernel's command line (behind --)")
    List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        options.check();
        LinuxBoot.Prepared p = LinuxBoot.prepare(release, script, System.err);
        if (printFiles) {
            System.out.printf("kernel='%s'%ninitrd='%s'%nbusybox='%s'%n", p.kernel(), p.initrd(), p.busybox());
            return ExitStatus.OK;
        }
        List<String> words = new ArrayList<>(List.of(p.arguments()));
        if (!options.guest.append.isEmpty()) words.add(options.guest.append);
        words.addAll(arguments);
        List<java.nio.file.Path> ramdisks = new ArrayList<>();
        ramdisks.add(p.initrd());
        for (String extra : options.guest.initrd) ramdisks.add(java.nio.file.Path.of(extra));
        options.guest = options.guest.with(String.join(" ", words), ramdisks);
        return compare ? Lockstep.compare(p.kernel(), options, every) : Session.run(p.kernel(), options);
    }
}
