package ringside.unwinder;

/** What says that a frame exists. */
public enum Proof {
    /** The CPU's rip. */
    REGISTERS,
    /** A frame record that rbp points at. */
    RBP_CHAIN,
    /**
     * The code from rip to the function's return ({@code ReturnPath}), or the call that goes to this very instruction.
     */
    CODE,
    /** The kernel's marker frame, whose return address is {@code pt_regs+1}. */
    MARKER,
    /** An rbp in which entry code has encoded a pointer to the saved registers. */
    ENCODED_POINTER,
    /** A row of the entry table. */
    ENTRY_TABLE,
    /** An entry of the kernel's ORC tables. */
    ORC,
    /** The shadow stack that the emulator keeps. */
    SHADOW_STACK,
    /** The guest's architectural shadow stack (CET). */
    SSP,
    /** Nothing: a word on the stack that points behind a call instruction. Shown with {@code ?}. */
    SCAN
}
