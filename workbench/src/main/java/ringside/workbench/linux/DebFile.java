package ringside.workbench.linux;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import ringside.workbench.UsageException;

/** A Debian package: an ar archive whose member data.tar, compressed, holds the files. */
final class DebFile {
    /** Gets each entry in the order of the package. */
    interface Visitor {
        /** @param content bytes of a file; @return whether to go on */
        boolean visit(TarArchiveEntry entry, InputStream content) throws IOException;
    }

    /** Memory for unpacking: several times what any package asks for. */
    private static final int MOST_KIB = 256 << 10;

    private DebFile() {}

    /** @throws IOException with the package's name if it is damaged */
    static void visit(Path deb, Visitor visitor) throws IOException {
        try (ArArchiveInputStream ar =
                new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(deb), 1 << 16))) {
            for (ArArchiveEntry e; (e = ar.getNextEntry()) != null; ) {
                if (!e.getName().startsWith("data.tar")) continue;
                TarArchiveInputStream tar = new TarArchiveInputStream(decompress(e.getName(), ar));
                for (TarArchiveEntry t; (t = tar.getNextEntry()) != null; ) {
                    if (!visitor.visit(t, tar)) return;
                }
                return;
            }
        } catch (UsageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // the archive libraries take some damage for a mistake of their caller
            throw new IOException(
                    deb + ": not a whole Debian package: " + (e.getMessage() == null ? e : e.getMessage()), e);
        }
        throw new IOException(deb + ": not a whole Debian package: it has no data");
    }

    private static InputStream decompress(String name, InputStream in) throws IOException {
        if (name.endsWith(".xz")) return new XZCompressorInputStream(in, false, MOST_KIB);
        if (name.endsWith(".gz")) return new java.util.zip.GZIPInputStream(in);
        if (name.endsWith(".zst")) return new io.airlift.compress.zstd.ZstdInputStream(in);
        if (name.endsWith(".tar")) return in;
        throw new IOException("unknown compression " + name);
    }
}
