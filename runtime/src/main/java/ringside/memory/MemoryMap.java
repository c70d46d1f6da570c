package ringside.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * The memory map firmware reports (INT 15h E820h): what kernels are told about physical memory by every boot protocol.
 * Entries are sorted and do not overlap. Conventional memory ends at {@link #EBDA}; the tables of the firmware (ACPI,
 * MP) lie in the ROM area from {@link #ROM} to 1 MiB.
 *
 * @param entries ranges of guest physical addresses
 */
public record MemoryMap(List<Entry> entries) {
    /** The extended BIOS data area: end of usable conventional memory. */
    public static final long EBDA = 0x9fc00;

    public static final long VIDEO = 0xa0000;
    public static final long ROM = 0xe0000;
    public static final long MIB = 0x100000;

    public static final int RAM = 1, RESERVED = 2;

    /**
     * A range of the map.
     *
     * @param start guest physical address of the first byte
     * @param length bytes
     * @param type {@link #RAM} or {@link #RESERVED}, as E820h numbers them
     */
    public record Entry(long start, long length, int type) {
        /** {@return the guest physical address behind the range} */
        public long end() {
            return start + length;
        }
    }

    /** Copies the list of ranges. */
    public MemoryMap {
        entries = List.copyOf(entries);
    }

    /**
     * {@return the map of a machine with this memory}
     *
     * @param memory the RAM
     */
    public static MemoryMap of(PhysicalMemory memory) {
        List<Entry> map = new ArrayList<>();
        long low = memory.lowSize();
        add(map, 0, Math.min(EBDA, low), RAM);
        add(map, EBDA, Math.min(VIDEO, low), RESERVED);
        add(map, ROM, Math.min(MIB, low), RESERVED);
        add(map, MIB, low, RAM);
        add(map, 0xfeffc000L, 0xff000000L, RESERVED);
        add(map, 0xfffc0000L, 0x1_0000_0000L, RESERVED);
        add(map, 0x1_0000_0000L, 0x1_0000_0000L + memory.highSize(), RAM);
        return new MemoryMap(map);
    }

    private static void add(List<Entry> map, long start, long end, int type) {
        if (end > start) map.add(new Entry(start, end - start, type));
    }
}
