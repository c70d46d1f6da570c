package ringside.unwinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import ringside.unwinder.linux.Kallsyms;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.symbols.SystemMap;
import ringside.unwinder.table.EntryTable;

class SymbolsTest {
    private static final long BASE = 0xffff_ffff_8120_0000L;

    @Test
    void readsSystemMap() throws SymbolException {
        Symbols s = SystemMap.read("""
            ffffffff81000000 T _stext
            ffffffff81000040 t small
            ffffffff81000100 T _etext
            0000000000010000 A cpu_thing
            """.getBytes());
        assertEquals("small", s.name(s.find(0xffff_ffff_8100_0041L)));
        assertEquals(0xc0, s.size(s.find(0xffff_ffff_8100_0041L)));
        assertEquals(0x10000L, s.address("cpu_thing"));
        assertTrue(s.isText(0xffff_ffff_8100_00ffL));
        assertTrue(!s.isText(0xffff_ffff_8100_0100L));
        assertEquals(-1, s.find(0x100));
    }

    @Test
    void saysWhatIsNoSystemMap() {
        assertTrue(assertThrows(SymbolException.class, () -> SystemMap.read("hello\n".getBytes()))
                .getMessage()
                .contains("line 1"));
        assertThrows(SymbolException.class, () -> SystemMap.read(new byte[0]));
        assertThrows(SymbolException.class, () -> ElfImage.of(new byte[100]));
    }

    /**
     * An ELF64 file with a symbol table and its strings.
     * @param offset where the table says it lies
     * @param bytes its size
     * @param name one byte of all strings
     */
    private static byte[] elf(long sections, long offset, long bytes, int name) {
        ByteBuffer b = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        java.util.Arrays.fill(b.array(), 0x1000, b.capacity(), (byte) name);
        b.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1})
                .putLong(0x28, sections)
                .putShort(0x3a, (short) 64)
                .putShort(0x3c, (short) 3)
                .putShort(0x3e, (short) 2);
        b.putInt(0x144, 2)
                .putLong(0x158, offset)
                .putLong(0x160, bytes)
                .putInt(0x168, 2)
                .putInt(0x184, 3)
                .putLong(0x198, 0x1000)
                .putLong(0x1a0, 1 << 20);
        return b.array();
    }

    @Test
    void readsWhatIsWithinADamagedElfFile() throws SymbolException {
        for (long at : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
            assertThrows(SymbolException.class, () -> ElfImage.of(elf(at, 0x1000, 24, 0)), Long.toHexString(at));
            assertEquals(0, ElfImage.of(elf(0x100, at, 240, 0)).symbols().count(), Long.toHexString(at));
        }
        for (long bytes : new long[] {-1, -240, Long.MIN_VALUE})
            assertEquals(0, ElfImage.of(elf(0x100, 0x1000, bytes, 0)).symbols().count());
        assertEquals(
                43_520,
                ElfImage.of(elf(0x100, 0x1000, Long.MAX_VALUE, 1)).symbols().count(),
                "as many as the file has");
    }

    @Test
    void namesThatHaveNoEndAreCut() throws SymbolException {
        Symbols s = ElfImage.of(elf(0x100, 0x1000, 1 << 19, 'a' & 0x7f)).symbols();
        for (int i = 0; i < s.count(); i++) assertTrue(s.name(i).length() <= 4096);
    }

    @Test
    void movesAllButAbsoluteSymbols() throws SymbolException {
        Symbols s = SystemMap.read(
                        "ffffffff81000000 T _stext\nffffffff81000100 T _etext\n0000000000010000 A cpu_thing\n"
                                .getBytes())
                .moved(0x1000_0000, 1 << 20);
        assertEquals(0xffff_ffff_9100_0000L, s.address("_stext"));
        assertEquals(0x10000L, s.address("cpu_thing"));
        assertTrue(s.isText(0xffff_ffff_9100_0080L));
    }

    /** The layouts of scripts/kallsyms.c: offsets first (up to 6.3), or last (since 6.4). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void findsKallsymsInMemory(boolean offsetsLast) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 600; i++) names.add("Tfunction_" + i + (i == 300 ? "_long".repeat(40) : ""));
        names.set(0, "Apercpu_thing");
        for (boolean wide : new boolean[] {false, true}) readsKallsyms(names, kallsyms(names, offsetsLast, wide));
    }

    private static void readsKallsyms(List<String> names, byte[] image) {
        Symbols s = Kallsyms.in(image, BASE);
        assertNotNull(s);
        assertEquals(600, s.count());
        for (int i : new int[] {1, 2, 255, 256, 300, 598}) {
            String n = names.get(i).substring(1);
            assertEquals(BASE + 16L * i, s.address(n), n);
            assertEquals(n, s.name(s.find(BASE + 16L * i + 7)));
        }
        assertEquals(0x40L, s.address("percpu_thing"), "absolute");
    }

    /** Tokens are single characters, but for token 200, which stands for "function_". */
    private static byte[] kallsyms(List<String> names, boolean offsetsLast, boolean wide) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        ByteArrayOutputStream markers = new ByteArrayOutputStream();
        for (int i = 0; i < names.size(); i++) {
            if (i % 256 == 0) markers.writeBytes(word(4, stream.size()));
            String n = names.get(i).replace("function_", "\u00c8");
            if (n.length() > 127) {
                stream.write(n.length() & 127 | 128);
                stream.write(n.length() >> 7);
            } else {
                stream.write(n.length());
            }
            stream.writeBytes(n.getBytes(StandardCharsets.ISO_8859_1));
        }
        ByteArrayOutputStream tokens = new ByteArrayOutputStream();
        ByteArrayOutputStream index = new ByteArrayOutputStream();
        for (int t = 0; t < 256; t++) {
            index.writeBytes(word(2, tokens.size()));
            String text = t == 200 ? "function_" : t > ' ' && t < 127 ? String.valueOf((char) t) : "ab";
            tokens.writeBytes((text + "\0").getBytes());
        }
        ByteArrayOutputStream offsets = new ByteArrayOutputStream();
        for (int i = 0; i < names.size(); i++)
            offsets.writeBytes(wide ? word(8, i == 0 ? 0x40 : BASE + 16 * i) : word(4, i == 0 ? 0x40 : -1 - 16 * i));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[4096]);
        if (!offsetsLast) {
            append(out, offsets.toByteArray());
            if (!wide) append(out, word(8, BASE));
        }
        append(out, word(4, names.size()));
        append(out, stream.toByteArray());
        append(out, markers.toByteArray());
        append(out, new byte[names.size() * 3]);
        append(out, tokens.toByteArray());
        append(out, index.toByteArray());
        if (offsetsLast) {
            append(out, offsets.toByteArray());
            if (!wide) append(out, word(8, BASE));
        }
        out.writeBytes(new byte[16384]);
        return out.toByteArray();
    }

    private static void append(ByteArrayOutputStream out, byte[] bytes) {
        while (out.size() % 8 != 0) out.write(0);
        out.writeBytes(bytes);
    }

    private static byte[] word(int bytes, long v) {
        return java.util.Arrays.copyOf(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(v).array(), bytes);
    }

    /** The entry kernel's file; the addresses are those of its linker script. */
    @Test
    void readsAnElfKernel() throws Exception {
        byte[] file = Files.readAllBytes(Path.of("../testdata/entrykernel/entry-table.elf"));
        ElfImage elf = ElfImage.of(file);
        Symbols s = elf.symbols();
        long start = s.address("__entry_text_start");
        assertEquals(0xffff_ffff_8010_1000L, start);
        assertTrue(s.isText(start));
        assertNull(s.address("no_such_symbol"));
        assertTrue(s.similar("entry_syscal", 3).contains("entry_syscall"));
        EntryTable t = EntryTable.of(elf, s);
        assertTrue(t.count() > 100, "rows");
        for (int r = 0; r < t.count(); r++)
            assertTrue(t.from(r) >= start && t.to(r) <= s.address("__entry_text_end"), "row " + r);
        file[0x28] = (byte) 0xff;
        file[0x2b] = 0x7f;
        assertThrows(SymbolException.class, () -> ElfImage.of(file), "section table outside the file");
    }
}
