package ringside.workbench.debug;

/**
 * A place in a run, exact: instructions retired, and how many exceptions and interrupts the processor has taken since
 * the last of them.
 *
 * @param instructions retired so far
 * @param events taken since, by {@link Debugger}'s count
 */
public record Position(long instructions, int events) implements Comparable<Position> {
    @Override
    public int compareTo(Position o) {
        return instructions != o.instructions
                ? Long.compare(instructions, o.instructions)
                : Integer.compare(events, o.events);
    }

    boolean before(Position o) {
        return compareTo(o) < 0;
    }
}
