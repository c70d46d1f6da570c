package ringside.unwinder.linux;

import java.util.List;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * Return addresses that a Linux kernel's probes have replaced by the address of a trampoline: function graph tracing's
 * ({@code return_to_handler}), and those of return probes (rethooks, before them kretprobes). What stood there is in a
 * list that each task has: the stack of {@code ftrace_ret_stack}, {@code rethook_node}s or {@code kretprobe_instance}s;
 * each entry names the stack word it belongs to. Up to 5.10 the instances of kretprobes are in one table for all tasks.
 */
final class ReturnHooks {
    private static final int MOST_NODES = 4096, MOST_DEPTH = 1 << 16, BUCKETS = 64;
    /** Bytes of stack that the trampoline of function graph tracing may use. */
    private static final long LARGEST_FRAME = 512;

    private final long currentTask, graph, graphEnd, table;
    private final List<Long> probes;
    private final int depth, entries, entrySize, entryReturn, entrySlot;
    /** Whether the entries lie among words that tell how long each one is (since 6.11). */
    private final boolean words;

    private final int nodes, nodeLink, nodeReturn, nodeSlot;

    /** @param types or null, if the kernel says nothing about its structures: then nothing is found */
    ReturnHooks(Symbols symbols, Btf types) {
        long task = address(symbols, "current_task");
        currentTask = task != 0 ? task : address(symbols, "pcpu_hot");
        graph = address(symbols, "return_to_handler");
        int s = graph == 0 ? -1 : symbols.find(graph);
        graphEnd = s < 0 ? graph : graph + symbols.size(s);
        depth = offset(types, "task_struct", "curr_ret_stack");
        entries = offset(types, "task_struct", "ret_stack");
        entrySize = types == null ? 0 : types.size("ftrace_ret_stack").orElse(0);
        entryReturn = offset(types, "ftrace_ret_stack", "ret");
        entrySlot = offset(types, "ftrace_ret_stack", "retp");
        words = types != null
                && !types.type("task_struct", "ret_stack").orElse("").contains("ftrace_ret_stack");
        probes = java.util.stream.Stream.of("arch_rethook_trampoline", "__kretprobe_trampoline", "kretprobe_trampoline")
                .map(n -> address(symbols, n))
                .filter(a -> a != 0)
                .toList();
        int rethooks = offset(types, "task_struct", "rethooks", "first");
        boolean old = rethooks < 0;
        nodes = old ? offset(types, "task_struct", "kretprobe_instances", "first") : rethooks;
        table = nodes < 0 ? address(symbols, "kretprobe_inst_table") : 0;
        String node = old ? "kretprobe_instance" : "rethook_node";
        nodeLink = offset(types, node, table != 0 ? "hlist" : "llist");
        nodeReturn = offset(types, node, "ret_addr");
        nodeSlot = offset(types, node, old ? "fp" : "frame");
    }

    private static long address(Symbols symbols, String name) {
        Long a = symbols.address(name);
        return a == null ? 0 : a;
    }

    private static int offset(Btf types, String struct, String... path) {
        return types == null ? -1 : types.offset(struct, path).orElse(-1);
    }

    /** @return whether an address is a trampoline's that stands in place of a return address */
    boolean replaced(long address) {
        return address != 0 && (address == graph || probes.contains(address));
    }

    /** @return whether the kernel's own traces show the caller instead of this trampoline */
    boolean shownAsCaller(long trampoline) {
        return trampoline == graph;
    }

    /** @return the task whose stack the view sees, 0 if it is not known */
    private long task(GuestView view) {
        return view.task() != 0 || currentTask == 0 ? view.task() : view.load(view.kernelGs() + currentTask, 0);
    }

    /**
     * @return where a return from this stack word really goes on if its address is a trampoline's and a list says so;
     *     otherwise the address
     */
    long realReturn(GuestView view, long address, long slot) {
        long real = address;
        for (int i = 0; i < 3 && replaced(real); i++) {
            long next = real == graph ? graphReturn(view, slot) : probedReturn(view, slot);
            if (next == 0) break;
            real = next;
        }
        return real;
    }

    private long probedReturn(GuestView view, long slot) {
        if (nodeLink < 0 || nodeReturn < 0 || nodeSlot < 0) return 0;
        if (nodes >= 0) return probedReturn(view, view.load(task(view) + nodes, 0), slot);
        for (int i = 0; i < BUCKETS && table != 0; i++) {
            long real = probedReturn(view, view.load(table + 8L * i, 0), slot);
            if (real != 0) return real;
        }
        return 0;
    }

    private long probedReturn(GuestView view, long first, long slot) {
        long link = first;
        for (int i = 0; i < MOST_NODES && link != 0; i++) {
            long node = link - nodeLink;
            if (view.load(node + nodeSlot, 0) == slot) {
                long real = view.load(node + nodeReturn, 0);
                if (real != 0 && !probes.contains(real)) return real;
            }
            link = view.load(link, 0);
        }
        return 0;
    }

    /** One of a task's entries of function graph tracing. */
    private record Entry(long at, int index) {}

    private boolean graphKnown() {
        return depth >= 0 && entries >= 0 && entrySize > 0 && entryReturn >= 0 && entrySlot >= 0;
    }

    private long graphReturn(GuestView view, long slot) {
        if (!graphKnown()) return 0;
        long task = task(view);
        long base = view.load(task + entries, 0);
        if (base == 0) return 0;
        Entry e = below(view, base, new Entry(0, top(view, task)));
        for (int i = 0; i < MOST_NODES && e != null; i++) {
            if (view.load(e.at + entrySlot, 0) == slot) {
                long real = view.load(e.at + entryReturn, 0);
                if (real != graph) return real;
            }
            e = below(view, base, e);
        }
        return 0;
    }

    /** @return the index behind the newest entry */
    private int top(GuestView view, long task) {
        int now = (int) view.load(task + depth, -1);
        return words ? now : now + 1;
    }

    /** @return the entry before another one, or null if that was the first */
    private Entry below(GuestView view, long base, Entry e) {
        if (e.index <= 0 || e.index > MOST_DEPTH) return null;
        if (!words) return new Entry(base + (long) entrySize * (e.index - 1), e.index - 1);
        // the word before an entry's end has the entry's length in words
        int last = e.index - 1;
        int length = (int) (view.load(base + 8L * last, 0) & 0x3ff);
        return length <= 0 || length > last ? null : new Entry(base + 8L * (last - length), last - length);
    }

    /**
     * @param rip an address in code, to be executed or behind a call
     * @return whether it lies in the trampoline of function graph tracing, which no table describes
     */
    boolean inGraphTrampoline(long rip) {
        return graph != 0 && rip - graph >= 0 && rip - graphEnd < 0;
    }

    /**
     * The stack word from which the running trampoline of function graph tracing was entered, whose entry is still the
     * newest, or has just been taken off.
     *
     * @param rsp the trampoline's stack pointer
     * @return its address, or 0 if it is not known
     */
    long returningSlot(GuestView view, long rsp) {
        long e = returning(view, rsp);
        return e == 0 ? 0 : view.load(e + entrySlot, 0);
    }

    private long returning(GuestView view, long rsp) {
        if (!graphKnown()) return 0;
        long task = task(view);
        long base = view.load(task + entries, 0);
        if (base == 0) return 0;
        int top = top(view, task);
        Entry newest = below(view, base, new Entry(0, top));
        long taken = base + (words ? 8L : entrySize) * top;
        for (long at : newest == null ? new long[] {taken} : new long[] {taken, newest.at}) {
            long above = view.load(at + entrySlot, 0) - (rsp - 8);
            if (above >= 0 && above < LARGEST_FRAME) return at;
        }
        return 0;
    }

    /** @return where the running trampoline of function graph tracing will go, or 0 if it is not known */
    long returningTo(GuestView view, long rsp) {
        long e = returning(view, rsp);
        if (e == 0) return 0;
        long real = view.load(e + entryReturn, 0);
        return real == 0 ? 0 : realReturn(view, real, view.load(e + entrySlot, 0));
    }
}
