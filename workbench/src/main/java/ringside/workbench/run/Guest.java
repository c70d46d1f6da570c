package ringside.workbench.run;

import java.nio.file.Path;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * What a run starts from, as often as wanted.
 *
 * @param kernel the kernel's file
 * @param boot what it is loaded with
 * @param config the machine it sees
 */
public record Guest(Path kernel, BootOptions boot, MachineConfig config) {
    /** @return a machine of its own with the kernel loaded, which the caller closes */
    public Machine load(Machine.EngineFactory engine) throws BootException {
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
