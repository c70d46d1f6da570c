package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SourceLines;

/** Lines of source as binutils' objdump has them; left out where there is no compiler. */
class SourceLinesTest {
    private static final String HEADER = """
        static inline int twice(int x)
        {
            return x + x;
        }
        """;
    private static final String SOURCE = """
        #include "inc/twice.h"
        volatile int sink;
        int add(int a, int b)
        {
            int c = a + b;
            if (c > 10)
                sink = twice(c);
            else
                sink = c;
            return c * 3;
        }
        __attribute__((section(".other"))) void other(void)
        {
            for (int i = 0; i < 100; i++)
                sink += add(i, twice(i));
        }
        void _start(void)
        {
            other();
            for (;;) ;
        }
        """;

    @TempDir
    Path folder;

    @BeforeAll
    static void toolsAreThere() {
        for (String tool : List.of("gcc", "objdump"))
            assumeTrue(
                    Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                            .anyMatch(d -> Files.isExecutable(Path.of(d, tool))),
                    tool + " is not installed");
    }

    private String run(String... command) throws Exception {
        Path out = folder.resolve("out");
        Process p = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertTrue(p.waitFor(60, TimeUnit.SECONDS));
        String said = Files.readString(out, StandardCharsets.UTF_8);
        assertEquals(0, p.exitValue(), said);
        return said;
    }

    private byte[] built(String... options) throws Exception {
        Files.createDirectories(folder.resolve("inc"));
        Files.writeString(folder.resolve("inc/twice.h"), HEADER);
        Files.writeString(folder.resolve("main.c"), SOURCE);
        List<String> command =
                new ArrayList<>(List.of("gcc", "-ffreestanding", "-nostdlib", "-static", "-o", "main", "main.c"));
        command.addAll(List.of(options));
        run(command.toArray(String[]::new));
        return Files.readAllBytes(folder.resolve("main"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-gdwarf-2 -O0",
                "-gdwarf-3 -O2",
                "-gdwarf-4 -O2",
                "-gdwarf-5 -O0",
                "-gdwarf-5 -O2",
                "-gdwarf-5 -O2 -gz=zlib",
                "-gdwarf-5 -O2 -gdwarf64"
            })
    void everyAddressHasTheLineThatBinutilsSay(String options) throws Exception {
        ElfImage elf = ElfImage.of(built(options.split(" ")));
        SourceLines lines = SourceLines.of(elf);
        assertNotNull(lines);
        // rows in order of address within a sequence, whose end has no line number; of several at one address the last
        TreeMap<Long, String> rows = new TreeMap<>();
        Pattern row = Pattern.compile("(\\S+)\\s+(\\d+|-)\\s+0x([0-9a-f]+).*");
        run("objdump", "--dwarf=decodedline", "main").lines().map(row::matcher).forEach(m -> {
            if (m.matches()) rows.put(Long.parseLong(m.group(3), 16), m.group(1) + ":" + m.group(2));
        });
        assertTrue(rows.size() > 12, rows + "");
        int known = 0;
        int inHeader = 0;
        for (long a = rows.firstKey() - 4; a < rows.lastKey() + 4; a++) {
            Map.Entry<Long, String> expected = rows.floorEntry(a);
            SourceLines.Line here = lines.at(a);
            String where = Long.toHexString(a) + ": " + here + ", not " + expected;
            if (expected == null || expected.getValue().endsWith("-")) {
                assertNull(here, where);
                continue;
            }
            assertNotNull(here, where);
            assertEquals(expected.getValue(), here.toString().replaceFirst(".*/", ""), where);
            known++;
            if (here.file().equals("inc/twice.h")) inHeader++;
        }
        assertTrue(known > 60, known + " addresses with lines");
        assertTrue(inHeader > 0, "none in the header's folder");
    }

    @Test
    void aFileWithoutDebugInformationHasNoLines() throws Exception {
        assertNull(SourceLines.of(ElfImage.of(built("-O2", "-s"))));
    }

    @Test
    void damagedProgramsThrowNothingAndEnd() throws Exception {
        byte[] whole = built("-gdwarf-5", "-O2");
        ElfImage.Section s = ElfImage.of(whole).section(".debug_line");
        Random r = new Random(5);
        long text = ElfImage.of(whole).section(".text").address();
        for (int k = 0; k < 3000; k++) {
            byte[] b = whole.clone();
            for (int n = r.nextInt(4); n >= 0; n--)
                b[(int) s.offset() + r.nextInt((int) s.bytes())] = (byte) r.nextInt(256);
            SourceLines lines = SourceLines.of(ElfImage.of(b));
            if (lines != null) for (int a = 0; a < 64; a++) lines.at(text + a);
        }
    }
}
