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
 * @param processors how many, 1 to {@link #MOST_PROCESSORS}
 */
public record MachineConfig(long memory, CpuModel model, Set<String> devices, boolean wallClock, int processors) {
    /** Most processors of a machine. */
    public static final int MOST_PROCESSORS = 32;

    /** Checks the number of processors. */
    public MachineConfig {
        if (processors < 1 || processors > MOST_PROCESSORS)
            throw new IllegalArgumentException("processors: " + processors + " is none of 1 to " + MOST_PROCESSORS);
    }

    /**
     * A machine with one processor.
     *
     * @param memory bytes of RAM, a multiple of 4096
     * @param model the processor the guest sees
     * @param devices optional devices by name
     * @param wallClock HLT waits for the host's clock
     */
    public MachineConfig(long memory, CpuModel model, Set<String> devices, boolean wallClock) {
        this(memory, model, devices, wallClock, 1);
    }

    /** {@return 256 MiB of RAM, the standard processor, no optional devices, no waiting for the host's clock} */
    public static MachineConfig standard() {
        return new MachineConfig(256L << 20, CpuModel.standard(), Set.of(), false);
    }
}
