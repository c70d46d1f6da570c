package ringside.unwinder.linux;

import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * Code that a Linux kernel makes at run time and return addresses that its probes replace: copies of ftrace's callers,
 * one for each traced set of functions, which have no ORC entries of their own, and kretprobes' trampoline, which
 * stands in the stack word of the real return address. Both are found in the kernel's own lists.
 */
final class Trampolines {
    private static final int MOST_OPS = 4096, MOST_NODES = 4096, LONGEST = 4096;
    private final long opsList, caller, regsCaller, currentTask, rethook, returnTracer;
    private final int next, trampoline, trampolineSize;
    private final int rethooks, nodeLink, nodeReturn, nodeFrame;

    /** @param types or null, if the kernel says nothing about its structures */
    Trampolines(Symbols symbols, Btf types) {
        opsList = address(symbols, "ftrace_ops_list");
        caller = address(symbols, "ftrace_caller");
        regsCaller = address(symbols, "ftrace_regs_caller");
        rethook = address(symbols, "arch_rethook_trampoline");
        returnTracer = address(symbols, "return_to_handler");
        long task = address(symbols, "current_task");
        currentTask = task != 0 ? task : address(symbols, "pcpu_hot");
        next = offset(types, "ftrace_ops", "next");
        trampoline = offset(types, "ftrace_ops", "trampoline");
        trampolineSize = offset(types, "ftrace_ops", "trampoline_size");
        rethooks = offset(types, "task_struct", "rethooks", "first");
        nodeLink = offset(types, "rethook_node", "llist");
        nodeReturn = offset(types, "rethook_node", "ret_addr");
        nodeFrame = offset(types, "rethook_node", "frame");
    }

    private static long address(Symbols symbols, String name) {
        Long a = symbols.address(name);
        return a == null ? 0 : a;
    }

    private static int offset(Btf types, String struct, String... path) {
        return types == null ? -1 : types.offset(struct, path).orElse(-1);
    }

    boolean replaced(long address) {
        return address != 0 && (address == returnTracer || address == rethook);
    }

    /** @return for an address in a copy of one of ftrace's callers the same place in the original; otherwise 0 */
    long original(GuestView view, long address) {
        if (opsList == 0 || caller == 0 || regsCaller == 0 || next < 0 || trampoline < 0 || trampolineSize < 0)
            return 0;
        long ops = view.load(opsList, 0);
        for (int i = 0; i < MOST_OPS && ops != 0; i++) {
            long copy = view.load(ops + trampoline, 0);
            long size = view.load(ops + trampolineSize, 0);
            if (copy != 0 && address - copy >= 0 && address - copy < size && size <= LONGEST) {
                long from = alike(view, copy, regsCaller, size) > alike(view, copy, caller, size) ? regsCaller : caller;
                return from + (address - copy);
            }
            ops = view.load(ops + next, 0);
        }
        return 0;
    }

    private static int alike(GuestView view, long a, long b, long size) {
        int n = 0;
        for (long i = 0; i < size; i++) {
            if (view.load8(a + i) == view.load8(b + i)) n++;
        }
        return n;
    }

    /**
     * @return where a return from this stack word really goes on, if its address is kretprobes' trampoline and the
     *     running task's list says so; otherwise the address
     */
    long realReturn(GuestView view, long address, long slot) {
        if (rethook == 0 || address != rethook || rethooks < 0 || nodeLink < 0 || nodeReturn < 0 || nodeFrame < 0)
            return address;
        long link = view.load(view.load(view.kernelGs() + currentTask, 0) + rethooks, 0);
        for (int i = 0; i < MOST_NODES && link != 0; i++) {
            long node = link - nodeLink;
            if (view.load(node + nodeFrame, 0) == slot) {
                long real = view.load(node + nodeReturn, 0);
                if (real != 0 && real != rethook) return real;
            }
            link = view.load(link, 0);
        }
        return address;
    }
}
