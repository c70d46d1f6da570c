package ringside.lab;

/**
 * Why an experiment ended.
 *
 * @param reason what ended it
 * @param vector vector of an exception or interrupt, otherwise -1
 * @param error error code, or -1 if there is none
 * @param address linear address of the instruction that was not executed: the faulting one, or the next one
 */
public record Stop(Reason reason, int vector, int error, long address) {
    /** What ends an experiment. */
    public enum Reason {
        /** The address given as the end was reached; it was not executed. */
        UNTIL,
        /** HLT was executed (at CPL 3, if HLT is the end asked for: was reached). */
        HLT,
        /** As many instructions as asked for were retired. */
        COUNT,
        /** The instruction limit was reached before the end asked for. */
        LIMIT,
        /** A fault, trap or abort; it was not delivered. */
        EXCEPTION,
        /** INT n, INT3 or INTO; it was not delivered, RIP points behind it. */
        INTERRUPT,
        /** SYSCALL was reached; it was not executed. */
        SYSCALL,
        /** SYSENTER was reached; it was not executed. */
        SYSENTER,
        /** On a PC: the guest turned it off, reset it, or wrote to the debug-exit port ({@code error} is the value). */
        POWER_OFF,
        /** On a PC: the guest reset it. */
        RESET,
        /** On a PC: the guest wrote to the debug-exit port; {@link Stop#error} is the value. */
        EXIT,
        /** Triple fault, only with exceptions delivered. */
        SHUTDOWN,
        /** Somebody asked for it: time-out, Ctrl-C. */
        STOPPED
    }

    /** {@return the reason as it is written in JSON: lower case} */
    public String name() {
        return reason.name().toLowerCase(java.util.Locale.ROOT);
    }
}
