package ringside.translator.emit;

import java.util.ArrayList;
import java.util.List;
import ringside.interpreter.core.Op;

/**
 * What the code of a region touches; gathered by the emitter's first pass, used by its second to lay out locals, loads
 * and stores.
 */
final class Usage {
    /** Guest registers that need a local, and those that inlined code writes. */
    int registers, written;

    boolean flags, flagsWritten;
    boolean vectors, fsBase, gsBase;
    /** Handlers called, in the order of their constants. */
    final List<Op> handlers = new ArrayList<>();

    void read(int register) {
        registers |= 1 << register;
    }

    void write(int register) {
        registers |= 1 << register;
        written |= 1 << register;
    }

    int handler(Op op) {
        int i = handlers.indexOf(op);
        if (i >= 0) return i;
        handlers.add(op);
        return handlers.size() - 1;
    }
}
