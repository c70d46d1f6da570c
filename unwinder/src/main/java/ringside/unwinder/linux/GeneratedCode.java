package ringside.unwinder.linux;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import ringside.guest.GuestView;
import ringside.unwinder.OperatingSystem.Code;
import ringside.unwinder.symbols.Symbols;

/**
 * Code that a Linux kernel makes at run time, found in its own lists and named as {@code /proc/kallsyms} names it: BPF
 * programs and trampolines, ftrace's copies of its callers (one for each traced set of functions), the slots in which
 * kprobes execute instructions out of line, and the buffers of optimised kprobes.
 */
final class GeneratedCode {
    private static final int MOST = 1 << 16, LONGEST = 16 << 20, PAGE = 4096, MOST_NAME = 512;

    /**
     * One piece.
     *
     * @param from its first byte
     * @param to behind its last
     * @param kind what it looks like
     * @param symbols its name
     * @param copied whether it is a copy of one of ftrace's callers
     * @param source where the kernel's memory says so
     */
    record Piece(long from, long to, Code kind, Symbols symbols, boolean copied, long source) {
        boolean contains(long address) {
            return address - from >= 0 && address - to < 0;
        }
    }

    private final long bpf, opsList, caller, regsCaller, insnSlots, optimisedSlots;
    private final int bpfLink, bpfStart, bpfEnd, bpfName;
    private final int next, trampoline, trampolineSize;
    private final int pages, pageLink, pageCode;
    private List<Piece> pieces = List.of();
    /** Whether the lists were read since the last walk began. */
    private boolean fresh;

    /** @param types or null, if the kernel says nothing about its structures: then nothing is found */
    GeneratedCode(Symbols symbols, Btf types) {
        bpf = address(symbols, "bpf_kallsyms");
        bpfLink = offset(types, "bpf_ksym", "lnode");
        bpfStart = offset(types, "bpf_ksym", "start");
        bpfEnd = offset(types, "bpf_ksym", "end");
        bpfName = offset(types, "bpf_ksym", "name");
        opsList = address(symbols, "ftrace_ops_list");
        caller = address(symbols, "ftrace_caller");
        regsCaller = address(symbols, "ftrace_regs_caller");
        next = offset(types, "ftrace_ops", "next");
        trampoline = offset(types, "ftrace_ops", "trampoline");
        trampolineSize = offset(types, "ftrace_ops", "trampoline_size");
        insnSlots = address(symbols, "kprobe_insn_slots");
        optimisedSlots = address(symbols, "kprobe_optinsn_slots");
        pages = offset(types, "kprobe_insn_cache", "pages");
        pageLink = offset(types, "kprobe_insn_page", "list");
        pageCode = offset(types, "kprobe_insn_page", "insns");
    }

    private static long address(Symbols symbols, String name) {
        Long a = symbols.address(name);
        return a == null ? 0 : a;
    }

    private static int offset(Btf types, String struct, String... path) {
        return types == null ? -1 : types.offset(struct, path).orElse(-1);
    }

    /** A walk begins: the guest may have run. */
    void refresh() {
        fresh = false;
    }

    /** @return the piece that holds an address, or null */
    Piece find(GuestView view, long address) {
        Piece p = among(address);
        if (p != null && (fresh || view.load(p.source, 0) == p.from)) return p;
        if (fresh) return null;
        read(view);
        return among(address);
    }

    private Piece among(long address) {
        for (Piece p : pieces) {
            if (p.contains(address)) return p;
        }
        return null;
    }

    private void read(GuestView view) {
        List<Piece> l = new ArrayList<>();
        readBpf(view, l);
        readFtrace(view, l);
        readSlots(view, insnSlots, "kprobe_insn_page", l);
        readSlots(view, optimisedSlots, "kprobe_optinsn_page", l);
        pieces = l;
        fresh = true;
    }

    private static void add(List<Piece> to, long from, long size, Code kind, String name, String module, long source) {
        if (from == 0 || size <= 0 || size > LONGEST) return;
        Symbols s = new Symbols(
                        new long[] {from},
                        new long[] {size},
                        new byte[] {'t'},
                        i -> name,
                        List.of(new Symbols.Range(from, from + size)))
                .ofModule(module);
        to.add(new Piece(from, from + size, kind, s, module.endsWith("ftrace"), source));
    }

    private void readBpf(GuestView view, List<Piece> into) {
        if (bpf == 0 || bpfLink < 0 || bpfStart < 0 || bpfEnd < 0 || bpfName < 0) return;
        long at = view.load(bpf, 0);
        for (int i = 0; i < MOST && at != 0 && at != bpf; i++) {
            long symbol = at - bpfLink;
            long from = view.load(symbol + bpfStart, 0);
            byte[] name = new byte[MOST_NAME];
            int n = view.read(symbol + bpfName, name, 0, MOST_NAME);
            int length = 0;
            while (length < n && name[length] != 0) length++;
            String text = new String(name, 0, length, StandardCharsets.ISO_8859_1);
            Code kind = text.startsWith("bpf_dispatcher") ? Code.FRAMELESS : Code.FRAMED;
            add(into, from, view.load(symbol + bpfEnd, 0) - from, kind, text, "bpf", symbol + bpfStart);
            at = view.load(at, 0);
        }
    }

    private void readFtrace(GuestView view, List<Piece> into) {
        if (opsList == 0 || next < 0 || trampoline < 0 || trampolineSize < 0) return;
        long ops = view.load(opsList, 0);
        for (int i = 0; i < MOST && ops != 0; i++) {
            add(
                    into,
                    view.load(ops + trampoline, 0),
                    view.load(ops + trampolineSize, 0),
                    Code.FRAMELESS,
                    "ftrace_trampoline",
                    "__builtin__ftrace",
                    ops + trampoline);
            ops = view.load(ops + next, 0);
        }
    }

    private void readSlots(GuestView view, long cache, String name, List<Piece> into) {
        if (cache == 0 || pages < 0 || pageLink < 0 || pageCode < 0) return;
        long head = cache + pages;
        long at = view.load(head, 0);
        for (int i = 0; i < MOST && at != 0 && at != head; i++) {
            long code = at - pageLink + pageCode;
            add(into, view.load(code, 0), PAGE, Code.FRAMELESS, name, "__builtin__kprobes", code);
            at = view.load(at, 0);
        }
    }

    /** @return for an address in a copy of one of ftrace's callers the same place in the original; otherwise 0 */
    long original(GuestView view, long address) {
        if (caller == 0 || regsCaller == 0) return 0;
        Piece p = find(view, address);
        if (p == null || !p.copied) return 0;
        long size = Math.min(p.to - p.from, PAGE);
        long from = alike(view, p.from, regsCaller, size) > alike(view, p.from, caller, size) ? regsCaller : caller;
        return from + (address - p.from);
    }

    private static int alike(GuestView view, long a, long b, long size) {
        int n = 0;
        for (long i = 0; i < size; i++) {
            if (view.load8(a + i) == view.load8(b + i)) n++;
        }
        return n;
    }
}
