package ringside.memory;

import java.util.List;

/**
 * Guest physical RAM as something that looks into a guest reads it: without side effects on the guest, whether it is a
 * live machine's, a snapshot's or a file's. Addresses are guest physical.
 */
public interface GuestMemory {
    /**
     * Physical memory without a hole.
     *
     * @param from guest physical address
     * @param bytes length of it
     */
    record Range(long from, long bytes) {}

    /**
     * {@return whether the whole 4 KiB page of this address is RAM and known; the methods below may only be asked about
     * such pages, and never across their end}
     *
     * @param pa guest physical
     */
    boolean holds(long pa);

    /**
     * {@return the 8 bytes at an address, which need not be aligned}
     *
     * @param pa guest physical
     */
    long read64(long pa);

    /**
     * {@return the byte at an address, 0 to 255}
     *
     * @param pa guest physical
     */
    int read8(long pa);

    /**
     * Copies bytes out.
     *
     * @param pa guest physical address of the first byte
     * @param into where the bytes go
     * @param offset index of the first one in {@code into}
     * @param length how many
     */
    void copy(long pa, byte[] into, int offset, int length);

    /** {@return where RAM lies, in rising order; devices may hide some of its pages} */
    List<Range> ranges();
}
