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

    /**
     * Code without a header: loaded at {@code address} (guest physical), which is also its entry point.
     *
     * @param address guest physical address of the first byte
     * @param mode the mode the processor is in there
     */
    public record RawCode(long address, CodeMode mode) {
        /** Where a BIOS loads a boot sector. */
        public static final RawCode BOOT_SECTOR = new RawCode(0x7c00, CodeMode.REAL);
    }

    /** The processor mode raw code is entered in. */
    public enum CodeMode {
        /** 16-bit real mode. */
        REAL,
        /** Flat 32-bit protected mode without paging. */
        PROTECTED,
        /** 64-bit mode with the first 4 GiB identity-mapped. */
        LONG
    }

    public static final BootOptions NONE = new BootOptions("", List.of(), null, DEFAULT_NAME);
    /** No command line, no initrd, a kernel with a header. */

    /** Copies the list of initrds. */
    public BootOptions {
        initrds = List.copyOf(initrds);
    }

    /**
     * {@return the same with another command line}
     *
     * @param line the command line
     */
    public BootOptions withAppend(String line) {
        return new BootOptions(line, initrds, raw, name);
    }

    /**
     * {@return the same with other initrds}
     *
     * @param files initrd arguments in order
     */
    public BootOptions withInitrds(List<String> files) {
        return new BootOptions(append, files, raw, name);
    }

    /**
     * {@return the same for a file that is started as code without a header}
     *
     * @param code how to start it; null to find out what the file is
     */
    public BootOptions withRaw(RawCode code) {
        return new BootOptions(append, initrds, code, name);
    }
}
