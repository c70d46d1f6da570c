package ringside.linux;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import ringside.cli.UsageException;

/** Takes packages from the machine's package client (apt) into a cache folder, checks that they are whole, and unpacks files from them. */
final class DebianPackages {
    private final Path cache;
    private final PrintStream progress;

    DebianPackages(Path cache, PrintStream progress) {
        this.cache = cache;
        this.progress = progress;
    }

    /** @return the name of the newest unsigned cloud kernel package of a release ("6.1") */
    String newestKernel(String release) throws IOException {
        if (!release.matches("\\d+\\.\\d+")) throw new UsageException("--release takes 6.1, 6.12 or the file of a kernel package (.deb), not '" + release + "'");
        Pattern name = Pattern.compile("linux-image-" + Pattern.quote(release) + "\\.(\\d+)(?:-(\\d+))?(?:\\+deb\\d+(?:\\.\\d+)?)?-cloud-amd64-unsigned");
        List<String> found = kernels(name);
        if (found.isEmpty()) {
            progress.println("ringside: the package lists hold no kernel " + release + "; updating them");
            command("apt-get", "update", "-qq");
            found = kernels(name);
        }
        return found.stream().max(Comparator.comparingLong(n -> version(name, n)))
                .orElseThrow(() -> new UsageException("this machine's package client knows no cloud kernel " + release + "; give the file of a kernel package instead"));
    }

    private List<String> kernels(Pattern name) throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : command("apt-cache", "pkgnames", "linux-image-").split("\n")) {
            if (name.matcher(line.strip()).matches()) names.add(line.strip());
        }
        return names;
    }

    private static long version(Pattern pattern, String name) {
        Matcher m = pattern.matcher(name);
        if (!m.matches()) throw new IllegalArgumentException(name);
        return Long.parseLong(m.group(1)) << 20 | (m.group(2) == null ? 0 : Long.parseLong(m.group(2)));
    }

    /** @return the package's file in the cache, fetched if it is missing or broken */
    Path fetch(String name) throws IOException {
        String about = command("apt-cache", "show", "--no-all-versions", name);
        if (about.isBlank()) {
            command("apt-get", "update", "-qq");
            about = command("apt-cache", "show", "--no-all-versions", name);
        }
        String version = field(about, "Version");
        String sum = field(about, "SHA256");
        long size = Long.parseLong(field(about, "Size"));
        Path file = cache.resolve(name + "_" + version.replace(':', '_') + ".deb");
        if (Files.exists(file) && sum.equals(sha256(file))) return file;
        progress.printf("ringside: fetching %s %s (%.1f MiB) ...%n", name, version, size / 1048576.0);
        Path folder = Files.createTempDirectory(cache, "fetch");
        try {
            run(folder, "apt-get", "download", "-qq", name + "=" + version);
            try (var files = Files.list(folder)) {
                Path got = files.filter(f -> f.toString().endsWith(".deb")).findFirst()
                        .orElseThrow(() -> new IOException("apt-get download brought no package " + name));
                if (!sum.equals(sha256(got))) throw new IOException(name + ": the package came damaged (its SHA-256 differs from the list's); try again");
                Files.move(got, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            try (var rest = Files.list(folder)) {
                for (Path p : rest.toList()) Files.delete(p);
            }
            Files.delete(folder);
        }
        progress.println("ringside: got " + file.getFileName());
        return file;
    }

    private static String field(String about, String name) throws IOException {
        Matcher m = Pattern.compile("^" + name + ": (.+)$", Pattern.MULTILINE).matcher(about);
        if (!m.find()) throw new IOException("the package list says nothing about " + name + " (is the package known to apt?)");
        return m.group(1).strip();
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) > 0; ) d.update(buffer, 0, n);
            return HexFormat.of().formatHex(d.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Unpacks the first file of a package whose path contains {@code part}. @return where it lies in the cache */
    Path extract(Path deb, String part) throws IOException {
        Path to = cache.resolve(deb.getFileName() + "-" + part.substring(part.lastIndexOf('/') + 1).replace("-", ""));
        if (Files.exists(to) && Files.getLastModifiedTime(to).compareTo(Files.getLastModifiedTime(deb)) >= 0) return to;
        try (ArArchiveInputStream ar = new ArArchiveInputStream(Files.newInputStream(deb))) {
            for (ArArchiveEntry e; (e = ar.getNextEntry()) != null; ) {
                if (!e.getName().startsWith("data.tar")) continue;
                TarArchiveInputStream tar = new TarArchiveInputStream(decompress(e.getName(), ar));
                for (TarArchiveEntry t; (t = tar.getNextEntry()) != null; ) {
                    if (t.isFile() && t.getName().contains(part)) {
                        writeWhole(to, tar.readAllBytes());
                        if (part.endsWith("busybox")) to.toFile().setExecutable(true);
                        return to;
                    }
                }
            }
        } catch (IOException e) {
            throw new IOException(deb + ": not a whole Debian package: " + e.getMessage(), e);
        }
        throw new UsageException(deb + ": holds no " + part);
    }

    private static InputStream decompress(String name, InputStream in) throws IOException {
        if (name.endsWith(".xz")) return new XZCompressorInputStream(in);
        if (name.endsWith(".gz")) return new java.util.zip.GZIPInputStream(in);
        if (name.endsWith(".zst")) return new io.airlift.compress.zstd.ZstdInputStream(in);
        if (name.endsWith(".tar")) return in;
        throw new IOException("unknown compression " + name);
    }

    /** Writes a file so that it is either there as a whole or not at all. */
    static void writeWhole(Path file, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), "new", null);
        Files.copy(new ByteArrayInputStream(content), temporary, StandardCopyOption.REPLACE_EXISTING);
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private String command(String... words) throws IOException {
        return run(cache, words);
    }

    private static String run(Path folder, String... words) throws IOException {
        Process p;
        try {
            p = new ProcessBuilder(words).directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        } catch (IOException e) {
            throw new UsageException("'" + words[0] + "' cannot be started: 'ringside linux' takes its kernel from Debian's package client (apt); "
                    + "on another system give kernel and ramdisk to 'ringside run'");
        }
        p.getOutputStream().close();
        String out = new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            int status = p.waitFor();
            if (status != 0 && !words[0].equals("apt-cache")) throw new IOException(String.join(" ", words) + " failed with exit status " + status);
        } catch (InterruptedException e) {
            p.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return out;
    }
}
