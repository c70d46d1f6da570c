package ringside.machine;

/**
 * Why a run ended.
 *
 * @param reason what ended the run
 * @param detail value of the debug-exit port for DEBUG_EXIT, otherwise 0
 */
public record Outcome(Reason reason, long detail) {
    /** What can end a run. */
    public enum Reason {
        /** ACPI S5, or the guest's other ways to turn the machine off. */
        POWER_OFF,
        /** A reset was asked for (port CF9h, 64h, 92h, the ACPI reset register). */
        RESET,
        /** A value was written to the debug-exit port F4h. */
        DEBUG_EXIT,
        /** A fault while a double fault was delivered: the processor shut down. */
        TRIPLE_FAULT,
        /** The instruction limit was reached. */
        INSTRUCTION_LIMIT,
        /** Nothing can ever wake the halted CPU (interrupts off, or no event left). */
        HALTED_FOREVER,
        /** {@link Machine#requestStop} was called (console match, timeout, Ctrl-C). */
        STOPPED
    }
}
