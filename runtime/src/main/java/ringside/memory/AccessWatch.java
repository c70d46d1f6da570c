package ringside.memory;

/**
 * Sees the data accesses to chosen pages: these never enter the TLB, so that everywhere else accesses cost what they
 * did. Addresses are linear.
 */
public interface AccessWatch {
    /** {@return whether accesses to this page must be looked at one by one; must not change its mind} */
    boolean watchesPage(long page);

    /** {@return whether this access is to be told about; no side effects} */
    boolean watches(long la, int bytes, boolean write);

    /**
     * An instruction makes such an access and nothing else runs in between: it is the last one before the machine looks
     * whether to stop.
     */
    void accessed(long la, int bytes, boolean write);
}
