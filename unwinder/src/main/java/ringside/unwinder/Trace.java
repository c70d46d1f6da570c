package ringside.unwinder;

import java.util.List;

/**
 * A whole walk from the CPU's registers to the end of the stack, with the verdict that live patching needs.
 *
 * @param kind how it was found
 * @param frames innermost first
 * @param reason null if the trace is reliable: every frame is proven and the walk ended at user mode or at a task's first frame
 */
public record Trace(Kind kind, List<Frame> frames, String reason) {
    public boolean reliable() {
        return reason == null;
    }

    /** @return {@code reliable} or {@code unreliable: reason} */
    public String verdict() {
        return reason == null ? "reliable" : "unreliable: " + reason;
    }

    /** @return all warnings, in the order of the frames */
    public List<Warning> warnings() {
        return frames.stream().flatMap(f -> f.warnings().stream()).toList();
    }
}
