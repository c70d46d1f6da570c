package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher runs unseen: nobody would notice that it fails but by slower starts. */
class TrainingTest {
    @TempDir
    Path folder;

    @Test
    void theJvmsTrainingRunsEveryCommandAndLeavesNothing() throws Exception {
        try (Child c = Child.ringside(folder, Training.WORD)) {
            assertEquals(0, c.end(), c.out() + c.err());
            for (String said : List.of("Both engines ended in the same state", "Call Trace", "entries", "points/s"))
                assertTrue(c.out().contains(said), said + ": " + c.out());
            assertFalse(c.err().contains("internal error"), c.err());
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of(),
                    left.filter(p -> p.getFileName().toString().startsWith("ringside-"))
                            .toList());
        }
    }
}
