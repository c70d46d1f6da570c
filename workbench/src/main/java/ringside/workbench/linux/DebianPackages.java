package ringside.workbench.linux;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
import ringside.workbench.UsageException;

/**
 * Takes packages from the machine's package client (apt) into a cache folder, checks that they are whole, and unpacks
 * files from them.
 */
final class DebianPackages {
    private final Path cache;
    private final PrintStream progress;
    private final Apt apt;

    DebianPackages(Path cache, PrintStream progress) {
        this.cache = cache;
        this.progress = progress;
        this.apt = new Apt(cache);
    }

    /** @return the name of the newest unsigned cloud kernel package of a release ("6.1") */
    String newestKernel(String release) throws IOException {
        if (!release.matches("\\d+\\.\\d+"))
            throw new UsageException(
                    "--release takes 6.1, 6.12 or the file of a kernel package (.deb), not '" + release + "'");
        Pattern name = Pattern.compile("linux-image-" + Pattern.quote(release)
                + "\\.(\\d+)(?:-(\\d+))?(?:\\+deb\\d+(?:\\.\\d+)?)?-cloud-amd64-unsigned");
        List<String> found = kernels(name);
        if (found.isEmpty()) {
            progress.println("ringside: the package lists hold no kernel " + release + "; updating them");
            apt.update();
            found = kernels(name);
        }
        return found.stream()
                .max(Comparator.comparingLong(n -> version(name, n)))
                .orElseThrow(() -> new UsageException("this machine's package client knows no cloud kernel " + release
                        + "; give the file of a kernel package instead"));
    }

    private List<String> kernels(Pattern name) throws IOException {
        return apt.names("linux-image-").stream()
                .filter(n -> name.matcher(n).matches())
                .toList();
    }

    private static long version(Pattern pattern, String name) {
        Matcher m = pattern.matcher(name);
        if (!m.matches()) throw new IllegalArgumentException(name);
        return Long.parseLong(m.group(1)) << 20 | (m.group(2) == null ? 0 : Long.parseLong(m.group(2)));
    }

    /** @return the package's file in the cache, fetched if it is missing or broken */
    Path fetch(String name) throws IOException {
        List<Apt.Package> found = apt.show(List.of(name));
        if (found.isEmpty()) {
            apt.update();
            found = apt.show(List.of(name));
        }
        if (found.isEmpty()) throw new UsageException("this machine's package client knows no package " + name);
        return fetch(found).get(0);
    }

    /** @return the named packages ("name" or "name=version") with all they depend on */
    List<Apt.Package> closure(List<String> names) throws IOException {
        try {
            return apt.closure(names);
        } catch (UsageException unknown) {
            if (!apt.names("libc6").isEmpty()) throw unknown;
            progress.println("ringside: the package lists are empty; updating them");
            apt.update();
            return apt.closure(names);
        }
    }

    /** @return the packages' files in the cache, in order; what is missing or broken is fetched */
    List<Path> fetch(List<Apt.Package> packages) throws IOException {
        List<Apt.Package> missing = new ArrayList<>();
        for (Apt.Package p : packages) {
            Path file = cache.resolve(p.fileName());
            if (!whole(file, p.sha256())) missing.add(p);
        }
        if (!missing.isEmpty()) download(missing);
        return packages.stream().map(p -> cache.resolve(p.fileName())).toList();
    }

    private void download(List<Apt.Package> packages) throws IOException {
        String what = packages.size() == 1
                ? packages.get(0).name() + " " + packages.get(0).version()
                : packages.size() + " packages";
        progress.printf(
                "ringside: fetching %s (%.1f MiB) ...%n",
                what, packages.stream().mapToLong(Apt.Package::size).sum() / 1048576.0);
        Path folder = Files.createTempDirectory(cache, "fetch");
        try {
            int[] begun = {0};
            new Apt(folder).download(packages, line -> {
                if (!line.startsWith("Get:") || packages.size() == 1) return;
                String[] words = line.split(" ");
                progress.printf(
                        "ringside:   %d of %d: %s%n", ++begun[0], packages.size(), words.length > 4 ? words[4] : line);
            });
            for (Apt.Package p : packages) {
                Path got = downloaded(folder, p);
                if (!p.sha256().equals(sha256(got))) {
                    throw new IOException(
                            p.name() + ": the package came damaged (its SHA-256 differs from the list's); try again");
                }
                Files.move(got, cache.resolve(p.fileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            try (var rest = Files.list(folder)) {
                for (Path p : rest.toList()) Files.delete(p);
            }
            Files.delete(folder);
        }
        progress.println("ringside: got " + what + ", whole by their SHA-256");
    }

    /** The client names a file after package, version (with the colon of an epoch escaped) and architecture. */
    private static Path downloaded(Path folder, Apt.Package p) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith(p.name() + "_")
                            && f.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get download brought no package " + p.name()));
        }
    }

    /** What has been found whole is not read again while its size and time are the same. */
    private static boolean whole(Path file, String sha256) throws IOException {
        if (!Files.exists(file)) return false;
        String found = sha256 + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + "\n";
        Path note = file.resolveSibling(file.getFileName() + ".whole");
        if (Files.exists(note) && Files.readString(note).equals(found)) return true;
        if (!sha256.equals(sha256(file))) return false;
        writeWhole(note, new ByteArrayInputStream(found.getBytes(StandardCharsets.US_ASCII)));
        return true;
    }

    static String sha256(Path file) throws IOException {
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
        Path to = cache.resolve(deb.getFileName() + "-"
                + part.substring(part.lastIndexOf('/') + 1).replace("-", ""));
        if (Files.exists(to) && Files.getLastModifiedTime(to).compareTo(Files.getLastModifiedTime(deb)) >= 0) return to;
        boolean[] found = {false};
        DebFile.visit(deb, (entry, content) -> {
            if (!entry.isFile() || !entry.getName().contains(part)) return true;
            writeWhole(to, content);
            if (part.endsWith("busybox")) to.toFile().setExecutable(true);
            found[0] = true;
            return false;
        });
        if (!found[0]) throw new UsageException(deb + ": holds no " + part);
        return to;
    }

    /** Writes a file so that it is either there as a whole or not at all. */
    static void writeWhole(Path file, InputStream content) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), "new", null);
        try {
            Files.copy(content, temporary, StandardCopyOption.REPLACE_EXISTING);
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
