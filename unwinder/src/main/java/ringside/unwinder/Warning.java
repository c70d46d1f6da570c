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
        UNREADABLE_STACK("the stack cannot be read"),
        UNREADABLE_REGISTERS("saved registers cannot be read"),
        BAD_FRAME_POINTER("rbp points at no frame"),
        MISALIGNED_STACK("the stack pointer is not a multiple of 8"),
        NOT_TEXT("the caller is no kernel code"),
        NO_CALL("no call stands before the return address"),
        BAD_REGISTERS("saved registers make no sense"),
        NO_ORC_ENTRY("no ORC entry, rbp was followed instead"),
        UNDEFINED_ORC_ENTRY("ORC says that nothing is known here"),
        CODE_FOLLOWED("ORC knows no frame here, the code was followed to its return instead"),
        TABLE_WRONG("ORC leads to a word that is no address of code, the code was followed to its return instead"),
        RETURN_IS_JUMP("the return goes to a function's start, so it is a jump"),
        BAD_TABLE_ENTRY("an entry of the table makes no sense"),
        UNKNOWN_REGISTER("the table needs a register that is not known behind a call"),
        FRAME_NOT_SET_UP("interrupted where its frame is not set up, its caller is missing"),
        IN_ENTRY_CODE("entry code without a word where its registers lie"),
        NO_CALLER("the chain ends before the top of its stack"),
        CYCLE("the stack leads back to where it came from"),
        TOO_MANY_FRAMES("too many frames"),
        LEFT_KERNEL("the chain leaves the kernel without saved registers"),
        RETURN_REPLACED("the return address is a trampoline's, the caller is missing"),
        NO_SOURCE("this guest has no such information");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    @Override
    public String toString() {
        return kind.text() + String.format(" (%x)", address);
    }
}
