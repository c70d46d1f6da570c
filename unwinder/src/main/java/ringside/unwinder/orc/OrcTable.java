package ringside.unwinder.orc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;

/**
 * Linux's ORC tables: for each range of code, how the caller's stack pointer, return address and rbp are found.
 * {@code .orc_unwind_ip} holds the ranges' starts, s32 relative to their own place; {@code .orc_unwind} six bytes for
 * each: s16 sp offset, s16 bp offset, and bit fields.
 *
 * <p>The bit fields came in three layouts. Registers always: sp base in bits 0–3, bp base in 4–7. Then up to 6.2: type
 * in 8–9, end in 10; 6.3: type 8–9, signal 10, end 11; since 6.4: type 8–10, signal 11, where the types are numbered
 * anew and "undefined" and "end of stack" are types. Which one a kernel has is told by its own table: from 6.4 on the
 * entries that have a base register are mostly of type 2 (call), before that of type 0; a module's table may have only
 * one of them. All three are brought to the last one's types here.
 */
public final class OrcTable {
    /** Base registers. */
    public static final int UNDEFINED = 0,
            PREV_SP = 1,
            DX = 2,
            DI = 3,
            BP = 4,
            SP = 5,
            R10 = 6,
            R13 = 7,
            BP_INDIRECT = 8,
            SP_INDIRECT = 9;
    /** Types of entries, numbered as since 6.4. */
    public static final int TYPE_UNDEFINED = 0, TYPE_END = 1, TYPE_CALL = 2, TYPE_REGS = 3, TYPE_PARTIAL = 4;

    /** The three layouts of the bit fields. */
    public enum Layout {
        /** Linux up to 6.2: a bit says where the stack ends. */
        UP_TO_6_2,
        /** Linux 6.3: a bit for a signal frame. */
        IN_6_3,
        /** Linux since 6.4: types of their own for undefined frames and the end of the stack. */
        SINCE_6_4
    }

    /** Bytes of code that share one slot of the lookup index. */
    private static final int BLOCK = 256;

    private static final int MOST_ENTRIES = 8 << 20;

    private final long base;
    private final long end;
    /** Start of each range, relative to base. */
    private final int[] start;
    /** sp offset in bits 0–15, bp offset in 16–31. */
    private final int[] offsets;
    /** sp base in bits 0–3, bp base in 4–7, type in 8–10. */
    private final short[] fields;
    /** For each block the last entry that starts at or before the block's first byte. */
    private final int[] index;

    private final Layout layout;

    private OrcTable(long[] ip, byte[] entries) {
        int n = ip.length;
        base = ip[0];
        end = ip[n - 1] + 1;
        start = new int[n];
        offsets = new int[n];
        fields = new short[n];
        ByteBuffer b = ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN);
        layout = detect(b, n);
        for (int i = 0; i < n; i++) {
            start[i] = (int) (ip[i] - base);
            offsets[i] = b.getInt(6 * i);
            fields[i] = (short) normalized(b.getShort(6 * i + 4) & 0xffff, layout);
        }
        index = new int[(int) ((end - base) / BLOCK) + 2];
        int e = 0;
        for (int k = 0; k < index.length; k++) {
            while (e + 1 < n && Integer.toUnsignedLong(start[e + 1]) <= (long) k * BLOCK) e++;
            index[k] = e;
        }
    }

    private static Layout detect(ByteBuffer b, int n) {
        int[] types = new int[8];
        boolean bit11 = false;
        for (int i = 0; i < n; i++) {
            int w = b.getShort(6 * i + 4);
            if ((w & 15) != UNDEFINED) types[w >> 8 & 7]++;
            bit11 |= (w & 1 << 11) != 0;
        }
        return types[2] > types[0] ? Layout.SINCE_6_4 : bit11 ? Layout.IN_6_3 : Layout.UP_TO_6_2;
    }

    private static int normalized(int w, Layout layout) {
        if (layout == Layout.SINCE_6_4) return w & 0x7ff;
        boolean end = (w & (layout == Layout.IN_6_3 ? 1 << 11 : 1 << 10)) != 0;
        int type = w >> 8 & 3;
        int t = (w & 15) == UNDEFINED ? end ? TYPE_END : TYPE_UNDEFINED : type == 3 ? 7 : TYPE_CALL + type;
        return w & 0xff | t << 8;
    }

    /**
     * {@return the tables of a vmlinux file whose code was moved by {@code slide} bytes, or null if it has none}
     *
     * @param elf the file
     * @param slide bytes, 0 without address randomization
     */
    public static OrcTable of(ElfImage elf, long slide) {
        ElfImage.Section ip = elf.section(".orc_unwind_ip");
        ElfImage.Section entries = elf.section(".orc_unwind");
        return ip == null || entries == null ? null : of(elf.bytes(ip), ip.address() + slide, elf.bytes(entries));
    }

    /**
     * {@return the tables that lie in the guest's memory between the symbols that the kernel itself uses for them, or
     * null}
     *
     * @param view where memory is read
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static OrcTable of(GuestView view, Symbols symbols) {
        Long ip = symbols.address("__start_orc_unwind_ip");
        Long ipEnd = symbols.address("__stop_orc_unwind_ip");
        Long entries = symbols.address("__start_orc_unwind");
        if (ip == null || ipEnd == null || entries == null) return null;
        long n = (ipEnd - ip) / 4;
        if (n <= 0 || n > MOST_ENTRIES) return null;
        byte[] a = new byte[(int) n * 4];
        byte[] b = new byte[(int) n * 6];
        return view.read(ip, a, 0, a.length) == a.length && view.read(entries, b, 0, b.length) == b.length
                ? of(a, ip, b)
                : null;
    }

    /**
     * {@return the table, or null if the two do not belong together or are no such tables}
     *
     * @param ips the bytes of .orc_unwind_ip
     * @param address where they lie, linear
     * @param entries the bytes of .orc_unwind
     */
    public static OrcTable of(byte[] ips, long address, byte[] entries) {
        int n = ips.length / 4;
        if (n == 0 || n > MOST_ENTRIES || entries.length / 6 != n) return null;
        ByteBuffer b = ByteBuffer.wrap(ips).order(ByteOrder.LITTLE_ENDIAN);
        long[] ip = new long[n];
        boolean sorted = true;
        for (int i = 0; i < n; i++) {
            ip[i] = address + 4L * i + b.getInt(4 * i);
            sorted &= i == 0 || Long.compareUnsigned(ip[i], ip[i - 1]) >= 0;
        }
        byte[] e = entries;
        if (!sorted) {
            long[] from = ip.clone();
            Integer[] order = new Integer[n];
            for (int i = 0; i < n; i++) order[i] = i;
            java.util.Arrays.sort(order, (x, y) -> Long.compareUnsigned(from[x], from[y]));
            e = new byte[6 * n];
            for (int i = 0; i < n; i++) {
                ip[i] = from[order[i]];
                System.arraycopy(entries, 6 * order[i], e, 6 * i, 6);
            }
        }
        return ip[n - 1] - ip[0] >= 0 && ip[n - 1] - ip[0] < 1 << 30 ? new OrcTable(ip, e) : null;
    }

    /** {@return the layout its entries were read in} */
    public Layout layout() {
        return layout;
    }

    /** {@return how many entries it has} */
    public int count() {
        return start.length;
    }

    /**
     * {@return the number of the entry for this address, or -1 if it lies outside the table}
     *
     * @param address guest linear
     */
    public int find(long address) {
        long o = address - base;
        if (o < 0 || address - end >= 0) return -1;
        int block = (int) (o / BLOCK);
        int lo = index[block];
        int hi = index[block + 1];
        int offset = (int) o;
        while (lo < hi) {
            int mid = lo + hi + 1 >>> 1;
            if (Integer.compareUnsigned(start[mid], offset) <= 0) {
                lo = mid;
            } else {
                hi = mid - 1;
            }
        }
        return lo;
    }

    /**
     * {@return what to add to the base of an entry for the caller's stack pointer, in bytes}
     *
     * @param entry number of the entry, from 0
     */
    public int spOffset(int entry) {
        return (short) offsets[entry];
    }

    /**
     * {@return what to add to the base of an entry for the place of the caller's rbp, in bytes}
     *
     * @param entry number of the entry, from 0
     */
    public int bpOffset(int entry) {
        return offsets[entry] >> 16;
    }

    /**
     * {@return the register that {@link #spOffset} counts from, one of the constants of this class}
     *
     * @param entry number of the entry, from 0
     */
    public int spBase(int entry) {
        return fields[entry] & 15;
    }

    /**
     * {@return the register that {@link #bpOffset} counts from, one of the constants of this class}
     *
     * @param entry number of the entry, from 0
     */
    public int bpBase(int entry) {
        return fields[entry] >> 4 & 15;
    }

    /**
     * {@return the type of an entry, numbered as since 6.4 whatever the layout}
     *
     * @param entry number of the entry, from 0
     */
    public int type(int entry) {
        return fields[entry] >> 8 & 7;
    }
}
