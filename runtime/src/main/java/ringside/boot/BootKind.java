package ringside.boot;

/** How a kernel was started. */
public enum BootKind {
    /** bzImage by the 64-bit boot protocol. */
    LINUX_64("Linux bzImage, 64-bit boot protocol"),
    /** bzImage by the 32-bit boot protocol. */
    LINUX_32("Linux bzImage, 32-bit boot protocol"),
    /** bzImage whose setup code runs in real mode, as a boot loader starts it. */
    LINUX_16("Linux bzImage, real-mode setup code"),
    /** ELF64 entered in long mode with RSI at boot_params. */
    ELF64("ELF64 vmlinux, 64-bit entry"),
    /** ELF with a PVH entry note. */
    PVH("ELF with PVH entry"),
    /** A kernel with a Multiboot header of version 1. */
    MULTIBOOT("multiboot 1"),
    /** A kernel with a Multiboot2 header. */
    MULTIBOOT2("multiboot 2"),
    /** Code without a header at a given address. */
    RAW("raw code");

    private final String text;

    BootKind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
