package ringside.boot;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;

/**
 * A Linux bzImage: by the 64-bit boot protocol (entry 200h behind the load address, RSI = boot_params, long mode) when
 * its header offers that, otherwise by the 32-bit protocol (ESI = boot_params, flat protected mode). The real-mode
 * setup code is run only for images older than protocol 2.12, whose header cannot say how they may be entered: many of
 * those are no Linux and count on it (network boot programs, ...).
 */
final class LinuxLoader {
    /** __BOOT_CS and __BOOT_DS of the protocol. */
    static final int BOOT_CS = 0x10, BOOT_DS = 0x18;

    private static final int ENTRY_64 = 0x200;
    /**
     * Where boot loaders put setup code and command line, and the offset of the end of its heap, behind which its stack
     * begins.
     */
    private static final int SETUP = 0x10000, COMMAND_LINE = 0x20000, HEAP_END = 0xfe00;
    /** The magic number of LZ4's legacy format, which has no mark of its end. */
    private static final String LZ4_LEGACY = "\002!L\030";

    private static final int CAN_USE_HEAP = 0x80, FIRST_WITH_ENTRY_FLAGS = 0x20c, UNDEFINED_LOADER = 0xff;

    private LinuxLoader() {}

    static BootKind load(Machine m, BootImage image, BootOptions options) throws BootException {
        LinuxHeader h = LinuxHeader.parse(image);
        if (!h.loadedHigh()) throw image.error("is a zImage, which loads below 1 MiB; only bzImage is supported");
        int length = image.size() - h.kernelOffset();
        GuestRam ram = new GuestRam(m, image.name());
        if (options.append().getBytes(StandardCharsets.UTF_8).length > h.commandLineMax()) {
            throw image.error("the command line is longer than the " + h.commandLineMax() + " bytes this kernel takes");
        }
        if (!h.entry64() && h.version() < FIRST_WITH_ENTRY_FLAGS) return loadForRealMode(m, ram, image, h, options);
        long load = loadAddress(ram, h, length);
        ram.placeImage(load, image, h.kernelOffset(), length, length, "kernel");
        ram.reserve(load, h.initSize());
        BootParams params = new BootParams(ram);
        params.header(image, h);
        long[] initrd = placeInitrds(ram, h.initrdMax() + 1, options);
        params.initrd(initrd[0], initrd[1]);
        long zeroPage = params.place(options.append());
        Cpu cpu = m.cpu();
        if (h.entry64()) {
            image.require(h.kernelOffset() + ENTRY_64, 1, "64-bit entry point");
            EntryState.longMode(ram, cpu, BOOT_CS, BOOT_DS, load + ENTRY_64);
        } else {
            EntryState.protectedFlat(ram, cpu, BOOT_CS, BOOT_DS, load);
        }
        cpu.gpr[Cpu.RSI] = zeroPage;
        return h.entry64() ? BootKind.LINUX_64 : BootKind.LINUX_32;
    }

    private static BootKind loadForRealMode(
            Machine m, GuestRam ram, BootImage image, LinuxHeader h, BootOptions options) throws BootException {
        int length = image.size() - h.kernelOffset();
        if (h.kernelOffset() > HEAP_END)
            throw image.error("setup code of " + h.kernelOffset() + " bytes is longer than the protocol allows");
        ram.placeImage(MemoryMap.MIB, image, h.kernelOffset(), length, length, "kernel");
        ram.placeImage(SETUP, image, 0, h.kernelOffset(), COMMAND_LINE - SETUP, "setup code");
        byte[] line = (options.append() + "\0").getBytes(StandardCharsets.UTF_8);
        ram.requireRam(COMMAND_LINE, line.length, "command line");
        m.memory().write(COMMAND_LINE, line);
        long[] initrd = placeInitrds(ram, h.initrdMax() + 1, options);
        m.memory().write(SETUP + 0x1fa, 2, 0xffff);
        m.memory().write(SETUP + 0x210, 1, UNDEFINED_LOADER);
        m.memory().write(SETUP + 0x211, 1, m.memory().read(SETUP + 0x211, 1) | CAN_USE_HEAP);
        m.memory().write(SETUP + 0x218, 4, initrd[0]);
        m.memory().write(SETUP + 0x21c, 4, initrd[1]);
        m.memory().write(SETUP + 0x224, 2, HEAP_END);
        m.memory().write(SETUP + 0x228, 4, COMMAND_LINE);
        EntryState.setup(m.cpu(), SETUP, HEAP_END + 0x1f0);
        return BootKind.LINUX_16;
    }

    /** Where the kernel wants to be if that is free RAM with all it needs behind it, otherwise at 1 MiB. */
    private static long loadAddress(GuestRam ram, LinuxHeader h, int length) throws BootException {
        long need = Math.max(h.initSize(), length);
        long preferred = h.preferred();
        if (h.relocatable()
                && preferred >= MemoryMap.MIB
                && preferred <= ram.lowEnd()
                && need <= ram.lowEnd() - preferred) return preferred;
        ram.requireRam(MemoryMap.MIB, length, "kernel");
        return MemoryMap.MIB;
    }

    /**
     * Concatenates the initrds, each padded with zero bytes to 4, and by 4 more behind an LZ4 one, as high as the
     * kernel allows.
     *
     * @param limit address behind the highest byte they may use
     * @return guest physical address and size in bytes, both 0 if there are none
     */
    static long[] placeInitrds(GuestRam ram, long limit, BootOptions options) throws BootException {
        List<BootImage> files = new ArrayList<>();
        long size = 0;
        for (String name : options.initrds()) {
            BootImage f = ramdisk(name);
            size = place(files, size) + f.size();
            files.add(f);
        }
        if (size == 0) return new long[2];
        long at = ram.below(limit, size, 4096, "initrd");
        long end = at;
        List<BootImage> before = new ArrayList<>();
        for (BootImage f : files) {
            end = at + place(before, end - at);
            ram.memory().write(end, f.bytes());
            end += f.size();
            before.add(f);
        }
        return new long[] {at, size};
    }

    private static BootImage ramdisk(String name) throws BootException {
        try {
            return BootImage.read(Path.of(name));
        } catch (BootException e) {
            if (!name.contains(",")) throw e;
            throw new BootException(
                    e.getMessage()
                            + "; for Linux, --initrd is given once for each ramdisk, commas part the modules of"
                            + " multiboot kernels",
                    e);
        }
    }

    /** @return where the next ramdisk begins behind the others. An LZ4 one ends for the kernel at a block of size 0 */
    private static long place(List<BootImage> before, long size) {
        boolean lz4 = !before.isEmpty() && before.getLast().startsWith(0, LZ4_LEGACY);
        return Ranges.up(size, 4) + (lz4 ? 4 : 0);
    }
}
