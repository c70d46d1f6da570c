package ringside.lab;

/** Processor mode of an experiment. */
public enum Mode {
    /** 64-bit mode, 4-level paging. */
    LONG(64),
    /** Compatibility mode: 32-bit code segment in long mode. */
    COMPAT(32),
    /** 32-bit protected mode with flat segments and PAE paging. */
    PROTECTED(32),
    /** Real-address mode, no paging; the first 1 MiB + 64 KiB is RAM, A20 is on. */
    REAL(16);

    private final int bits;

    Mode(int bits) {
        this.bits = bits;
    }

    /** {@return default operand width of code: 64, 32 or 16} */
    public int bits() {
        return bits;
    }
}
