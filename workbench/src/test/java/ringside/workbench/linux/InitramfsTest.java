package ringside.workbench.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.workbench.Mutations;
import ringside.workbench.UsageException;

/** What comes into the guest's root file system: files of packages and of the user. */
class InitramfsTest {
    private record Entry(CpioArchiveEntry about, byte[] content) {}

    @TempDir
    Path folder;

    private static Map<String, Entry> read(byte[] cpio) throws IOException {
        Map<String, Entry> all = new LinkedHashMap<>();
        try (CpioArchiveInputStream in = new CpioArchiveInputStream(new ByteArrayInputStream(cpio))) {
            for (CpioArchiveEntry e; (e = in.getNextEntry()) != null; )
                assertNull(all.put(e.getName(), new Entry(e, in.readAllBytes())), e.getName() + " is there twice");
        }
        return all;
    }

    private Path deb() throws IOException {
        ByteArrayOutputStream tarBytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(tarBytes))) {
            for (String f : new String[] {
                "./", "./bin/", "./usr/", "./usr/bin/", "./usr/share/", "./usr/share/doc/", "./usr/share/doc/tool/"
            }) put(tar, f, 040755, "");
            put(tar, "./bin/tool", 0100755, "program");
            put(tar, "./usr/bin/setuid", 0104755, "other");
            put(tar, "./usr/share/doc/tool/copyright", 0100644, "long text");
            TarArchiveEntry symbolic = new TarArchiveEntry("./usr/bin/short", TarConstants.LF_SYMLINK);
            symbolic.setLinkName("../../bin/tool");
            tar.putArchiveEntry(symbolic);
            tar.closeArchiveEntry();
            TarArchiveEntry hard = new TarArchiveEntry("./usr/bin/again", TarConstants.LF_LINK);
            hard.setLinkName("./bin/tool");
            tar.putArchiveEntry(hard);
            tar.closeArchiveEntry();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ArArchiveOutputStream ar = new ArArchiveOutputStream(bytes)) {
            for (Object[] m :
                    new Object[][] {{"debian-binary", "2.0\n".getBytes()}, {"data.tar.gz", tarBytes.toByteArray()}}) {
                byte[] b = (byte[]) m[1];
                ar.putArchiveEntry(new ArArchiveEntry((String) m[0], b.length));
                ar.write(b);
                ar.closeArchiveEntry();
            }
        }
        return Files.write(folder.resolve("tool_1_amd64.deb"), bytes.toByteArray());
    }

    private static void put(TarArchiveOutputStream tar, String name, int mode, String text) throws IOException {
        TarArchiveEntry e = new TarArchiveEntry(name);
        e.setMode(mode);
        e.setSize(text.length());
        tar.putArchiveEntry(e);
        tar.write(text.getBytes());
        tar.closeArchiveEntry();
    }

    @Test
    void packagesAreUnpackedIntoAMergedRoot() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long unpacked = PackageTree.write(List.of(deb()), out);
        Map<String, Entry> files = read(out.toByteArray());
        assertArrayEquals("usr/bin".getBytes(), files.get("bin").content);
        assertTrue(files.get("bin").about.isSymbolicLink());
        assertArrayEquals("program".getBytes(), files.get("usr/bin/tool").content);
        assertEquals(0100755, files.get("usr/bin/tool").about.getMode());
        assertEquals(0104755, files.get("usr/bin/setuid").about.getMode());
        assertArrayEquals("../../bin/tool".getBytes(), files.get("usr/bin/short").content);
        assertArrayEquals(
                "/usr/bin/tool".getBytes(), files.get("usr/bin/again").content, "a hard link becomes a symbolic one");
        assertNull(files.get("usr/share/doc/tool/copyright"), "documentation is left out");
        assertTrue(unpacked >= files.size() * 1024L && unpacked < 200_000, "memory: " + unpacked);
    }

    @Test
    void aDamagedPackageIsNamed() throws IOException {
        Path whole = deb();
        Path cut = Files.write(
                folder.resolve("cut.deb"),
                java.util.Arrays.copyOf(Files.readAllBytes(whole), (int) Files.size(whole) / 2));
        IOException e =
                assertThrows(IOException.class, () -> PackageTree.write(List.of(cut), new ByteArrayOutputStream()));
        assertTrue(e.getMessage().contains("cut.deb: not a whole Debian package"), e.getMessage());
    }

    private Map<String, Entry> added(boolean merged, String... texts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Cpio cpio = new Cpio(out)) {
            new AddedFiles(List.of(texts)).write(cpio, merged);
        }
        return read(out.toByteArray());
    }

    /** However a package is damaged, the message names it; what is not noticed in it is unpacked. */
    @Test
    void packagesThatAreDamagedAnywhereAreNamed() throws IOException {
        byte[] whole = Files.readAllBytes(deb());
        Path damaged = folder.resolve("damaged.deb");
        for (long seed = 1; seed <= 400; seed++) {
            Files.write(damaged, new Mutations(seed).of(whole));
            try {
                PackageTree.write(List.of(damaged), java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("damaged.deb: not a whole Debian package"), e.getMessage());
            }
        }
    }

    @Test
    void ownFilesLieInTheHomeFolderOrWhereTheyAreTold() throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "x");
        program.toFile().setExecutable(true);
        Map<String, Entry> files = added(true, program.toString(), program + ":/bin/p", program + ":/data/in/");
        assertEquals(
                List.of("root/program", "usr/bin/p", "data", "data/in", "data/in/program"),
                List.copyOf(files.keySet()));
        assertEquals(0100755, files.get("root/program").about.getMode());
        assertEquals(
                List.of("bin/p"), List.copyOf(added(false, program + ":/bin/p").keySet()));
    }

    @Test
    void aFolderIsAddedWithAllItHolds() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("tree/sub"));
        Files.writeString(tree.resolve("a"), "1");
        Files.createSymbolicLink(tree.resolve("b"), Path.of("a"));
        Map<String, Entry> files = added(false, folder.resolve("tree") + ":/opt/tree");
        assertEquals(
                List.of("opt", "opt/tree", "opt/tree/sub", "opt/tree/sub/a", "opt/tree/sub/b"),
                List.copyOf(files.keySet()));
    }

    @Test
    void aMissingFileIsNamed() {
        UsageException e = assertThrows(UsageException.class, () -> added(false, "/absent/file:/x"));
        assertEquals("--add: /absent/file: no such file", e.getMessage());
    }

    @Test
    void aPackageNameCannotBeAnOptionOfThePackageClient() {
        assertThrows(UsageException.class, () -> new Apt(folder).closure(List.of("-y")));
    }
}
