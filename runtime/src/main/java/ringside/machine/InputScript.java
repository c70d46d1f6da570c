package ringside.machine;

import java.util.List;

/**
 * Input that comes at fixed moments, as it did in a run that was recorded. Pieces of one moment are taken together, in
 * their order. Once the machine has passed a moment without standing at it, the script {@linkplain #departed departs}:
 * the machine is not the one that was recorded.
 */
public final class InputScript {
    /**
     * One byte for a serial port.
     *
     * @param moment when the guest's side takes it
     * @param port serial port, 0 for COM1
     * @param value 0..255
     */
    public record Piece(Moment moment, int port, int value) {}

    private final List<Piece> pieces;
    private final Moment end;
    private int next;
    private Moment departed;

    /**
     * Input that arrives at fixed moments.
     *
     * @param pieces in the order of their moments
     * @param end the moment to stop at, or null to go on without input
     */
    public InputScript(List<Piece> pieces, Moment end) {
        this.pieces = pieces;
        this.end = end;
    }

    /**
     * Goes to the first piece at or behind an instruction count, that of a machine that a snapshot was put into.
     *
     * @param instructions the machine's count of retired instructions
     */
    public void seek(long instructions) {
        int low = 0;
        int high = pieces.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (pieces.get(middle).moment().instructions() < instructions) low = middle + 1;
            else high = middle;
        }
        next = low;
        departed = null;
    }

    /** {@return where input was due that could not be given, or null} */
    public Moment departed() {
        return departed;
    }

    /** {@return whether all input has been given} */
    public boolean finished() {
        return next == pieces.size();
    }

    /** Gives the board what is due. @return whether there was any */
    boolean play(Moment now, Board board) {
        boolean any = false;
        for (; next < pieces.size(); next++) {
            Piece p = pieces.get(next);
            int c = p.moment().compareTo(now);
            if (c > 0) break;
            if (c < 0) {
                if (departed == null) departed = p.moment();
                continue;
            }
            board.serial(p.port()).uart().receive(p.value());
            any = true;
        }
        return any;
    }

    boolean endsAt(Moment now) {
        return end != null && end.compareTo(now) <= 0;
    }

    private Moment upcoming() {
        return next < pieces.size() ? pieces.get(next).moment() : end;
    }

    /** @return the most instructions that may be run before the next moment, at least 1 */
    long instructionsToNext(long now) {
        Moment m = upcoming();
        return m == null || m.instructions() <= now ? Long.MAX_VALUE : m.instructions() - now;
    }

    /**
     * @return the virtual time that an idle machine has to stop at for the next moment, which is now if that is due
     *     already; Long.MAX_VALUE if none comes while it idles
     */
    long nextTime(Moment now) {
        Moment m = upcoming();
        boolean here = m != null && m.instructions() == now.instructions();
        return here && (m.time() > now.time() || m.equals(now)) ? m.time() : Long.MAX_VALUE;
    }
}
