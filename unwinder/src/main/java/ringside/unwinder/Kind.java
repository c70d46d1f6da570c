package ringside.unwinder;

/** The ways of unwinding, see {@code docs/unwinder.md}. */
public enum Kind {
    /** The rbp chain alone. */
    FRAME_POINTER("fp"),
    /**
     * The rbp chain, and frames whose return address is {@code pt_regs+1}, behind which a pointer to the saved
     * registers stands.
     */
    MARKER("marker"),
    /** The rbp chain, where an rbp with bit 0 set is a pointer to saved registers. */
    ENCODED("encoded"),
    /** The rbp chain, and for entry code the kernel's read-only entry table. */
    TABLE("table"),
    /** Linux's ORC tables. */
    ORC("orc"),
    /** The shadow stack that the engines keep. */
    SHADOW("shadow"),
    /** Every word of the stack that points into code: nothing is proven. */
    SCAN("scan");

    private final String label;

    Kind(String label) {
        this.label = label;
    }

    /** {@return the name on the command line} */
    public String label() {
        return label;
    }
}
