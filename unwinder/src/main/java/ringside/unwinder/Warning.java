package ringside.unwinder;

/**
 * Something that an unwinder could not trust.
 *
 * @param kind what is wrong
 * @param address the linear address it is about: of the memory that could not be read, the code, or the bad value
 *     itself
 */
public record Warning(Kind kind, long address) {
    /** Kinds of warnings; each of them makes a trace unreliable. */
    public enum Kind {
        /** A word of the stack that the walk needs lies on no page of RAM. */
        UNREADABLE_STACK("the stack cannot be read"),
        /** A {@code pt_regs} structure that the walk needs lies on no page of RAM. */
        UNREADABLE_REGISTERS("saved registers cannot be read"),
        /** The walk goes by rbp, and rbp points at no frame of the stack. */
        BAD_FRAME_POINTER("rbp points at no frame"),
        /** A stack pointer is not a multiple of 8, as the kernel keeps it. */
        MISALIGNED_STACK("the stack pointer is not a multiple of 8"),
        /** The return address found lies in no code that is known. */
        NOT_TEXT("the caller is no kernel code"),
        /** The bytes before the return address are no call instruction. */
        NO_CALL("no call stands before the return address"),
        /** Selectors, flags or stack pointer of the saved registers cannot be those of interrupted code. */
        BAD_REGISTERS("saved registers make no sense"),
        /** The ORC tables have no entry for the address; the walk went by rbp. */
        NO_ORC_ENTRY("no ORC entry, rbp was followed instead"),
        /** The ORC entry says that the frame is undefined. */
        UNDEFINED_ORC_ENTRY("ORC says that nothing is known here"),
        /** The ORC tables know no frame; the walk followed the code to its return. */
        CODE_FOLLOWED("ORC knows no frame here, the code was followed to its return instead"),
        /** The word that ORC leads to is no address of code; the walk followed the code to its return. */
        TABLE_WRONG("ORC leads to a word that is no address of code, the code was followed to its return instead"),
        /** The return goes to the start of a function: the code jumps by it, nobody called. */
        RETURN_IS_JUMP("the return goes to a function's start, so it is a jump"),
        /** A row of the entry table has a kind, base or flag that its format does not have. */
        BAD_TABLE_ENTRY("an entry of the table makes no sense"),
        /** A row or entry is relative to a register whose value is lost behind a call. */
        UNKNOWN_REGISTER("the table needs a register that is not known behind a call"),
        /** Interrupted in a prologue or epilogue: the caller's frame is not reachable by rbp. */
        FRAME_NOT_SET_UP("interrupted where its frame is not set up, its caller is missing"),
        /** In the kernel's entry code at a place for which no table says where the saved registers lie. */
        IN_ENTRY_CODE("entry code without a word where its registers lie"),
        /** The chain ends although the top of its stack is not reached. */
        NO_CALLER("the chain ends before the top of its stack"),
        /** The walk came to a place it has been at. */
        CYCLE("the stack leads back to where it came from"),
        /** The walk was ended at its greatest length. */
        TOO_MANY_FRAMES("too many frames"),
        /** The chain goes to an address outside the kernel without registers saved by an entry. */
        LEFT_KERNEL("the chain leaves the kernel without saved registers"),
        /** Function tracing or a return probe has put its trampoline in place of the return address. */
        RETURN_REPLACED("the return address is a trampoline's, the caller is missing"),
        /** A word of the stack that looks like a return address is none for certain. */
        GUESSED("words of the stack that look like return addresses, nothing is proven"),
        /** The guest has not what this kind of walk goes by: no tables, no symbols or no shadow stack. */
        NO_SOURCE("this guest has no such information");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** {@return the warning as a user reads it, in lower case and without a full stop} */
        public String text() {
            return text;
        }
    }

    @Override
    public String toString() {
        return kind.text() + String.format(" (%x)", address);
    }
}
