package ringside.workbench.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a file that appears whole or not at all, whatever happens meanwhile: beside its place, made durable, then
 * moved there. What a killed writer left is told by the lock that only a living one holds.
 */
public final class WholeFile {
    private static final String PREFIX = ".ringside-", SUFFIX = ".part";

    /** Writes the content. */
    public interface Content {
        void write(FileChannel to) throws IOException;
    }

    private WholeFile() {}

    public static void write(Path file, Content content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path part = Files.createTempFile(folder, PREFIX, SUFFIX);
        try {
            try (FileChannel c = FileChannel.open(part, StandardOpenOption.WRITE);
                    FileLock lock = c.tryLock()) {
                content.write(c);
                c.force(true);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            try (FileChannel d = FileChannel.open(folder, StandardOpenOption.READ)) {
                d.force(true);
            }
        } catch (FileSystemException | DamagedException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Removes what writers that were killed left in a folder. @return the names of the files */
    public static List<String> clean(Path folder) throws IOException {
        List<String> gone = new ArrayList<>();
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
            for (Path p : parts) {
                if (abandoned(p) && Files.deleteIfExists(p))
                    gone.add(p.getFileName().toString());
            }
        }
        return gone;
    }

    private static boolean abandoned(Path part) throws IOException {
        try (FileChannel c = FileChannel.open(part, StandardOpenOption.WRITE);
                FileLock lock = c.tryLock()) {
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (java.nio.file.NoSuchFileException e) {
            return false;
        }
    }
}
