package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.KernelModel;
import ringside.workbench.UsageException;
import ringside.workbench.snapshot.SnapshotFile;

/** {@code ringside snapshot save}: runs a kernel to a place and saves the whole machine there. */
@Command(
        name = "save",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs a kernel, a snapshot or a recording to a place and saves the machine there.",
        footer = {
            "",
            "Exit status: 0 it was saved, 2 wrong usage or an unusable file, 4 the place was never reached.",
            "",
            "Examples:",
            "  ringside snapshot save --linux --at 'console:shell ready' -o shell.snapshot",
            "  ringside snapshot save boot.rec --at do_exit#2 -o exit.snapshot"
        })
final class SnapshotSaveCommand extends StopCommand {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "the file to write; it appears when it is whole, in place of one that was there")
    Path output;

    @Override
    void check() {
        if (core != null) throw new UsageException("--core is a guest's memory, not a machine that could run");
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
        long start = System.nanoTime();
        SnapshotFile.save(output, machine, SaveOptions.labels(source.kernel, options), null)
                .close();
        Output.say(
                "saved %s: instruction %,d, %.1f MB, %.2f s",
                output, machine.cpu().instructions(), Files.size(output) / 1e6, (System.nanoTime() - start) / 1e9);
        return ExitStatus.OK;
    }
}
