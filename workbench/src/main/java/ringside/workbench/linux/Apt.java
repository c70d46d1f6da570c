package ringside.workbench.linux;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.workbench.UsageException;

/**
 * The machine's package client, asked as if nothing were installed: what it answers depends on its package lists only.
 */
final class Apt {
    /** One package of the lists. @param size bytes of the package's file */
    record Package(String name, String version, long size, String sha256) {
        String fileName() {
            return name + "_" + version.replace(':', '_') + ".deb";
        }
    }

    private static final List<String> NOTHING_INSTALLED =
            List.of("-o", "Dir::State::status=/dev/null", "-o", "Debug::NoLocking=true");
    private static final Pattern INSTALL = Pattern.compile("Inst (\\S+)(?: \\[[^]]*])? \\((\\S+) .*");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?");
    private final Path folder;
    private final AptAnswers answers;

    /** @param folder the current folder of its commands, and where its answers are kept */
    Apt(Path folder) {
        this.folder = folder;
        this.answers = new AptAnswers(folder);
    }

    /** @return names of all packages that begin with {@code prefix} */
    List<String> names(String prefix) throws IOException {
        return output("apt-cache", "pkgnames", prefix)
                .lines()
                .map(String::strip)
                .toList();
    }

    void update() throws IOException {
        output("apt-get", "update", "-qq");
    }

    /** @return what the lists say about packages ("name" or "name=version"), without those they do not know */
    List<Package> show(List<String> packages) throws IOException {
        List<String> words = command("apt-cache", "show", "--no-all-versions");
        words.addAll(packages);
        Map<String, Package> found = new LinkedHashMap<>();
        for (String stanza : output(words.toArray(String[]::new)).split("\n\n")) {
            if (stanza.isBlank()) continue;
            Package p = new Package(
                    field(stanza, "Package"),
                    field(stanza, "Version"),
                    Long.parseLong(field(stanza, "Size")),
                    field(stanza, "SHA256"));
            found.putIfAbsent(p.name, p);
        }
        return List.copyOf(found.values());
    }

    private static String field(String stanza, String name) throws IOException {
        Matcher m = Pattern.compile("^" + name + ": (.+)$", Pattern.MULTILINE).matcher(stanza);
        if (!m.find())
            throw new IOException("the package list says nothing about " + name + ": "
                    + stanza.lines().findFirst().orElse(""));
        return m.group(1).strip();
    }

    /**
     * @param packages "name" or "name=version"
     * @return them and everything they depend on, without recommendations, in the order in which they would be
     *     installed
     * @throws UsageException with the client's words if one is not known or they cannot be together
     */
    List<Package> closure(List<String> packages) throws IOException {
        for (String p : packages) {
            if (!NAME.matcher(p).matches()) throw new UsageException("'" + p + "' is not the name of a Debian package");
        }
        List<String> words = command("apt-get", "-s", "-q", "--no-install-recommends", "install");
        words.addAll(packages);
        List<String> names = new ArrayList<>();
        StringBuilder errors = new StringBuilder();
        run(words, true, true, line -> {
            Matcher m = INSTALL.matcher(line);
            if (m.matches()) names.add(m.group(1) + "=" + m.group(2));
            else if (line.startsWith("E: ") || line.startsWith(" "))
                errors.append("\n  ").append(line.strip());
        });
        if (names.isEmpty())
            throw new UsageException("apt cannot provide the packages " + String.join(", ", packages) + ":" + errors);
        return show(names);
    }

    /** Downloads packages into the folder. @param line gets each line of the client's output */
    void download(List<Package> packages, Consumer<String> line) throws IOException {
        List<String> words = command("apt-get", "download", "-q");
        for (Package p : packages) words.add(p.name + "=" + p.version);
        run(words, false, false, line);
    }

    private static List<String> command(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(1, NOTHING_INSTALLED);
        return all;
    }

    private String output(String... words) throws IOException {
        boolean asks = words[0].equals("apt-cache");
        String known = asks ? answers.find(List.of(words)) : null;
        if (known != null) return known;
        StringBuilder text = new StringBuilder();
        run(List.of(words), asks, false, line -> text.append(line).append('\n'));
        if (asks && !text.isEmpty()) answers.keep(List.of(words), text.toString());
        return text.toString();
    }

    private void run(List<String> words, boolean mayFail, boolean withErrors, Consumer<String> line)
            throws IOException {
        Process p;
        try {
            ProcessBuilder b =
                    new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(withErrors);
            b.environment().put("LC_ALL", "C.UTF-8");
            if (!withErrors) b.redirectError(ProcessBuilder.Redirect.INHERIT);
            p = b.start();
        } catch (IOException e) {
            throw new UsageException("'" + words.get(0)
                    + "' cannot be started: 'ringside linux' takes its kernel from Debian's package client (apt); "
                    + "on another system give kernel and ramdisk to 'ringside run'");
        }
        p.getOutputStream().close();
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream(), StandardCharsets.UTF_8))) {
            for (String s; (s = r.readLine()) != null; ) line.accept(s);
            int status = p.waitFor();
            if (status != 0 && !mayFail)
                throw new IOException(String.join(" ", words) + " failed with exit status " + status);
        } catch (InterruptedException e) {
            p.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
