package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import ringside.guest.CoreFile;
import ringside.guest.CoreWriter;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Vmcoreinfo;
import ringside.workbench.UsageException;

/** {@code ringside core}: runs a kernel to a place and writes its memory and registers there as an ELF core. */
@Command(
        name = "core",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description =
                "Runs a kernel to a place and writes an ELF core of it there, which crash, drgn, gdb and 'ringside"
                        + " unwind --core' open.",
        footer = {
            "",
            "Exit status: 0 the core was written, 2 wrong usage, no such symbol or an unusable file, 4 the place was"
                    + " never reached.",
            "",
            "Examples:",
            "  ringside core --linux --at try_to_wake_up#100 -o wakeup.core",
            "  ringside core vmlinuz --initrd initrd.img --append console=ttyS0 --on-fault 14#2000 -o fault.core",
            "  crash vmlinux wakeup.core"
        })
final class CoreCommand extends StopCommand {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "the file to write; it appears when it is whole")
    Path output;

    @Override
    void check() {
        if (Files.isDirectory(output)) throw new UsageException(output + " is a folder");
        Path folder = output.toAbsolutePath().getParent();
        if (folder == null || !Files.isWritable(folder))
            throw new UsageException(output + ": its folder does not exist or cannot be written");
    }

    @Override
    Set<String> forCores() {
        return Set.of();
    }

    @Override
    int stopped(String what, GuestView view, KernelModel kernel, Machine machine) throws IOException {
        CoreFile.Note info = Vmcoreinfo.inMemory(view, kernel.symbols());
        long bytes = new CoreWriter(view.state(), info == null ? List.of() : List.of(info)).write(output);
        Output.say(
                "%s: %,d MiB of RAM at %s, after %,d instructions%s",
                output,
                bytes >> 20,
                what,
                view.state().instructions(),
                info == null && kernel.symbols().address("vmcoreinfo_data") != null
                        ? "; the kernel has no VMCOREINFO (yet), which crash and drgn want"
                        : "");
        return ExitStatus.OK;
    }
}
