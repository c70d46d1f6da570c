package ringside.boot;

import java.nio.file.Path;
import ringside.machine.Machine;

/**
 * Starts a kernel file: finds out what it is, places it with its tables in guest RAM, and puts the CPU into the state
 * in which its boot protocol enters it. Order of tests as in QEMU's {@code -kernel}: Linux setup header, multiboot
 * header, ELF. Gzipped kernels are unpacked first. Nothing in a file is trusted; a file that cannot be started is a
 * {@link BootException} with one line.
 */
public final class Loader {
    private Loader() {}

    /**
     * {@return how the kernel was started}
     *
     * @param m the machine, before its first instruction
     * @param kernel the kernel file, gzipped or not
     * @param options what goes with it
     * @throws BootException if it cannot be read or started; the message is one line
     */
    public static BootKind load(Machine m, Path kernel, BootOptions options) throws BootException {
        return load(m, BootImage.read(kernel), options);
    }

    static BootKind load(Machine m, BootImage image, BootOptions options) throws BootException {
        if (options.raw() != null) return RawLoader.load(m, image, options.raw());
        image = image.unpacked();
        if (LinuxHeader.isLinux(image)) return LinuxLoader.load(m, image, options);
        int header = MultibootLoader.findHeader(image);
        int header2 = Multiboot2Loader.findHeader(image);
        // a 64-bit ELF file is none of multiboot 1's
        boolean second = header2 >= 0 && (header < 0 || ElfFile.isElf(image) && image.u8(4, "ELF header") == 2);
        if (second) return Multiboot2Loader.load(m, image, header2, options);
        if (header >= 0) return MultibootLoader.load(m, image, header, options);
        if (ElfFile.isElf(image)) return ElfKernel.load(m, image, options);
        if (image.isPortableExecutable())
            throw image.error("is an EFI program (PE image), which UEFI firmware starts; this machine has a BIOS");
        throw image.error("not a kernel: neither Linux bzImage nor multiboot nor ELF (code without a header needs --raw"
                + " ADDRESS)");
    }
}
