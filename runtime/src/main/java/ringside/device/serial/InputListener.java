package ringside.device.serial;

/** Told about every byte from outside at the moment the machine takes it, so that a run can be recorded and replayed. */
@FunctionalInterface
public interface InputListener {
    /**
     * @param port serial port, 0 for COM1
     * @param instructions retired instructions before the byte was taken
     * @param time virtual ns
     * @param value 0..255
     */
    void taken(int port, long instructions, long time, int value);
}
