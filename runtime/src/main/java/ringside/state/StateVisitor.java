package ringside.state;

/**
 * Walks over everything that makes up a machine's state. Every stateful part has one method
 * {@code visit(StateVisitor v)} that passes each field through: {@code divisor = v.i32("divisor", divisor)}. A hasher
 * or a dumper returns the value it was given; a restorer returns the saved one. So hashing, comparing, saving and
 * restoring can never disagree on what the state is.
 */
public interface StateVisitor {
    /** Opens a named part ("cpu0", "pit"); names in it are relative. */
    void enter(String part);

    void leave();

    long i64(String name, long value);

    int i32(String name, int value);

    boolean flag(String name, boolean value);

    /** Visits a fixed-length array in place. */
    void longs(String name, long[] values);

    void bytes(String name, byte[] values);

    /** Visits {@code bytes} bytes of off-heap RAM in place. */
    void ram(String name, long host, long bytes);

    /**
     * Visits what the machine was loaded with and the guest cannot change: its length may differ from that of the
     * machine that is restored. Part of a snapshot; hashes and comparisons of two runs of one guest pass over it.
     */
    default byte[] loaded(String name, byte[] values) {
        return values;
    }
}
