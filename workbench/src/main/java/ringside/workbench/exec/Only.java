package ringside.workbench.exec;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import ringside.lab.LabException;

/** Which parts of a result an answer has: {@code stop}, {@code instructions}, {@code regs}, registers by name, ... */
public final class Only {
    /** Everything. */
    public static final Only ALL = new Only(null);

    private static final Set<String> PARTS = Set.of("stop", "instructions", "regs", "memory", "trace");
    private final Set<String> names;

    private Only(Set<String> names) {
        this.names = names;
    }

    /** @param v names, in a list or behind commas; null for everything */
    static Only of(Object v) {
        if (v == null) return ALL;
        Set<String> names = new LinkedHashSet<>();
        for (Object o : v instanceof List<?> l ? l : List.of(v)) {
            if (!(o instanceof String s)) throw new LabException("only: not a name, or a list of them");
            for (String n : s.split(",")) names.add(n.strip().toLowerCase(Locale.ROOT));
        }
        return new Only(names);
    }

    /** @return the registers among the names */
    List<String> registers() {
        return names == null
                ? List.of()
                : names.stream().filter(n -> !PARTS.contains(n)).toList();
    }

    /** @return whether an answer has this part, which is no register */
    public boolean has(String part) {
        return names == null || names.contains(part);
    }

    boolean anyRegister() {
        return has("regs") || !registers().isEmpty();
    }

    /** @return whether an answer has this register */
    public boolean register(String name) {
        return has("regs") || names.contains(name);
    }
}
