package ringside.cpu;

import java.util.Set;
import ringside.shadow.ShadowEntry;

/**
 * Listens to what one processor does: a log, a profile, a debugger, a laboratory. Any number may listen at once, by
 * {@link Observers#add}; each is told only what it is interested in, on the processor's thread, in the order in which
 * the guest did it, and the same on both engines. What nobody is interested in costs nothing.
 *
 * <p>An observer may read the processor and its memory without side effects ({@code mem.probe}). It changes nothing in
 * the guest, but {@link #event} may keep an event from being delivered, which is for debuggers and laboratories.
 */
public interface Observer {
    /** What an observer can listen to. Each constant belongs to the methods of its name. */
    enum Interest {
        /** Every exception, interrupt and NMI before it is delivered: {@link Observer#event}. */
        EVENTS,
        /** Execution that comes to chosen addresses: {@link Observer#breaksAt}, {@link Observer#breakpoint}. */
        BREAKPOINTS,
        /** Entries into handlers and returns from them: {@link Observer#entered}, {@link Observer#returned}. */
        ENTRIES,
        /** Instructions that were retired, run by run: {@link Observer#retired}. */
        INSTRUCTIONS,
        /** Loads and stores of instructions: {@link Observer#access}. All of them then run one at a time. */
        MEMORY,
        /** IN, OUT, INS, OUTS: {@link Observer#port}. */
        PORTS,
        /** Accesses to memory that is a device's: {@link Observer#mmio}. */
        MMIO,
        /** RDMSR and WRMSR: {@link Observer#msr}. */
        MSRS,
        /** Writes of CR0, CR3, CR4 and CR8: {@link Observer#control}. */
        CONTROL,
        /** What the translator makes and drops: {@link Observer#translated}, {@link Observer#dropped}. */
        TRANSLATIONS
    }

    /** Pseudo-vector of a fetch at a breakpoint, inside the engines only; no observer is given it. */
    int BREAKPOINT = 256;

    /** What an observer of {@link Interest#EVENTS} alone does: {@link #event}. */
    @FunctionalInterface
    interface Events {
        /**
         * An event is about to be delivered; see {@link Observer#event}.
         *
         * @param cpu the processor
         * @param vector 0 to 255
         * @param error the error code, or -1
         * @param software whether an instruction asked for it
         * @return true to take the event: the processor does not deliver it
         */
        boolean event(Cpu cpu, int vector, int error, boolean software);
    }

    /**
     * {@return an observer of events alone}
     *
     * @param events what it does
     */
    static Observer of(Events events) {
        return new Observer() {
            @Override
            public Set<Interest> interests() {
                return Set.of(Interest.EVENTS);
            }

            @Override
            public boolean event(Cpu cpu, int vector, int error, boolean software) {
                return events.event(cpu, vector, error, software);
            }
        };
    }

    /** {@return what this observer is told; must not change while it listens} */
    Set<Interest> interests();

    /**
     * An exception, interrupt or NMI is about to be delivered. CR2 is set already if it is a page fault.
     *
     * @param cpu the processor
     * @param vector 0 to 255
     * @param error the error code, or -1 if the event has none
     * @param software whether it is that of INT n, INT3 or INTO, and RIP points behind the instruction; otherwise RIP
     *     is the faulting or next instruction's
     * @return true to take the event: the processor does not deliver it
     */
    default boolean event(Cpu cpu, int vector, int error, boolean software) {
        return false;
    }

    /**
     * Delivering an event has met a fault that the processor does not deliver: it becomes a double fault, or ends in a
     * triple fault. Told to those who listen to {@link Interest#EVENTS}; the registers are those before the event.
     *
     * @param cpu the processor
     * @param vector of the fault
     * @param error its error code, or -1 if it has none
     * @param delivering the vector of the event that was being delivered
     * @param first the vector of the event that the delivery began with
     * @return true to take all of it back: nothing is delivered
     */
    default boolean nested(Cpu cpu, int vector, int error, int delivering, int first) {
        return false;
    }

    /**
     * {@return whether {@link #breakpoint} is to be called before it is executed; must not change its mind while it
     * listens, see {@link Observers#changed}}
     *
     * @param la linear address of an instruction
     */
    default boolean breaksAt(long la) {
        return false;
    }

    /**
     * The instruction at CS:RIP, at an address that this observer chose, would be executed next; it is when the machine
     * runs on past it.
     *
     * @param cpu the processor
     */
    default void breakpoint(Cpu cpu) {}

    /**
     * A handler has been entered: its first instruction is next.
     *
     * @param cpu the processor
     * @param kind interrupt, exception, NMI, software interrupt, SYSCALL or SYSENTER
     * @param vector the vector, -1 for SYSCALL and SYSENTER
     * @param from the interrupted RIP (a linear address in 64-bit mode)
     * @param sp the interrupted stack pointer, linear
     * @param user whether CPL 3 was interrupted
     */
    default void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {}

    /**
     * IRET, SYSRET, SYSEXIT or a far return to an outer level has been executed.
     *
     * @param cpu the processor
     * @param user whether the processor is at CPL 3 now
     */
    default void returned(Cpu cpu, boolean user) {}

    /**
     * Instructions in sequence have been retired. The runs of the two engines may be cut differently; their
     * instructions and the order are the same.
     *
     * @param cpu the processor
     * @param rip offset in CS of the first
     * @param instructions how many, at least 1
     * @param translated whether translated code executed them
     */
    default void retired(Cpu cpu, long rip, int instructions, boolean translated) {}

    /**
     * An instruction loads or stores; it has not been executed yet.
     *
     * @param cpu the processor
     * @param la linear address
     * @param bytes 1 to 64
     * @param write whether it is a store
     */
    default void access(Cpu cpu, long la, int bytes, boolean write) {}

    /**
     * A port was read or written.
     *
     * @param cpu the processor
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     * @param value what was read or written
     * @param write whether it was written
     */
    default void port(Cpu cpu, int port, int bytes, int value, boolean write) {}

    /**
     * A device's memory was read or written.
     *
     * @param cpu the processor
     * @param pa physical address
     * @param bytes width of the access
     * @param value what was read or written
     * @param write whether it was written
     */
    default void mmio(Cpu cpu, long pa, int bytes, long value, boolean write) {}

    /**
     * A model-specific register was read or written.
     *
     * @param cpu the processor
     * @param number of the register, as in ECX
     * @param value what was read or written
     * @param write whether it was written
     */
    default void msr(Cpu cpu, int number, long value, boolean write) {}

    /**
     * A control register has been written; CR3 by a task switch too.
     *
     * @param cpu the processor
     * @param register 0, 3, 4 or 8
     * @param old what it was
     */
    default void control(Cpu cpu, int register, long old) {}

    /**
     * Code is about to be translated; what it is of becomes part of the name that profilers of the JVM show.
     *
     * @param cpu the processor
     * @param la linear address of the code
     * @return a function of the guest, or null if none is known there
     */
    default String place(Cpu cpu, long la) {
        return null;
    }

    /**
     * Translated code was installed.
     *
     * @param cpu the processor
     * @param pa physical address of its page
     * @param blocks basic blocks
     * @param instructions guest instructions
     */
    default void translated(Cpu cpu, long pa, int blocks, int instructions) {}

    /**
     * Translated code was dropped.
     *
     * @param cpu the processor
     * @param pa physical address of its page, which was written to, or -1 if all code was dropped
     */
    default void dropped(Cpu cpu, long pa) {}
}
