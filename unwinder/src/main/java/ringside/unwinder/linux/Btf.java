package ringside.unwinder.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * The description of its own types that a Linux kernel carries in read-only memory (BTF, Documentation/bpf/btf.rst):
 * where each member of a structure lies, so that no kernel version's layout has to be known here.
 */
public final class Btf {
    /** Structures within each other that a search follows; real ones have some ten. */
    private static final int MOST_SEARCHED = 1000;
    /** Longest name, in bytes: the kernel's limit (KSYM_NAME_LEN). */
    private static final int MOST_NAME = 512;

    private static final int MAGIC = 0xeb9f, MOST_BYTES = 64 << 20;
    private static final int MOST_SHOWN = 5000, MOST_NESTED = 12;
    private static final int INT = 1,
            POINTER = 2,
            ARRAY = 3,
            STRUCT = 4,
            UNION = 5,
            ENUM = 6,
            TYPEDEF = 8,
            VOLATILE = 9,
            CONST = 10,
            RESTRICT = 11,
            FUNC_PROTO = 13,
            VAR = 14,
            DATASEC = 15,
            DECL_TAG = 17,
            TYPE_TAG = 18,
            ENUM64 = 19;

    private final ByteBuffer data;
    private final int strings;
    /** Place of each type's record, by its number; 0 is void. */
    private final int[] place;

    private final Map<String, Integer> structs = new HashMap<>();

    private Btf(ByteBuffer data, int strings, int[] place) {
        this.data = data;
        this.strings = strings;
        this.place = place;
        for (int t = 1; t < place.length; t++) {
            if (kind(t) == STRUCT) structs.putIfAbsent(name(data.getInt(place[t])), t);
        }
    }

    /**
     * {@return the types of the kernel in this view, or null if it describes none (CONFIG_DEBUG_INFO_BTF)}
     *
     * @param view where memory is read
     * @param symbols of the kernel, at the addresses where it runs
     */
    public static Btf of(GuestView view, Symbols symbols) {
        Long from = symbols.address("__start_BTF");
        Long to = symbols.address("__stop_BTF");
        if (from == null || to == null || to - from < 24 || to - from > MOST_BYTES) return null;
        byte[] b = new byte[(int) (to - from)];
        return view.read(from, b, 0, b.length) == b.length ? of(b) : null;
    }

    /**
     * {@return the types in a .BTF section, or null if it is none or damaged}
     *
     * @param section the bytes of .BTF
     */
    public static Btf of(byte[] section) {
        ByteBuffer d = ByteBuffer.wrap(section).order(ByteOrder.LITTLE_ENDIAN);
        if (section.length < 24 || (d.getShort(0) & 0xffff) != MAGIC) return null;
        long header = unsigned(d, 4);
        long types = header + unsigned(d, 8);
        long end = types + unsigned(d, 12);
        long strings = header + unsigned(d, 16);
        if (end > section.length || strings > section.length) return null;
        int[] place = new int[1024];
        int n = 1;
        for (int at = (int) types; at < end; ) {
            if (at + 12 > end) return null;
            if (n == place.length) place = java.util.Arrays.copyOf(place, 2 * n);
            place[n++] = at;
            int info = d.getInt(at + 4);
            int members = info & 0xffff;
            at += 12
                    + switch (info >>> 24 & 31) {
                        case INT, VAR, DECL_TAG -> 4;
                        case ARRAY -> 12;
                        case STRUCT, UNION, DATASEC, ENUM64 -> 12 * members;
                        case ENUM, FUNC_PROTO -> 8 * members;
                        default -> 0;
                    };
            if (at > end) return null;
        }
        return new Btf(d, (int) strings, java.util.Arrays.copyOf(place, n));
    }

    private static long unsigned(ByteBuffer d, int at) {
        return d.getInt(at) & 0xffff_ffffL;
    }

    private int kind(int type) {
        return data.getInt(place[type] + 4) >>> 24 & 31;
    }

    private String name(int offset) {
        int at = strings + offset;
        int end = at;
        while (end >= 0 && end < data.capacity() && end - at < MOST_NAME && data.get(end) != 0) end++;
        return at < 0 || end > data.capacity() || end < at
                ? ""
                : new String(data.array(), at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** {@return how many types are described} */
    public int count() {
        return place.length - 1;
    }

    /**
     * {@return the bytes a structure takes}
     *
     * @param struct name of the structure, without "struct"
     */
    public OptionalInt size(String struct) {
        Integer t = structs.get(struct);
        return t == null ? OptionalInt.empty() : OptionalInt.of(data.getInt(place[t] + 8));
    }

    /**
     * {@return its offset from the start of the structure, in bytes}
     *
     * @param struct name of the structure, without "struct"
     * @param path a member, a member of that one's structure, and so on; members of anonymous structures count as the
     *     outer one's
     */
    public OptionalInt offset(String struct, String... path) {
        Integer t = structs.get(struct);
        if (t == null) return OptionalInt.empty();
        int bits = 0;
        int type = t;
        for (String member : path) {
            long found = find(type, member, new HashSet<>());
            if (found == -1) return OptionalInt.empty();
            bits += (int) found;
            type = (int) (found >>> 32);
        }
        return OptionalInt.of(bits / 8);
    }

    /**
     * {@return the type of a member as C writes it}
     *
     * @param struct name of the structure, without "struct"
     * @param member a member of it, or of an anonymous structure in it
     */
    public Optional<String> type(String struct, String member) {
        Integer t = structs.get(struct);
        long found = t == null ? -1 : find(t, member, new HashSet<>());
        return found == -1 ? Optional.empty() : Optional.of(text((int) (found >>> 32), 0));
    }

    /**
     * @param searched structures that do not have the member, or are being searched
     * @return its type in the upper half and its bit offset in the lower, or -1
     */
    private long find(int type, String member, Set<Integer> searched) {
        int t = bare(type);
        if (t == 0 || kind(t) != STRUCT && kind(t) != UNION || searched.size() == MOST_SEARCHED || !searched.add(t))
            return -1;
        int info = data.getInt(place[t] + 4);
        for (int i = 0; i < (info & 0xffff); i++) {
            int m = place[t] + 12 + 12 * i;
            int bits = info < 0 ? data.getInt(m + 8) & 0xffffff : data.getInt(m + 8);
            String name = name(data.getInt(m));
            if (name.equals(member)) return (long) data.getInt(m + 4) << 32 | bits;
            if (name.isEmpty()) {
                long inner = find(data.getInt(m + 4), member, searched);
                if (inner != -1) return inner + bits;
            }
        }
        return -1;
    }

    /** What a member holds. */
    public enum Content {
        /** An unsigned integer. */
        INTEGER,
        /** A signed integer. */
        SIGNED,
        /** An address. */
        POINTER,
        /** Characters. */
        CHARACTERS,
        /** A structure or union, whose members follow. */
        STRUCTURE,
        /** Anything else. */
        OTHER
    }

    /**
     * A member of a structure.
     *
     * @param name of the member; empty if it has none
     * @param type as C writes it
     * @param bits its offset from the start of the outermost structure
     * @param size of one element: bytes, or bits for a bit field
     * @param bitField whether it is one
     * @param count elements; 1 if it is no array
     * @param content what it holds
     * @param depth structures around it within the outermost one; the members of a structure follow it
     */
    public record Member(
            String name, String type, int bits, int size, boolean bitField, int count, Content content, int depth) {}

    /**
     * Lists what a structure holds.
     *
     * @param struct name of the structure, without "struct"
     * @param depth how deep structures within it are shown
     * @return the members of a structure in order; empty if there is no such structure
     */
    public List<Member> members(String struct, int depth) {
        Integer t = structs.get(struct);
        List<Member> all = new ArrayList<>();
        if (t != null) members(t, 0, 0, depth, all);
        return all;
    }

    private void members(int t, int base, int depth, int most, List<Member> into) {
        int info = data.getInt(place[t] + 4);
        for (int i = 0; i < (info & 0xffff) && into.size() < MOST_SHOWN; i++) {
            int m = place[t] + 12 + 12 * i;
            int where = data.getInt(m + 8);
            int bits = base + (info < 0 ? where & 0xffffff : where);
            int field = info < 0 ? where >>> 24 : 0;
            member(name(data.getInt(m)), data.getInt(m + 4), bits, field, depth, most, into);
        }
    }

    private void member(String name, int type, int bits, int field, int depth, int most, List<Member> into) {
        int t = bare(type);
        int count = 1;
        String text = text(type, 0);
        while (t != 0 && kind(t) == ARRAY) {
            count = (int) Math.min(1 << 20, (long) count * Math.max(0, data.getInt(place[t] + 20)));
            t = bare(data.getInt(place[t] + 12));
        }
        int kind = t == 0 ? 0 : kind(t);
        int size = t == 0 ? 0 : kind == POINTER ? 8 : data.getInt(place[t] + 8);
        int encoding = kind == INT ? data.getInt(place[t] + 12) >>> 24 : 0;
        Content content = switch (kind) {
            case POINTER -> Content.POINTER;
            case INT ->
                size == 1 && count > 1 && text.startsWith("char")
                        ? Content.CHARACTERS
                        : (encoding & 1) != 0 ? Content.SIGNED : Content.INTEGER;
            case ENUM, ENUM64 -> Content.INTEGER;
            case STRUCT, UNION -> Content.STRUCTURE;
            default -> Content.OTHER;
        };
        into.add(new Member(name, text, bits, field == 0 ? size : field, field != 0, count, content, depth));
        if (content == Content.STRUCTURE && count == 1 && (depth < most || name.isEmpty()) && depth < MOST_NESTED)
            members(t, bits, depth + 1, most, into);
    }

    private String text(int type, int steps) {
        if (type <= 0 || type >= place.length || steps > MOST_NESTED) return "void";
        String name = name(data.getInt(place[type]));
        int to = data.getInt(place[type] + 8);
        return switch (kind(type)) {
            case POINTER ->
                to > 0 && to < place.length && kind(to) == FUNC_PROTO ? "function *" : text(to, steps + 1) + " *";
            case ARRAY -> text(data.getInt(place[type] + 12), steps + 1) + "[" + data.getInt(place[type] + 20) + "]";
            case STRUCT -> name.isEmpty() ? "struct" : "struct " + name;
            case UNION -> name.isEmpty() ? "union" : "union " + name;
            case ENUM, ENUM64 -> name.isEmpty() ? "enum" : "enum " + name;
            case VOLATILE -> "volatile " + text(to, steps + 1);
            case CONST -> "const " + text(to, steps + 1);
            case RESTRICT, TYPE_TAG -> text(to, steps + 1);
            default -> name.isEmpty() ? "void" : name;
        };
    }

    /**
     * Looks for structures that the user may have meant.
     *
     * @param struct the name that there is none of
     * @param most how many are wanted at most
     * @return names of structures that begin as one that does not exist does
     */
    public List<String> similar(String struct, int most) {
        String start = struct.substring(0, Math.min(4, struct.length()));
        return structs.keySet().stream()
                .filter(n -> n.startsWith(start))
                .sorted()
                .limit(most)
                .toList();
    }

    /** @return the type without names and qualifiers around it; 0 if it is none */
    private int bare(int type) {
        for (int i = 0; i < 32 && type > 0 && type < place.length; i++) {
            switch (kind(type)) {
                case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG -> type = data.getInt(place[type] + 8);
                default -> {
                    return type;
                }
            }
        }
        return 0;
    }
}
