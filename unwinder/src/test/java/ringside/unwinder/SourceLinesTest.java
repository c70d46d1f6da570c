package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    /** Files that all have the name of a megabyte would fill the heap if each of them were read. */
    @Test
    void manyFilesWithALongNameCostNothing() throws Exception {
        int files = 100_000;
        byte[] name = new byte[1 << 20];
        Arrays.fill(name, (byte) 'x');
        name[name.length - 1] = 0;
        ByteBuffer b = ByteBuffer.allocate(4 * files + 200).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0).putShort((short) 5).put((byte) 8).put((byte) 0).putInt(0);
        int head = b.position();
        // instructions of a byte; lines -5 to 8 by one opcode; the lengths of standard opcodes
        b.put(new byte[] {1, 1, 1, -5, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1});
        // no folders; files by their names in .debug_line_str
        b.put(new byte[] {0, 0, 1, 1, 0x1f});
        b.put(new byte[] {(byte) (files | 0x80), (byte) (files >> 7 | 0x80), (byte) (files >> 14)});
        b.position(b.position() + 4 * files);
        b.putInt(head - 4, b.position() - head);
        // at 1000h, of file 1, two rows, and an end
        b.put(new byte[] {0, 9, 2}).putLong(0x1000).put(new byte[] {1, 2, 8, 1, 2, 8, 0, 1, 1});
        b.putInt(0, b.position() - 4);
        byte[] program = Arrays.copyOf(b.array(), b.position());
        assertNull(SourceLines.of(with(program, name)).at(0x1004), "no path is so long");
        name[10] = 0;
        assertEquals(
                "xxxxxxxxxx:1", SourceLines.of(with(program, name)).at(0x1004).toString());
    }

    private ElfImage with(byte[] lines, byte[] strings) throws Exception {
        built("-gdwarf-5");
        Files.write(folder.resolve("lines"), lines);
        Files.write(folder.resolve("strings"), strings);
        run("objcopy", "--update-section", ".debug_line=lines", "--update-section", ".debug_line_str=strings", "main");
        return ElfImage.of(Files.readAllBytes(folder.resolve("main")));
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
