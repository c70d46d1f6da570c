package ringside.bus;

/** A device in the physical address space. Accesses are 1, 2 or 4 bytes wide; 8-byte ones arrive as two of 4. */
public interface MmioDevice {
    /**
     * {@return the value, zero-extended}
     *
     * @param offset bytes from the start of the device's window
     */
    long read(long offset, int bytes);

    void write(long offset, int bytes, long value);
}
