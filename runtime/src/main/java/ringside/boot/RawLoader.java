package ringside.boot;

import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;

/**
 * Code without a header: loaded at an address and entered at its first byte. Real mode starts like a boot sector, with
 * the stack below it and DL the first disk.
 */
final class RawLoader {
    private static final int FIRST_DISK = 0x80;

    private RawLoader() {}

    static BootKind load(Machine m, BootImage image, BootOptions.RawCode raw) throws BootException {
        if (image.size() == 0) throw image.error("is empty");
        GuestRam ram = new GuestRam(m, image.name());
        ram.placeImage(raw.address(), image, 0, image.size(), image.size(), "raw code");
        Cpu cpu = m.cpu();
        switch (raw.mode()) {
            case REAL -> {
                if (raw.address() >= MemoryMap.MIB) {
                    throw image.error(
                            "real-mode code cannot start at " + Long.toHexString(raw.address()) + "h, above 1 MiB");
                }
                EntryState.real(cpu, raw.address());
                cpu.gpr[Cpu.RDX] = FIRST_DISK;
            }
            case PROTECTED -> EntryState.protectedFlat(ram, cpu, 0x08, 0x10, raw.address());
            case LONG -> EntryState.longMode(ram, cpu, 0x08, 0x10, raw.address());
        }
        cpu.gpr[Cpu.RSP] = BootOptions.RawCode.BOOT_SECTOR.address();
        return BootKind.RAW;
    }
}
