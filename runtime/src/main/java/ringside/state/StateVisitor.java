package ringside.state;

/**
 * Walks over everything that makes up a machine's state. Every stateful part has one method
 * {@code visit(StateVisitor v)} that passes each field through: {@code divisor = v.i32("divisor", divisor)}. A hasher
 * or a dumper returns the value it was given; a restorer returns the saved one. So hashing, comparing, saving and
 * restoring can never disagree on what the state is.
 */
public interface StateVisitor {
    /**
     * Opens a named part ("cpu0", "pit"); names in it are relative.
     *
     * @param part name of the part in the one that is open
     */
    void enter(String part);

    /** Closes the part that was opened last. */
    void leave();

    /**
     * Visits a 64-bit field.
     *
     * @param name of the field in the open part
     * @param value what it is now
     * @return what it shall be: the same, or the saved value
     */
    long i64(String name, long value);

    /**
     * Visits a 32-bit field.
     *
     * @param name of the field in the open part
     * @param value what it is now
     * @return what it shall be: the same, or the saved value
     */
    int i32(String name, int value);

    /**
     * Visits a field of one bit.
     *
     * @param name of the field in the open part
     * @param value what it is now
     * @return what it shall be: the same, or the saved value
     */
    boolean flag(String name, boolean value);

    /**
     * Visits a fixed-length array in place.
     *
     * @param name of the array in the open part
     * @param values its elements, which a restorer overwrites
     */
    void longs(String name, long[] values);

    /**
     * Visits a fixed-length array of bytes in place.
     *
     * @param name of the array in the open part
     * @param values its elements, which a restorer overwrites
     */
    void bytes(String name, byte[] values);

    /**
     * Visits {@code bytes} bytes of off-heap RAM in place.
     *
     * @param name of the memory in the open part
     * @param host host address of the first byte
     * @param bytes length of it
     */
    void ram(String name, long host, long bytes);

    /**
     * Visits what the machine was loaded with and the guest cannot change: its length may differ from that of the
     * machine that is restored. Part of a snapshot; hashes and comparisons of two runs of one guest pass over it.
     *
     * @param name of the array in the open part
     * @param values what it is now
     * @return what it shall be: the same, or the saved one
     */
    default byte[] loaded(String name, byte[] values) {
        return values;
    }
}
