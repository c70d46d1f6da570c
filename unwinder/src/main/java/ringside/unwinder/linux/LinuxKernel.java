package ringside.unwinder.linux;

import java.util.Optional;
import ringside.cpu.Vector;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.OperatingSystem;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.Symbols;

/**
 * What an unwinder must know of Linux beyond symbols and tables: its modules, its generated code, the return addresses
 * that its probes replace, its interrupt stack. Where its structures lie is taken from its own description of its types
 * ({@link Btf}); a kernel that has none is known by its symbols alone.
 */
public final class LinuxKernel implements OperatingSystem {
    /** Modules and generated code lie above the image (Documentation/arch/x86/x86_64/mm.rst). */
    private static final long MODULES = 0xffff_ffff_a000_0000L, MODULES_END = 0xffff_ffff_ff00_0000L;
    /** The per-CPU entry stacks. */
    private static final long ENTRY_AREA = 0xffff_fe00_0000_0000L, ENTRY_AREA_END = 0xffff_fe80_0000_0000L;

    private final Symbols symbols;
    private final Btf types;
    private final Modules modules;
    private final ReturnHooks hooks;
    private final GeneratedCode generated;
    private final Long hardirqPointer, pcpuHot;
    private final boolean upperHalf;
    /** Where names of generated code are looked up: the view of the last walk. */
    private GuestView last;

    private LinuxKernel(Symbols symbols, Btf types) {
        this.symbols = symbols;
        this.types = types;
        this.modules = Modules.of(symbols, types);
        this.hooks = new ReturnHooks(symbols, types);
        this.generated = new GeneratedCode(symbols, types);
        this.hardirqPointer = symbols.address("hardirq_stack_ptr");
        this.pcpuHot = symbols.address("pcpu_hot");
        this.upperHalf = symbols.text().stream().allMatch(r -> r.from() < 0);
    }

    /**
     * {@return the kernel running in this view, by the symbols in its own memory (kallsyms); nothing if it has none, or
     * has not been unpacked yet: {@link KernelModel#unknown} goes by the registers and the shadow stack alone}
     *
     * @param view the guest's registers and memory
     */
    public static Optional<KernelModel> find(GuestView view) {
        return Optional.ofNullable(Kallsyms.find(view)).map(s -> with(s, view));
    }

    /**
     * {@return a kernel with these symbols, valid where it runs now; its tables and types are read from memory}
     * Kernels that are no Linux have none of these symbols, and lose nothing.
     *
     * @param symbols of the image, at the addresses where it runs
     * @param view where memory is read
     */
    public static KernelModel with(Symbols symbols, GuestView view) {
        return KernelModel.with(symbols, view, new LinuxKernel(symbols, Btf.of(view, symbols)));
    }

    /**
     * How far the kernel that runs in this view was moved from where its file has these symbols: by its own symbols if
     * it carries them, else by where SYSCALL enters it, or its page faults.
     *
     * @param view where memory is read
     * @param known symbols at the addresses of their file
     * @param own what the guest's memory says of its kernel
     * @return bytes, or null if nothing tells
     */
    public static Long slide(GuestView view, Symbols known, KernelModel own) {
        Long here = own == null ? null : own.symbols().address("_text");
        Long there = known.address("_text");
        if (here != null && there != null) return here - there;
        long gate = view.state().idtBase() + 16L * Vector.PF;
        long low = view.load(gate, 0);
        long handler = low & 0xffff | low >>> 32 & 0xffff_0000L | view.load(gate + 8, 0) << 32;
        return distance(view.state().lstar(), known, "entry_SYSCALL_64")
                .or(() -> distance(handler, known, "asm_exc_page_fault"))
                .orElse(null);
    }

    private static Optional<Long> distance(long address, Symbols known, String name) {
        Long a = known.address(name);
        return a == null || address >= 0 || (address - a & 0xfff) != 0 ? Optional.empty() : Optional.of(address - a);
    }

    /**
     * {@return what is known of the Linux of this model; null if it was made without}
     *
     * @param model what is known of a kernel
     */
    public static LinuxKernel of(KernelModel model) {
        return model.system() instanceof LinuxKernel l ? l : null;
    }

    /** {@return the kernel's description of its own structures, or null} */
    public Btf types() {
        return types;
    }

    @Override
    public void refresh(GuestView view) {
        if (modules != null) modules.refresh(view);
        generated.refresh();
        last = view;
    }

    private Modules.Module moduleAt(long address) {
        return modules == null || modules.all().isEmpty() ? null : modules.find(address);
    }

    @Override
    public Symbols symbolsAt(long address) {
        Modules.Module m = moduleAt(address);
        if (m != null) return m.symbols();
        GeneratedCode.Piece p = pieceAt(last, address);
        return p == null ? null : p.symbols();
    }

    @Override
    public OrcTable orcAt(long address) {
        Modules.Module m = moduleAt(address);
        return m == null ? null : m.orc();
    }

    @Override
    public boolean mayBeCode(long address) {
        return Long.compareUnsigned(address, MODULES) >= 0
                && Long.compareUnsigned(address, MODULES_END) < 0
                && upperHalf;
    }

    @Override
    public long original(GuestView view, long address) {
        long o = moduleAt(address) != null || !mayBeCode(address) ? 0 : generated.original(view, address);
        return o == 0 ? address : o;
    }

    @Override
    public long realReturn(GuestView view, long address, long slot) {
        return hooks.realReturn(view, address, slot);
    }

    @Override
    public boolean replaced(long address) {
        return hooks.replaced(address);
    }

    /** @return whether the kernel's own traces show the caller instead of this trampoline */
    boolean shownAsCaller(long trampoline) {
        return hooks.shownAsCaller(trampoline);
    }

    private GeneratedCode.Piece pieceAt(GuestView view, long address) {
        return view == null || !mayBeCode(address) ? null : generated.find(view, address);
    }

    @Override
    public Code generated(GuestView view, long address) {
        GeneratedCode.Piece p = moduleAt(address) != null ? null : pieceAt(view, address);
        return p == null ? Code.NONE : p.kind();
    }

    @Override
    public boolean inReturnTrampoline(long address) {
        return hooks.inGraphTrampoline(address);
    }

    @Override
    public long returningSlot(GuestView view, long rsp) {
        return hooks.returningSlot(view, rsp);
    }

    @Override
    public long returningTo(GuestView view, long rsp) {
        return hooks.returningTo(view, rsp);
    }

    @Override
    public long interruptStackTop(GuestView view) {
        long gs = view.kernelGs();
        if (gs == 0) return 0;
        if (hardirqPointer != null) return view.load(gs + hardirqPointer, -8) + 8;
        if (pcpuHot == null) return 0;
        // The structure: current, preempt count and CPU number, perhaps the call depth, top of the task's stack, top of
        // the interrupt stack - 8.
        for (int at = 24; at <= 32; at += 8) {
            long p = view.load(gs + pcpuHot + at, 0);
            if (p < 0 && (p + 8 & 0xfff) == 0) return p + 8;
        }
        return 0;
    }

    @Override
    public boolean isEntryTrampoline(long rsp0) {
        return Long.compareUnsigned(rsp0, ENTRY_AREA) >= 0 && Long.compareUnsigned(rsp0, ENTRY_AREA_END) < 0;
    }
}
