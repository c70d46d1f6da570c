package ringside.boot;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;

/**
 * Multiboot 1 kernels (Multiboot Specification 0.6.96), as QEMU's {@code -kernel} starts them: ELF32 at its physical
 * addresses, or the header's own load addresses; entered in flat 32-bit protected mode with EAX the magic number and
 * EBX the information structure. Structure, map and strings lie in conventional memory, modules on pages behind the
 * image.
 */
final class MultibootLoader {
    static final long HEADER_MAGIC = 0x1BADB002L;
    static final long BOOT_MAGIC = 0x2BADB002L;
    private static final int SEARCH = 8192;
    private static final int HAS_ADDRESSES = 1 << 16;
    private static final int INFO_MEMORY = 1,
            INFO_BOOT_DEVICE = 2,
            INFO_COMMAND_LINE = 4,
            INFO_MODULES = 8,
            INFO_MAP = 0x40,
            INFO_LOADER_NAME = 0x200;
    private static final int INFO_BYTES = 88, MODULE_BYTES = 16, MAP_BYTES = 24;
    private static final long FIRST_DISK = 0x8000_ffffL;

    private MultibootLoader() {}

    /** @return offset of the multiboot header, or -1 if the file has none */
    static int findHeader(BootImage image) throws BootException {
        for (int at = 0; at + 12 <= Math.min(SEARCH, image.size()); at += 4) {
            if (image.u32(at, "header") != HEADER_MAGIC) continue;
            long sum = HEADER_MAGIC + image.u32(at + 4, "header") + image.u32(at + 8, "header");
            if ((sum & 0xffff_ffffL) == 0) return at;
        }
        return -1;
    }

    static BootKind load(Machine m, BootImage image, int header, BootOptions options) throws BootException {
        GuestRam ram = new GuestRam(m, image.name());
        long entry = (image.u32(header + 4, "multiboot header") & HAS_ADDRESSES) != 0
                ? placeByHeader(ram, image, header)
                : placeElf(ram, image);
        List<long[]> modules = new ArrayList<>();
        for (MultibootModules.Module x : MultibootModules.place(ram, options))
            modules.add(new long[] {x.start(), x.end(), ram.string(x.string(), "module string")});
        long info = information(m, ram, options.name() + " " + options.append(), modules);
        EntryState.protectedFlat(ram, m.cpu(), 0x08, 0x10, entry);
        m.cpu().gpr[Cpu.RAX] = BOOT_MAGIC;
        m.cpu().gpr[Cpu.RBX] = info;
        return BootKind.MULTIBOOT;
    }

    private static long placeElf(GuestRam ram, BootImage image) throws BootException {
        if (!ElfFile.isElf(image))
            throw image.error("multiboot header without load addresses in a file that is not ELF");
        ElfFile elf = ElfFile.parse(image);
        if (elf.is64() || elf.machine() == ElfFile.EM_X86_64) {
            throw image.error(
                    "multiboot 1 starts 32-bit ELF files only; this one is for x86-64 (objcopy -O elf32-i386 converts"
                            + " it)");
        }
        elf.place(ram);
        return elf.physicalEntry();
    }

    /** The header's own addresses: load address 16, load end 20, bss end 24, entry 28 bytes into the header. */
    private static long placeByHeader(GuestRam ram, BootImage image, int header) throws BootException {
        String what = "multiboot header";
        long headerAddress = image.u32(header + 12, what);
        long load = image.u32(header + 16, what);
        long loadEnd = image.u32(header + 20, what);
        long bssEnd = image.u32(header + 24, what);
        long entry = image.u32(header + 28, what);
        if (headerAddress < load) throw image.error("multiboot header_addr lies below load_addr");
        if (headerAddress - load > header) throw image.error("multiboot load_addr lies before the start of the file");
        int offset = (int) (header - (headerAddress - load));
        if (loadEnd != 0 && loadEnd < load) throw image.error("multiboot load_end_addr lies below load_addr");
        long fileBytes = loadEnd != 0 ? loadEnd - load : image.size() - offset;
        image.require(offset, fileBytes, "multiboot image");
        if (bssEnd != 0 && bssEnd < load + fileBytes)
            throw image.error("multiboot bss_end_addr lies below the end of the loaded image");
        long bytes = bssEnd != 0 ? bssEnd - load : fileBytes;
        if (entry < load || entry >= load + bytes) {
            throw image.error("multiboot entry_addr " + Long.toHexString(entry) + "h lies outside the image");
        }
        ram.placeImage(load, image, offset, fileBytes, bytes, "multiboot image");
        return entry;
    }

    private static long information(Machine m, GuestRam ram, String commandLine, List<long[]> modules)
            throws BootException {
        long at = ram.table(INFO_BYTES, 4, "multiboot information");
        List<MemoryMap.Entry> entries = ram.map().entries();
        ByteBuffer map = GuestRam.buffer(MAP_BYTES * entries.size());
        for (MemoryMap.Entry e : entries)
            map.putInt(MAP_BYTES - 4).putLong(e.start()).putLong(e.length()).putInt(e.type());
        ByteBuffer list = GuestRam.buffer(MODULE_BYTES * modules.size());
        for (long[] module : modules)
            list.putInt((int) module[0])
                    .putInt((int) module[1])
                    .putInt((int) module[2])
                    .putInt(0);
        ByteBuffer info = GuestRam.buffer(INFO_BYTES);
        info.putInt(INFO_MEMORY | INFO_BOOT_DEVICE | INFO_COMMAND_LINE | INFO_MODULES | INFO_MAP | INFO_LOADER_NAME);
        info.putInt((int) (Math.min(MemoryMap.EBDA, ram.lowEnd()) >> 10));
        info.putInt((int) (Math.max(0, ram.lowEnd() - MemoryMap.MIB) >> 10));
        info.putInt((int) FIRST_DISK);
        info.putInt((int) ram.string(commandLine, "command line"));
        info.putInt(modules.size());
        info.putInt(modules.isEmpty() ? 0 : (int) ram.table(list.array(), 4, "module list"));
        info.putInt(44, map.capacity());
        info.putInt(48, (int) ram.table(map.array(), 4, "memory map"));
        info.putInt(64, (int) ram.string("ringside", "loader name"));
        m.memory().write(at, info.array());
        return at;
    }
}
