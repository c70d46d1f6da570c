package ringside.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import ringside.machine.Machine;
import ringside.workbench.UsageException;
import ringside.workbench.snapshot.About;
import ringside.workbench.snapshot.SnapshotFile;
import ringside.workbench.snapshot.WholeFile;

/** {@code ringside snapshot}: saves snapshots, and tells what snapshots there are. */
@Command(
        name = "snapshot",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Saves, lists, shows and removes snapshots; 'run --save-at WHEN' and Ctrl-A s in a run save them too,"
                        + " and they stand wherever a KERNEL does.",
        subcommands = {SnapshotSaveCommand.class, SnapshotCheckCommand.class},
        synopsisSubcommandLabel = "save|check|list|show|rm")
final class SnapshotCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of these is missing: save, check, list, show, rm");
    }

    private static List<Path> in(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path p : files) {
                if (SnapshotFile.isOne(p)) found.add(p);
            }
        }
        found.sort(null);
        return found;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the snapshots of a folder.")
    int list(@Parameters(paramLabel = "FOLDER", arity = "0..1", defaultValue = ".") Path folder) throws IOException {
        for (String name : WholeFile.clean(folder))
            Output.say("removed %s, which a save that was killed had left", name);
        for (Path p : in(folder)) {
            try {
                if (About.of(p).kind() != About.Kind.SNAPSHOT) continue;
                try (SnapshotFile s = SnapshotFile.open(p)) {
                    Output.results()
                            .printf(
                                    "%-40s %,18d  %8.1f MB  %s%n",
                                    p.getFileName(),
                                    s.image().instructions(),
                                    Files.size(p) / 1e6,
                                    s.about().parent());
                }
            } catch (IOException e) {
                Output.results().println(e.getMessage());
            }
        }
        return ExitStatus.OK;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows what a snapshot is of, and checks it.")
    int show(@Parameters(paramLabel = "FILE") Path file) throws IOException {
        try (SnapshotFile s = SnapshotFile.open(file)) {
            try (Machine m = s.machine(Machine::interpreter)) {
                m.memory().arriveAll();
            }
            About a = s.about();
            Output.results()
                    .printf(
                            "instruction  %,d%nmemory       %,d bytes%nprocessor    %s%nparent       %s%nid          "
                                    + " %s%n",
                            s.image().instructions(),
                            a.config().memory(),
                            a.config().model().text(),
                            a.parent().isEmpty() ? "none" : a.parent(),
                            s.id());
            a.labels().forEach((name, value) -> Output.results().printf("%-12s %s%n", name, value));
        }
        return ExitStatus.OK;
    }

    @Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes a snapshot that no other one needs.")
    int rm(@Parameters(paramLabel = "FILE") Path file) throws IOException {
        if (!Files.exists(file)) throw new java.nio.file.NoSuchFileException(file.toString());
        if (!SnapshotFile.isOne(file)) throw new UsageException(file + ": is no snapshot");
        for (Path p : in(file.toAbsolutePath().getParent())) {
            if (About.of(p).parent().equals(file.getFileName().toString()))
                throw new UsageException(file + ": " + p.getFileName() + " needs it; remove that first");
        }
        Files.delete(file);
        return ExitStatus.OK;
    }
}
