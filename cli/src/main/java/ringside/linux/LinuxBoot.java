package ringside.linux;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import ringside.cli.UsageException;

/** Everything that {@code ringside linux} boots: a Debian kernel and an initramfs of busybox, ready in the cache folder. */
public final class LinuxBoot {
    /** @param busybox the host's copy of the busybox that is in the initramfs */
    public record Prepared(Path kernel, Path initrd, Path busybox, String arguments) {}

    private LinuxBoot() {}

    /**
     * Fetches what is missing and builds the initramfs.
     *
     * @param release "6.1", "6.12", or a kernel package's file
     * @param script shell script the guest runs instead of the interactive shell, or null
     */
    public static Prepared prepare(String release, Path script, PrintStream progress) throws IOException {
        Path cache = cacheFolder();
        DebianPackages debian = new DebianPackages(cache, progress);
        Path kernelPackage = release.endsWith(".deb") ? existing(Path.of(release)) : debian.fetch(debian.newestKernel(release));
        Path kernel = debian.extract(kernelPackage, "boot/vmlinuz-");
        Path busybox = debian.extract(debian.fetch("busybox-static"), "bin/busybox");
        byte[] commands = script == null ? null : Files.readAllBytes(script);
        byte[] image = Initramfs.build(Files.readAllBytes(busybox), commands);
        Path initrd = cache.resolve(script == null ? "initramfs.cpio" : "initramfs-" + Long.toHexString(crc(image)) + ".cpio");
        if (!Files.exists(initrd) || !java.util.Arrays.equals(Files.readAllBytes(initrd), image)) DebianPackages.writeWhole(initrd, image);
        return new Prepared(kernel, initrd, busybox, "console=ttyS0");
    }

    private static long crc(byte[] b) {
        java.util.zip.CRC32C c = new java.util.zip.CRC32C();
        c.update(b);
        return c.getValue();
    }

    private static Path existing(Path p) {
        if (!Files.isRegularFile(p)) throw new UsageException(p + ": no such file");
        return p;
    }

    private static Path cacheFolder() throws IOException {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg != null && !xdg.isEmpty() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return Files.createDirectories(base.resolve("ringside"));
    }
}
