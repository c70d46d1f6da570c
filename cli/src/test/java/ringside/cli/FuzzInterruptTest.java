package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import ringside.cpu.CpuModel;

/**
 * A fuzz run that is ended from outside leaves no process and no folder behind, and loses no difference that it has
 * told of.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class FuzzInterruptTest {
    @TempDir
    Path folder;

    private static ProcessHandle executor(Child c) {
        return c.handle()
                .descendants()
                .filter(p -> p.info().command().orElse("").endsWith("/executor"))
                .findFirst()
                .orElse(null);
    }

    private List<Path> leftBehind() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith("ringside-"))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "KILL, 137"})
    void theExecutorEndsWithTheCommandAndItsFolderGoes(String signal, int status) throws Exception {
        try (Child c = Child.ringside(folder, "fuzz", "--kind", "block")) {
            c.await(
                    "the executor, or that there is none",
                    () -> executor(c) != null || c.err().contains("no comparison"));
            ProcessHandle executor = executor(c);
            assumeTrue(executor != null, "no C compiler for the executor: " + c.err());
            assumeTrue(c.hears(2), "Ctrl-C is ignored here");
            c.signal(signal);
            assertEquals(status, c.end(), c.toString());
            executor.onExit().get(60, TimeUnit.SECONDS);
            if (signal.equals("KILL")) return;
            assertEquals(List.of(), leftBehind());
            assertFalse(c.err().contains("\tat ") || c.err().contains("Exception"), c.err());
            assertEquals(1, c.err().split("interrupted", -1).length - 1, c.err());
        }
    }

    @Test
    void everyDifferenceThatWasToldIsSavedOnCtrlC() throws Exception {
        try (Child c = Child.start(folder, Defective.class.getName())) {
            c.await("a difference", () -> told(c) >= 2);
            assumeTrue(c.hears(2), "Ctrl-C is ignored here");
            c.signal("INT");
            assertEquals(130, c.end(), c.toString());
            List<String> saved = Files.readAllLines(folder.resolve("fuzz-found.jsonl"));
            assertEquals(told(c), saved.size(), c.err());
            assertTrue(c.err().contains(told(c) + " differences; saved in fuzz-found.jsonl"), c.err());
        }
    }

    private static int told(Child c) {
        return c.err().split("a difference in", -1).length - 1;
    }

    /** A fuzz run whose second engine has another processor, so that it finds differences. */
    static final class Defective {
        public static void main(String[] args) {
            FuzzCommand command = new FuzzCommand();
            command.other = CpuModel.parse("max,-fma,-aes,-popcnt,-movbe,-adx");
            System.exit(Main.commandLine()
                    .addSubcommand("defective", command)
                    .execute("defective", "--kind", "INSTRUCTION", "--no-host"));
        }
    }
}
