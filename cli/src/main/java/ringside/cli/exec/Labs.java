package ringside.cli.exec;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import ringside.cpu.CpuModel;
import ringside.lab.Lab;
import ringside.lab.LabException;

/** The laboratories of one run of the command: one for each engine and processor that is asked for. */
final class Labs {
    private final Map<String, Lab> labs = new HashMap<>();
    private final BiFunction<String, CpuModel, Lab> make;
    private final String standard;
    private final String standardCpu;

    Labs(String standard, String standardCpu, BiFunction<String, CpuModel, Lab> make) {
        this.standard = standard;
        this.standardCpu = standardCpu;
        this.make = make;
    }

    /** @param engine "interpreter", "translator", or null for the run's own @param cpu as --cpu, or null */
    Lab get(String engine, String cpu) {
        String name = engine == null ? standard : engine;
        if (!name.equals("interpreter") && !name.equals("translator")) throw new LabException("engine '" + name + "' is neither interpreter nor translator");
        String model = cpu == null ? standardCpu : cpu;
        return labs.computeIfAbsent(name + " " + model, k -> make.apply(name, model(model)));
    }

    private static CpuModel model(String text) {
        try {
            return CpuModel.parse(text);
        } catch (IllegalArgumentException e) {
            throw new LabException("cpu: " + e.getMessage());
        }
    }
}
