package ringside.boot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import ringside.machine.Machine;

class DemoKernelTest {
    private static final Path DEMO = Path.of("..", "testdata", "demo");

    @TempDir
    Path dir;

    private static boolean onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
    }

    @Test
    void committedImageIsWhatTheSourceGives() throws Exception {
        for (String tool : List.of("make", "as", "ld", "objcopy")) assumeTrue(onPath(tool), tool + " is not installed");
        Path log = dir.resolve("log");
        Process make = new ProcessBuilder(
                        "make",
                        "-C",
                        DEMO.toString(),
                        "OUT=" + dir.toAbsolutePath(),
                        "BUILD=" + dir.resolve("build").toAbsolutePath())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(true, make.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, make.exitValue(), () -> read(log));
        assertArrayEquals(
                Files.readAllBytes(dir.resolve("demo.elf")),
                Files.readAllBytes(DEMO.resolve("demo.elf")),
                "demo.elf is stale: run make in testdata/demo (or this assembler is not the one of its Makefile)");
    }

    private static String read(Path p) {
        try {
            return Files.readString(p);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    @Test
    void committedImageIsAMultibootKernel() throws Exception {
        Machine m = Images.machine(16);
        assertEquals(BootKind.MULTIBOOT, Loader.load(m, DEMO.resolve("demo.elf"), BootOptions.NONE));
        assertEquals(0x10000c, m.cpu().rip);
    }
}
