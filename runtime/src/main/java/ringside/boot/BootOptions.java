package ringside.boot;

import java.util.List;

/**
 * What goes with a kernel file.
 *
 * @param append the command line; multiboot kernels get it behind the kernel's name
 * @param initrds initrd arguments in order. Linux and PVH: each is a file, and they are concatenated. Multiboot: each
 *     is a list {@code "file args,file2"} (a comma in a name is written twice), and every file becomes a module with
 *     its string
 * @param raw how to start the file as code without a header, or null to find out what it is
 * @param name what the guest is told the kernel is called: a fixed name, so that a run does not depend on where the
 *     file lies
 */
public record BootOptions(String append, List<String> initrds, RawCode raw, String name) {
    /** What a guest is told that its kernel is called, unless the user says. */
    public static final String DEFAULT_NAME = "kernel";

    /** Code without a header: loaded at {@code address} (guest physical), which is also its entry point. */
    public record RawCode(long address, CodeMode mode) {
        /** Where a BIOS loads a boot sector. */
        public static final RawCode BOOT_SECTOR = new RawCode(0x7c00, CodeMode.REAL);
    }

    /** The processor mode raw code is entered in. */
    public enum CodeMode {
        REAL,
        /** Flat 32-bit protected mode without paging. */
        PROTECTED,
        /** 64-bit mode with the first 4 GiB identity-mapped. */
        LONG
    }

    public static final BootOptions NONE = new BootOptions("", List.of(), null, DEFAULT_NAME);

    public BootOptions {
        initrds = List.copyOf(initrds);
    }

    public BootOptions withAppend(String line) {
        return new BootOptions(line, initrds, raw, name);
    }

    public BootOptions withInitrds(List<String> files) {
        return new BootOptions(append, files, raw, name);
    }

    public BootOptions withRaw(RawCode code) {
        return new BootOptions(append, initrds, code, name);
    }
}
