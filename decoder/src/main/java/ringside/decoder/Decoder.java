package ringside.decoder;

/** Turns bytes into an {@link Instruction}. Stateless apart from the mode. */
public final class Decoder {
    /** The bytes are no instruction (#UD); {@code out.mnemonic} is INVALID and {@code out.length} the bytes looked at. */
    public static final int INVALID = -1;
    /** The instruction does not end before {@code end}; give more bytes. */
    public static final int TRUNCATED = -2;
    /** More than 15 bytes (#GP). */
    public static final int TOO_LONG = -3;

    private Decoder() {}

    /**
     * Decodes the instruction at {@code bytes[offset]}; never reads at or past {@code end} nor past the 15th byte, never throws.
     *
     * @param mode 16, 32 or 64: code segment's default size (64 = CS.L)
     * @return the length in bytes, or {@link #INVALID}, {@link #TRUNCATED}, {@link #TOO_LONG}
     */
    public static int decode(byte[] bytes, int offset, int end, int mode, Instruction out) {
        return INVALID;
    }
}
