package ringside.device.apic;

/**
 * An interrupt message on its way to local APICs: an IPI, an I/O APIC pin or an MSI.
 *
 * @param destination APIC ID or logical address, 8 bits from I/O APIC and xAPIC, 32 bits from x2APIC
 * @param logical destination mode
 * @param wide whether the destination is a 32-bit x2APIC one
 * @param mode delivery mode, one of the constants here
 * @param level level triggered: the EOI is told to the I/O APICs
 */
public record Message(int destination, boolean logical, boolean wide, int mode, int vector, boolean level) {
    public static final int FIXED = 0, LOWEST = 1, SMI = 2, NMI = 4, INIT = 5, STARTUP = 6, EXTINT = 7;
}
