package ringside.workbench.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import ringside.workbench.UsageException;

/** The user's own files and folders for the initramfs, each "FILE" (then it lies in /root) or "FILE:PATH". */
final class AddedFiles {
    private final List<String> texts;

    AddedFiles(List<String> texts) {
        this.texts = texts;
    }

    void write(Cpio cpio, boolean mergedUsr) throws IOException {
        Set<String> folders = new HashSet<>(Set.of("root", "tmp", "etc", "bin", "sbin", "usr", "usr/bin", "usr/sbin"));
        for (String text : texts) {
            int colon = Files.exists(Path.of(text)) ? -1 : text.indexOf(":/");
            Path file = Path.of(colon < 0 ? text : text.substring(0, colon));
            int place = text.lastIndexOf(':');
            if (!Files.exists(file) && place > 0 && Files.exists(Path.of(text.substring(0, place))))
                throw new UsageException("--add: '" + text + "': behind ':' comes a path in the guest, from / on");
            if (!Files.exists(file)) throw new UsageException("--add: " + file + ": no such file");
            String name = file.toAbsolutePath().normalize().getFileName().toString();
            String to = colon < 0 ? "root/" + name : text.substring(colon + 2);
            if (to.endsWith("/")) to += name;
            to = Path.of("/" + to).normalize().toString().substring(1);
            if (to.isEmpty()) throw new UsageException("--add: '" + text + "' names no path in the guest");
            add(cpio, file, mergedUsr ? PackageTree.merged(to) : to, folders);
        }
    }

    private static void add(Cpio cpio, Path file, String to, Set<String> folders) throws IOException {
        parents(cpio, to, folders);
        if (Files.isDirectory(file)) {
            if (folders.add(to)) cpio.folder(to, 0755);
            try (var inside = Files.list(file)) {
                for (Path p : inside.sorted().toList()) {
                    if (Files.isSymbolicLink(p))
                        cpio.link(
                                to + "/" + p.getFileName(),
                                Files.readSymbolicLink(p).toString());
                    else add(cpio, p, to + "/" + p.getFileName(), folders);
                }
            }
        } else if (Files.isRegularFile(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                cpio.file(
                        to,
                        Files.isExecutable(file) ? 0755 : 0644,
                        Files.size(file),
                        Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                                        .toMillis()
                                / 1000,
                        in);
            }
        } else {
            throw new UsageException("--add: " + file + ": neither a file nor a folder");
        }
    }

    private static void parents(Cpio cpio, String to, Set<String> folders) throws IOException {
        for (int slash = to.indexOf('/'); slash > 0; slash = to.indexOf('/', slash + 1)) {
            if (folders.add(to.substring(0, slash))) cpio.folder(to.substring(0, slash), 0755);
        }
    }
}
