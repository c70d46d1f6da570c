package ringside.unwinder.symbols;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The sections and symbols of an ELF file of either width. All offsets come from the file and are checked: a broken one
 * gives fewer sections or symbols, or {@link SymbolException} if nothing is usable. Source: System V ABI, chapter 4.
 */
public final class ElfImage {
    private static final int SHT_SYMTAB = 2,
            SHT_NOBITS = 8,
            SHF_EXECINSTR = 4,
            STT_SECTION = 3,
            STT_FILE = 4,
            STT_FUNC = 2,
            STT_OBJECT = 1,
            SHN_ABS = 0xfff1;

    /**
     * A section: its name, linear address, place in the file, and sh_link.
     *
     * @param name of the section
     * @param type sh_type
     * @param flags sh_flags
     * @param address sh_addr, linear
     * @param offset sh_offset, where its bytes begin in the file
     * @param bytes sh_size
     * @param link sh_link, number of a section that belongs to it
     */
    public record Section(String name, int type, long flags, long address, long offset, long bytes, int link) {}

    /** Of a longer name so many bytes are taken: a table without ends must not make each name as long as the file. */
    private static final int LONGEST_NAME = 4096;

    private final ByteBuffer data;
    private final boolean wide;
    private final List<Section> sections = new ArrayList<>();

    private ElfImage(byte[] file) {
        data = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        wide = file[4] == 2;
        readSections();
    }

    /**
     * {@return whether a file begins as a little-endian ELF file does}
     *
     * @param file its bytes
     */
    public static boolean isElf(byte[] file) {
        return file.length > 64
                && file[0] == 0x7f
                && file[1] == 'E'
                && file[2] == 'L'
                && file[3] == 'F'
                && file[5] == 1;
    }

    /**
     * {@return the sections of a file, checked}
     *
     * @param file its bytes
     * @throws SymbolException if nothing of it is usable
     */
    public static ElfImage of(byte[] file) throws SymbolException {
        if (!isElf(file)) throw new SymbolException("no little-endian ELF file");
        try {
            return new ElfImage(file);
        } catch (IndexOutOfBoundsException e) {
            throw new SymbolException("the ELF file's section table lies outside the file");
        }
    }

    private void readSections() {
        long table = wide ? data.getLong(0x28) : data.getInt(0x20) & 0xffff_ffffL;
        int entry = data.getShort(wide ? 0x3a : 0x2e) & 0xffff;
        int count = data.getShort(wide ? 0x3c : 0x30) & 0xffff;
        int strings = data.getShort(wide ? 0x3e : 0x32) & 0xffff;
        if (table == 0) return;
        int[] nameAt = new int[count];
        for (int i = 0; i < count; i++) {
            int at = within(table, (long) i * entry);
            nameAt[i] = data.getInt(at);
            int type = data.getInt(at + 4);
            sections.add(
                    wide
                            ? new Section(
                                    "",
                                    type,
                                    data.getLong(at + 8),
                                    data.getLong(at + 16),
                                    data.getLong(at + 24),
                                    data.getLong(at + 32),
                                    data.getInt(at + 40))
                            : new Section(
                                    "",
                                    type,
                                    data.getInt(at + 8),
                                    data.getInt(at + 12) & 0xffff_ffffL,
                                    data.getInt(at + 16) & 0xffff_ffffL,
                                    data.getInt(at + 20) & 0xffff_ffffL,
                                    data.getInt(at + 24)));
        }
        if (strings >= count) return;
        Section names = sections.get(strings);
        for (int i = 0; i < count; i++) {
            Section s = sections.get(i);
            sections.set(
                    i, new Section(string(names, nameAt[i]), s.type, s.flags, s.address, s.offset, s.bytes, s.link));
        }
    }

    /**
     * @return the place {@code more} bytes behind an offset that the file names; one outside of the file is outside of
     *     the buffer too
     */
    private int within(long offset, long more) {
        return offset < 0 || offset > data.capacity() || more < 0 || more > data.capacity()
                ? data.capacity()
                : (int) Math.min(data.capacity(), offset + more);
    }

    private String string(Section table, int at) {
        if (at < 0 || at >= table.bytes) return "";
        int from = within(table.offset, at);
        int to = from;
        while (to < data.capacity() && to - from < LONGEST_NAME && data.get(to) != 0) to++;
        return new String(data.array(), from, to - from, StandardCharsets.UTF_8);
    }

    /** {@return the sections, in the order of the file} */
    public List<Section> sections() {
        return List.copyOf(sections);
    }

    /**
     * {@return the first section of this name, or null}
     *
     * @param name of the section
     */
    public Section section(String name) {
        return sections.stream().filter(s -> s.name.equals(name)).findFirst().orElse(null);
    }

    /**
     * {@return a section's bytes; empty if it has none in the file or lies outside of it}
     *
     * @param s the section
     */
    public byte[] bytes(Section s) {
        if (s.type == SHT_NOBITS
                || s.offset < 0
                || s.bytes < 0
                || s.offset > data.capacity()
                || s.bytes > data.capacity() - s.offset) return new byte[0];
        return Arrays.copyOfRange(data.array(), (int) s.offset, (int) (s.offset + s.bytes));
    }

    /**
     * {@return bytes of the image at a linear address as the file has them, or null if it has none there}
     *
     * @param address linear, of the first byte
     * @param length how many are wanted
     */
    public byte[] at(long address, int length) {
        for (Section s : sections) {
            if ((s.flags & 2) == 0
                    || s.type == SHT_NOBITS
                    || address < s.address
                    || address + length > s.address + s.bytes) continue;
            long from = s.offset + (address - s.address);
            if (from >= 0 && from + length <= data.capacity())
                return Arrays.copyOfRange(data.array(), (int) from, (int) from + length);
        }
        return null;
    }

    /** {@return the symbols of .symtab; {@link Symbols#NONE} if the file was stripped} */
    public Symbols symbols() {
        Section table =
                sections.stream().filter(s -> s.type == SHT_SYMTAB).findFirst().orElse(null);
        if (table == null || table.link < 0 || table.link >= sections.size()) return Symbols.NONE;
        Section strings = sections.get(table.link);
        int entry = wide ? 24 : 16;
        int from = within(table.offset, 0);
        int count = (int) Math.clamp(table.bytes / entry, 0, (data.capacity() - from) / entry);
        List<int[]> order = new ArrayList<>();
        long[] value = new long[count];
        long[] size = new long[count];
        byte[] type = new byte[count];
        int[] rank = new int[count];
        for (int i = 0; i < count; i++) {
            int at = from + i * entry;
            int info = data.get(at + (wide ? 4 : 12));
            int section = data.getShort(at + (wide ? 6 : 14)) & 0xffff;
            value[i] = wide ? data.getLong(at + 8) : data.getInt(at + 4) & 0xffff_ffffL;
            size[i] = wide ? data.getLong(at + 16) : data.getInt(at + 8) & 0xffff_ffffL;
            int kind = info & 15;
            boolean global = info >> 4 != 0;
            if (section == 0 || kind == STT_SECTION || kind == STT_FILE || data.getInt(at) == 0) continue;
            boolean code = section < sections.size() && (sections.get(section).flags & SHF_EXECINSTR) != 0;
            char letter = code || kind == STT_FUNC ? 't' : section == SHN_ABS ? 'a' : 'd';
            type[i] = (byte) (global ? Character.toUpperCase(letter) : letter);
            rank[i] = (kind == STT_FUNC ? 0 : kind == STT_OBJECT ? 1 : 2) * 2 + (global ? 0 : 1);
            order.add(new int[] {i});
        }
        order.sort(Comparator.<int[]>comparingLong(o -> value[o[0]] + Long.MIN_VALUE)
                .thenComparingInt(o -> rank[o[0]])
                .thenComparingInt(o -> o[0]));
        int n = order.size();
        long[] starts = new long[n];
        long[] sizes = new long[n];
        byte[] types = new byte[n];
        int[] names = new int[n];
        for (int k = 0; k < n; k++) {
            int i = order.get(k)[0];
            starts[k] = value[i];
            sizes[k] = size[i];
            types[k] = type[i];
            names[k] = data.getInt(from + i * entry);
        }
        return new Symbols(starts, sizes, types, k -> string(strings, names[k]), text());
    }

    private List<Symbols.Range> text() {
        return sections.stream()
                .filter(s -> (s.flags & SHF_EXECINSTR) != 0 && s.bytes > 0 && s.address != 0)
                .map(s -> new Symbols.Range(s.address, s.address + s.bytes))
                .toList();
    }
}
