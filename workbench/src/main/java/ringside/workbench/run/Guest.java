package ringside.workbench.run;

import java.io.IOException;
import java.nio.file.Path;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.workbench.snapshot.SavedRun;
import ringside.workbench.snapshot.SnapshotFile;

/**
 * What a run starts from, as often as wanted.
 *
 * @param kernel the kernel's file, a snapshot or a recording
 * @param boot what a kernel is loaded with
 * @param config the machine a kernel sees; snapshots and recordings bring theirs
 */
public record Guest(Path kernel, BootOptions boot, MachineConfig config) {
    /**
     * @return a machine of its own with the kernel loaded, or in the state of the snapshot, or at the beginning of the
     *     recording; the caller closes it
     */
    public Machine load(Machine.EngineFactory engine) throws BootException {
        return load(engine, 0);
    }

    /**
     * As {@link #load(Machine.EngineFactory)}; of a recording, at its last state at or before an instruction, from
     * which the way there is short.
     */
    public Machine load(Machine.EngineFactory engine, long instruction) throws BootException {
        if (SnapshotFile.isOne(kernel)) {
            try (SavedRun saved = SavedRun.open(kernel)) {
                return saved.machine(engine, instruction);
            } catch (IOException e) {
                throw new BootException(e.getMessage());
            }
        }
        Machine m = new Machine(config, engine);
        try {
            Loader.load(m, kernel, boot);
            return m;
        } catch (BootException | RuntimeException e) {
            m.close();
            throw e;
        }
    }
}
