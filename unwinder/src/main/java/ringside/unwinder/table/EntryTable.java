package ringside.unwinder.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;

/**
 * The read-only table that says where the saved registers lie for each range of entry code; {@code docs/entry-table.md}
 * is its format.
 */
public final class EntryTable {
    /** Kinds of rows, as {@code docs/entry-table.md} describes them. */
    public static final int END = 0, REGS = 1, FRAME = 2, SYSCALL = 3, CALL = 4;
    /** Flags. */
    public static final int AT = 1, ORIG = 2;
    /** Base that is no general register. */
    public static final int BASE_GS = 16;

    private static final int ROW = 16;
    private static final int MOST_ROWS = 1 << 16;

    private final long[] from;
    private final long[] to;
    private final int[] words;
    private final int[] offset;

    private EntryTable(byte[] bytes, long address) {
        int n = bytes.length / ROW;
        from = new long[n];
        to = new long[n];
        words = new int[n];
        offset = new int[n];
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            from[i] = address + b.getInt(ROW * i);
            to[i] = from[i] + (b.getInt(ROW * i + 4) & 0xffff_ffffL);
            words[i] = b.getInt(ROW * i + 8);
            offset[i] = b.getInt(ROW * i + 12);
        }
    }

    /**
     * {@return the table between {@code __entry_table_start} and {@code __entry_table_end} in the guest's memory, or
     * null if there is none}
     *
     * @param view where memory is read
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static EntryTable of(GuestView view, Symbols symbols) {
        Long start = symbols.address("__entry_table_start");
        Long end = symbols.address("__entry_table_end");
        if (start == null || end == null || end - start <= 0 || end - start > (long) MOST_ROWS * ROW) return null;
        byte[] bytes = new byte[(int) (end - start)];
        return view.read(start, bytes, 0, bytes.length) == bytes.length ? of(bytes, start) : null;
    }

    /**
     * {@return the table in an ELF file, or null}
     *
     * @param elf the file
     * @param symbols of the file, at the addresses in it
     */
    public static EntryTable of(ElfImage elf, Symbols symbols) {
        Long start = symbols.address("__entry_table_start");
        Long end = symbols.address("__entry_table_end");
        if (start == null || end == null || end - start <= 0 || end - start > (long) MOST_ROWS * ROW) return null;
        byte[] bytes = elf.at(start, (int) (end - start));
        return bytes == null ? null : of(bytes, start);
    }

    /**
     * {@return the table, or null if its length is no multiple of a row or the rows are not in order}
     *
     * @param bytes the rows
     * @param address linear address of the first row, from which its ranges count
     */
    public static EntryTable of(byte[] bytes, long address) {
        if (bytes.length == 0 || bytes.length % ROW != 0) return null;
        EntryTable t = new EntryTable(bytes, address);
        for (int i = 0; i < t.from.length; i++) {
            if (t.to[i] - t.from[i] <= 0 || i > 0 && t.from[i] - t.to[i - 1] < 0) return null;
        }
        return t;
    }

    /** {@return how many rows it has} */
    public int count() {
        return from.length;
    }

    /**
     * {@return the row that covers this address, or -1}
     *
     * @param address guest linear
     */
    public int find(long address) {
        int lo = 0;
        int hi = from.length - 1;
        while (lo <= hi) {
            int mid = lo + hi >>> 1;
            if (from[mid] - address <= 0) {
                lo = mid + 1;
            } else {
                hi = mid - 1;
            }
        }
        return hi >= 0 && to[hi] - address > 0 ? hi : -1;
    }

    /**
     * {@return the first linear address of a row's range}
     *
     * @param row number of the row, from 0
     */
    public long from(int row) {
        return from[row];
    }

    /**
     * {@return the linear address behind a row's range}
     *
     * @param row number of the row, from 0
     */
    public long to(int row) {
        return to[row];
    }

    /**
     * {@return the kind of a row: {@link #END}, {@link #REGS}, {@link #FRAME}, {@link #SYSCALL} or {@link #CALL}}
     *
     * @param row number of the row, from 0
     */
    public int kind(int row) {
        return words[row] & 0xff;
    }

    /**
     * {@return the register that a row's offset counts from, as instructions number it, or {@link #BASE_GS}}
     *
     * @param row number of the row, from 0
     */
    public int base(int row) {
        return words[row] >> 8 & 0xff;
    }

    /**
     * {@return how many general registers lie below a {@link #FRAME}, or how many words below its place a {@link
     * #CALL} keeps rbp (0: unchanged)}
     *
     * @param row number of the row, from 0
     */
    public int saved(int row) {
        return words[row] >> 16 & 0xff;
    }

    /**
     * {@return the flags of a row: {@link #AT}, {@link #ORIG}}
     *
     * @param row number of the row, from 0
     */
    public int flags(int row) {
        return words[row] >>> 24;
    }

    /**
     * {@return a row's offset from its base, in bytes}
     *
     * @param row number of the row, from 0
     */
    public int offset(int row) {
        return offset[row];
    }
}
