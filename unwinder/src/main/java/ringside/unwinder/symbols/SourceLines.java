package ringside.unwinder.symbols;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The source lines of code, from the line programs that compilers leave in an ELF file ({@code .debug_line}). Source:
 * DWARF 5, chapter 6.2; versions 2 to 5 are read. Programs are run once to find which addresses each speaks of, and
 * again for the lines of an address. A damaged program tells no lines, and nothing more is lost.
 */
public final class SourceLines {
    /**
     * A line of source.
     *
     * @param file its path as the compiler was given it, or below the folder it ran in
     * @param line counted from 1; 0 if no line of the file is behind the code
     */
    public record Line(String file, int line) {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Code without a gap, [from, to), that the program at {@code unit} speaks of. */
    private record Sequence(long from, long to, int unit) {}

    private static final int SHF_COMPRESSED = 0x800, ZLIB = 1, COMPRESSION_HEAD = 24;
    /** Deflate cannot make less than one byte of so many. */
    private static final int BEST_RATIO = 1040;

    private static final int STRING = 0x08, BLOCK = 0x09, DATA1 = 0x0b, DATA2 = 0x05, DATA4 = 0x06, DATA8 = 0x07;
    private static final int DATA16 = 0x1e, UDATA = 0x0f, STRP = 0x0e, LINE_STRP = 0x1f;
    private static final int PATH = 1, DIRECTORY_INDEX = 2;
    /** Linux's limit of a path (PATH_MAX). */
    private static final int MOST_PATH = 4096;

    private final ByteBuffer lines;
    private final ByteBuffer lineStrings;
    private final ByteBuffer strings;
    private final Sequence[] sequences;

    private SourceLines(ByteBuffer lines, ByteBuffer lineStrings, ByteBuffer strings) {
        this.lines = lines;
        this.lineStrings = lineStrings;
        this.strings = strings;
        this.sequences = index();
    }

    /**
     * {@return the lines that a file tells of its code, or null if it tells none}
     *
     * @param elf the file
     */
    public static SourceLines of(ElfImage elf) {
        ByteBuffer lines = section(elf, ".debug_line");
        if (lines.capacity() == 0) return null;
        SourceLines s = new SourceLines(lines, section(elf, ".debug_line_str"), section(elf, ".debug_str"));
        return s.sequences.length == 0 ? null : s;
    }

    private static ByteBuffer section(ElfImage elf, String name) {
        ElfImage.Section s = elf.section(name);
        byte[] b = s == null ? new byte[0] : elf.bytes(s);
        if (s != null && (s.flags() & SHF_COMPRESSED) != 0) b = inflated(b);
        return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** @return what a compressed section of a 64-bit file holds; nothing if it is not what it claims */
    private static byte[] inflated(byte[] b) {
        if (b.length < COMPRESSION_HEAD) return new byte[0];
        ByteBuffer head = ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
        long size = head.getLong(8);
        if (head.getInt(0) != ZLIB || size < 0 || size > Math.min(Integer.MAX_VALUE - 8L, (long) BEST_RATIO * b.length))
            return new byte[0];
        byte[] out = new byte[(int) size];
        try (Inflater z = new Inflater()) {
            z.setInput(b, COMPRESSION_HEAD, b.length - COMPRESSION_HEAD);
            int n = 0;
            for (int got; n < out.length && (got = z.inflate(out, n, out.length - n)) > 0; ) n += got;
            return n == out.length ? out : new byte[0];
        } catch (DataFormatException e) {
            return new byte[0];
        }
    }

    // ---- which program speaks of what ----

    private Sequence[] index() {
        List<Sequence> found = new ArrayList<>();
        for (int at = 0; at + 4 <= lines.capacity(); ) {
            Unit u;
            try {
                u = new Unit(at);
            } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException e) {
                break;
            }
            int unit = at;
            if (u.known) {
                Program p = new Program(u) {
                    @Override
                    boolean row(boolean end) {
                        if (rows++ == 0) first = address;
                        if (end) {
                            if (Long.compareUnsigned(first, address) < 0 && first != 0)
                                found.add(new Sequence(first, address, unit));
                            rows = 0;
                        }
                        return true;
                    }
                };
                p.run();
            }
            at = u.end;
        }
        Sequence[] all = found.toArray(Sequence[]::new);
        Arrays.sort(all, Comparator.comparingLong(s -> s.from + Long.MIN_VALUE));
        return all;
    }

    /**
     * {@return the line that an instruction is of, or null if that is not told}
     *
     * @param wanted its linear address, as the file has it
     */
    public Line at(long wanted) {
        int low = 0;
        int high = sequences.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(sequences[middle].from, wanted) <= 0) low = middle + 1;
            else high = middle;
        }
        if (low == 0 || Long.compareUnsigned(wanted, sequences[low - 1].to) >= 0) return null;
        try {
            Unit u = new Unit(sequences[low - 1].unit);
            int[] there = {-1, 0};
            Program p = new Program(u) {
                private long previous;
                private int previousFile, previousLine;

                @Override
                boolean row(boolean end) {
                    if (rows++ > 0
                            && Long.compareUnsigned(previous, wanted) <= 0
                            && Long.compareUnsigned(wanted, address) < 0) {
                        there[0] = previousFile;
                        there[1] = previousLine;
                        return false;
                    }
                    previous = address;
                    previousFile = file;
                    previousLine = line;
                    if (end) rows = 0;
                    return true;
                }
            };
            p.run();
            return there[0] < 0 ? null : new Line(u.path(there[0]), there[1]);
        } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    // ---- one program ----

    /** A program's head. */
    private final class Unit {
        final int end, program;
        final int version, smallest, base, range;
        final byte[] operands;
        final boolean known, wide;
        private final ByteBuffer b;
        private final int tables;

        Unit(int at) {
            b = lines.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            b.position(at);
            long length = b.getInt() & 0xffff_ffffL;
            wide = length == 0xffff_ffffL;
            if (wide) length = b.getLong();
            if (length < 2 || length > b.remaining()) throw new IndexOutOfBoundsException();
            end = b.position() + (int) length;
            b.limit(end);
            version = b.getShort() & 0xffff;
            known = version >= 2 && version <= 5;
            if (!known) {
                program = end;
                smallest = base = range = tables = 0;
                operands = new byte[0];
                return;
            }
            if (version == 5) b.getShort();
            long head = offset();
            if (head < 0 || head > b.remaining()) throw new IndexOutOfBoundsException();
            program = b.position() + (int) head;
            smallest = b.get() & 0xff;
            if (version >= 4) b.get();
            b.get();
            base = b.get();
            range = b.get() & 0xff;
            operands = new byte[Math.max(1, b.get() & 0xff)];
            b.get(operands, 1, operands.length - 1);
            tables = b.position();
        }

        private long offset() {
            return wide ? b.getLong() : b.getInt() & 0xffff_ffffL;
        }

        /** @return the path of the file with a number */
        String path(int number) {
            b.position(tables);
            List<Entry> folders = version < 5 ? oldTable(false) : newTable();
            List<Entry> files = version < 5 ? oldTable(true) : newTable();
            Entry e = number < 0 || number >= files.size() ? null : files.get(number);
            if (e == null) return "?";
            String name = e.name();
            // folder 0 is where the compiler ran
            return name.startsWith("/") || e.folder <= 0 || e.folder >= folders.size()
                    ? tidy(name)
                    : tidy(folders.get(e.folder).name() + "/" + name);
        }

        /** @return the rows by their numbers, which begin at 1 */
        private List<Entry> oldTable(boolean files) {
            List<Entry> rows = new ArrayList<>();
            rows.add(null);
            for (int at; skipText(at = b.position()); ) {
                int folder = files ? (int) leb(b) : 0;
                if (files) {
                    leb(b);
                    leb(b);
                }
                rows.add(new Entry(b, at, folder));
            }
            return rows;
        }

        private List<Entry> newTable() {
            int[] form = form();
            List<Entry> rows = new ArrayList<>();
            for (long n = leb(b); n > 0; n--) rows.add(entry(form));
            return rows;
        }

        /** @return kinds of content and their forms, by turns */
        private int[] form() {
            int[] f = new int[2 * (b.get() & 0xff)];
            for (int i = 0; i < f.length; i++) f[i] = (int) leb(b);
            return f;
        }

        private Entry entry(int[] form) {
            if (form.length == 0) throw new IllegalArgumentException();
            ByteBuffer names = b;
            long at = 0;
            long folder = 0;
            for (int i = 0; i < form.length; i += 2) {
                long v = value(form[i + 1]);
                if (form[i] == DIRECTORY_INDEX) folder = v;
                if (form[i] != PATH) continue;
                at = v;
                names = switch (form[i + 1]) {
                    case LINE_STRP -> lineStrings;
                    case STRP -> strings;
                    default -> b;
                };
            }
            return new Entry(names, at, (int) folder);
        }

        /** @return a number, or where a text stands */
        private long value(int form) {
            return switch (form) {
                case STRING -> {
                    int at = b.position();
                    skipText(at);
                    yield at;
                }
                case LINE_STRP, STRP -> offset();
                case UDATA -> leb(b);
                case DATA1 -> b.get() & 0xff;
                case DATA2 -> b.getShort() & 0xffff;
                case DATA4 -> b.getInt();
                case DATA8 -> skip(8);
                case DATA16 -> skip(16);
                case BLOCK -> skip(leb(b));
                default -> throw new IllegalArgumentException();
            };
        }

        private long skip(long n) {
            if (n < 0 || n > b.remaining()) throw new IndexOutOfBoundsException();
            b.position(b.position() + (int) n);
            return 0;
        }

        /** @return whether the text that stands here, which is passed over, is not empty */
        private boolean skipText(int at) {
            while (b.get() != 0) {
                // up to its end
            }
            return b.position() > at + 1;
        }
    }

    /**
     * A row of a table of folders or files: its name is read only when it is asked for, because a damaged file may have
     * many that lead to one long text.
     *
     * @param at where the name stands
     */
    private record Entry(ByteBuffer names, long at, int folder) {
        String name() {
            if (at < 0 || at >= names.limit()) throw new IndexOutOfBoundsException();
            int end = (int) at;
            while (names.get(end) != 0) if (end++ - at > MOST_PATH) throw new IllegalArgumentException();
            return new String(names.array(), (int) at, end - (int) at, StandardCharsets.UTF_8);
        }
    }

    /** Runs a program; the rows of its table come out one by one. */
    private abstract static class Program {
        private final Unit unit;
        private final ByteBuffer b;
        long address;
        int file, line;
        /** For {@link #row}: rows of the present sequence, and where it began. */
        int rows;

        long first;

        Program(Unit u) {
            unit = u;
            b = u.b.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            reset();
        }

        /** @param end whether the address is the one behind a sequence @return whether to go on */
        abstract boolean row(boolean end);

        private void reset() {
            address = 0;
            file = 1;
            line = 1;
        }

        void run() {
            if (unit.range == 0) return;
            try {
                b.position(unit.program);
                while (b.hasRemaining()) {
                    if (!step(b.get() & 0xff)) return;
                }
            } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException e) {
                // what stands before was good
            }
        }

        private boolean step(int op) {
            if (op >= unit.operands.length) {
                int n = op - unit.operands.length;
                address += (long) n / unit.range * unit.smallest;
                line += unit.base + n % unit.range;
                return row(false);
            }
            switch (op) {
                case 0 -> {
                    return extended();
                }
                case 1 -> {
                    return row(false);
                }
                case 2 -> address += leb(b) * unit.smallest;
                case 3 -> line += (int) signed(b);
                case 4 -> file = (int) leb(b);
                case 8 -> address += (255L - unit.operands.length) / unit.range * unit.smallest;
                case 9 -> address += b.getShort() & 0xffff;
                default -> {
                    for (int n = unit.operands[op]; n > 0; n--) leb(b);
                }
            }
            return true;
        }

        private boolean extended() {
            long length = leb(b);
            if (length < 1 || length > b.remaining()) throw new IndexOutOfBoundsException();
            int next = b.position() + (int) length;
            int op = b.get();
            boolean on = true;
            if (op == 1) {
                on = row(true);
                reset();
            } else if (op == 2) {
                address = length == 9 ? b.getLong() : b.getInt() & 0xffff_ffffL;
            }
            b.position(next);
            return on;
        }
    }

    private static long leb(ByteBuffer b) {
        long v = 0;
        for (int shift = 0; ; shift += 7) {
            int x = b.get();
            if (shift < 64) v |= (long) (x & 0x7f) << shift;
            if (x >= 0) return v;
        }
    }

    private static long signed(ByteBuffer b) {
        long v = 0;
        for (int shift = 0; ; ) {
            int x = b.get();
            if (shift < 64) v |= (long) (x & 0x7f) << shift;
            shift += 7;
            if (x >= 0) return shift < 64 && (x & 0x40) != 0 ? v | -1L << shift : v;
        }
    }

    /** @return a path without "." and without ways back */
    private static String tidy(String path) {
        List<String> parts = new ArrayList<>();
        for (String p : path.split("/")) {
            if (p.equals("..") && !parts.isEmpty() && !parts.getLast().isEmpty()) parts.removeLast();
            else if (!p.equals(".") && !p.equals("..")) parts.add(p);
        }
        return String.join("/", parts);
    }
}
