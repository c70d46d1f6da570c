package ringside.memory;

import java.util.List;

/**
 * Guest physical RAM as something that looks into a guest reads it: without side effects on the guest, whether it is a
 * live machine's, a snapshot's or a file's. Addresses are guest physical.
 */
public interface GuestMemory {
    /** @param from guest physical address */
    record Range(long from, long bytes) {}

    /**
     * {@return whether the whole 4 KiB page of this address is RAM and known; the methods below may only be asked about
     * such pages, and never across their end}
     */
    boolean holds(long pa);

    /** {@return the 8 bytes at an address, which need not be aligned} */
    long read64(long pa);

    /** {@return the byte at an address, 0 to 255} */
    int read8(long pa);

    /** Copies bytes out. */
    void copy(long pa, byte[] into, int offset, int length);

    /** {@return where RAM lies, in rising order; devices may hide some of its pages} */
    List<Range> ranges();
}
