package ringside.workbench.debug;

import ringside.machine.Outcome;

/**
 * Why a guest under a {@link Debugger} stands.
 *
 * @param watchpoint the one that was hit, for WATCHPOINT
 * @param text what happened in words, for CAUGHT and ENDED; otherwise null
 * @param outcome for ENDED
 */
public record Stop(Reason reason, Watchpoint watchpoint, String text, Outcome outcome) {
    public enum Reason {
        /** A step was made. */
        STEPPED,
        BREAKPOINT,
        WATCHPOINT,
        /** A vector that is waited for was delivered; the guest stands at its handler's first instruction. */
        CAUGHT,
        /** Somebody asked for it. */
        INTERRUPTED,
        /** The guest ended the run, or its limit is reached: it goes no further. */
        ENDED,
        /** The earliest instruction that can be gone back to is reached. */
        BEGINNING
    }

    static Stop of(Reason r) {
        return new Stop(r, null, null, null);
    }
}
