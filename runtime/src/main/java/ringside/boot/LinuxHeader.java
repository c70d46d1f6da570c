package ringside.boot;

/**
 * The setup header of a Linux kernel image, at offset 1F1h of the file (Linux x86 boot protocol, "The Real-Mode Kernel
 * Header"). Fields that an older protocol lacks have the value the protocol prescribes for it.
 *
 * @param version protocol version, major in the high byte
 * @param kernelOffset file offset of the protected-mode kernel
 * @param headerEnd file offset behind the setup header
 * @param preferred address the kernel would like to run at, guest physical
 * @param initSize bytes of RAM the kernel needs from its start, before it can look at the memory map
 * @param initrdMax highest address an initrd's last byte may have
 */
record LinuxHeader(
        int version,
        int kernelOffset,
        int headerEnd,
        boolean loadedHigh,
        boolean relocatable,
        boolean entry64,
        boolean above4G,
        long code32Start,
        long preferred,
        long alignment,
        long initSize,
        long initrdMax,
        long commandLineMax) {
    static final int OFFSET = 0x1f1;
    /** The CRC-32 of a whole that ends in its own checksum. */
    private static final int CRC_OF_ALL = -1;

    private static final int SECTOR = 512, XLF_KERNEL_64 = 1, XLF_CAN_BE_LOADED_ABOVE_4G = 2;

    static boolean isLinux(BootImage image) {
        return image.startsWith(0x202, "HdrS");
    }

    static LinuxHeader parse(BootImage f) throws BootException {
        String what = "Linux setup header";
        int version = f.u16(0x206, what);
        if (version < 0x0200)
            throw f.error("Linux boot protocol " + Integer.toHexString(version) + "h is older than 2.00");
        int sectors = f.u8(0x1f1, what);
        int kernel = ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
        if (kernel >= f.size()) {
            throw f.error("truncated: the setup code alone is " + kernel + " bytes, the file has " + f.size());
        }
        long end = kernel + 16 * (version >= 0x204 ? f.u32(0x1f4, what) : f.u16(0x1f4, what));
        // the size in the header is in units of 16 bytes, and not every file is filled up to one
        if (f.size() <= end - 16)
            throw f.error("truncated: its header speaks of " + end + " bytes, the file has " + f.size());
        // what is signed has been changed behind the checksum, and is longer; other programs in this format have no
        // checksum
        if (version >= 0x208 && f.size() == end && namesItsBuild(f) && f.crc32() != CRC_OF_ALL)
            throw f.error("damaged: its checksum is wrong");
        int xload = version >= 0x20c ? f.u16(0x236, what) : 0;
        long code32Start = f.u32(0x214, what);
        long preferred = version >= 0x20a ? f.u64(0x258, what) : code32Start;
        return new LinuxHeader(
                version,
                kernel,
                Math.min(0x202 + f.u8(0x201, what), 0x290),
                (f.u8(0x211, what) & 1) != 0,
                version >= 0x205 && f.u8(0x234, what) != 0,
                (xload & XLF_KERNEL_64) != 0,
                (xload & XLF_CAN_BE_LOADED_ABOVE_4G) != 0,
                code32Start,
                preferred,
                version >= 0x205 ? Math.max(f.u32(0x230, what), 4096) : 4096,
                version >= 0x20a ? f.u32(0x260, what) : 0,
                version >= 0x203 ? f.u32(0x22c, what) : 0x37ff_ffffL,
                version >= 0x206 ? f.u32(0x238, what) : 255);
    }

    /** @return whether the version text is that of a Linux build: "6.1.0 (user@host) #1 ..." */
    private static boolean namesItsBuild(BootImage f) throws BootException {
        long at = 0x200 + f.u16(0x20e, "Linux setup header");
        StringBuilder text = new StringBuilder();
        while (f.has(at, 1) && f.u8(at, "version") != 0 && text.length() < 200)
            text.append((char) f.u8(at++, "version"));
        return text.toString().matches("\\d+\\.\\d+.* \\(.+@.+\\) #.*");
    }
}
