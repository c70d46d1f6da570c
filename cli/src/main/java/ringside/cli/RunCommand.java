package ringside.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import ringside.workbench.UsageException;
import ringside.workbench.snapshot.SnapshotFile;

/** {@code ringside run}: boots one kernel with the terminal as its first serial port. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs a kernel; its first serial port is this terminal.",
        footer = {
            "",
            "KERNEL is a Linux bzImage, an ELF64 vmlinux, a PVH or multiboot 1 image, told by the file; or any code"
                    + " with --raw.",
            "",
            "In the terminal: Ctrl-A x ends the run, Ctrl-A c opens the monitor, Ctrl-A s saves a snapshot, Ctrl-A h"
                    + " shows the keys.",
            "",
            "Examples:",
            "  ringside run vmlinuz --initrd initrd.img --append 'console=ttyS0'",
            "  ringside run boot.bin --raw 0x7c00:real",
            "  ringside run kernel.elf --gdb 1234 --wait",
            "  ringside run vmlinuz --append 'console=ttyS0' --save-at 900m --save-at console:login:",
            "  ringside run --from vmlinuz-900000000.snapshot",
            "  ringside run kernel.elf --max-instructions 100m --stats",
            "  ringside run vmlinuz --append 'console=ttyS0' --until 'Linux version' --engine interpreter"
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "KERNEL", arity = "0..1", description = "the kernel's file, or a snapshot")
    Path kernel;

    @Option(
            names = {"--from"},
            paramLabel = "SNAPSHOT",
            description = "go on from this snapshot, as if the run had never stopped")
    Path from;

    @Mixin
    LogOptions log = new LogOptions();

    @Mixin
    RunOptions options = new RunOptions();

    @Mixin
    GdbOptions gdb = new GdbOptions();

    @Mixin
    SaveOptions save = new SaveOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        options.log = log;
        options.command = RunOptions.again(spec.commandLine().getParseResult().originalArgs());
        options.check(gdb.gdb != null);
        gdb.check();
        if (from != null) {
            if (kernel != null) throw new UsageException("--from brings its own kernel: leave KERNEL away");
            if (!java.nio.file.Files.exists(from)) throw new java.nio.file.NoSuchFileException(from.toString());
            if (!SnapshotFile.isOne(from)) throw new UsageException(from + ": is no snapshot and no recording");
            kernel = from;
        }
        if (kernel == null) throw new UsageException("a KERNEL or --from SNAPSHOT is missing");
        new Given(spec).refuseBesideSaved(kernel);
        return Session.run(kernel, options, gdb, save);
    }
}
