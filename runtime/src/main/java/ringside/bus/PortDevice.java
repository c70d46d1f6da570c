package ringside.bus;

/** A device in the 16-bit port space. Accesses are 1, 2 or 4 bytes wide. */
public interface PortDevice {
    /**
     * {@return the value, zero-extended}
     *
     * @param port the port number accessed
     */
    int in(int port, int bytes);

    void out(int port, int bytes, int value);
}
