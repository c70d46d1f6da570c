package ringside.workbench.linux;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Unpacks Debian packages into one cpio archive: the root file system that a package client would have made, with /bin,
 * /sbin and /lib as links into /usr. Their install scripts are not run; documentation, translations and lint rules are
 * left out.
 */
final class PackageTree {
    private static final Pattern LEFT_OUT = Pattern.compile("usr/share/(doc|doc-base|man|info|locale|lintian|bug)/.+");
    private static final List<String> MERGED = List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");
    private final Cpio cpio;
    private final Set<String> folders = new HashSet<>();

    private PackageTree(Cpio cpio) {
        this.cpio = cpio;
    }

    /** @return bytes of memory that the files take in the guest */
    static long write(List<Path> packages, OutputStream to) throws IOException {
        try (Cpio cpio = new Cpio(to)) {
            PackageTree tree = new PackageTree(cpio);
            tree.folder("usr", 0755);
            for (String m : MERGED) {
                tree.folder("usr/" + m, 0755);
                cpio.link(m, "usr/" + m);
            }
            for (Path deb : packages) {
                DebFile.visit(deb, (entry, content) -> {
                    tree.add(entry, content);
                    return true;
                });
            }
            return cpio.unpacked();
        }
    }

    private void add(TarArchiveEntry entry, java.io.InputStream content) throws IOException {
        String name = merged(plain(entry.getName()));
        if (name.isEmpty() || MERGED.contains(name) || LEFT_OUT.matcher(name).matches()) return;
        int permissions = entry.getMode() & 07777;
        if (entry.isDirectory()) {
            folder(name, permissions);
        } else if (entry.isSymbolicLink()) {
            cpio.link(name, entry.getLinkName());
        } else if (entry.isLink()) {
            cpio.link(name, "/" + merged(plain(entry.getLinkName())));
        } else if (entry.isFile()) {
            cpio.file(
                    name,
                    permissions,
                    entry.getSize(),
                    entry.getLastModifiedTime().toMillis() / 1000,
                    content);
        }
    }

    private void folder(String name, int permissions) throws IOException {
        if (folders.add(name)) cpio.folder(name, permissions);
    }

    private static String plain(String name) {
        String n = name.startsWith("./") ? name.substring(2) : name.startsWith("/") ? name.substring(1) : name;
        return n.endsWith("/") ? n.substring(0, n.length() - 1) : n;
    }

    /** @return the path behind the links from /bin, /sbin and /lib into /usr */
    static String merged(String name) {
        int slash = name.indexOf('/');
        return slash > 0 && MERGED.contains(name.substring(0, slash)) ? "usr/" + name : name;
    }
}
