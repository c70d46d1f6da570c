package ringside.workbench.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptAnswersTest {
    private static final List<String> QUESTION = List.of("apt-cache", "show", "bc");

    @TempDir
    Path folder;

    @TempDir
    Path lists;

    private AptAnswers answers;

    @BeforeEach
    void keepOne() throws Exception {
        Files.writeString(lists.resolve("Packages"), "one");
        answers = new AptAnswers(folder, List.of(lists));
        answers.keep(QUESTION, "Package: bc\n");
    }

    @Test
    void anAnswerIsFoundAgain() throws Exception {
        assertEquals("Package: bc\n", answers.find(QUESTION));
        assertNull(answers.find(List.of("apt-cache", "show", "dc")));
    }

    @Test
    void newListsMakeItVoid() throws Exception {
        Files.writeString(lists.resolve("Packages"), "another");
        assertNull(answers.find(QUESTION));
    }

    @Test
    void answersOfEarlierListsAreDeleted() throws Exception {
        Files.writeString(lists.resolve("Packages"), "another");
        answers.keep(QUESTION, "Package: bc\nVersion: 2\n");
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aDamagedAnswerIsAskedForAgain() throws Exception {
        try (var files = Files.list(folder)) {
            Files.write(files.findFirst().orElseThrow(), new byte[] {(byte) 0xff, (byte) 0xfe});
        }
        assertNull(answers.find(QUESTION));
    }
}
