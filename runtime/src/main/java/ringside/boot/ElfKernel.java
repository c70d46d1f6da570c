package ringside.boot;

import java.nio.ByteBuffer;
import ringside.cpu.Cpu;
import ringside.machine.Machine;
import ringside.memory.MemoryMap;

/**
 * ELF kernels without a multiboot header: with a PVH note (owner "Xen", type 18, a 32-bit physical entry) by the PVH
 * protocol, otherwise ELF64 entered in long mode at its physical entry with RSI = boot_params, as Linux's startup_64
 * wants it.
 */
final class ElfKernel {
    private static final String XEN = "Xen";
    private static final int PHYS32_ENTRY = 18;
    private static final int START_MAGIC = 0x336ec578, START_BYTES = 56, MODULE_BYTES = 32, MAP_BYTES = 24;

    private ElfKernel() {}

    static BootKind load(Machine m, BootImage image, BootOptions options) throws BootException {
        ElfFile elf = ElfFile.parse(image);
        long pvh = elf.note(XEN, PHYS32_ENTRY);
        if (pvh == -1 && !elf.is64())
            throw image.error("is a 32-bit ELF file with neither a multiboot header nor a PVH entry note");
        if (pvh == -1 && elf.machine() != ElfFile.EM_X86_64)
            throw image.error("is a 64-bit ELF file that is not for x86-64");
        GuestRam ram = new GuestRam(m, image.name());
        elf.place(ram);
        return pvh != -1 ? enterPvh(m, ram, image, pvh, options) : enter64(m, ram, elf, options);
    }

    private static BootKind enter64(Machine m, GuestRam ram, ElfFile elf, BootOptions options) throws BootException {
        BootParams params = new BootParams(ram);
        params.headerForElf();
        long[] initrd = LinuxLoader.placeInitrds(ram, ram.lowEnd(), options);
        params.initrd(initrd[0], initrd[1]);
        long zeroPage = params.place(options.append());
        EntryState.longMode(ram, m.cpu(), LinuxLoader.BOOT_CS, LinuxLoader.BOOT_DS, elf.physicalEntry());
        m.cpu().gpr[Cpu.RSI] = zeroPage;
        return BootKind.ELF64;
    }

    /** Builds hvm_start_info version 1 and enters in flat 32-bit protected mode with EBX pointing to it. */
    private static BootKind enterPvh(Machine m, GuestRam ram, BootImage image, long entry, BootOptions options)
            throws BootException {
        if (entry < 0 || entry > 0xffff_ffffL)
            throw image.error("PVH entry " + Long.toHexString(entry) + "h lies above 4 GiB");
        ram.requireRam(entry, 1, "PVH entry");
        long[] initrd = LinuxLoader.placeInitrds(ram, ram.lowEnd(), options);
        ByteBuffer map = GuestRam.buffer(MAP_BYTES * ram.map().entries().size());
        for (MemoryMap.Entry e : ram.map().entries())
            map.putLong(e.start()).putLong(e.length()).putInt(e.type()).putInt(0);
        ByteBuffer module = GuestRam.buffer(MODULE_BYTES).putLong(initrd[0]).putLong(initrd[1]);
        ByteBuffer start = GuestRam.buffer(START_BYTES);
        start.putInt(START_MAGIC).putInt(1).putInt(0).putInt(initrd[1] == 0 ? 0 : 1);
        start.putLong(initrd[1] == 0 ? 0 : ram.table(module.array(), 8, "PVH module list"));
        start.putLong(ram.string(options.append(), "command line"));
        start.putLong(ram.acpiRootPointer());
        start.putLong(ram.table(map.array(), 8, "PVH memory map"));
        start.putInt(ram.map().entries().size());
        long info = ram.table(start.array(), 8, "PVH start information");
        EntryState.protectedFlat(ram, m.cpu(), 0x08, 0x10, entry);
        m.cpu().tr.limit = 0x67;
        m.cpu().gpr[Cpu.RBX] = info;
        return BootKind.PVH;
    }
}
