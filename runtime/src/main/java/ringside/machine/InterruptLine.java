package ringside.machine;

/** A level-triggered wire into an interrupt controller. */
@FunctionalInterface
public interface InterruptLine {
    void set(boolean level);
}
