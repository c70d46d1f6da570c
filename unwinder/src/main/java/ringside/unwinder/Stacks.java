package ringside.unwinder;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Vector;
import ringside.guest.GuestState;
import ringside.guest.GuestView;
import ringside.unwinder.symbols.Symbols;

/**
 * The guest's stacks by name. What the architecture says comes first: the IST pointers and RSP0 of the TSS, named after
 * the vectors whose gates use them (Intel SDM vol. 3, 6.14.5, 7.7). The {@link OperatingSystem} knows the stack of
 * interrupt handlers; symbols {@code NAME_stack_start} and {@code NAME_stack_end} name further ones. Everything else is
 * the task's.
 */
final class Stacks {
    private static final int TSS_RSP0 = 4, TSS_IST1 = 36;
    /** Stacks grow down from their known end for at most this many bytes, or to the first page that is not mapped. */
    private static final long MOST = 16 << 10;

    private final Symbols symbols;
    private final OperatingSystem system;
    private final List<Stack> registered = new ArrayList<>();
    private final List<Stack> known = new ArrayList<>();
    private final long[] tops = new long[8];
    private final long[] highest = new long[8];
    private long tss, idt, irqTop;
    private Stack recent;

    Stacks(Symbols symbols, OperatingSystem system) {
        this.symbols = symbols;
        this.system = system;
        for (String n : symbols.names(n -> n.endsWith("_stack_start"))) register(n);
    }

    private void register(String start) {
        String stem = start.substring(0, start.length() - "_start".length());
        Long from = symbols.address(start);
        Long end = symbols.address(stem + "_end");
        if (end == null || end - from <= 0) return;
        registered.add(new Stack(
                stem.substring(0, stem.length() - "_stack".length()).toUpperCase(java.util.Locale.ROOT), from, end));
    }

    /** Looks at the CPU's tables again; called at the start of every walk. */
    void refresh(GuestView view) {
        GuestState cpu = view.state();
        boolean changed = tss != cpu.tssBase() || idt != cpu.idtBase();
        if (changed) java.util.Arrays.fill(highest, 0);
        tss = cpu.tssBase();
        idt = cpu.idtBase();
        for (int k = 0; k < 8; k++) {
            long top =
                    cpu.longMode() && tss != 0 ? view.load(tss + (k == 0 ? TSS_RSP0 : TSS_IST1 + 8L * (k - 1)), 0) : 0;
            changed |= top != tops[k];
            tops[k] = top;
            if (Long.compareUnsigned(top, highest[k]) > 0) highest[k] = top;
        }
        long irq = system.interruptStackTop(view);
        changed |= irq != irqTop;
        irqTop = irq;
        if (changed) rebuild(view);
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
        if (system.isEntryTrampoline(rsp0)) known.add(below(view, "ENTRY_TRAMPOLINE", rsp0, rsp0));
    }

    /**
     * The stack that ends at {@code high}; with an IST pointer that the kernel has moved down, {@code top} is where it
     * is now.
     */
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
