package ringside.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import ringside.memory.MemoryMap;

/**
 * Builds the "zero page" (struct boot_params) that Linux is entered with, and the command line it points to. Field
 * offsets are those of the Linux x86 boot protocol, "zero-page".
 */
final class BootParams {
    private static final int BYTES = 4096;
    private static final int ALT_MEM_K = 0x1e0,
            E820_ENTRIES = 0x1e8,
            E820_TABLE = 0x2d0,
            E820_MAX = 128,
            ACPI_RSDP = 0x070,
            EXT_RAMDISK_IMAGE = 0x0c0,
            EXT_RAMDISK_SIZE = 0x0c4,
            EXT_CMD_LINE = 0x0c8;
    private static final int VID_MODE = 0x1fa,
            TYPE_OF_LOADER = 0x210,
            RAMDISK_IMAGE = 0x218,
            RAMDISK_SIZE = 0x21c,
            CMD_LINE = 0x228;
    private static final int NORMAL_VIDEO = 0xffff, UNDEFINED_LOADER = 0xff;

    private final ByteBuffer page = GuestRam.buffer(BYTES);
    private final GuestRam ram;

    BootParams(GuestRam ram) {
        this.ram = ram;
        memory();
    }

    private void memory() {
        List<MemoryMap.Entry> entries = ram.map().entries();
        int n = Math.min(entries.size(), E820_MAX);
        page.put(E820_ENTRIES, (byte) n);
        for (int i = 0; i < n; i++) {
            MemoryMap.Entry e = entries.get(i);
            page.putLong(E820_TABLE + 20 * i, e.start())
                    .putLong(E820_TABLE + 20 * i + 8, e.length())
                    .putInt(E820_TABLE + 20 * i + 16, e.type());
        }
        long extended = Math.max(0, ram.lowEnd() - MemoryMap.MIB) >> 10;
        page.putInt(ALT_MEM_K, (int) extended);
        page.putShort(2, (short) Math.min(extended, 0xffff));
        page.putLong(ACPI_RSDP, ram.acpiRootPointer());
    }

    /** Copies the setup header of a bzImage. */
    void header(BootImage image, LinuxHeader h) {
        page.put(LinuxHeader.OFFSET, image.bytes(), LinuxHeader.OFFSET, h.headerEnd() - LinuxHeader.OFFSET);
    }

    /** Makes a setup header for a kernel that comes without one, as an ELF file does. */
    void headerForElf() {
        page.putShort(0x1fe, (short) 0xaa55);
        page.put(0x202, "HdrS".getBytes(StandardCharsets.US_ASCII));
        page.putShort(0x206, (short) 0x020c);
        page.put(0x211, (byte) 1);
        page.putInt(0x230, 0x0100_0000);
        page.putInt(0x238, BYTES - 1);
    }

    void initrd(long address, long size) {
        page.putInt(RAMDISK_IMAGE, (int) address).putInt(RAMDISK_SIZE, (int) size);
        page.putInt(EXT_RAMDISK_IMAGE, (int) (address >>> 32)).putInt(EXT_RAMDISK_SIZE, (int) (size >>> 32));
    }

    /** Places page and command line. @return address of the page */
    long place(String commandLine) throws BootException {
        page.putShort(VID_MODE, (short) NORMAL_VIDEO);
        page.put(TYPE_OF_LOADER, (byte) UNDEFINED_LOADER);
        page.putInt(CMD_LINE, (int) ram.string(commandLine, "command line")).putInt(EXT_CMD_LINE, 0);
        return ram.table(page.array(), 4096, "boot_params");
    }
}
