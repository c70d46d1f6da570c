package ringside.unwinder;

import ringside.unwinder.linux.Btf;
import ringside.unwinder.linux.Modules;
import ringside.unwinder.linux.Trampolines;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Kallsyms;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.table.EntryTable;

/**
 * What is known of the kernel in a guest: symbols, unwind tables, where its entry code is, its stacks. Made from a file, from the guest's memory alone,
 * or from both. Immutable but for the stacks and modules, which are looked up
 * anew in each walk.
 */
public final class KernelModel {
    private final Symbols symbols;
    private final OrcTable orc;
    private final EntryTable entryTable;
    private final long marker;
    private final Symbols.Range entry;
    private final Stacks stacks;
    private final boolean upperHalf;
    private final long returnTracer, returnProbe;
    private final Btf types;
    private final Modules modules;
    private final Trampolines trampolines;
    private final ReturnPath returnPath = new ReturnPath(this, false), returnPathToTables = new ReturnPath(this, true);
    private final FrameState frameState = new FrameState();

    private KernelModel(Symbols symbols, OrcTable orc, EntryTable entryTable, Btf types) {
        this.symbols = symbols;
        this.orc = orc;
        this.entryTable = entryTable;
        Long m = symbols.address("pt_regs");
        this.marker = m == null || !symbols.isText(m) ? 0 : m + 1;
        this.entry = range("__entry_text_start", "__entry_text_end");
        this.stacks = new Stacks(symbols);
        this.returnTracer = addressOf("return_to_handler");
        this.returnProbe = addressOf("arch_rethook_trampoline");
        this.types = types;
        this.modules = Modules.of(symbols, types);
        this.trampolines = Trampolines.of(symbols, types);
        this.upperHalf = symbols.text().stream().allMatch(r -> r.from() < 0);
    }

    /** A kernel of which nothing is known: addresses stay bare, and any mapped memory may be code. */
    public static KernelModel unknown() {
        return new KernelModel(Symbols.NONE, null, null, null);
    }

    /** @return the kernel running in this view, by the symbols in its own memory (kallsyms); null if it has none, or has not been unpacked yet */
    public static KernelModel fromMemory(GuestView view) {
        Symbols s = Kallsyms.find(view);
        return s == null ? null : with(s, view);
    }

    /** A kernel with these symbols, valid where it runs now; its tables are read from memory. */
    public static KernelModel with(Symbols symbols, GuestView view) {
        return new KernelModel(symbols, OrcTable.of(view, symbols), EntryTable.of(view, symbols), Btf.of(view, symbols));
    }

    /** A kernel by its ELF file alone, which runs {@code slide} bytes above the addresses in the file. */
    public static KernelModel of(ElfImage elf, long slide) {
        Symbols s = elf.symbols();
        return new KernelModel(s.moved(slide, 1 << 20), OrcTable.of(elf, slide), EntryTable.of(elf, s), null);
    }

    /**
     * How far the kernel that runs in this view was moved from where its file has these symbols: by its own symbols if it carries them, else by where SYSCALL enters it, or its
     * page faults.
     *
     * @return bytes, or null if nothing tells
     */
    public static Long slide(GuestView view, Symbols known, KernelModel own) {
        Long here = own == null ? null : own.symbols().address("_text");
        Long there = known.address("_text");
        if (here != null && there != null) return here - there;
        long idt = view.cpu().idtBase;
        long gate = idt + 16L * ringside.cpu.Vector.PF;
        long low = view.load(gate, 0);
        long handler = low & 0xffff | low >>> 32 & 0xffff_0000L | view.load(gate + 8, 0) << 32;
        return found(view.cpu().msrs.lstar, known, "entry_SYSCALL_64").or(() -> found(handler, known, "asm_exc_page_fault")).orElse(null);
    }

    private static java.util.Optional<Long> found(long address, Symbols known, String name) {
        Long a = known.address(name);
        return a == null || address >= 0 || (address - a & 0xfff) != 0 ? java.util.Optional.empty() : java.util.Optional.of(address - a);
    }

    private long addressOf(String name) {
        Long a = symbols.address(name);
        return a == null ? 0 : a;
    }

    private Symbols.Range range(String from, String to) {
        Long a = symbols.address(from);
        Long b = symbols.address(to);
        return a == null || b == null ? new Symbols.Range(0, 0) : new Symbols.Range(a, b);
    }

    public Symbols symbols() {
        return symbols;
    }

    /** The ORC tables, or null. */
    public OrcTable orc() {
        return orc;
    }

    /** The kernel's description of its own structures, or null. */
    public Btf types() {
        return types;
    }

    /** @return the symbols that an address is to be looked up in: its module's, or the kernel's own */
    public Symbols symbolsAt(long address) {
        Modules.Module m = moduleAt(address);
        return m == null ? symbols : m.symbols();
    }

    /** @return the ORC tables for an address: its module's, or the kernel's own */
    OrcTable orcAt(long address) {
        Modules.Module m = moduleAt(address);
        return m == null || m.orc() == null ? orc : m.orc();
    }

    private Modules.Module moduleAt(long address) {
        return modules == null || modules.all().isEmpty() || symbols.isText(address) ? null : modules.find(address);
    }

    /** @return for generated code that is a copy of the kernel's own the address of the original, otherwise the address */
    long original(GuestView view, long address) {
        if (trampolines == null || symbols.isText(address) || moduleAt(address) != null) return address;
        long o = trampolines.original(view, address);
        return o == 0 ? address : o;
    }

    /** @return where a return from this stack word really goes on */
    long realReturn(GuestView view, long address, long slot) {
        return trampolines == null ? address : trampolines.realReturn(view, address, slot);
    }

    void refreshModules(GuestView view) {
        if (modules != null) modules.refresh(view);
    }

    /** The entry table, or null. */
    public EntryTable entryTable() {
        return entryTable;
    }

    /** The return address of a marker frame, {@code pt_regs+1}; 0 if the kernel has no such symbol. */
    public long marker() {
        return marker;
    }

    /** @return whether an address lies in the kernel's entry code ({@code __entry_text_start} to {@code __entry_text_end}, or the entry table) */
    public boolean isEntry(long address) {
        return entry.contains(address) || entryTable != null && entryTable.find(address) >= 0;
    }

    boolean isText(long address) {
        return symbols.isText(address) || symbols.count() == 0 || inModules(address);
    }

    /** Linux's modules and generated code lie above the image. */
    private boolean inModules(long address) {
        return Long.compareUnsigned(address, 0xffff_ffff_a000_0000L) >= 0 && Long.compareUnsigned(address, 0xffff_ffff_ff00_0000L) < 0 && upperHalf;
    }

    /** @return whether all code of the kernel lies in the upper half of the address space */
    boolean upperHalf() {
        return upperHalf;
    }

    FrameState frameState() {
        return frameState;
    }

    /** @return the type of the ORC entry for an address, as {@link OrcTable} numbers them; -1 if there is none. @param exact whether it is no return address */
    public int orcType(GuestView view, long address, boolean exact) {
        OrcTable table = orcAt(address);
        if (table == null) return -1;
        long at = original(view, address);
        int e = table.find(exact ? at : at - 1);
        return e < 0 ? -1 : table.type(e);
    }

    /** @param tables whether it may end where the ORC tables know more */
    ReturnPath returnPath(boolean tables) {
        return tables ? returnPathToTables : returnPath;
    }

    /** @return whether a symbol of the kernel's code lies at this very address */
    boolean isStart(long address) {
        if (!symbols.isText(address)) return false;
        int s = symbols.find(address);
        return s >= 0 && symbols.start(s) == address;
    }

    Stacks stacks() {
        return stacks;
    }

    /** @return whether a return address is that of the trampoline that function tracing or a return probe puts in place of the caller's (Linux) */
    boolean replaced(long address) {
        return address != 0 && (address == returnTracer || address == returnProbe);
    }

    String describe(long address, boolean exact) {
        Symbols near = symbolsAt(address);
        int s = near.find(exact ? address : address - 1);
        return s < 0 ? String.format("0x%x", address) : String.format("%s+0x%x", near.name(s), address - near.start(s));
    }
}
