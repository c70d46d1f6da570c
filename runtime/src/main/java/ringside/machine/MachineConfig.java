package ringside.machine;

import java.util.Set;
import ringside.cpu.CpuModel;

/**
 * What a machine is built from.
 *
 * @param memory bytes of RAM, a multiple of 4096
 * @param model the processor the guest sees
 * @param devices optional devices by name; "testdev" is known
 * @param wallClock HLT waits for the host's clock instead of jumping to the next event
 */
public record MachineConfig(long memory, CpuModel model, Set<String> devices, boolean wallClock) {
    /** {@return 256 MiB of RAM, the standard processor, no optional devices, no waiting for the host's clock} */
    public static MachineConfig standard() {
        return new MachineConfig(256L << 20, CpuModel.standard(), Set.of(), false);
    }
}
