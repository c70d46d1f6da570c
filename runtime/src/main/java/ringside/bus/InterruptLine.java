package ringside.bus;

/** A level-triggered wire into an interrupt controller. */
@FunctionalInterface
public interface InterruptLine {
    void set(boolean level);
}
