package ringside.workbench.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.snapshot.StateFields;

/**
 * Snapshots of booted guests in the cache folder, each named after everything that the boot depends on: the bytes of
 * kernel and ramdisks, the command line, the machine and this program's version. The ones used last are kept.
 */
public final class ShellSnapshots {
    private static final int KEPT = 8;
    private static final String SUFFIX = ".snapshot";

    private ShellSnapshots() {}

    /**
     * @param files kernel and ramdisks, in order
     * @param words whatever else the boot depends on: command line, machine, version
     * @return the file of that boot's snapshot, there or not; its folder is
     */
    public static Path of(List<Path> files, List<String> words) throws IOException {
        Path folder = Files.createDirectories(LinuxBoot.cacheFolder().resolve("snapshots"));
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            for (Path f : files) {
                byte[] bytes = Files.readAllBytes(f);
                d.update(Long.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
                d.update((byte) 0);
                d.update(bytes);
            }
            for (String w : words) {
                d.update(w.getBytes(StandardCharsets.UTF_8));
                d.update((byte) 0);
            }
            return folder.resolve("linux-" + HexFormat.of().formatHex(d.digest(), 0, 12) + SUFFIX);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the names of all parts of such a machine's state: those of another version of this program differ */
    public static String machine(MachineConfig config) {
        try (Machine m = Machine.interpreted(new MachineConfig(1 << 20, config.model(), config.devices(), false))) {
            return String.join(" ", StateFields.of(m, (host, bytes) -> {}).keySet());
        }
    }

    /** Notes that a snapshot was used, and removes those that were used longest ago. @return what was removed */
    public static List<Path> used(Path snapshot) throws IOException {
        Files.setLastModifiedTime(snapshot, FileTime.fromMillis(System.currentTimeMillis()));
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(snapshot.getParent(), "linux-*" + SUFFIX)) {
            found.forEach(all::add);
        }
        all.sort(Comparator.comparingLong((Path p) -> p.toFile().lastModified()).reversed());
        List<Path> removed = new ArrayList<>(all.subList(Math.min(KEPT, all.size()), all.size()));
        for (Path p : removed) Files.deleteIfExists(p);
        return removed;
    }
}
