package ringside.memory;

/**
 * Sees the data accesses to chosen pages: these never enter the TLB, so that everywhere else accesses cost what they
 * did. Addresses are linear.
 */
public interface AccessWatch {
    /**
     * {@return whether accesses to this page must be looked at one by one; must not change its mind}
     *
     * @param page linear address of the page
     */
    boolean watchesPage(long page);

    /**
     * {@return whether this access is to be told about; no side effects}
     *
     * @param la linear address of the first byte
     * @param bytes width of the access
     * @param write whether it is a store
     */
    boolean watches(long la, int bytes, boolean write);

    /**
     * An instruction makes such an access and nothing else runs in between: it is the last one before the machine looks
     * whether to stop.
     *
     * @param la linear address of the first byte
     * @param bytes width of the access
     * @param write whether it is a store
     */
    void accessed(long la, int bytes, boolean write);
}
