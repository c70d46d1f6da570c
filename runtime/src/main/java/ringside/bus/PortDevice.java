package ringside.bus;

/** A device in the 16-bit port space. Accesses are 1, 2 or 4 bytes wide. */
public interface PortDevice {
    /**
     * {@return the value, zero-extended}
     *
     * @param port the port number accessed
     * @param bytes width of the access: 1, 2 or 4
     */
    int in(int port, int bytes);

    /**
     * Takes a value that the guest writes to a port.
     *
     * @param port the port number accessed
     * @param bytes width of the access: 1, 2 or 4
     * @param value the value, zero-extended
     */
    void out(int port, int bytes, int value);
}
