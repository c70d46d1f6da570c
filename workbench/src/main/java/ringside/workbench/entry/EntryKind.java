package ringside.workbench.entry;

/**
 * The kinds of entries whose cost is measured, in the order of the entry kernel's table of measurements
 * ({@code measure.s}).
 */
public enum EntryKind {
    SYSCALL("syscall, sysret", 1, 1),
    SYSCALL_IRET("syscall, exit work, iret", 2, 1),
    INTERRUPT_USER("interrupt from user", 3, 1),
    INTERRUPT_KERNEL("interrupt from kernel", 4, 1),
    INTERRUPT_NESTED("nested interrupt", 5, 2),
    EXCEPTION_USER("exception, no code, user", 6, 1),
    EXCEPTION_KERNEL("exception, no code, kernel", 7, 1),
    EXCEPTION_CODE_USER("exception with code, user", 8, 1),
    EXCEPTION_CODE_KERNEL("exception with code, kernel", 9, 1),
    IST_USER("IST exception from user", 10, 1),
    IST_KERNEL("IST exception from kernel", 11, 1),
    NMI_USER("NMI from user", 12, 1),
    NMI_KERNEL("NMI from kernel", 13, 1),
    PREEMPT_USER("interrupt, rescheduling, user", 14, 1),
    PREEMPT_KERNEL("interrupt, preemption, kernel", 15, 1),
    SWITCH("syscall with a task switch", 16, 1);

    public final String title;
    /** Its number on the kernel's command line. */
    final int number;
    /** Entries that are nested when the one to be counted runs, itself included. */
    final int depth;

    EntryKind(String title, int number, int depth) {
        this.title = title;
        this.number = number;
        this.depth = depth;
    }

    String commandLine(long times) {
        return "measure=" + number + "," + times;
    }
}
