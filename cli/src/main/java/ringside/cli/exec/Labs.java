package ringside.cli.exec;

import java.util.LinkedHashMap;
import java.util.Map;
import ringside.cpu.CpuModel;
import ringside.lab.LabException;
import ringside.lab.Laboratory;

/** The laboratories of one run of the command: one for each engine, processor and board that is asked for. */
final class Labs {
    /** Makes a laboratory. @param engine interpreter or translator @param pc a whole PC */
    interface Maker {
        Laboratory make(String engine, CpuModel model, boolean pc);
    }

    /** Laboratories that are kept; a batch may name ever new processors. */
    private static final int MOST = 16;

    private final Map<String, Laboratory> labs = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Laboratory> eldest) {
            if (size() <= MOST) return false;
            eldest.getValue().close();
            return true;
        }
    };
    private final Maker make;
    private final String standard;
    private final String standardCpu;

    Labs(String standard, String standardCpu, Maker make) {
        this.standard = standard;
        this.standardCpu = standardCpu;
        this.make = make;
    }

    /** @param engine "interpreter", "translator", or null for the run's own @param cpu as --cpu, or null @param pc a whole PC instead of a bare processor */
    Laboratory get(String engine, String cpu, boolean pc) {
        String name = engine == null ? standard : engine;
        if (!name.equals("interpreter") && !name.equals("translator")) throw new LabException("engine '" + name + "' is neither interpreter nor translator");
        String model = cpu == null ? standardCpu : cpu;
        return labs.computeIfAbsent(name + " " + model + " " + pc, k -> make.make(name, model(model), pc));
    }

    private static CpuModel model(String text) {
        try {
            return CpuModel.parse(text);
        } catch (IllegalArgumentException e) {
            throw new LabException("cpu: " + e.getMessage());
        }
    }
}
