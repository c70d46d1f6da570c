package ringside.shadow;

/**
 * One link of the call chain as the shadow stack knows it: a return address that was pushed, or an entry from the
 * interrupted code. Addresses are linear.
 *
 * @param kind what pushed it
 * @param slot address of the stack word that holds the return address, or of the RIP word of the hardware's frame; 0
 *     for SYSCALL, SYSENTER and task gates
 * @param address return address as pushed (whatever the guest has since written over it); for entries the interrupted
 *     RIP, for SYSCALL the RIP behind it
 * @param sp stack pointer behind the return (without bytes that RET n releases); for entries the interrupted stack
 *     pointer
 * @param vector of interrupts and exceptions, otherwise -1
 * @param user whether the entry came from CPL 3; what follows in the chain are then calls of user code
 */
public record ShadowEntry(Kind kind, long slot, long address, long sp, int vector, boolean user) {
    /** How a place on the stack came to be. */
    public enum Kind {
        /** A near or far call. */
        CALL,
        /** An external interrupt. */
        INTERRUPT,
        /** A fault, trap or abort. */
        EXCEPTION,
        /** A non-maskable interrupt. */
        NMI,
        /** An interrupt that an instruction asks for, as INT n. */
        SOFTWARE_INTERRUPT,
        /** The SYSCALL instruction. */
        SYSCALL,
        /** The SYSENTER instruction. */
        SYSENTER;

        /** {@return whether this is a way into a handler, and no call} */
        public boolean entry() {
            return this != CALL;
        }
    }
}
