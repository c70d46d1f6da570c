package ringside.workbench.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import ringside.boot.BootException;
import ringside.boot.BootOptions;
import ringside.boot.Loader;
import ringside.cpu.CpuModel;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * The entry kernel that the repository brings along ({@code testdata/entrykernel}, described in docs/entry-kernel.md)
 * in one of its variants, which differ in what the entry code does for unwinders.
 *
 * @param variant which one
 * @param image its ELF file
 */
public record EntryKernel(Variant variant, Path image) {
    /** RAM of the machine it runs on, in bytes. */
    public static final long MEMORY = 4L << 20;

    /** What the entry code does for unwinders. */
    public enum Variant {
        /** Nothing. */
        none,
        /** A frame with a pointer to pt_regs around each call into C. */
        marker,
        /** rbp points to pt_regs, with bit 0 set. */
        encoded,
        /** A read-only table. */
        table,
        /** As {@link #marker}, but not around system calls. */
        seed;

        /** The image's file name. */
        public String fileName() {
            return "entry-" + this + ".elf";
        }
    }

    /** @param folder where the images lie */
    public static EntryKernel in(Path folder, Variant v) {
        return new EntryKernel(v, folder.resolve(v.fileName()));
    }

    /** Finds the images beside the jar in a checkout. */
    public static Path folder() throws IOException {
        Path at;
        try {
            at = Path.of(EntryKernel.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (java.net.URISyntaxException e) {
            throw new IOException("cannot tell where ringside lies: " + e.getMessage(), e);
        }
        for (Path p = at; p != null; p = p.getParent()) {
            Path folder = p.resolve("testdata/entrykernel");
            if (Files.isRegularFile(folder.resolve(Variant.none.fileName()))) return folder;
        }
        throw new IOException("testdata/entrykernel is missing; it belongs to the repository (git checkout testdata)");
    }

    /** @return a machine with this kernel loaded, before its first instruction */
    public Machine start(Machine.EngineFactory engine, String commandLine) throws BootException {
        Machine m = new Machine(new MachineConfig(MEMORY, CpuModel.standard(), java.util.Set.of(), false), engine);
        Loader.load(m, image, BootOptions.NONE.withAppend(commandLine));
        return m;
    }
}
