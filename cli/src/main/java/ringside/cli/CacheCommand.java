package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import ringside.workbench.linux.LinuxBoot;

/** {@code ringside cache}: shows and removes what is kept from one run to the next. */
@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Shows what is kept from one run to the next; 'cache clear' removes it.",
        synopsisSubcommandLabel = "[clear]",
        footer = {
            "",
            "jvm        the JVM's cache of classes and profiles, which the launcher makes after a build; --no-cache",
            "           runs without",
            "snapshots  of Debian's shell, which 'linux --from' makes the first time",
            "packages   kernels, busybox and programs that 'linux' has fetched",
            "",
            "Guest code is translated anew in each run; translations are not kept (docs/performance.md says why).",
            "",
            "Examples:",
            "  ringside cache",
            "  ringside cache clear jvm snapshots"
        })
final class CacheCommand implements Callable<Integer> {
    /** Set by the launcher: the file of the JVM's cache, there or not. */
    static final String JVM_CACHE = "ringside.jvm-cache";

    /** What is kept. */
    enum Kept {
        jvm,
        snapshots,
        packages
    }

    @Override
    public Integer call() throws IOException {
        for (Kept k : Kept.values()) {
            Path place = place(k);
            List<Path> files = files(k);
            long bytes = 0;
            for (Path f : files) bytes += Files.size(f);
            Output.results()
                    .printf(
                            "%-10s %5d file%s %9.1f MB  %s%n",
                            k,
                            files.size(),
                            files.size() == 1 ? " " : "s",
                            bytes / 1e6,
                            place == null ? "(made by the launcher only)" : place);
        }
        return ExitStatus.OK;
    }

    @Command(name = "clear", mixinStandardHelpOptions = true, description = "Removes what is kept, of these kinds.")
    int clear(
            @Parameters(
                            paramLabel = "KIND",
                            arity = "1..*",
                            description = "some of ${COMPLETION-CANDIDATES}; nothing that runs at the moment is"
                                    + " disturbed")
                    List<Kept> kinds)
            throws IOException {
        Set<Kept> chosen = EnumSet.copyOf(kinds);
        for (Kept k : chosen) {
            long bytes = 0;
            int removed = 0;
            for (Path f : files(k)) {
                long size = Files.size(f);
                if (!Files.deleteIfExists(f)) continue;
                removed++;
                bytes += size;
            }
            Output.say("%s: removed %d file%s, %.1f MB", k, removed, removed == 1 ? "" : "s", bytes / 1e6);
        }
        return ExitStatus.OK;
    }

    private static Path place(Kept k) throws IOException {
        return switch (k) {
            case jvm -> {
                String file = System.getProperty(JVM_CACHE);
                yield file == null ? null : Path.of(file);
            }
            case snapshots -> LinuxBoot.cacheFolder().resolve("snapshots");
            case packages -> LinuxBoot.cacheFolder();
        };
    }

    private static List<Path> files(Kept k) throws IOException {
        Path place = place(k);
        if (place == null || !Files.exists(place)) return List.of();
        Path snapshots = place(Kept.snapshots);
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(f -> Files.isRegularFile(f, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .filter(f -> k != Kept.packages || !f.startsWith(snapshots))
                    .sorted()
                    .toList();
        }
    }
}
