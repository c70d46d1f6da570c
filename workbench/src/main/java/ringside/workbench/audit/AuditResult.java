package ringside.workbench.audit;

import java.util.List;
import ringside.machine.Outcome;
import ringside.unwinder.audit.Auditor;

/**
 * How an audit ended.
 *
 * @param auditor has the verdicts
 * @param from instruction count at which the audit began
 * @param to at which it ended
 * @param seconds of host time for it
 * @param injected what was injected, or null
 * @param asked whether it ended because it was asked to end there
 */
public record AuditResult(
        Auditor auditor, long from, long to, double seconds, Outcome outcome, Injected injected, boolean asked) {
    /**
     * What was injected.
     *
     * @param addresses different addresses of entry code at which it was
     * @param nested of the events those raised while an NMI's handler was running
     * @param points compared inside NMI handlers
     * @param complaints lines of the console in which the kernel says that it broke
     */
    public record Injected(
            boolean nmi, long events, int addresses, long nested, long points, List<String> complaints) {}
}
