package ringside.workbench.log;

import java.util.List;
import java.util.Set;
import ringside.workbench.UsageException;

/**
 * Which lines a log keeps: all conditions must hold that concern the line's kind. {@code pid=N}, {@code comm=NAME},
 * {@code vector=N}, {@code syscall=NAME}, {@code port=N}, {@code msr=N}, {@code at=FROM-TO} (linear addresses).
 */
public final class LogFilter {
    private static final Set<String> NAMES = Set.of("pid", "comm", "vector", "syscall", "port", "msr", "at");

    private record Condition(String name, String text, long from, long to) {}

    private final List<Condition> conditions;

    private LogFilter(List<Condition> conditions) {
        this.conditions = conditions;
    }

    public static LogFilter parse(List<String> texts) {
        return new LogFilter(texts.stream().map(LogFilter::condition).toList());
    }

    private static Condition condition(String t) {
        int eq = t.indexOf('=');
        String name = eq < 0 ? t : t.substring(0, eq);
        if (eq < 0 || !NAMES.contains(name)) {
            throw new UsageException(
                    "--log-filter takes NAME=VALUE with a NAME of pid, comm, vector, syscall, port, msr, at; not '" + t
                            + "'");
        }
        String value = t.substring(eq + 1);
        if (name.equals("comm") || name.equals("syscall")) return new Condition(name, value, 0, 0);
        try {
            int dash = name.equals("at") ? value.indexOf('-', 1) : -1;
            if (dash < 0) {
                long v = number(value);
                return new Condition(name, null, v, v);
            }
            return new Condition(name, null, number(value.substring(0, dash)), number(value.substring(dash + 1)));
        } catch (NumberFormatException e) {
            throw new UsageException("--log-filter: '" + value + "' is not a number for " + name);
        }
    }

    private static long number(String s) {
        return s.startsWith("0x") || s.startsWith("0X")
                ? Long.parseUnsignedLong(s.substring(2), 16)
                : Long.parseLong(s);
    }

    boolean isEmpty() {
        return conditions.isEmpty();
    }

    boolean passes(String name, long value) {
        for (Condition c : conditions) {
            if (c.name.equals(name)
                    && (Long.compareUnsigned(value, c.from) < 0 || Long.compareUnsigned(value, c.to) > 0)) return false;
        }
        return true;
    }

    boolean passes(String name, String value) {
        for (Condition c : conditions) {
            if (c.name.equals(name) && !c.text.equals(value)) return false;
        }
        return true;
    }

    /** @return whether there is a condition on this, which something that is not known does not meet */
    boolean asks(String name) {
        return conditions.stream().anyMatch(c -> c.name.equals(name));
    }
}
