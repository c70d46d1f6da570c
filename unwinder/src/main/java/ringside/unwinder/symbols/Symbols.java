package ringside.unwinder.symbols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * A kernel's symbols, sorted by address. Names are made when asked for, so that a kernel with 150,000 of them costs no
 * strings. Of several at one address the first stands for all in {@link #find}.
 */
public final class Symbols {
    /** No symbols at all. */
    public static final Symbols NONE = new Symbols(new long[0], new long[0], new byte[0], i -> "", List.of());

    /**
     * Linear addresses [from, to) of code.
     *
     * @param from first address
     * @param to the address behind the last
     */
    public record Range(long from, long to) {
        /**
         * {@return whether an address lies in this range}
         *
         * @param a guest linear
         */
        public boolean contains(long a) {
            return Long.compareUnsigned(a, from) >= 0 && Long.compareUnsigned(a, to) < 0;
        }
    }

    private static final int FAR = 1000;

    private final long[] start;
    private final long[] size;
    private final byte[] type;
    private final IntFunction<String> names;
    private final Range[] text;
    private Map<String, Integer> byName;
    /** The further addresses of names that several have. */
    private final Map<String, List<Long>> more = new HashMap<>();

    private String module;

    /**
     * A table of symbols.
     *
     * @param start addresses, in unsigned ascending order
     * @param size bytes; 0 where only the next symbol's address is known to end it
     * @param type letters as nm prints them
     * @param names the name of the symbol with a number
     * @param text where code is; empty to take it from the symbols
     */
    public Symbols(long[] start, long[] size, byte[] type, IntFunction<String> names, List<Range> text) {
        this.start = start;
        this.size = size;
        this.type = type;
        this.names = names;
        this.text = text.isEmpty() ? textFromSymbols() : text.toArray(Range[]::new);
    }

    private Range[] textFromSymbols() {
        List<Range> l = new java.util.ArrayList<>();
        for (String[] pair : new String[][] {{"_stext", "_etext"}, {"_sinittext", "_einittext"}}) {
            Long a = address(pair[0]);
            Long b = address(pair[1]);
            if (a != null && b != null && Long.compareUnsigned(a, b) < 0) l.add(new Range(a, b));
        }
        if (l.isEmpty()) {
            long from = -1;
            long to = 0;
            for (int i = 0; i < start.length; i++) {
                if ((type[i] | 0x20) != 't') continue;
                if (Long.compareUnsigned(start[i], from) < 0) from = start[i];
                if (Long.compareUnsigned(start[i] + Math.max(1, size(i)), to) > 0) to = start[i] + Math.max(1, size(i));
            }
            if (to != 0) l.add(new Range(from, to));
        }
        return l.toArray(Range[]::new);
    }

    /** {@return how many symbols there are} */
    public int count() {
        return start.length;
    }

    /**
     * Says that these are the symbols of a loaded module.
     *
     * @param name of the module
     * @return this
     */
    public Symbols ofModule(String name) {
        module = name;
        return this;
    }

    /** {@return the module's name, or null for the kernel itself} */
    public String module() {
        return module;
    }

    /**
     * {@return whether the address lies in code of the kernel}
     *
     * @param address guest linear
     */
    public boolean isText(long address) {
        for (Range r : text) {
            if (r.contains(address)) return true;
        }
        return false;
    }

    /** {@return where code is} */
    public List<Range> text() {
        return List.of(text);
    }

    /**
     * {@return the number of the symbol that covers this address, or -1}
     *
     * @param address guest linear
     */
    public int find(long address) {
        int lo = 0;
        int hi = start.length - 1;
        while (lo <= hi) {
            int mid = lo + hi >>> 1;
            if (Long.compareUnsigned(start[mid], address) <= 0) {
                lo = mid + 1;
            } else {
                hi = mid - 1;
            }
        }
        if (hi < 0) return -1;
        while (hi > 0 && start[hi - 1] == start[hi]) hi--;
        long bytes = size(hi);
        if (bytes != 0 && address - start[hi] >= bytes) return -1;
        if (bytes == 0 && address != start[hi] && !isText(address)) return -1;
        return hi;
    }

    /**
     * {@return the name of a symbol}
     *
     * @param i number of the symbol, from 0 in order of address
     */
    public String name(int i) {
        return names.apply(i);
    }

    /**
     * {@return the linear address of a symbol}
     *
     * @param i number of the symbol, from 0 in order of address
     */
    public long start(int i) {
        return start[i];
    }

    /**
     * {@return bytes up to the symbol's own end, or up to the next symbol; 0 for the last without a size}
     *
     * @param i number of the symbol, from 0 in order of address
     */
    public long size(int i) {
        if (size[i] != 0) return size[i];
        int n = i + 1;
        while (n < start.length && start[n] == start[i]) n++;
        return n < start.length ? start[n] - start[i] : 0;
    }

    /**
     * {@return the letter that nm prints}
     *
     * @param i number of the symbol, from 0 in order of address
     */
    public char type(int i) {
        return (char) (type[i] & 0xff);
    }

    /**
     * {@return the address of the first symbol of this name, or null}
     *
     * @param name exactly as in the table
     */
    public Long address(String name) {
        if (byName == null) {
            byName = HashMap.newHashMap(start.length);
            for (int i = 0; i < start.length; i++) {
                String n = names.apply(i);
                Integer first = byName.putIfAbsent(n, i);
                if (first != null)
                    more.computeIfAbsent(n, k -> new ArrayList<>()).add(start[i]);
            }
        }
        Integer i = byName.get(name);
        return i == null ? null : start[i];
    }

    /**
     * {@return the addresses of all symbols of this name (static functions may share one)}
     *
     * @param name exactly as in the table
     */
    public long[] addresses(String name) {
        Long first = address(name);
        if (first == null) return new long[0];
        List<Long> others = more.getOrDefault(name, List.of());
        return LongStream.concat(LongStream.of(first), others.stream().mapToLong(a -> a))
                .toArray();
    }

    /**
     * {@return the names that this holds for, sorted}
     *
     * @param which takes a name
     */
    public List<String> names(java.util.function.Predicate<String> which) {
        address("");
        return byName.keySet().stream().filter(which).sorted().toList();
    }

    /**
     * {@return names that look like this one, for messages: a letter or two mistaken, those it is a part of, those that
     * begin alike}
     *
     * @param name what was asked for
     * @param most how many are wanted at most
     */
    public List<String> similar(String name, int most) {
        address(name);
        String lower = name.toLowerCase(java.util.Locale.ROOT);
        record Near(String name, int distance) {}
        return byName.keySet().stream()
                .map(n -> new Near(n, distance(n.toLowerCase(java.util.Locale.ROOT), lower)))
                .filter(n -> n.distance < FAR)
                .sorted(java.util.Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(most)
                .map(Near::name)
                .toList();
    }

    private static int distance(String a, String b) {
        int edits = EditDistance.atMost(a, b, Math.min(3, b.length() / 4 + 1));
        if (edits >= 0) return edits;
        if (a.contains(b)) return 10 + a.length() - b.length();
        int common = 0;
        while (common < Math.min(a.length(), b.length()) && a.charAt(common) == b.charAt(common)) common++;
        return common >= 6 && 2 * common >= b.length() ? 200 + a.length() + b.length() - 2 * common : FAR;
    }

    /**
     * {@return the same symbols at other addresses: a kernel that was moved by {@code slide} bytes; those below {@code
     * from} (absolute ones) stay}
     *
     * @param slide bytes, may be negative
     * @param from lowest address that moves, unsigned
     */
    public Symbols moved(long slide, long from) {
        if (slide == 0) return this;
        long[] s = start.clone();
        for (int i = 0; i < s.length; i++) {
            if (Long.compareUnsigned(s[i], from) >= 0) s[i] += slide;
        }
        List<Range> t = Arrays.stream(text)
                .map(r -> new Range(r.from + slide, r.to + slide))
                .toList();
        return new Symbols(s, size, type, names, t);
    }
}
