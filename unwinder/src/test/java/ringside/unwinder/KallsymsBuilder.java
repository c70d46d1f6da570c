package ringside.unwinder;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a kernel's symbol table as the {@code scripts/kallsyms} of its time did: names compressed by the 256 best
 * tokens, and the arrays in that version's order, widths and alignment.
 */
final class KallsymsBuilder {
    /** What the versions of the layout are called after: the first kernel that has it. */
    enum Layout {
        /** Number of symbols and markers of 64 bits. */
        V4_19(8, 8, false, false, Addresses.PER_CPU),
        /** The same without CONFIG_KALLSYMS_BASE_RELATIVE. */
        V4_19_ABSOLUTE(8, 8, false, false, Addresses.ABSOLUTE),
        /** Both of 32 bits. */
        V4_20(4, 8, false, false, Addresses.PER_CPU),
        /** The same for one processor: no per-CPU values. */
        V5_10_UP(4, 8, false, false, Addresses.BASE),
        /** Names of up to 512 characters: long lengths. */
        V6_1(4, 8, false, true, Addresses.PER_CPU),
        /** An order by name, and addresses behind the tokens. */
        V6_4(4, 8, true, true, Addresses.PER_CPU),
        V6_4_ABSOLUTE(4, 8, true, true, Addresses.ABSOLUTE),
        /** Per-CPU values are ordinary addresses. */
        V6_15(4, 8, true, true, Addresses.BASE),
        /** Offsets from their own place. */
        V7_0(4, 8, true, true, Addresses.PLACE),
        V7_0_CLOSE(4, 4, true, true, Addresses.PLACE);
        final int wide, align;
        final boolean last, longLengths;
        final Addresses addresses;

        Layout(int wide, int align, boolean last, boolean longLengths, Addresses addresses) {
            this.wide = wide;
            this.align = align;
            this.last = last;
            this.longLengths = longLengths;
            this.addresses = addresses;
        }
    }

    enum Addresses {
        ABSOLUTE,
        /** Negative offsets are from the base, others absolute. */
        PER_CPU,
        BASE,
        PLACE
    }

    /** @param name with the letter of its type before it */
    record Symbol(long address, String name) {}

    private final Layout layout;
    private final List<Symbol> symbols;
    private final String[] tokens = new String[256];
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private KallsymsBuilder(Layout layout, List<Symbol> symbols) {
        this.layout = layout;
        this.symbols = symbols;
    }

    /** @return memory that lies at {@code base} and holds the table of these symbols, which rise */
    static byte[] image(Layout layout, List<Symbol> symbols, long base) {
        return new KallsymsBuilder(layout, symbols).write(base);
    }

    private byte[] write(long base) {
        List<byte[]> names = compress();
        out.writeBytes(new byte[4092]);
        number(4, 0x1234_5678);
        if (!layout.last) addresses(base);
        align();
        number(layout.wide, symbols.size());
        align();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<Integer> markers = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (i % 256 == 0) markers.add(stream.size());
            int length = names.get(i).length;
            stream.write(length > 127 && layout.longLengths ? length & 127 | 128 : length);
            if (length > 127 && layout.longLengths) stream.write(length >> 7);
            stream.writeBytes(names.get(i));
        }
        out.writeBytes(stream.toByteArray());
        align();
        for (int m : markers) number(layout.wide, m);
        align();
        boolean orderBehind = layout.addresses == Addresses.PLACE;
        if (layout.last && !orderBehind) out.writeBytes(new byte[3 * symbols.size()]);
        align();
        int[] index = new int[256];
        int table = out.size();
        for (int t = 0; t < 256; t++) {
            index[t] = out.size() - table;
            out.writeBytes((tokens[t] + "\0").getBytes(StandardCharsets.ISO_8859_1));
        }
        align();
        for (int i : index) number(2, i);
        if (layout.last) addresses(base);
        if (orderBehind) for (int i = 0; i < symbols.size(); i++) number(3, i);
        out.writeBytes(new byte[4096]);
        return out.toByteArray();
    }

    private void addresses(long base) {
        align();
        for (Symbol s : symbols) {
            switch (layout.addresses) {
                case ABSOLUTE -> number(8, s.address);
                case PER_CPU -> number(4, s.address < 0 ? base - 1 - s.address : s.address);
                case BASE -> number(4, s.address - base);
                case PLACE -> number(4, s.address - (base + out.size()));
            }
        }
        if (layout.addresses == Addresses.PER_CPU || layout.addresses == Addresses.BASE) {
            align();
            number(8, base);
        }
    }

    private void align() {
        while (out.size() % layout.align != 0) out.write(0);
    }

    private void number(int bytes, long v) {
        byte[] b =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(v).array();
        out.write(b, 0, bytes);
    }

    /** Gives the pair of tokens that occurs most a number that no character has, until all 256 are used. */
    private List<byte[]> compress() {
        List<List<Integer>> texts = new ArrayList<>();
        java.util.Arrays.fill(tokens, "");
        for (Symbol s : symbols) {
            List<Integer> l = new ArrayList<>();
            for (char c : s.name.toCharArray()) {
                l.add((int) c);
                tokens[c] = String.valueOf(c);
            }
            texts.add(l);
        }
        for (int t = 0; t < 256; t++) {
            if (!tokens[t].isEmpty()) continue;
            Map<Integer, Integer> pairs = new HashMap<>();
            for (List<Integer> l : texts) {
                for (int i = 0; i + 1 < l.size(); i++) pairs.merge(l.get(i) << 8 | l.get(i + 1), 1, Integer::sum);
            }
            var best = pairs.entrySet().stream()
                    .max(Map.Entry.<Integer, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()));
            if (best.isEmpty() || best.get().getValue() < 2) continue;
            int pair = best.get().getKey();
            tokens[t] = tokens[pair >> 8] + tokens[pair & 255];
            for (List<Integer> l : texts) {
                for (int i = 0; i + 1 < l.size(); i++) {
                    if (l.get(i) << 8 == (pair & 0xff00) && l.get(i + 1) == (pair & 255)) {
                        l.set(i, t);
                        l.remove(i + 1);
                    }
                }
            }
        }
        return texts.stream()
                .map(l -> {
                    byte[] b = new byte[l.size()];
                    for (int i = 0; i < b.length; i++) b[i] = (byte) (int) l.get(i);
                    return b;
                })
                .toList();
    }
}
