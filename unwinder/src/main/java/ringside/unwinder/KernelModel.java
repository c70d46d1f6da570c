package ringside.unwinder;

import ringside.guest.GuestView;
import ringside.unwinder.orc.OrcTable;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;
import ringside.unwinder.table.EntryTable;

/**
 * What is known of the kernel in a guest: symbols, unwind tables, where its entry code is, its stacks, and what its
 * {@link OperatingSystem} keeps in memory. Immutable but for the stacks and what the operating system looks up anew in
 * each walk.
 */
public final class KernelModel {
    private final Symbols symbols;
    private final OrcTable orc;
    private final EntryTable entryTable;
    private final OperatingSystem system;
    private final long marker;
    private final Symbols.Range entry;
    private final Stacks stacks;
    private final boolean upperHalf;
    private final ReturnPath returnPath = new ReturnPath(this, false), returnPathToTables = new ReturnPath(this, true);
    private final FrameState frameState = new FrameState();
    private final CodeHabits habits = new CodeHabits(this);

    /**
     * A kernel of which all this is known.
     *
     * @param symbols of the image, at the addresses where it runs
     * @param orc or null
     * @param entryTable or null
     * @param system what it keeps in memory
     */
    public KernelModel(Symbols symbols, OrcTable orc, EntryTable entryTable, OperatingSystem system) {
        this.symbols = symbols;
        this.orc = orc;
        this.entryTable = entryTable;
        this.system = system;
        Long m = symbols.address("pt_regs");
        this.marker = m == null || !symbols.isText(m) ? 0 : m + 1;
        this.entry = range("__entry_text_start", "__entry_text_end");
        this.stacks = new Stacks(symbols, system);
        this.upperHalf = symbols.text().stream().allMatch(r -> r.from() < 0);
    }

    /** {@return a kernel of which nothing is known: addresses stay bare, and any mapped memory may be code} */
    public static KernelModel unknown() {
        return new KernelModel(Symbols.NONE, null, null, OperatingSystem.UNKNOWN);
    }

    /**
     * {@return a kernel with these symbols, valid where it runs now; its tables are read from memory}
     *
     * @param symbols of the image, at the addresses where it runs
     * @param view where its tables are read
     */
    public static KernelModel with(Symbols symbols, GuestView view) {
        return with(symbols, view, OperatingSystem.UNKNOWN);
    }

    /**
     * {@return a kernel with these symbols and what is known of its operating system; its tables are read from memory}
     *
     * @param symbols of the image, at the addresses where it runs
     * @param view where its tables are read
     * @param system what it keeps in memory
     */
    public static KernelModel with(Symbols symbols, GuestView view, OperatingSystem system) {
        return new KernelModel(symbols, OrcTable.of(view, symbols), EntryTable.of(view, symbols), system);
    }

    /**
     * {@return a kernel by its ELF file alone, which runs {@code slide} bytes above the addresses in the file}
     *
     * @param elf the file
     * @param slide bytes, 0 without address randomization
     */
    public static KernelModel of(ElfImage elf, long slide) {
        Symbols s = elf.symbols();
        return new KernelModel(
                s.moved(slide, 1 << 20), OrcTable.of(elf, slide), EntryTable.of(elf, s), OperatingSystem.UNKNOWN);
    }

    private Symbols.Range range(String from, String to) {
        Long a = symbols.address(from);
        Long b = symbols.address(to);
        return a == null || b == null ? new Symbols.Range(0, 0) : new Symbols.Range(a, b);
    }

    /** {@return the symbols of the image, at the addresses where it runs} */
    public Symbols symbols() {
        return symbols;
    }

    /** {@return the ORC tables, or null} */
    public OrcTable orc() {
        return orc;
    }

    /** {@return what is known of its operating system} */
    public OperatingSystem system() {
        return system;
    }

    /**
     * {@return the symbols that an address is to be looked up in: its module's, or the kernel's own}
     *
     * @param address guest linear
     */
    public Symbols symbolsAt(long address) {
        Symbols s = symbols.isText(address) ? null : system.symbolsAt(address);
        return s == null ? symbols : s;
    }

    /** @return the ORC tables for an address: its module's, or the kernel's own */
    OrcTable orcAt(long address) {
        OrcTable o = symbols.isText(address) ? null : system.orcAt(address);
        return o == null ? orc : o;
    }

    /**
     * @return for generated code that is a copy of the kernel's own the address of the original, otherwise the address
     */
    long original(GuestView view, long address) {
        return symbols.isText(address) ? address : system.original(view, address);
    }

    /** @return where a return from this stack word really goes on */
    long realReturn(GuestView view, long address, long slot) {
        return system.realReturn(view, address, slot);
    }

    /** {@return the entry table, or null} */
    public EntryTable entryTable() {
        return entryTable;
    }

    /** {@return the return address of a marker frame, {@code pt_regs+1}; 0 if the kernel has no such symbol} */
    public long marker() {
        return marker;
    }

    /**
     * {@return whether an address lies in the kernel's entry code ({@code __entry_text_start} to {@code
     * __entry_text_end}, or the entry table)}
     *
     * @param address guest linear
     */
    public boolean isEntry(long address) {
        return entry.contains(address) || entryTable != null && entryTable.find(address) >= 0;
    }

    boolean isText(long address) {
        return symbols.isText(address) || symbols.count() == 0 || system.mayBeCode(address);
    }

    /** @return whether all code of the kernel lies in the upper half of the address space */
    boolean upperHalf() {
        return upperHalf;
    }

    /** @return where entry code lies, by the symbols */
    java.util.List<Symbols.Range> entryCode() {
        return java.util.List.of(entry);
    }

    CodeHabits habits() {
        return habits;
    }

    FrameState frameState() {
        return frameState;
    }

    /**
     * {@return the type of the ORC entry for an address, as {@link OrcTable} numbers them; -1 if there is none}
     *
     * @param view where memory is read
     * @param address guest linear
     * @param exact whether it is no return address
     */
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

    /** @return whether a return address is a trampoline's, put in place of the caller's */
    boolean replaced(long address) {
        return address != 0 && system.replaced(address);
    }

    /**
     * {@return a return address as {@code function+0x1/0x2}, or as a bare number if it lies in no function that is
     * known}
     *
     * @param address guest linear
     */
    public String describeSized(long address) {
        Symbols near = symbolsAt(address);
        int s = near.find(address - 1);
        return s < 0
                ? String.format("0x%x", address)
                : String.format("%s+0x%x/0x%x", near.name(s), address - near.start(s), near.size(s));
    }

    /**
     * {@return an address as {@code function+0x1}, or as a bare number if it lies in no function that is known}
     *
     * @param address guest linear
     * @param exact whether it is no return address; a return address belongs to the function of the byte before it
     */
    public String describe(long address, boolean exact) {
        Symbols near = symbolsAt(address);
        int s = near.find(exact ? address : address - 1);
        return s < 0 ? String.format("0x%x", address) : String.format("%s+0x%x", near.name(s), address - near.start(s));
    }
}
