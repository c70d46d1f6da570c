package ringside.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Output that cannot be written is an error of its own, and a reader that goes away ends the run. */
@EnabledOnOs(OS.LINUX)
class OutputTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run KERNEL --timeout 50",
                "compare KERNEL --timeout 50",
                "unwind KERNEL --at spin",
                "audit KERNEL --max-instructions 100k",
                "exec --hex 90",
                "exec --batch CASES",
                "help",
                "--help",
                "run --help",
                "--version"
            })
    void aFullDeviceIsToldWithAStatusOfItsOwn(String command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.replaceAll(w -> w.equals("KERNEL") ? kernel() : w.equals("CASES") ? cases() : w);
        try (Child c = Child.into(new File("/dev/full"), folder, words.toArray(String[]::new))) {
            assertEquals(ExitStatus.OUTPUT_LOST, c.end(), c.toString());
            assertEquals(
                    2,
                    c.err().split("standard output cannot be written: No space left on device", -1).length,
                    "once: " + c.err());
            assertFalse(c.err().contains("\tat "), c.err());
        }
    }

    @Test
    void aRunEndsWhenTheReaderOfItsOutputGoes() throws Exception {
        // mov dx, 3F8h; mov al, '!'; again: out dx, al; jmp again
        byte[] code = {(byte) 0xba, (byte) 0xf8, 3, (byte) 0xb0, '!', (byte) 0xee, (byte) 0xeb, (byte) 0xfd};
        Path chatter = Files.write(folder.resolve("chatter.bin"), code);
        try (Child c = Child.ringside(folder, "run", chatter.toString(), "--raw", "0x7c00:real")) {
            c.await("output", () -> c.out().contains("!!!"));
            c.closeOutput();
            assertEquals(ExitStatus.PIPE_CLOSED, c.end(), c.toString());
        }
    }

    @Test
    void aBatchEndsWhenTheReaderOfItsAnswersGoes() throws Exception {
        try (Child c = Child.ringside(folder, "exec", "--batch", cases())) {
            c.await("answers", () -> c.out().contains("c3"));
            c.closeOutput();
            assertEquals(ExitStatus.PIPE_CLOSED, c.end(), c.toString());
            assertFalse(c.err().contains("\tat "), c.err());
        }
    }

    /** @return a file of more cases than fit into a pipe */
    private String cases() {
        String lines = IntStream.range(0, 5_000)
                .mapToObj(n -> "{\"name\":\"c" + n + "\",\"hex\":\"90f4\"}")
                .collect(Collectors.joining("\n"));
        try {
            return Files.writeString(folder.resolve("cases.jsonl"), lines).toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String kernel() {
        try {
            return EndlessKernel.in(folder).toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
