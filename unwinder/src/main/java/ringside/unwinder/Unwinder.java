package ringside.unwinder;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import ringside.guest.GuestView;

/**
 * Finds the frames of a guest: from the registers of a {@link GuestView}, by one of the ways of {@link Kind}, lazily
 * and without trusting what it reads. {@code docs/unwinder.md} is its description. Not for several threads at once.
 */
public final class Unwinder {
    private final KernelModel kernel;

    /**
     * An unwinder for one kernel.
     *
     * @param kernel what is known of it
     */
    public Unwinder(KernelModel kernel) {
        this.kernel = kernel;
    }

    /** {@return what is known of the kernel} */
    public KernelModel kernel() {
        return kernel;
    }

    /**
     * {@return the frames, innermost first, found one by one while iterating; the guest must not run meanwhile}
     *
     * @param kind what the walk goes by
     * @param view the guest's registers and memory, where the walk starts
     */
    public Iterable<Frame> unwind(Kind kind, GuestView view) {
        return () -> walk(kind, view);
    }

    /**
     * {@return all frames and the verdict}
     *
     * @param kind what the walk goes by
     * @param view the guest's registers and memory, where the walk starts
     */
    public Trace trace(Kind kind, GuestView view) {
        Walk w = walk(kind, view);
        List<Frame> frames = new ArrayList<>(24);
        while (w.hasNext()) frames.add(w.next());
        return new Trace(kind, frames, w.reason());
    }

    /**
     * {@return the kinds for which this guest has what they need: tables, a marker's symbol, functions that begin with
     * a frame, entry code that encodes one; a guest that is not in long mode has none of these}
     *
     * @param view the guest's registers and memory
     */
    public Set<Kind> kinds(GuestView view) {
        Set<Kind> k = EnumSet.of(Kind.SCAN);
        if (view.state().shadow() != null) k.add(Kind.SHADOW);
        for (Kind kind : Kind.values()) {
            if (has(kernel, view, kind)) k.add(kind);
        }
        return k;
    }

    /** @return whether there is what a kind of unwinding by rbp or by tables goes by */
    static boolean has(KernelModel kernel, GuestView view, Kind kind) {
        if (!view.state().longMode()) return false;
        return switch (kind) {
            case FRAME_POINTER -> kernel.habits().framed(view);
            case MARKER -> kernel.marker() != 0;
            case ENCODED -> kernel.habits().encodes(view);
            case TABLE -> kernel.entryTable() != null;
            case ORC -> kernel.orc() != null;
            case SHADOW, SCAN -> false;
        };
    }

    private Walk walk(Kind kind, GuestView view) {
        return switch (kind) {
            case FRAME_POINTER, MARKER, ENCODED, TABLE -> new RbpWalk(kernel, view, kind);
            case ORC -> new OrcWalk(kernel, view);
            case SHADOW -> new ShadowWalk(kernel, view);
            case SCAN -> new ScanWalk(kernel, view);
        };
    }
}
