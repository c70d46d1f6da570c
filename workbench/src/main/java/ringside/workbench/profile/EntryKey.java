package ringside.workbench.profile;

import ringside.shadow.ShadowEntry.Kind;

/**
 * What makes two entries of the same kind.
 *
 * @param kind interrupt, exception, NMI, software interrupt, SYSCALL or SYSENTER
 * @param vector 0 to 255, -1 for SYSCALL and SYSENTER
 * @param number of the system call, by INT 80h too; -1 otherwise
 * @param abi by which the system call was made
 * @param user whether user code was interrupted
 */
public record EntryKey(Kind kind, int vector, long number, Abi abi, boolean user) {
    static final int INT80 = 0x80;
    /** More system calls than any ABI has; a guest's wild numbers are counted together under this one. */
    static final int MOST_CALLS = 1024;
    /** The page at which 64-bit Linux keeps three system calls as plain functions; user code faults there. */
    private static final long VSYSCALL_PAGE = 0xffff_ffff_ff60_0000L;

    private static final int X32 = 1 << 30;

    /** How a system call is made. */
    public enum Abi {
        /** The entry is none. */
        NONE(""),
        /** SYSCALL with a 64-bit number. */
        SYSCALL64("64-bit"),
        /** SYSCALL with the x32 bit. */
        X32("x32"),
        /** SYSCALL of 32-bit code, which AMD's processors have: the 32-bit ABI. */
        SYSCALL32("compat syscall"),
        /** SYSENTER, the 32-bit ABI. */
        SYSENTER("compat"),
        /** INT 80h, the 32-bit ABI. */
        INT80("int 80h"),
        /** A fetch from the vsyscall page, which the kernel emulates. */
        VSYSCALL("vsyscall");

        private final String label;

        Abi(String label) {
            this.label = label;
        }

        /** @return for people */
        public String label() {
            return label;
        }
    }

    /** @param code64 whether the interrupted code is 64-bit code; of SYSCALL alone it makes a difference */
    static EntryKey of(Kind kind, int vector, long rax, long from, boolean user, boolean code64) {
        Abi abi = Abi.NONE;
        long number = -1;
        if (kind == Kind.SYSCALL) {
            abi = !code64 ? Abi.SYSCALL32 : (rax & X32) != 0 ? Abi.X32 : Abi.SYSCALL64;
        } else if (kind == Kind.SYSENTER) {
            abi = Abi.SYSENTER;
        } else if (kind == Kind.SOFTWARE_INTERRUPT && vector == INT80) {
            abi = Abi.INT80;
        } else if (kind == Kind.EXCEPTION && vector == 14 && user && (from & -4096) == VSYSCALL_PAGE) {
            abi = Abi.VSYSCALL;
            number = from >> 10 & 3;
        }
        if (abi != Abi.NONE && abi != Abi.VSYSCALL) {
            number = rax & 0xffff_ffffL & ~(abi == Abi.X32 ? X32 : 0);
            if (number > MOST_CALLS) number = MOST_CALLS;
        }
        return new EntryKey(kind, vector, number, abi, user);
    }

    /** @return whether the number is that of prctl, by which a task can take another name */
    boolean prctl() {
        return switch (abi) {
            case SYSCALL64, X32 -> number == 157;
            case SYSCALL32, SYSENTER, INT80 -> number == 172;
            case NONE, VSYSCALL -> false;
        };
    }

    /** @return whether the entry asks for a system call */
    public boolean systemCall() {
        return abi != Abi.NONE;
    }
}
