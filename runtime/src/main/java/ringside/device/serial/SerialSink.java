package ringside.device.serial;

/** Where the bytes go that the guest sends on a serial port. Called on the machine's thread. */
@FunctionalInterface
public interface SerialSink {
    /**
     * Takes a byte that the guest sent.
     *
     * @param value 0..255
     */
    void write(int value);

    /** Drops every byte. */
    SerialSink NONE = value -> {};
}
