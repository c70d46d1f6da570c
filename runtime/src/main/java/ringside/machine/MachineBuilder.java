package ringside.machine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import ringside.cpu.CpuModel;
import ringside.device.Device;

/** Puts a {@link Machine} together: RAM, processor, engine, devices beyond those of the PC. */
public final class MachineBuilder {
    private long memory = MachineConfig.standard().memory();
    private CpuModel model = CpuModel.standard();
    private final Set<String> optional = new LinkedHashSet<>();
    private final List<Device> devices = new ArrayList<>();
    private boolean wallClock;
    private int processors = 1;
    private Machine.EngineFactory engine = Machine::interpreter;

    MachineBuilder() {}

    /**
     * Sets the size of the RAM.
     *
     * @param bytes of RAM, a multiple of 4 KiB (256 MiB if not said)
     * @return this builder
     */
    public MachineBuilder memory(long bytes) {
        memory = bytes;
        return this;
    }

    /**
     * The processor the guest sees (the largest that is implemented if not said).
     *
     * @param processor the processor the guest sees
     * @return this builder
     */
    public MachineBuilder cpu(CpuModel processor) {
        model = processor;
        return this;
    }

    /**
     * Sets the number of processors. They run in turn on one host thread; all but the first wait for a startup IPI.
     *
     * @param number how many, 1 (if not said) to {@link MachineConfig#MOST_PROCESSORS}
     * @return this builder
     */
    public MachineBuilder processors(int number) {
        processors = number;
        return this;
    }

    /**
     * Adds a device of ours by name, as {@code --device} does.
     *
     * @param name of an optional device, as in {@link MachineConfig#devices}
     * @return this builder
     */
    public MachineBuilder device(String name) {
        optional.add(name);
        return this;
    }

    /**
     * Adds a device of your own; it belongs to the machine from then on.
     *
     * @param device a device of the caller's own
     * @return this builder
     */
    public MachineBuilder device(Device device) {
        devices.add(device);
        return this;
    }

    /**
     * HLT waits for the host's clock instead of jumping to the next event.
     *
     * @param on whether HLT waits for the host's clock
     * @return this builder
     */
    public MachineBuilder wallClock(boolean on) {
        wallClock = on;
        return this;
    }

    /**
     * The engine: {@code Machine::interpreter} if not said, or {@code Translator.factory(options)}.
     *
     * @param factory makes the engine
     * @return this builder
     */
    public MachineBuilder engine(Machine.EngineFactory factory) {
        engine = factory;
        return this;
    }

    /** {@return a machine with no kernel in it, which the caller closes; {@code boot.Loader} loads one} */
    public Machine build() {
        return new Machine(
                new MachineConfig(memory, model, optional, wallClock, processors), engine, List.copyOf(devices), false);
    }
}
