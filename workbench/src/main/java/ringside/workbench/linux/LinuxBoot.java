package ringside.workbench.linux;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import ringside.workbench.UsageException;

/**
 * Everything that {@code ringside linux} boots: a Debian kernel and an initramfs of busybox and packages, ready in the
 * cache folder.
 */
public final class LinuxBoot {
    /**
     * @param initrds concatenated by the loader: the packages' archive, if any, then the one with init
     * @param busybox the host's copy of the busybox that is in the initramfs
     * @param memory bytes of RAM the guest needs at the least to unpack the initramfs
     * @param comfortable bytes of RAM with which programs have room to run
     */
    public record Prepared(
            Path kernel, List<Path> initrds, Path busybox, long memory, long comfortable, String arguments) {}

    /** @param unpacked bytes of memory its files take in the guest */
    private record Archive(Path file, long unpacked) {}

    private static final long MIB = 1 << 20;
    /** What the kernel takes for itself before anything is unpacked. */
    private static final long KERNEL = 56 * MIB;

    private final Path cache;
    private final PrintStream progress;
    private final DebianPackages debian;

    private LinuxBoot(PrintStream progress) throws IOException {
        this.cache = cacheFolder();
        this.progress = progress;
        this.debian = new DebianPackages(cache, progress);
    }

    /**
     * Fetches what is missing and builds the initramfs.
     *
     * @param release "6.1", "6.12", or a kernel package's file
     * @param script shell script the guest runs instead of the interactive shell, or null
     * @param packages names of Debian packages that go into the initramfs with all they depend on
     * @param added own files, each "FILE" or "FILE:PATH"
     */
    public static Prepared prepare(
            String release, Path script, List<String> packages, List<String> added, PrintStream progress)
            throws IOException {
        LinuxBoot boot = new LinuxBoot(progress);
        Path kernelPackage = release.endsWith(".deb")
                ? existing(Path.of(release))
                : boot.debian.fetch(boot.debian.newestKernel(release));
        Path kernel = boot.debian.extract(kernelPackage, "boot/vmlinuz-");
        Path busybox = boot.debian.extract(boot.debian.fetch("busybox-static"), "bin/busybox");
        List<Archive> archives = new ArrayList<>();
        if (!packages.isEmpty()) archives.add(boot.packages(packages));
        archives.add(boot.init(busybox, script, !packages.isEmpty(), added));
        long unpacked = archives.stream().mapToLong(Archive::unpacked).sum();
        long packed = 0;
        for (Archive a : archives) packed += Files.size(a.file);
        // The archive stays in memory while it is unpacked into a file system that may take half of what kernel and
        // archive leave.
        long memory = packed + 2 * unpacked + KERNEL;
        long comfortable = Math.max(
                256 * MIB,
                Math.ceilDiv(memory + unpacked / 2 + (packages.isEmpty() ? 0 : 256 * MIB), 128 * MIB) * 128 * MIB);
        return new Prepared(
                kernel, archives.stream().map(Archive::file).toList(), busybox, memory, comfortable, "console=ttyS0");
    }

    /** The init archive without a script has a name of its own; others are named after what they hold. */
    private Archive init(Path busybox, Path script, boolean behindPackages, List<String> added) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long unpacked = Initramfs.build(
                bytes, busybox, script == null ? null : existing(script), behindPackages, new AddedFiles(added));
        byte[] image = bytes.toByteArray();
        boolean plain = script == null && !behindPackages && added.isEmpty();
        Path file = cache.resolve(plain ? "initramfs.cpio" : "initramfs-" + Long.toHexString(crc(image)) + ".cpio");
        if (!Files.exists(file) || !java.util.Arrays.equals(Files.readAllBytes(file), image))
            DebianPackages.writeWhole(file, new ByteArrayInputStream(image));
        return new Archive(file, unpacked);
    }

    /**
     * The packages' archive is named after the packages it holds and kept: unpacking takes a while. Its size in the
     * guest is kept beside it.
     */
    private Archive packages(List<String> names) throws IOException {
        List<String> withShell = new ArrayList<>(names);
        withShell.add("dash");
        List<Apt.Package> closure = debian.closure(withShell);
        List<Path> files = debian.fetch(closure);
        String key = UUID.nameUUIDFromBytes(closure.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
        Path file = cache.resolve("packages-" + key + ".cpio");
        Path size = cache.resolve("packages-" + key + ".size");
        if (!Files.exists(file) || !Files.exists(size)) {
            progress.printf("ringside: unpacking %d packages ...%n", files.size());
            Path temporary = Files.createTempFile(cache, "new", null);
            try {
                long unpacked;
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
                    unpacked = PackageTree.write(files, out);
                }
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
                DebianPackages.writeWhole(
                        size, new ByteArrayInputStream(Long.toString(unpacked).getBytes(StandardCharsets.US_ASCII)));
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
        long unpacked = Long.parseLong(Files.readString(size).strip());
        progress.printf(
                "ringside: %d packages for %s: %.1f MiB fetched, %.1f MiB of the guest's memory%n",
                closure.size(),
                String.join(", ", names),
                closure.stream().mapToLong(Apt.Package::size).sum() / (double) MIB,
                unpacked / (double) MIB);
        return new Archive(file, unpacked);
    }

    private static long crc(byte[] b) {
        java.util.zip.CRC32C c = new java.util.zip.CRC32C();
        c.update(b);
        return c.getValue();
    }

    private static Path existing(Path p) {
        if (Files.isDirectory(p)) throw new UsageException(p + ": is a directory");
        if (!Files.isRegularFile(p)) throw new UsageException(p + ": no such file");
        return p;
    }

    /** @return where kernels and programs are kept; made if it is not there */
    public static Path cacheFolder() throws IOException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isEmpty() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return Files.createDirectories(base.resolve("ringside"));
    }
}
