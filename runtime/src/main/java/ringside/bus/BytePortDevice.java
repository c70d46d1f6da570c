package ringside.bus;

/**
 * A device with 8-bit ports only. A wider access reaches it, and whoever owns the ports behind it, one byte at a time.
 */
public interface BytePortDevice {
    /** {@return the byte at a port, 0..255} */
    int in(int port);

    /** @param value 0..255 */
    void out(int port, int value);
}
