package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the JVM learns for its cache from: the launcher runs this once after a build. Commands on the small kernels that
 * the repository brings along, so that these and what they share with the others start fast.
 */
final class Training {
    /** What the launcher says in place of a command. */
    static final String WORD = "--train-jvm";

    private Training() {}

    /** @return the status of the first command that failed; what was learnt until then is of use all the same */
    static int run() throws IOException {
        Path demo = DemoCommand.image();
        String kernel = demo.getParent()
                .resolveSibling("entrykernel")
                .resolve("entry-table.elf")
                .toString();
        Path folder = Files.createTempDirectory("ringside-");
        try {
            String state = folder.resolve("state").toString();
            String recording = folder.resolve("recording").toString();
            for (String[] words : List.of(
                    new String[] {"demo"},
                    new String[] {"snapshot", "save", demo.toString(), "--at", "1m", "-o", state},
                    new String[] {"run", "--from", state, "--stats"},
                    new String[] {"snapshot", "save", kernel, "--at", "do_irq#3", "-o", state},
                    new String[] {"unwind", state, "--at", "do_nmi"},
                    new String[] {"run", kernel, "--record", recording},
                    new String[] {"replay", recording, "--to", "do_nmi"},
                    new String[] {"profile", kernel},
                    new String[] {"audit", kernel})) {
                if (words[0].equals("snapshot")) Files.deleteIfExists(Path.of(state));
                int status = Main.commandLine(words).execute(words);
                if (status != ExitStatus.OK) return status;
            }
            return ExitStatus.OK;
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path p : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
            }
        }
    }
}
