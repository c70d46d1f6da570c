package ringside.bus;

/**
 * A device with 8-bit ports only. A wider access reaches it, and whoever owns the ports behind it, one byte at a time.
 */
public interface BytePortDevice {
    /**
     * {@return the byte at a port, 0..255}
     *
     * @param port the port number accessed, 0..FFFFh
     */
    int in(int port);

    /**
     * Takes a byte that the guest writes to a port.
     *
     * @param value 0..255
     * @param port the port number accessed, 0..FFFFh
     */
    void out(int port, int value);
}
