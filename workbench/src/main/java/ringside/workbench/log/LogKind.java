package ringside.workbench.log;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import ringside.cpu.Observer.Interest;
import ringside.workbench.UsageException;

/** What a log can tell of; {@code --log} takes the names in lower case. */
public enum LogKind {
    INT(Interest.EVENTS),
    EXCEPTION(Interest.EVENTS),
    NMI(Interest.EVENTS),
    SYSCALL(Interest.ENTRIES),
    IO(Interest.PORTS),
    MMIO(Interest.MMIO),
    MSR(Interest.MSRS),
    CR(Interest.CONTROL),
    TASK(Interest.BREAKPOINTS),
    INSN(Interest.INSTRUCTIONS),
    MEM(Interest.MEMORY),
    TRANSLATE(Interest.TRANSLATIONS);

    final Interest interest;

    LogKind(Interest interest) {
        this.interest = interest;
    }

    /** The name on the command line and in the log. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return the kinds of these names */
    public static Set<LogKind> parse(List<String> names) {
        Set<LogKind> kinds = EnumSet.noneOf(LogKind.class);
        for (String n : names) {
            LogKind found = null;
            for (LogKind k : values()) {
                if (k.label().equals(n)) found = k;
            }
            if (found == null) {
                throw new UsageException("--log: '" + n + "' is none of "
                        + String.join(
                                ", ",
                                java.util.Arrays.stream(values())
                                        .map(LogKind::label)
                                        .toList()));
            }
            kinds.add(found);
        }
        return kinds;
    }
}
