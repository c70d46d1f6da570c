package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.unwinder.symbols.ElfImage;

/**
 * The commands of pages that lead through a task do what the pages say: each {@code ringside} line is run, and what
 * stands behind {@code #} in the lines after it is in its output. Those of Linux need Debian's packages and are not
 * run.
 */
class DocsPagesTest {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    @TempDir
    Path folder;

    /** The entry kernel without the swapgs that its system call entry begins with. */
    @BeforeEach
    void breakTheKernel() throws Exception {
        byte[] file = Files.readAllBytes(Path.of("../testdata/entrykernel/entry-marker.elf"));
        ElfImage elf = ElfImage.of(file);
        long at = elf.symbols().address("entry_syscall");
        ElfImage.Section text = elf.section(".text");
        byte[] code = elf.bytes(text);
        int offset = (int) (at - text.address());
        assertArrayEquals(new byte[] {0x0f, 0x01, (byte) 0xf8}, Arrays.copyOfRange(code, offset, offset + 3), "swapgs");
        int place = 0;
        while (!Arrays.equals(file, place + offset, place + offset + 64, code, offset, offset + 64)) place++;
        Arrays.fill(file, place + offset, place + offset + 3, (byte) 0x90);
        Files.write(folder.resolve("broken.elf"), file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"oops.md", "own-entry-code.md"})
    void thePagesCommandsDoWhatItSays(String page) throws Exception {
        String output = null;
        String command = null;
        int run = 0;
        for (String line : Files.readAllLines(Path.of("../docs/" + page))) {
            if (line.startsWith("    ringside ")) {
                command = line.strip();
                output = command.contains("--linux") || command.contains(" linux ") ? null : run(command);
                if (output != null) run++;
            } else if (line.startsWith("    # ") && output != null) {
                assertTrue(output.contains(line.strip().substring(2)), command + "\n" + line + "\n" + output);
            }
        }
        assertNotEquals(0, run);
    }

    private String run(String command) throws Exception {
        List<String> words = new ArrayList<>();
        for (Matcher m = WORD.matcher(command); m.find(); ) {
            String w = m.group(1) != null ? m.group(1) : m.group(2);
            words.add(w.startsWith("testdata/") ? Path.of("..", w).toRealPath().toString() : w);
        }
        try (Child c = Child.ringside(folder, words.subList(1, words.size()).toArray(String[]::new))) {
            assertNotEquals(ExitStatus.UNUSABLE, c.end(), command + ": " + c.err());
            return c.out() + c.err();
        }
    }
}
