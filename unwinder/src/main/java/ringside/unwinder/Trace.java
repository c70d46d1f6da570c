package ringside.unwinder;

import java.util.List;

/** A whole walk from the CPU's registers to the end of the stack, with the verdict that live patching needs. */
public final class Trace {
    private final Kind kind;
    private final List<Frame> frames;
    private final Reason reason;

    /**
     * The first doubt of a walk; made into text when asked for.
     *
     * @param address what it is about, linear
     * @param exact whether that is an instruction about to be executed, not a return address
     */
    record Reason(KernelModel kernel, Warning.Kind kind, long address, boolean exact) {
        @Override
        public String toString() {
            return kind.text() + ": " + kernel.describe(address, exact);
        }
    }

    Trace(Kind kind, List<Frame> frames, Reason reason) {
        this.kind = kind;
        this.frames = frames;
        this.reason = reason;
    }

    /**
     * Cuts a trace.
     *
     * @param most how many frames it has at most
     * @return the same trace with the innermost frames only; the verdict stays that of the whole
     */
    public Trace innermost(int most) {
        return frames.size() <= most ? this : new Trace(kind, frames.subList(0, most), reason);
    }

    /** {@return how it was found} */
    public Kind kind() {
        return kind;
    }

    /** {@return the frames, innermost first} */
    public List<Frame> frames() {
        return frames;
    }

    /**
     * {@return null if the trace is reliable: every frame is proven and the walk ended at user mode or at a task's
     * first frame}
     */
    public String reason() {
        return reason == null ? null : reason.toString();
    }

    /** {@return whether the walk came to the end of the stack without doubt} */
    public boolean reliable() {
        return reason == null;
    }

    /** {@return {@code reliable} or {@code unreliable: reason}} */
    public String verdict() {
        return reason == null ? "reliable" : "unreliable: " + reason;
    }

    /** {@return all warnings, in the order of the frames} */
    public List<Warning> warnings() {
        return frames.stream().flatMap(f -> f.warnings().stream()).toList();
    }
}
