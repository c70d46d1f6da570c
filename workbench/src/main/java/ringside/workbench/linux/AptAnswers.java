package ringside.workbench.linux;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What the package client answered to questions about its lists, kept in a folder: each question takes it a second. An
 * answer holds as long as no file of the lists and of the client's configuration has another name, size or time; those
 * of earlier lists are deleted.
 */
final class AptAnswers {
    private static final List<Path> DECIDING = List.of(Path.of("/var/lib/apt/lists"), Path.of("/etc/apt"));

    private final Path folder;
    private final List<Path> deciding;

    AptAnswers(Path folder) {
        this(folder, DECIDING);
    }

    /** @param deciding files and folders on which every answer depends */
    AptAnswers(Path folder, List<Path> deciding) {
        this.folder = folder;
        this.deciding = deciding;
    }

    /** @return the answer to this command, or null if it must be asked */
    String find(List<String> words) throws IOException {
        Path file = folder.resolve(prefix() + name(words));
        try {
            return Files.exists(file) ? Files.readString(file) : null;
        } catch (MalformedInputException damaged) {
            return null;
        }
    }

    void keep(List<String> words, String answer) throws IOException {
        String prefix = prefix();
        try (Stream<Path> old = Files.list(folder)) {
            for (Path p : old.filter(f -> f.getFileName().toString().startsWith("apt-")
                            && !f.getFileName().toString().startsWith(prefix))
                    .toList()) {
                Files.deleteIfExists(p);
            }
        }
        DebianPackages.writeWhole(
                folder.resolve(prefix + name(words)),
                new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
    }

    private String prefix() throws IOException {
        StringBuilder state = new StringBuilder(String.valueOf(System.getenv("APT_CONFIG")));
        for (Path p : deciding) {
            if (!Files.exists(p)) continue;
            try (Stream<Path> files = Files.walk(p, 3)) {
                for (Path f : files.sorted().toList()) {
                    state.append('\n')
                            .append(f)
                            .append(' ')
                            .append(Files.size(f))
                            .append(' ')
                            .append(Files.getLastModifiedTime(f));
                }
            }
        }
        return "apt-" + name(List.of(state.toString())) + "-";
    }

    private static String name(List<String> words) {
        byte[] all = String.join("\n", words).getBytes(StandardCharsets.UTF_8);
        long id = UUID.nameUUIDFromBytes(all).getMostSignificantBits();
        return java.util.HexFormat.of()
                .formatHex(ByteBuffer.allocate(8).putLong(id).array());
    }
}
