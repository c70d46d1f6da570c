package ringside.workbench.profile;

import ringside.shadow.ShadowEntry.Kind;

/**
 * What makes two entries of the same kind.
 *
 * @param kind interrupt, exception, NMI, software interrupt, SYSCALL or SYSENTER
 * @param vector 0 to 255, -1 for SYSCALL and SYSENTER
 * @param number RAX at a system call, by INT 80h too; -1 otherwise
 * @param user whether user code was interrupted
 */
public record EntryKey(Kind kind, int vector, long number, boolean user) {
    static final int INT80 = 0x80;

    /** @return whether the entry asks for a system call */
    public boolean systemCall() {
        return number >= 0;
    }
}
