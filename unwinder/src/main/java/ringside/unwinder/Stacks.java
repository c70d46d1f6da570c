package ringside.unwinder;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.cpu.Vector;
import ringside.unwinder.symbols.Symbols;

/**
 * The guest's stacks by name. What the architecture says comes first: the IST pointers and RSP0 of the TSS, named after the vectors whose gates use
 * them (Intel SDM vol. 3, 6.14.5, 7.7). Linux's interrupt stack is found by its per-CPU variable; symbols {@code NAME_stack_start} and
 * {@code NAME_stack_end} name further ones. Everything else is the task's.
 */
final class Stacks {
    private static final int TSS_RSP0 = 4, TSS_IST1 = 36;
    /** Stacks grow down from their known end for at most this many bytes, or to the first page that is not mapped. */
    private static final long MOST = 16 << 10;
    /** Linux maps its per-CPU entry stacks here (Documentation/arch/x86/x86_64/mm.rst). */
    private static final long ENTRY_AREA = 0xffff_fe00_0000_0000L, ENTRY_AREA_END = 0xffff_fe80_0000_0000L;

    private final Symbols symbols;
    private final Long hardirqPointer, pcpuHot;
    private final List<Stack> registered = new ArrayList<>();
    private final List<Stack> known = new ArrayList<>();
    private final long[] tops = new long[8];
    private final long[] highest = new long[8];
    private long tss, idt, irqTop;
    private Stack recent;

    Stacks(Symbols symbols) {
        this.symbols = symbols;
        this.hardirqPointer = symbols.address("hardirq_stack_ptr");
        this.pcpuHot = symbols.address("pcpu_hot");
        for (String n : symbols.names(n -> n.endsWith("_stack_start"))) register(n);
    }

    private void register(String start) {
        String stem = start.substring(0, start.length() - "_start".length());
        Long from = symbols.address(start);
        Long end = symbols.address(stem + "_end");
        if (end == null || end - from <= 0) return;
        registered.add(new Stack(stem.substring(0, stem.length() - "_stack".length()).toUpperCase(java.util.Locale.ROOT), from, end));
    }

    /** Looks at the CPU's tables again; called at the start of every walk. */
    void refresh(GuestView view, KernelModel kernel) {
        Cpu cpu = view.cpu();
        boolean changed = tss != cpu.tr.base || idt != cpu.idtBase;
        if (changed) java.util.Arrays.fill(highest, 0);
        tss = cpu.tr.base;
        idt = cpu.idtBase;
        for (int k = 0; k < 8; k++) {
            long top = cpu.longMode() && cpu.tr.usable ? view.load(tss + (k == 0 ? TSS_RSP0 : TSS_IST1 + 8L * (k - 1)), 0) : 0;
            changed |= top != tops[k];
            tops[k] = top;
            if (Long.compareUnsigned(top, highest[k]) > 0) highest[k] = top;
        }
        long irq = irqTop(view);
        changed |= irq != irqTop;
        irqTop = irq;
        if (changed) rebuild(view);
    }

    /** The top of Linux's interrupt stack; 0 if there is none or it is not found. */
    private long irqTop(GuestView view) {
        long gs = view.kernelGs();
        if (gs == 0) return 0;
        if (hardirqPointer != null) return view.load(gs + hardirqPointer, -8) + 8;
        if (pcpuHot == null) return 0;
        // The structure: current, preempt count and CPU number, perhaps the call depth, top of the task's stack, top of the interrupt stack - 8.
        for (int at = 24; at <= 32; at += 8) {
            long p = view.load(gs + pcpuHot + at, 0);
            if (p < 0 && (p + 8 & 0xfff) == 0) return p + 8;
        }
        return 0;
    }

    private void rebuild(GuestView view) {
        known.clear();
        recent = null;
        known.addAll(registered);
        for (int k = 1; k < 8; k++) {
            if (highest[k] != 0) known.add(below(view, name(view, k), tops[k], highest[k]));
        }
        if (irqTop != 0) known.add(below(view, "IRQ", irqTop, irqTop));
        long rsp0 = tops[0];
        if (Long.compareUnsigned(rsp0, ENTRY_AREA) >= 0 && Long.compareUnsigned(rsp0, ENTRY_AREA_END) < 0) {
            known.add(below(view, "ENTRY_TRAMPOLINE", rsp0, rsp0));
        }
    }

    /** The stack that ends at {@code high}; with an IST pointer that the kernel has moved down, {@code top} is where it is now. */
    private Stack below(GuestView view, String name, long top, long high) {
        long low = top;
        while (top - low < MOST && view.mapped(low - 1) && !isTop(low, top)) low = (low - 1) & -4096L;
        return new Stack(name, low, high);
    }

    /** @return whether another stack ends here */
    private boolean isTop(long address, long mine) {
        if (address == mine) return false;
        for (int k = 0; k < 8; k++) {
            if (tops[k] == address && highest[k] != mine) return true;
        }
        return false;
    }

    /** The first vector among the usual ones whose gate uses an IST entry. */
    private String name(GuestView view, int ist) {
        int[] vectors = {Vector.DF, Vector.NMI, Vector.DB, Vector.MC, 29, Vector.BP, Vector.SS, Vector.PF, Vector.GP};
        String[] names = {"#DF", "NMI", "#DB", "#MC", "#VC", "#BP", "#SS", "#PF", "#GP"};
        for (int i = 0; i < vectors.length; i++) {
            if (view.load(idt + 16L * vectors[i]) && (view.value() >>> 32 & 7) == ist) return names[i];
        }
        return "IST" + ist;
    }

    /** @return the stack that holds this address; {@link Stack#UNKNOWN} if it is none of the known ones */
    Stack of(long address) {
        Stack r = recent;
        if (r != null && r.contains(address)) return r;
        for (Stack s : known) {
            if (s.contains(address)) {
                recent = s;
                return s;
            }
        }
        return Stack.UNKNOWN;
    }
}
