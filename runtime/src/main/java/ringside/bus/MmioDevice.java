package ringside.bus;

/** A device in the physical address space. Accesses are 1, 2 or 4 bytes wide; 8-byte ones arrive as two of 4. */
public interface MmioDevice {
    /**
     * {@return the value, zero-extended}
     *
     * @param offset bytes from the start of the device's window
     * @param bytes width of the access: 1, 2 or 4
     */
    long read(long offset, int bytes);

    /**
     * Takes a value that the guest writes to the window.
     *
     * @param offset bytes from the start of the device's window
     * @param bytes width of the access: 1, 2 or 4
     * @param value the value, in the low {@code bytes} bytes
     */
    void write(long offset, int bytes, long value);
}
