package ringside.bus;

/** A level-triggered wire into an interrupt controller. */
@FunctionalInterface
public interface InterruptLine {
    /**
     * Drives the wire.
     *
     * @param level true to raise it, false to drop it; the same level again changes nothing
     */
    void set(boolean level);
}
