package ringside.workbench.exec;

import java.util.LinkedHashMap;
import java.util.Map;
import ringside.cpu.CpuModel;
import ringside.lab.LabException;
import ringside.lab.Laboratory;

/**
 * The laboratories of one run of the command: one for each engine, processor, board and size of memory that is asked
 * for.
 */
public final class Labs implements AutoCloseable {
    /** Makes a laboratory. @param engine interpreter or translator @param pc a whole PC @param mebibytes of RAM */
    public interface Maker {
        Laboratory make(String engine, CpuModel model, boolean pc, int mebibytes);
    }

    private record Kind(String engine, String cpu, boolean pc, int mebibytes) {}

    /** Laboratories that are kept; a batch may name ever new processors. */
    private static final int MOST = 16;

    private final Map<Kind, Laboratory> labs = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Laboratory> eldest) {
            if (size() <= MOST) return false;
            eldest.getValue().close();
            return true;
        }
    };
    private final Maker make;

    public Labs(Maker make) {
        this.make = make;
    }

    /** @return the laboratory that a case asks for */
    public Laboratory get(CaseSpec c) {
        String engine = c.engine == null ? "interpreter" : c.engine;
        if (!engine.equals("interpreter") && !engine.equals("translator"))
            throw new LabException("engine '" + engine + "' is neither interpreter nor translator");
        return labs.computeIfAbsent(
                new Kind(engine, c.cpu == null ? "max" : c.cpu, c.pc(), c.mebibytes()),
                k -> make.make(k.engine, model(k.cpu), k.pc, k.mebibytes));
    }

    private static CpuModel model(String text) {
        try {
            return CpuModel.parse(text);
        } catch (IllegalArgumentException e) {
            throw new LabException("cpu: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        labs.values().forEach(Laboratory::close);
        labs.clear();
    }
}
