package ringside.machine;

/**
 * A point of a run between two instructions: a function of the run alone, so that what came from outside at one comes
 * at the same one in a replay.
 *
 * @param instructions retired before it
 * @param time virtual ns since power-on
 * @param acts events, interrupts and pieces of input that were handled at this count and time already
 */
public record Moment(long instructions, long time, int acts) implements Comparable<Moment> {
    @Override
    public int compareTo(Moment o) {
        int c = Long.compare(instructions, o.instructions);
        if (c == 0) c = Long.compare(time, o.time);
        return c == 0 ? Integer.compare(acts, o.acts) : c;
    }
}
