package ringside.machine;

/**
 * Told about every byte from outside at the moment the machine takes it, so that a run can be recorded and replayed;
 * and about waiting for them.
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

    /**
     * The guest is halted: nothing happens until the next event, or until something comes from outside, and that may
     * take as long on the host.
     *
     * @param nanoseconds of virtual time until the next event, Long.MAX_VALUE if there is none
     */
    default void idle(long nanoseconds) {}
}
