package ringside.workbench.entry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;

/**
 * The images in testdata/entrykernel: built from their source, and all their own checks pass on both engines, which end
 * in the same state.
 */
class EntryKernelTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");

    @TempDir
    Path dir;

    private static boolean onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
    }

    @Test
    void committedImagesAreWhatTheSourceGives() throws Exception {
        for (String tool : List.of("make", "as", "ld")) assumeTrue(onPath(tool), tool + " is not installed");
        Path log = dir.resolve("log");
        Process make = new ProcessBuilder(
                        "make",
                        "-C",
                        FOLDER.toString(),
                        "OUT=" + dir.toAbsolutePath(),
                        "BUILD=" + dir.resolve("build").toAbsolutePath())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(make.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, make.exitValue(), Files.readString(log));
        for (EntryKernel.Variant v : EntryKernel.Variant.values()) {
            assertArrayEquals(
                    Files.readAllBytes(dir.resolve(v.fileName())),
                    Files.readAllBytes(FOLDER.resolve(v.fileName())),
                    v.fileName()
                            + " is stale: run make in testdata/entrykernel (or this assembler is not the one of its"
                            + " Makefile)");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyVariantPassesItsChecksOnBothEngines(EntryKernel.Variant v) throws Exception {
        Machine interpreted = run(v, Machine::interpreter);
        Machine translated = run(v, Translator.factory(TranslatorOptions.after(1)));
        assertEquals(List.of(), Snapshot.differences(interpreted, translated, 10));
        interpreted.close();
        translated.close();
    }

    private static Machine run(EntryKernel.Variant v, Machine.EngineFactory engine) throws Exception {
        Machine m = EntryKernel.in(FOLDER, v).start(engine, "");
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        m.board().serial(0).setSink(console::write);
        Outcome o = m.run(1_000_000);
        String text = console.toString(StandardCharsets.US_ASCII);
        assertEquals(Outcome.Reason.POWER_OFF, o.reason(), text);
        assertTrue(text.startsWith("entry kernel " + v + ": ok "), text);
        return m;
    }
}
