package ringside.cli;

import ringside.machine.Outcome;

/** Exit statuses of the command; documented in {@code ringside --help}. */
final class ExitStatus {
    static final int OK = 0;
    static final int UNUSABLE = 2;
    static final int TRIPLE_FAULT = 3;
    static final int LIMIT = 4;
    static final int DIFFERENCE = 5;
    /** The guest powered off or reset the machine before the text of {@code --until} appeared. */
    static final int NOT_SEEN = 6;
    /** Standard output cannot be written (EX_IOERR of sysexits.h). */
    static final int OUTPUT_LOST = 74;
    /** The reader of our output has gone: as if by SIGPIPE. */
    static final int PIPE_CLOSED = 128 + 13;
    /** A fault of ours. */
    static final int INTERNAL = 70;

    private ExitStatus() {}

    static int of(Outcome o) {
        return switch (o.reason()) {
            case POWER_OFF, RESET -> OK;
            case DEBUG_EXIT -> (int) (o.detail() * 2 + 1) & 0xff;
            case TRIPLE_FAULT -> TRIPLE_FAULT;
            case INSTRUCTION_LIMIT, HALTED_FOREVER, STOPPED -> LIMIT;
        };
    }
}
