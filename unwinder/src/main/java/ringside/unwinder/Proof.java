package ringside.unwinder;

/** What says that a frame exists. */
public enum Proof {
    /** The CPU's rip. */
    REGISTERS,
    RBP_CHAIN,
    /**
     * The code from rip to the function's return ({@code ReturnPath}), or the call that goes to this very instruction.
     */
    CODE,
    MARKER,
    ENCODED_POINTER,
    ENTRY_TABLE,
    ORC,
    SHADOW_STACK,
    /** The guest's architectural shadow stack (CET). */
    SSP,
    /** Nothing: a word on the stack that points behind a call instruction. Shown with {@code ?}. */
    SCAN
}
