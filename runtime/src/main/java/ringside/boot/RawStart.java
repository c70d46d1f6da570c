package ringside.boot;

import ringside.machine.Machine;

/**
 * Starts raw code without a file: puts the processor of a machine into the state in which {@link RawLoader} enters code
 * that already lies in memory.
 */
public final class RawStart {
    private RawStart() {}

    /**
     * Puts the CPU at code that is in guest RAM already, with the tables its mode needs.
     *
     * @param m the machine
     * @param mode real, protected (flat, 32-bit, no paging) or long (the first 4 GiB mapped one to one, tables from
     *     9000h)
     * @param entry guest physical address
     * @throws BootException if those tables find no room in RAM
     */
    public static void enter(Machine m, BootOptions.CodeMode mode, long entry) throws BootException {
        GuestRam ram = new GuestRam(m, "the code");
        switch (mode) {
            case REAL -> EntryState.real(m.cpu(), entry);
            case PROTECTED -> EntryState.protectedFlat(ram, m.cpu(), 0x08, 0x10, entry);
            case LONG -> EntryState.longMode(ram, m.cpu(), 0x08, 0x10, entry);
        }
    }
}
