package ringside.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ringside run}: boots one kernel with the terminal as its first serial port. */
@Command(name = "run", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false,
        description = "Runs a kernel; its first serial port is this terminal.",
        footer = {"", "KERNEL is a Linux bzImage, an ELF64 vmlinux, a PVH or multiboot 1 image, told by the file; or any code with --raw.",
            "", "In the terminal: Ctrl-A x ends the run, Ctrl-A h shows the keys.",
            "", "Examples:",
            "  ringside run vmlinuz --initrd initrd.img --append 'console=ttyS0'",
            "  ringside run boot.bin --raw 0x7c00:real",
            "  ringside run kernel.elf --gdb 1234 --wait",
            "  ringside run kernel.elf --max-instructions 100m --stats",
            "  ringside run vmlinuz --append 'console=ttyS0' --until 'Linux version' --engine interpreter"})
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "KERNEL", description = "the kernel's file")
    Path kernel;

    @Mixin
    LogOptions log = new LogOptions();

    @Mixin
    RunOptions options = new RunOptions();

    @Mixin
    GdbOptions gdb = new GdbOptions();

    @Override
    public Integer call() throws Exception {
        options.log = log;
        options.check();
        gdb.check();
        return Session.run(kernel, options, gdb);
    }
}
