package ringside.unwinder.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongPredicate;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * Finds the symbol table that a Linux kernel carries in its read-only data (CONFIG_KALLSYMS) in a guest's memory and
 * reads it. Nothing else is needed: the search knows only the layout of the arrays, and addresses come out as they are
 * in the running, perhaps relocated, kernel.
 *
 * <p>The arrays, each aligned to 8 or to 4: number of symbols (u32; 64 bits up to 4.19); names, each a length and so
 * many token numbers; markers, the place of every 256th name (u32; 64 bits up to 4.19); since 6.2 an order by name,
 * which is not used; 256 tokens as zero-terminated texts; the place of each token (u16). A length is one byte; since
 * 6.1 two in LEB128 from 128 on.
 *
 * <p>Addresses stand before the number of symbols up to 6.3, behind the tokens since 6.4. They are s32 offsets and
 * behind them a 64-bit base: with a negative offset the address is base − 1 − offset and offsets that are not negative
 * are absolute (per-CPU) values; without any negative one (no CONFIG_KALLSYMS_ABSOLUTE_PERCPU; all kernels since 6.15)
 * it is base + offset. Kernels without CONFIG_KALLSYMS_BASE_RELATIVE have 64-bit addresses instead. Since 7.0 the
 * offsets are relative to their own place, and there is no base.
 */
public final class Kallsyms {
    /** The kernel's image and its modules lie in the topmost 2 GiB of the address space. */
    public static final long KERNEL_SPACE = 0xffff_ffff_8000_0000L;

    private static final long MODULES = 0xffff_ffff_c000_0000L;
    private static final int TOKENS = 256;
    /** Longest name, and so longest token: the kernel's limit (KSYM_NAME_LEN). */
    private static final int MOST_NAME = 512;

    private static final int MOST_SYMBOLS = 1 << 21;
    /** Largest part of the address space that is looked at as one image. */
    private static final int MOST_BYTES = 256 << 20;

    private final ByteBuffer image;
    private final long base;
    private int tokenTable;
    private int tokenIndex;
    /** Whether a length is always one byte. */
    private boolean shortLengths;

    private Kallsyms(byte[] image, long base) {
        this.image = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        this.base = base;
    }

    /**
     * {@return the symbols of the kernel that runs in this view, or null if it carries none or is not there yet}
     *
     * @param view where memory is read
     */
    public static Symbols find(GuestView view) {
        // once it is up, Linux has them among its constants, a fifth of its image; before, anywhere
        Symbols s = find(view, view::constant);
        return s != null ? s : find(view, view::mapped);
    }

    private static Symbols find(GuestView view, LongPredicate wanted) {
        long at = KERNEL_SPACE;
        while (at != 0 && Long.compareUnsigned(at, MODULES) < 0) {
            if (!wanted.test(at)) {
                at = view.endOfMapping(at);
                continue;
            }
            long end = at;
            while (end != 0 && Long.compareUnsigned(end, MODULES) < 0 && wanted.test(end) && end - at < MOST_BYTES)
                end = view.endOfMapping(end);
            byte[] bytes = new byte[(int) Math.min(end - at, MOST_BYTES)];
            int got = view.read(at, bytes, 0, bytes.length);
            Symbols s = got == bytes.length ? in(bytes, at) : null;
            if (s != null) return s;
            at = end;
        }
        return null;
    }

    /**
     * {@return the symbols in a piece of memory that lies at {@code base}, or null}
     *
     * @param image bytes of the kernel
     * @param base linear address of the first
     */
    public static Symbols in(byte[] image, long base) {
        Kallsyms k = new Kallsyms(image, base);
        for (int at = 0; at + 2 * TOKENS <= image.length; at += 4) {
            if (k.tokensAt(at)) {
                Symbols s = k.symbols();
                if (s != null) return s;
            }
        }
        return null;
    }

    /**
     * {@return whether a file holds such a table, wherever its addresses may lie in memory}
     *
     * @param file an ELF file, not compressed
     */
    public static boolean carried(byte[] file) {
        Kallsyms k = new Kallsyms(file, 0);
        for (int at = 0; at + 2 * TOKENS <= file.length; at += 4) {
            if (k.tokensAt(at)) return true;
        }
        return false;
    }

    /** Looks whether 256 rising 16-bit numbers stand here that are the places of 256 texts standing before them. */
    private boolean tokensAt(int at) {
        if (image.getShort(at) != 0) return false;
        int previous = 0;
        for (int i = 1; i < TOKENS; i++) {
            int place = image.getShort(at + 2 * i) & 0xffff;
            if (place <= previous || place - previous > MOST_NAME) return false;
            previous = place;
        }
        for (int table = (at - previous - 1) & -4; table >= Math.max(0, at - previous - MOST_NAME); table -= 4) {
            if (texts(table, at)) {
                tokenTable = table;
                tokenIndex = at;
                return true;
            }
        }
        return false;
    }

    private boolean texts(int table, int index) {
        for (int i = 1; i < TOKENS; i++) {
            int place = image.getShort(index + 2 * i) & 0xffff;
            if (image.get(table + place - 1) != 0) return false;
            for (int k = table + (image.getShort(index + 2 * i - 2) & 0xffff); k < table + place - 1; k++) {
                if (image.get(k) <= ' ') return false;
            }
        }
        return true;
    }

    private Symbols symbols() {
        for (int count = tokenTable - 4 & -4; count >= 0 && tokenTable - count < 64 << 20; count -= 4) {
            int n = image.getInt(count);
            if (n < 256 || n > MOST_SYMBOLS || n > (tokenTable - count) / 2) continue;
            int[] places = image.getInt(count + 4) == 0 ? names(count + 8, n) : names(count + 4, n);
            if (places == null) continue;
            Symbols s = addresses(places, count, n);
            if (s != null) return s;
        }
        return null;
    }

    /** @return the place of each name in the image if names and markers fit each other, else null */
    private int[] names(int from, int n) {
        shortLengths = false;
        int[] p = namesOfLengths(from, n);
        if (p != null) return p;
        shortLengths = true;
        return namesOfLengths(from, n);
    }

    private int[] namesOfLengths(int from, int n) {
        // nearly all that is tried ends here, and the array takes megabytes
        if (!begin(from)) return null;
        int[] places = new int[n];
        int at = from;
        for (int i = 0; i < n; i++) {
            places[i] = at;
            at = next(at);
            if (at < 0) return null;
        }
        for (int size = 4; size <= 8; size += 4) {
            for (int align = 4; align <= 8; align += 4) {
                if (markers(at + align - 1 & -align, size, places)) return places;
            }
        }
        return null;
    }

    /** @return whether a few names stand here that begin with the letters that symbols have */
    private boolean begin(int from) {
        int at = from;
        for (int i = 0; i < 8; i++) {
            int next = next(at);
            if (next < 0 || "abBcdDgGiNnpPrRsStTuUvVwW?AC".indexOf(letter(at)) < 0) return false;
            at = next;
        }
        return true;
    }

    /** @return the place behind the name that stands here, or -1 if none can */
    private int next(int at) {
        int length = length(at);
        int next = at + length + lengthBytes(length);
        return length == 0 || next > tokenTable ? -1 : next;
    }

    /** @return whether the places of every 256th name stand here, of so many bytes each */
    private boolean markers(int markers, int size, int[] places) {
        for (int i = 0; i < places.length; i += 256) {
            int at = markers + (i >> 8) * size;
            if (at + size > tokenTable
                    || image.getInt(at) != places[i] - places[0]
                    || size == 8 && image.getInt(at + 4) != 0) return false;
        }
        return true;
    }

    private int lengthBytes(int length) {
        return length > 127 && !shortLengths ? 2 : 1;
    }

    private int length(int at) {
        int b = image.get(at) & 0xff;
        return b < 128 || shortLengths || at + 1 >= image.capacity() ? b : b & 127 | (image.get(at + 1) & 127) << 7;
    }

    private char letter(int place) {
        int length = length(place);
        int first = image.get(place + lengthBytes(length)) & 0xff;
        return (char) (image.get(tokenTable + (image.getShort(tokenIndex + 2 * first) & 0xffff)) & 0xff);
    }

    private String name(int place) {
        int length = length(place);
        int at = place + lengthBytes(length);
        byte[] out = new byte[64];
        int n = 0;
        for (int i = 0; i < length; i++) {
            int k = tokenTable + (image.getShort(tokenIndex + 2 * (image.get(at + i) & 0xff)) & 0xffff);
            for (byte c; (c = image.get(k)) != 0; k++) {
                if (n == out.length) out = java.util.Arrays.copyOf(out, 2 * n);
                out[n++] = c;
            }
        }
        return new String(out, Math.min(1, n), Math.max(0, n - 1), StandardCharsets.ISO_8859_1);
    }

    private Symbols addresses(int[] places, int count, int n) {
        int behind = tokenIndex + 2 * TOKENS;
        for (int align = 8; align >= 4; align -= 4) {
            int base = count - 8 & -align;
            Symbols s = based(places, (base - 4 * n) & -align, base);
            if (s == null) s = based(places, behind, behind + 4 * n + align - 1 & -align);
            if (s != null) return s;
        }
        Symbols s = absolute(places, count - 8 * n);
        if (s == null) s = absolute(places, behind);
        return s != null ? s : placed(places, behind);
    }

    /** How the address of a symbol is found from where its entry stands. */
    private interface Entry {
        long address(int at);
    }

    /** Offsets and their base; null if the result is not what a kernel has. */
    private Symbols based(int[] places, int from, int baseAt) {
        if (from < 0 || baseAt < 0 || baseAt + 8 > image.capacity()) return null;
        long relativeBase = image.getLong(baseAt);
        if (Long.compareUnsigned(relativeBase, KERNEL_SPACE) < 0
                || relativeBase - base > image.capacity()
                || base - relativeBase > MOST_BYTES) return null;
        boolean negative = false;
        for (int i = 0; i < places.length && !negative; i++) negative = image.getInt(from + 4 * i) < 0;
        boolean absolute = negative;
        return entries(places, from, 4, at -> {
            int o = image.getInt(at);
            return !absolute ? relativeBase + (o & 0xffff_ffffL) : o < 0 ? relativeBase - 1 - o : o;
        });
    }

    private Symbols absolute(int[] places, int from) {
        return entries(places, from, 8, image::getLong);
    }

    private Symbols placed(int[] places, int from) {
        return entries(places, from, 4, at -> base + at + image.getInt(at));
    }

    /**
     * @return the symbols by their addresses; null if these do not rise or are not those of a kernel. Per-CPU values
     *     are small numbers.
     */
    private Symbols entries(int[] places, int from, int size, Entry entry) {
        int n = places.length;
        if (from < 0 || from + (long) size * n > image.capacity()) return null;
        long[] start = new long[n];
        byte[] type = new byte[n];
        int falling = 0;
        int inside = 0;
        for (int i = 0; i < n; i++) {
            start[i] = entry.address(from + size * i);
            type[i] = (byte) letter(places[i]);
            if (start[i] - KERNEL_SPACE >= 0 && start[i] < 0) inside++;
            if (i > 0 && Long.compareUnsigned(start[i], start[i - 1]) < 0) falling++;
        }
        if (falling > n / 1000 || inside < n / 2) return null;
        int[] sorted = falling == 0 ? places : sort(start, type, places);
        return new Symbols(start, new long[n], type, i -> name(sorted[i]), List.of());
    }

    private static int[] sort(long[] start, byte[] type, int[] places) {
        Integer[] order = new Integer[start.length];
        for (int i = 0; i < order.length; i++) order[i] = i;
        long[] s = start.clone();
        byte[] t = type.clone();
        java.util.Arrays.sort(order, (a, b) -> Long.compareUnsigned(s[a], s[b]));
        int[] p = new int[start.length];
        for (int i = 0; i < order.length; i++) {
            start[i] = s[order[i]];
            type[i] = t[order[i]];
            p[i] = places[order[i]];
        }
        return p;
    }
}
