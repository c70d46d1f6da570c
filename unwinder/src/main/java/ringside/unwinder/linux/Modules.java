package ringside.unwinder.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import ringside.guest.GuestView;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.Symbols;

/**
 * The modules that a Linux kernel has loaded, read from its list of them: where each one's code lies, its symbols and
 * its ORC tables. The layout of {@code struct module} comes from the kernel's own description ({@link Btf}); without
 * one no module is found.
 */
public final class Modules {
    private static final int MOST_MODULES = 1024, MOST_SYMBOLS = 1 << 18, MOST_NAMES = 16 << 20, ELF_SYMBOL = 24;

    /**
     * A loaded module.
     *
     * @param name as the kernel knows it
     * @param from first byte of its code, linear
     * @param to first byte behind it
     * @param symbols its own
     * @param orc null if it has no such tables
     */
    public record Module(String name, long from, long to, Symbols symbols, OrcTable orc) {
        /**
         * {@return whether an address lies in its code}
         *
         * @param address guest linear
         */
        public boolean contains(long address) {
            return address - from >= 0 && address - to < 0;
        }
    }

    /** Offsets in the kernel's structures. */
    private record Layout(
            int list,
            int name,
            int[] base,
            int[] size,
            int orcs,
            int orcIp,
            int orc,
            int kallsyms,
            int symtab,
            int symbols,
            int strtab) {
        static Layout of(Btf btf) {
            OptionalInt memory = btf.offset("module", "mem");
            int[] base;
            int[] size;
            if (memory.isPresent()) {
                // since 6.4: an array of memories, of which the first is the code, the fifth the code needed only while
                // it loads
                int each = need(btf.size("module_memory"));
                int b = need(btf.offset("module_memory", "base"));
                int s = need(btf.offset("module_memory", "size"));
                base = new int[] {memory.getAsInt() + b, memory.getAsInt() + 4 * each + b};
                size = new int[] {memory.getAsInt() + s, memory.getAsInt() + 4 * each + s};
            } else {
                base = new int[] {
                    need(btf.offset("module", "core_layout", "base")), need(btf.offset("module", "init_layout", "base"))
                };
                size = new int[] {
                    need(btf.offset("module", "core_layout", "text_size")),
                    need(btf.offset("module", "init_layout", "text_size"))
                };
            }
            return new Layout(
                    need(btf.offset("module", "list")),
                    need(btf.offset("module", "name")),
                    base,
                    size,
                    btf.offset("module", "arch", "num_orcs").orElse(-1),
                    btf.offset("module", "arch", "orc_unwind_ip").orElse(-1),
                    btf.offset("module", "arch", "orc_unwind").orElse(-1),
                    need(btf.offset("module", "kallsyms")),
                    need(btf.offset("mod_kallsyms", "symtab")),
                    need(btf.offset("mod_kallsyms", "num_symtab")),
                    need(btf.offset("mod_kallsyms", "strtab")));
        }

        private static int need(OptionalInt offset) {
            return offset.orElseThrow();
        }
    }

    private final long head;
    private final Layout layout;
    private List<Module> modules = List.of();
    private long first, last;

    private Modules(long head, Layout layout) {
        this.head = head;
        this.layout = layout;
    }

    /**
     * {@return the modules of a kernel, none of them read yet; null if it says too little about itself}
     *
     * @param symbols of the kernel, at the addresses where it runs
     * @param btf the kernel's types
     */
    public static Modules of(Symbols symbols, Btf btf) {
        Long head = symbols.address("modules");
        if (head == null || btf == null) return null;
        try {
            return new Modules(head, Layout.of(btf));
        } catch (java.util.NoSuchElementException e) {
            return null; // another kernel's structures
        }
    }

    /**
     * Reads the list anew if its ends have changed since the last time.
     *
     * @param view where memory is read
     */
    public void refresh(GuestView view) {
        long next = view.load(head, 0);
        long previous = view.load(head + 8, 0);
        if (next == first && previous == last) return;
        first = next;
        last = previous;
        List<Module> found = new ArrayList<>();
        long at = next;
        for (int i = 0; i < MOST_MODULES && at != 0 && at != head; i++) {
            read(view, at - layout.list, found);
            at = view.load(at, 0);
        }
        modules = List.copyOf(found);
    }

    private void read(GuestView view, long module, List<Module> into) {
        String name = text(view, module + layout.name);
        OrcTable orc = orc(view, module);
        Symbols symbols = null;
        for (int i = 0; i < layout.base.length; i++) {
            long from = view.load(module + layout.base[i], 0);
            long to = from + (view.load(module + layout.size[i], 0) & 0xffff_ffffL);
            if (from == 0 || from == to) continue;
            if (symbols == null) symbols = symbols(view, module, name, from, to);
            into.add(new Module(name, from, to, symbols, orc));
        }
    }

    private static String text(GuestView view, long at) {
        byte[] b = new byte[56];
        int n = view.read(at, b, 0, b.length);
        int length = 0;
        while (length < n && b[length] != 0) length++;
        return new String(b, 0, length, StandardCharsets.ISO_8859_1);
    }

    private OrcTable orc(GuestView view, long module) {
        if (layout.orcs < 0 || layout.orcIp < 0 || layout.orc < 0) return null;
        int n = (int) view.load(module + layout.orcs, 0);
        long ip = view.load(module + layout.orcIp, 0);
        long entries = view.load(module + layout.orc, 0);
        if (n <= 0 || n > MOST_SYMBOLS || ip == 0 || entries == 0) return null;
        byte[] a = new byte[4 * n];
        byte[] b = new byte[6 * n];
        return view.read(ip, a, 0, a.length) == a.length && view.read(entries, b, 0, b.length) == b.length
                ? OrcTable.of(a, ip, b)
                : null;
    }

    private Symbols symbols(GuestView view, long module, String name, long from, long to) {
        long table = view.load(module + layout.kallsyms, 0);
        long symtab = view.load(table + layout.symtab, 0);
        int n = (int) view.load(table + layout.symbols, 0);
        long strtab = view.load(table + layout.strtab, 0);
        if (n <= 0 || n > MOST_SYMBOLS) return Symbols.NONE;
        byte[] bytes = new byte[n * ELF_SYMBOL];
        if (view.read(symtab, bytes, 0, bytes.length) != bytes.length) return Symbols.NONE;
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        record Symbol(long start, String name) {}
        List<Symbol> l = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int section = b.getShort(ELF_SYMBOL * i + 6);
            int at = b.getInt(ELF_SYMBOL * i);
            if (section == 0 || at <= 0 || at > MOST_NAMES) continue;
            long value = b.getLong(ELF_SYMBOL * i + 8);
            String s = symbolName(view, strtab + at);
            if (!s.isEmpty() && value - from >= 0 && value - to < 0) l.add(new Symbol(value, s));
        }
        l.sort(java.util.Comparator.comparingLong(Symbol::start));
        l.add(new Symbol(to, ""));
        long[] start = l.stream().mapToLong(Symbol::start).toArray();
        byte[] type = new byte[start.length];
        java.util.Arrays.fill(type, (byte) 't');
        List<String> names = l.stream().map(Symbol::name).toList();
        return new Symbols(start, new long[start.length], type, names::get, List.of(new Symbols.Range(from, to)))
                .ofModule(name);
    }

    private static String symbolName(GuestView view, long at) {
        StringBuilder s = new StringBuilder();
        for (int c; s.length() < 512 && (c = view.load8(at + s.length())) > 0; ) s.append((char) c);
        return s.toString();
    }

    /** {@return the modules found at the last {@link #refresh}} */
    public List<Module> all() {
        return modules;
    }

    /**
     * {@return the module whose code holds this address, or null}
     *
     * @param address guest linear
     */
    public Module find(long address) {
        for (Module m : modules) {
            if (m.contains(address)) return m;
        }
        return null;
    }
}
