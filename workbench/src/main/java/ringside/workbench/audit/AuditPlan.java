package ringside.workbench.audit;

import java.util.Set;
import java.util.regex.Pattern;
import ringside.unwinder.Kind;

/**
 * What an audit is to do.
 *
 * @param kinds the unwinders to compare
 * @param points where to compare
 * @param event what to raise at each instruction of entry code, or null
 * @param limit most instructions
 * @param until ends the audit when a line of the console matches, or null
 */
public record AuditPlan(Set<Kind> kinds, Points points, Event event, long limit, Pattern until) {
    /** Where to compare. */
    public sealed interface Points permits Every, Window, EntryPaths, Printed {}

    /** At every n-th instruction. */
    public record Every(long n) implements Points {}

    /** At every instruction. @param from count of the first point @param to first count that is none */
    public record Window(long from, long to) implements Points {}

    /** At every instruction of the kernel's entry code. */
    public record EntryPaths() implements Points {}

    /** Where a Linux kernel prints a trace of its own. */
    public record Printed() implements Points {}

    /**
     * An event from outside.
     *
     * @param vector of the interrupt, or -1 for an NMI
     * @param times how often at each address
     */
    public record Event(int vector, int times) {
        public boolean nmi() {
            return vector < 0;
        }
    }
}
