package ringside.cli.exec;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import ringside.lab.Lab;
import ringside.lab.LabException;

/** The laboratories of one run of the command: one for each engine that is asked for. */
final class Labs {
    private final Map<String, Lab> labs = new HashMap<>();
    private final Function<String, Lab> make;
    private final String standard;

    Labs(String standard, Function<String, Lab> make) {
        this.standard = standard;
        this.make = make;
    }

    /** @param engine "interpreter", "translator", or null for the run's own */
    Lab get(String engine) {
        String name = engine == null ? standard : engine;
        if (!name.equals("interpreter") && !name.equals("translator")) throw new LabException("engine '" + name + "' is neither interpreter nor translator");
        return labs.computeIfAbsent(name, make);
    }
}
