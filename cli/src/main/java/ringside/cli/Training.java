package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    /** @return cases of a batch, in each mode and on both engines, a line each */
    private static List<String> cases() {
        List<String> lines = new ArrayList<>();
        // add, mul, movzx with memory, a loop, SSE2, #DE, #UD
        String[] codes = {"01d8f4", "f7e3f4", "0fb603f4", "b90a000000e2fef4", "660fefc0660ffec1f4", "31c9f7f1", "0f0b"};
        for (String mode : List.of("long", "compat", "protected", "real")) {
            for (String code : codes) {
                for (String engine : List.of("translator", "interpreter"))
                    lines.add("{\"name\":\"" + lines.size() + "\",\"mode\":\"" + mode + "\",\"engine\":\"" + engine
                            + "\",\"hex\":\"" + code + "\",\"regs\":{\"eax\":\"0x5\",\"ebx\":\"0x7000\"}}");
            }
        }
        return lines;
    }

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
            String cases = Files.write(folder.resolve("cases"), cases()).toString();
            for (String[] words : List.of(
                    new String[] {"demo"},
                    new String[] {"snapshot", "save", demo.toString(), "--at", "1m", "-o", state},
                    new String[] {"run", "--from", state, "--stats"},
                    new String[] {"snapshot", "save", kernel, "--at", "do_irq#3", "-o", state},
                    new String[] {"unwind", state, "--at", "do_nmi"},
                    new String[] {"run", kernel, "--record", recording},
                    new String[] {"replay", recording, "--to", "do_nmi"},
                    new String[] {"profile", kernel},
                    new String[] {"audit", kernel},
                    new String[] {"exec", "--hex", "4801d8f4", "--reg", "rax=5", "--trace"},
                    new String[] {"exec", "--batch", cases})) {
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
