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
    private Machine.EngineFactory engine = Machine::interpreter;

    MachineBuilder() {}

    /** @param bytes of RAM, a multiple of 4 KiB (256 MiB if not said) */
    public MachineBuilder memory(long bytes) {
        memory = bytes;
        return this;
    }

    /** The processor the guest sees (the largest that is implemented if not said). */
    public MachineBuilder cpu(CpuModel processor) {
        model = processor;
        return this;
    }

    /** Adds a device of ours by name, as {@code --device} does. */
    public MachineBuilder device(String name) {
        optional.add(name);
        return this;
    }

    /** Adds a device of your own; it belongs to the machine from then on. */
    public MachineBuilder device(Device device) {
        devices.add(device);
        return this;
    }

    /** HLT waits for the host's clock instead of jumping to the next event. */
    public MachineBuilder wallClock(boolean on) {
        wallClock = on;
        return this;
    }

    /** The engine: {@code Machine::interpreter} if not said, or {@code Translator.factory(options)}. */
    public MachineBuilder engine(Machine.EngineFactory factory) {
        engine = factory;
        return this;
    }

    /** {@return a machine with no kernel in it, which the caller closes; {@code boot.Loader} loads one} */
    public Machine build() {
        return new Machine(new MachineConfig(memory, model, optional, wallClock), engine, List.copyOf(devices));
    }
}
