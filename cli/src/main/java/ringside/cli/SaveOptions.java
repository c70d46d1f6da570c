package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import ringside.machine.Machine;
import ringside.workbench.UsageException;
import ringside.workbench.run.When;
import ringside.workbench.snapshot.About;
import ringside.workbench.snapshot.Recorder;
import ringside.workbench.snapshot.SnapshotFile;
import ringside.workbench.snapshot.WholeFile;

/** What a run keeps for later: snapshots and a recording. */
final class SaveOptions implements java.io.Closeable {
    @Option(
            names = {"--save-at"},
            paramLabel = "WHEN",
            description = "save a snapshot there and go on: " + When.GRAMMAR + "; may be repeated")
    List<String> saveAt = new ArrayList<>();

    @Option(
            names = {"--save-to"},
            paramLabel = "FOLDER",
            defaultValue = ".",
            description = "where --save-at and Ctrl-A s put their files (default: here)")
    Path saveTo = Path.of(".");

    @Option(
            names = {"--record"},
            paramLabel = "FILE",
            description = "record all input and some states, for 'ringside replay'")
    Path record;

    /** Snapshots that are differences, each to the one before, until one is whole again. */
    private static final int CHAIN = 50;

    private SnapshotFile last;
    private int chained;

    List<When> points() {
        return saveAt.stream().map(t -> When.parse("--save-at", t)).toList();
    }

    boolean asked() {
        return !saveAt.isEmpty() || record != null;
    }

    /** Looks before the run whether files can be written. */
    void check(boolean gdb, boolean wallClock) throws IOException {
        points();
        if (gdb && asked()) throw new UsageException("--save-at and --record do not go with --gdb");
        if (record != null && wallClock) throw new UsageException("--record needs --clock virtual");
        if (record != null && Files.exists(record))
            throw new UsageException(record + ": is there already; a recording is never written over");
        if (saveAt.isEmpty()) return;
        if (!Files.isDirectory(saveTo)) throw new UsageException(saveTo + ": no such folder");
        if (!Files.isWritable(saveTo)) throw new UsageException(saveTo + ": no file can be made there");
        for (String name : WholeFile.clean(saveTo))
            Output.say("removed %s, which a save that was killed had left", name);
    }

    /** @return what a snapshot or recording of a run says about itself */
    static Map<String, String> labels(Path kernel, RunOptions options) throws IOException {
        Map<String, String> labels = new LinkedHashMap<>();
        Path source = kernel;
        if (SnapshotFile.isOne(kernel)) {
            About about = About.of(kernel);
            source = about.kernel();
            labels.putAll(about.labels());
        }
        if (source != null) labels.put("kernel", source.toAbsolutePath().toString());
        labels.putIfAbsent("append", options.guest.append);
        return labels;
    }

    Recorder recorder(Path kernel, Machine m, RunOptions options) throws IOException {
        return record == null ? null : new Recorder(record, m, labels(kernel, options));
    }

    /** Saves the machine's state; snapshots of one run are differences to each other. */
    void save(Path kernel, Machine m, RunOptions options) throws IOException {
        long start = System.nanoTime();
        String name = kernel.getFileName().toString().replaceFirst("(-\\d+)?\\.snapshot$", "");
        Path file = saveTo.resolve(name + "-" + m.cpu().instructions() + ".snapshot");
        try (SnapshotFile before = last) {
            // a name that is there already may be the parent's own
            boolean whole = ++chained > CHAIN || before != null && before.file().equals(file);
            if (whole) chained = 0;
            last = SnapshotFile.save(file, m, labels(kernel, options), whole ? null : before);
        }
        Output.messages().println();
        Output.say(
                "saved %s: instruction %,d, %.1f MB, %.2f s",
                file, m.cpu().instructions(), Files.size(file) / 1e6, (System.nanoTime() - start) / 1e9);
    }

    /** Lets go of the last snapshot. */
    @Override
    public void close() throws IOException {
        if (last != null) last.close();
        last = null;
    }
}
