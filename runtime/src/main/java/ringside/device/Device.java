package ringside.device;

import ringside.state.StateVisitor;

/**
 * A part of a board: claims ports, memory windows and interrupt lines when it is put there, and shows its state to
 * whoever saves, compares or hashes a machine. Everything that can change while the machine runs must be visited, or
 * snapshots and replays are wrong.
 */
public interface Device {
    /**
     * Claims what the device answers to; called once, before the machine runs. A later claim of the same port wins.
     *
     * @param board what it is put on
     */
    void attach(Wiring board);

    /**
     * Visits every field that changes, always in the same order.
     *
     * @param v sees each field, and may give it a saved value
     */
    default void visit(StateVisitor v) {}
}
