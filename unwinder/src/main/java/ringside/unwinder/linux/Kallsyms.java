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
 * <p>The arrays, each aligned to 8: number of symbols (u32); names, each a length (one byte, or two in LEB128 from 128
 * on) and so many token numbers; markers (u32, the place of every 256th name); since 6.2 an order by name, which is not
 * used; 256 tokens as zero-terminated texts; the place of each token (u16). Addresses are s32 offsets and a 64-bit
 * base: before the number of symbols up to 6.3, behind the tokens since 6.4. With a negative offset the address is base
 * − 1 − offset and offsets that are not negative are absolute (per-CPU) values; without any negative one it is base +
 * offset. Kernels without CONFIG_KALLSYMS_BASE_RELATIVE have 64-bit addresses at the same places instead.
 */
public final class Kallsyms {
    /** The kernel's image and its modules lie in the topmost 2 GiB of the address space. */
    public static final long KERNEL_SPACE = 0xffff_ffff_8000_0000L;

    private static final long MODULES = 0xffff_ffff_c000_0000L;
    private static final int TOKENS = 256;
    private static final int MOST_SYMBOLS = 1 << 21;
    /** Largest part of the address space that is looked at as one image. */
    private static final int MOST_BYTES = 256 << 20;

    private final ByteBuffer image;
    private final long base;
    private int tokenTable;
    private int tokenIndex;

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
        for (int at = 0; at + 2 * TOKENS <= image.length; at += 8) {
            if (k.tokensAt(at)) {
                Symbols s = k.symbols();
                if (s != null) return s;
            }
        }
        return null;
    }

    /** Looks whether 256 rising 16-bit numbers stand here that are the places of 256 texts standing before them. */
    private boolean tokensAt(int at) {
        if (image.getShort(at) != 0) return false;
        int previous = 0;
        for (int i = 1; i < TOKENS; i++) {
            int place = image.getShort(at + 2 * i) & 0xffff;
            if (place <= previous || place - previous > 128) return false;
            previous = place;
        }
        for (int table = (at - previous - 1) & -8; table >= Math.max(0, at - previous - 512); table -= 8) {
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
        for (int count = tokenTable - 8 & -8; count >= 0 && tokenTable - count < 64 << 20; count -= 8) {
            int n = image.getInt(count);
            if (n < 256 || n > MOST_SYMBOLS || image.getInt(count + 4) != 0 || n > (tokenTable - count) / 2) continue;
            int[] places = names(count + 8, n);
            if (places == null) continue;
            Symbols s = addresses(places, count, n);
            if (s != null) return s;
        }
        return null;
    }

    /** @return the place of each name in the image if names and markers fit each other, else null */
    private int[] names(int from, int n) {
        int[] places = new int[n];
        int at = from;
        for (int i = 0; i < n; i++) {
            places[i] = at;
            int length = length(at);
            at += length + (length > 127 ? 2 : 1);
            if (length == 0 || at > tokenTable) return null;
            if (i < 8 && "abBcdDgGiNnpPrRsStTuUvVwW?AC".indexOf(letter(places[i])) < 0) return null;
        }
        int markers = at + 7 & -8;
        for (int i = 0; i < n; i += 256) {
            if (markers + (i >> 8) * 4 + 4 > tokenTable || image.getInt(markers + (i >> 8) * 4) != places[i] - from)
                return null;
        }
        return places;
    }

    private int length(int at) {
        int b = image.get(at) & 0xff;
        return b < 128 || at + 1 >= image.capacity() ? b : b & 127 | (image.get(at + 1) & 127) << 7;
    }

    private char letter(int place) {
        int length = length(place);
        int first = image.get(place + (length > 127 ? 2 : 1)) & 0xff;
        return (char) (image.get(tokenTable + (image.getShort(tokenIndex + 2 * first) & 0xffff)) & 0xff);
    }

    private String name(int place) {
        int length = length(place);
        int at = place + (length > 127 ? 2 : 1);
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
        int before = (count - 8) - (4 * n + 7 & -8);
        if (before >= 0) {
            Symbols s = addresses(places, n, before, image.getLong(count - 8));
            if (s != null) return s;
        }
        int behind = tokenIndex + 2 * TOKENS;
        int baseAt = behind + (4 * n + 7 & -8);
        Symbols s = baseAt + 8 <= image.capacity() ? addresses(places, n, behind, image.getLong(baseAt)) : null;
        if (s == null && count - 8L * n >= 0) s = absolute(places, n, count - 8 * n);
        return s != null || behind + 8L * n > image.capacity() ? s : absolute(places, n, behind);
    }

    /**
     * Reads 64-bit addresses at {@code from}; null if they do not rise or none lies in this image. Per-CPU values are
     * small numbers.
     */
    private Symbols absolute(int[] places, int n, int from) {
        long[] start = new long[n];
        byte[] type = new byte[n];
        int falling = 0;
        int inside = 0;
        for (int i = 0; i < n; i++) {
            start[i] = image.getLong(from + 8 * i);
            type[i] = (byte) letter(places[i]);
            if (start[i] - base >= 0 && start[i] - base <= image.capacity()) inside++;
            if (i > 0 && Long.compareUnsigned(start[i], start[i - 1]) < 0) falling++;
        }
        if (falling > n / 1000 || inside < n / 2) return null;
        int[] sorted = falling == 0 ? places : sort(start, type, places);
        return new Symbols(start, new long[n], type, i -> name(sorted[i]), List.of());
    }

    /**
     * Reads the offsets at {@code from}; null if the result is not what a kernel has: rising addresses inside its own
     * image.
     */
    private Symbols addresses(int[] places, int n, int from, long relativeBase) {
        if (Long.compareUnsigned(relativeBase, KERNEL_SPACE) < 0
                || relativeBase - base > image.capacity()
                || base - relativeBase > MOST_BYTES) return null;
        boolean negative = false;
        for (int i = 0; i < n && !negative; i++) negative = image.getInt(from + 4 * i) < 0;
        long[] start = new long[n];
        byte[] type = new byte[n];
        int falling = 0;
        for (int i = 0; i < n; i++) {
            int o = image.getInt(from + 4 * i);
            start[i] = !negative ? relativeBase + (o & 0xffff_ffffL) : o < 0 ? relativeBase - 1 - o : o;
            type[i] = (byte) letter(places[i]);
            if (i > 0 && Long.compareUnsigned(start[i], start[i - 1]) < 0) falling++;
        }
        if (falling > n / 1000) return null;
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
