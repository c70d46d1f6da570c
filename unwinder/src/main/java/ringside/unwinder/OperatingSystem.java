package ringside.unwinder;

import ringside.guest.GuestView;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.Symbols;

/**
 * What a kernel keeps in its memory that an unwinder must know, beyond the symbols and tables of its image: loaded
 * modules, generated code, return addresses that its probes have replaced, stacks of its own. Everything is looked up
 * in the guest, and nothing found there is trusted.
 */
public interface OperatingSystem {
    /** A kernel of which nothing of this is known. */
    OperatingSystem UNKNOWN = new OperatingSystem() {};

    /**
     * Looks at the guest again; called at the start of each walk.
     *
     * @param view the guest as it is now
     */
    default void refresh(GuestView view) {}

    /** What code that the kernel makes at run time looks like. */
    enum Code {
        /** Not generated, or nothing is known of it. */
        NONE,
        /** Keeps an rbp frame from its prologue to its return. */
        FRAMED,
        /** Has no frame; where its caller is found can be read from the code. */
        FRAMELESS
    }

    /**
     * {@return what is known of generated code at an address, for which there are no tables}
     *
     * @param view where memory is read
     * @param address guest linear
     */
    default Code generated(GuestView view, long address) {
        return Code.NONE;
    }

    /**
     * {@return whether an address lies in a trampoline that was returned to instead of the caller, and that no table
     * describes}
     *
     * @param address guest linear, to be executed or behind a call; not the trampoline's start as a return address
     */
    default boolean inReturnTrampoline(long address) {
        return false;
    }

    /**
     * {@return the stack word from which such a trampoline, which is running, was entered; 0 if that is not known}
     *
     * @param view where memory is read
     * @param rsp the trampoline's stack pointer
     */
    default long returningSlot(GuestView view, long rsp) {
        return 0;
    }

    /**
     * {@return where such a trampoline will return to; 0 if that is not known}
     *
     * @param view where memory is read
     * @param rsp the trampoline's stack pointer
     */
    default long returningTo(GuestView view, long rsp) {
        return 0;
    }

    /**
     * {@return the symbols of a module or of generated code, or null if the address is in none of them}
     *
     * @param address guest linear
     */
    default Symbols symbolsAt(long address) {
        return null;
    }

    /**
     * {@return the ORC tables of a module, or null if the address is in none that has some}
     *
     * @param address guest linear
     */
    default OrcTable orcAt(long address) {
        return null;
    }

    /**
     * {@return whether code may lie there beyond the image and what {@link #symbolsAt} knows}
     *
     * @param address guest linear
     */
    default boolean mayBeCode(long address) {
        return false;
    }

    /**
     * {@return for generated code that is a copy of the kernel's own the address of the original, otherwise the
     * address}
     *
     * @param view where memory is read
     * @param address guest linear address of code
     */
    default long original(GuestView view, long address) {
        return address;
    }

    /**
     * {@return where a return from this word really goes on}
     *
     * @param view where memory is read
     * @param address the return address that stands in a stack word
     * @param slot the word's linear address
     */
    default long realReturn(GuestView view, long address, long slot) {
        return address;
    }

    /**
     * {@return whether a return address is a trampoline's, which function tracing or a return probe has put in place of
     * the caller's}
     *
     * @param address guest linear
     */
    default boolean replaced(long address) {
        return false;
    }

    /**
     * {@return the address behind the stack that interrupt handlers run on, or 0 if there is none or it is not found}
     *
     * @param view where memory is read
     */
    default long interruptStackTop(GuestView view) {
        return 0;
    }

    /**
     * {@return whether the stack pointer that the processor takes for an entry from user mode leads to a small stack
     * that is left at once}
     *
     * @param rsp0 that pointer, from the task-state segment
     */
    default boolean isEntryTrampoline(long rsp0) {
        return false;
    }
}
