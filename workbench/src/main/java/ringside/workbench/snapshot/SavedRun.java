package ringside.workbench.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import ringside.machine.Machine;

/**
 * What the user named in place of a kernel: a snapshot, or a recording with its input. Machines that it made stay
 * usable when it is closed.
 */
public final class SavedRun implements AutoCloseable {
    private final SnapshotFile snapshot;
    private final Recording recording;

    private SavedRun(SnapshotFile snapshot, Recording recording) {
        this.snapshot = snapshot;
        this.recording = recording;
    }

    /** @throws DamagedException if the file is neither, or cannot be used */
    public static SavedRun open(Path file) throws IOException {
        return About.of(file).kind() == About.Kind.RECORDING
                ? new SavedRun(null, Recording.open(file))
                : new SavedRun(SnapshotFile.open(file), null);
    }

    public About about() {
        return snapshot != null ? snapshot.about() : recording.about();
    }

    /** @return the recording, or null if it is a snapshot */
    public Recording recording() {
        return recording;
    }

    /** @return the snapshot, or null if it is a recording */
    public SnapshotFile snapshot() {
        return snapshot;
    }

    /**
     * A machine in the snapshot's state, or in the recording's last state at or before an instruction and with the
     * recorded input from there on.
     *
     * @return what the caller closes
     */
    public Machine machine(Machine.EngineFactory engine, long instruction) throws IOException {
        return snapshot != null ? snapshot.machine(engine) : recording.machine(engine, instruction);
    }

    /**
     * @return a timeline of a machine that {@link #machine} made, which reaches back to the beginning of the recording,
     *     or to the snapshot
     */
    public Timeline timeline(Machine m) {
        return snapshot != null ? new Timeline(m) : new Timeline(m, recording);
    }

    @Override
    public void close() throws IOException {
        if (snapshot != null) snapshot.close();
        else recording.close();
    }
}
