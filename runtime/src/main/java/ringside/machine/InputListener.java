package ringside.machine;

/**
 * Told about every byte from outside at the moment the machine takes it, so that a run can be recorded and replayed.
 */
@FunctionalInterface
public interface InputListener {
    /**
     * A byte of input was taken.
     *
     * @param moment when
     * @param port serial port, 0 for COM1
     * @param value 0..255
     */
    void taken(Moment moment, int port, int value);
}
