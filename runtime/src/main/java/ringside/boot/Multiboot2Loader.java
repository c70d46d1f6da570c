package ringside.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;

/**
 * Multiboot 2 kernels (Multiboot2 Specification 2.0): ELF of either width or the header's own load addresses, moved if
 * a relocatable tag allows it; entered in flat 32-bit protected mode with EAX the magic number and EBX the information
 * structure. A header tag that cannot be honoured is refused by its name unless it says that it is optional.
 */
final class Multiboot2Loader {
    static final long HEADER_MAGIC = 0xE85250D6L;
    static final long BOOT_MAGIC = 0x36D76289L;
    private static final int SEARCH = 32768, I386 = 0, OPTIONAL = 1, LAST_INFORMATION = 21;
    private static final int END = 0,
            REQUEST = 1,
            ADDRESS = 2,
            ENTRY = 3,
            CONSOLE = 4,
            FRAMEBUFFER = 5,
            ALIGN = 6,
            EFI_SERVICES = 7,
            EFI_I386 = 8,
            EFI_AMD64 = 9,
            RELOCATABLE = 10;
    private static final int INFO_COMMAND_LINE = 1,
            INFO_LOADER = 2,
            INFO_MODULE = 3,
            INFO_MEMORY = 4,
            INFO_MAP = 6,
            INFO_OLD_ACPI = 14,
            INFO_NEW_ACPI = 15,
            INFO_BASE = 21;
    private static final int LOWEST = 1, HIGHEST = 2, MAP_ENTRY = 24, RSDP_1 = 20, RSDP_2 = 36;

    private final Machine machine;
    private final BootImage image;
    private final int header;
    private final GuestRam ram;
    /** File offsets of the tags that say where to load, -1 without. */
    private int address = -1, relocation = -1;

    private long entry = -1;
    private long base;

    private Multiboot2Loader(Machine machine, BootImage image, int header) {
        this.machine = machine;
        this.image = image;
        this.header = header;
        this.ram = new GuestRam(machine, image.name());
    }

    /** @return offset of the header, or -1 if the file has none */
    static int findHeader(BootImage image) throws BootException {
        for (int at = 0; at + 16 <= Math.min(SEARCH, image.size()); at += 8) {
            if (image.u32(at, "header") != HEADER_MAGIC) continue;
            long sum = 0;
            for (int i = 0; i < 16; i += 4) sum += image.u32(at + i, "header");
            if ((sum & 0xffff_ffffL) == 0) return at;
        }
        return -1;
    }

    static BootKind load(Machine m, BootImage image, int header, BootOptions options) throws BootException {
        Multiboot2Loader l = new Multiboot2Loader(m, image, header);
        l.readTags();
        long entry = l.address >= 0 ? l.placeByHeader() : l.placeElf();
        long info = l.information(options);
        EntryState.protectedFlat(l.ram, m.cpu(), 0x08, 0x10, entry);
        m.cpu().gpr[Cpu.RAX] = BOOT_MAGIC;
        m.cpu().gpr[Cpu.RBX] = info;
        return BootKind.MULTIBOOT2;
    }

    // ---- the header ----

    private long word(int at) throws BootException {
        return image.u32(at, "multiboot 2 header");
    }

    private void readTags() throws BootException {
        long architecture = word(header + 4);
        if (architecture != I386)
            throw image.error("multiboot 2 header for architecture " + architecture + ", not for i386");
        long length = word(header + 8);
        int end = image.require(header, length, "multiboot 2 header") + (int) length;
        for (int at = header + 16; at + 8 <= end; ) {
            int type = image.u16(at, "multiboot 2 tag");
            boolean optional = (image.u16(at + 2, "multiboot 2 tag") & OPTIONAL) != 0;
            long size = word(at + 4);
            if (size < 8 || size > end - at)
                throw image.error("multiboot 2 tag " + type + " of " + size + " bytes does not fit into its header");
            if (type == END) return;
            if (!optional || type == ADDRESS || type == ENTRY || type == RELOCATABLE) honour(type, at, size, optional);
            at += (int) Ranges.up(size, 8);
        }
        throw image.error("multiboot 2 header without an end tag");
    }

    private void honour(int type, int at, long size, boolean optional) throws BootException {
        switch (type) {
            case REQUEST -> {
                for (int i = 8; i + 4 <= size; i += 4) {
                    if (word(at + i) > LAST_INFORMATION) throw refused("information of type " + word(at + i), type);
                }
            }
            case ADDRESS -> address = sized(at, size, 24);
            case ENTRY -> entry = word(sized(at, size, 12) + 8);
            case CONSOLE, ALIGN -> {}
            case FRAMEBUFFER -> throw refused("a framebuffer", type);
            case EFI_SERVICES -> throw refused("EFI boot services", type);
            case EFI_I386 -> throw refused("an EFI i386 entry", type);
            case EFI_AMD64 -> throw refused("an EFI amd64 entry", type);
            case RELOCATABLE -> relocation = sized(at, size, 24);
            default -> throw refused("what is not known here", type);
        }
    }

    private BootException refused(String what, int type) {
        return image.error(
                "its multiboot 2 header requires " + what + " (tag " + type + "), which this machine does not have");
    }

    private int sized(int at, long size, int needed) throws BootException {
        if (size < needed) throw image.error("multiboot 2 tag of " + size + " bytes where " + needed + " are needed");
        return at;
    }

    // ---- the image ----

    private long placeElf() throws BootException {
        if (!ElfFile.isElf(image))
            throw image.error("multiboot 2 header without an address tag in a file that is not ELF");
        ElfFile elf = ElfFile.parse(image);
        long start = Long.MAX_VALUE, end = 0;
        for (ElfFile.Segment s : elf.segments()) {
            start = Math.min(start, s.physical());
            end = Math.max(end, s.physical() + s.memorySize());
        }
        base = relocation < 0 ? start : relocated(start, end - start);
        elf.place(ram, base - start);
        return (entry >= 0 ? entry : elf.physicalEntry()) + base - start;
    }

    private long placeByHeader() throws BootException {
        long headerAddress = word(address + 8),
                load = word(address + 12),
                loadEnd = word(address + 16),
                bssEnd = word(address + 20);
        if (entry < 0) throw image.error("multiboot 2 address tag without an entry address tag");
        if (load == 0xffff_ffffL) load = headerAddress - header;
        if (headerAddress < load) throw image.error("multiboot 2 header_addr lies below load_addr");
        if (headerAddress - load > header) throw image.error("multiboot 2 load_addr lies before the start of the file");
        int offset = (int) (header - (headerAddress - load));
        if (loadEnd != 0 && loadEnd < load) throw image.error("multiboot 2 load_end_addr lies below load_addr");
        long fileBytes = loadEnd != 0 ? loadEnd - load : image.size() - offset;
        image.require(offset, fileBytes, "multiboot 2 image");
        if (bssEnd != 0 && bssEnd < load + fileBytes)
            throw image.error("multiboot 2 bss_end_addr lies below the end of the loaded image");
        long bytes = bssEnd != 0 ? bssEnd - load : fileBytes;
        base = relocation < 0 ? load : relocated(load, bytes);
        if (entry < load || entry >= load + bytes)
            throw image.error("multiboot 2 entry_addr " + Long.toHexString(entry) + "h lies outside the image");
        ram.placeImage(base, image, offset, fileBytes, bytes, "multiboot 2 image");
        return entry - load + base;
    }

    /** @return where a relocatable image of so many bytes goes, linked at {@code linked} */
    private long relocated(long linked, long bytes) throws BootException {
        long min = Math.max(word(relocation + 8), MemoryMap.MIB),
                max = Math.min(word(relocation + 12) + 1, ram.lowEnd()),
                align = Math.max(1, word(relocation + 16));
        long preference = word(relocation + 20);
        long lowest = (min + align - 1) / align * align, highest = (max - bytes) / align * align;
        if (lowest > highest)
            throw image.error("multiboot 2 relocatable image of " + bytes + " bytes fits nowhere between "
                    + Long.toHexString(min) + "h and " + Long.toHexString(max) + "h");
        if (preference == LOWEST) return lowest;
        if (preference == HIGHEST) return highest;
        return linked >= min && linked + bytes <= max && linked % align == 0 ? linked : lowest;
    }

    // ---- the information ----

    private long information(BootOptions options) throws BootException {
        List<byte[]> tags = new ArrayList<>();
        tags.add(text(INFO_COMMAND_LINE, GuestRam.buffer(0), options.append()));
        tags.add(text(INFO_LOADER, GuestRam.buffer(0), "ringside"));
        for (MultibootModules.Module module : MultibootModules.place(ram, options)) {
            tags.add(text(
                    INFO_MODULE,
                    GuestRam.buffer(8).putInt((int) module.start()).putInt((int) module.end()),
                    module.string()));
        }
        tags.add(tag(
                INFO_MEMORY,
                GuestRam.buffer(8)
                        .putInt((int) (Math.min(MemoryMap.EBDA, ram.lowEnd()) >> 10))
                        .putInt((int) (Math.max(0, ram.lowEnd() - MemoryMap.MIB) >> 10))
                        .array()));
        List<MemoryMap.Entry> entries = ram.map().entries();
        ByteBuffer map = GuestRam.buffer(8 + MAP_ENTRY * entries.size())
                .putInt(MAP_ENTRY)
                .putInt(0);
        for (MemoryMap.Entry e : entries)
            map.putLong(e.start()).putLong(e.length()).putInt(e.type()).putInt(0);
        tags.add(tag(INFO_MAP, map.array()));
        if (ram.acpiRootPointer() != 0) {
            tags.add(tag(INFO_OLD_ACPI, bytes(ram.acpiRootPointer(), RSDP_1)));
            tags.add(tag(INFO_NEW_ACPI, bytes(ram.acpiRootPointer(), RSDP_2)));
        }
        if (relocation >= 0)
            tags.add(tag(INFO_BASE, GuestRam.buffer(4).putInt((int) base).array()));
        tags.add(tag(END, new byte[0]));
        int total = 8;
        for (byte[] t : tags) total += (int) Ranges.up(t.length, 8);
        ByteBuffer info = GuestRam.buffer(total).putInt(total).putInt(0);
        for (byte[] t : tags) info.put(t).position((int) Ranges.up(info.position(), 8));
        return ram.table(info.array(), 8, "multiboot 2 information");
    }

    private byte[] bytes(long pa, int n) {
        byte[] b = new byte[n];
        machine.memory().read(pa, b, 0, n);
        return b;
    }

    private static byte[] tag(int type, byte[] content) {
        return GuestRam.buffer(8 + content.length)
                .putInt(type)
                .putInt(8 + content.length)
                .put(content)
                .array();
    }

    /** A tag of fixed fields and a text. */
    private static byte[] text(int type, ByteBuffer fields, String s) {
        byte[] text = (s + "\0").getBytes(StandardCharsets.UTF_8);
        return tag(
                type,
                GuestRam.buffer(fields.capacity() + text.length)
                        .put(fields.array())
                        .put(text)
                        .array());
    }
}
