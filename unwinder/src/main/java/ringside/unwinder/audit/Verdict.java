package ringside.unwinder.audit;

/** How a trace compares with the truth. */
public enum Verdict {
    /** Every frame and every saved register frame, in order, none more. */
    RIGHT,
    /** Each frame is true, in the right order, but some are missing. */
    INCOMPLETE,
    /** At least one frame that is not there. */
    WRONG
}
