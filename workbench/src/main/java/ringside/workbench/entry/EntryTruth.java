package ringside.workbench.entry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.unwinder.linux.LinuxKernel;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.SymbolException;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.entry.TrueChain.Link;
import ringside.workbench.entry.TrueChain.Place;

/**
 * Judges shadow stack and unwinder on a machine that runs the entry kernel, by the kernel's own description. Valid from
 * the first instruction in the upper half on.
 */
public final class EntryTruth {
    /** Bytes that a marker frame adds between a return address and pt_regs. */
    private static final int MARKER_BYTES = 24;

    private final EntryKernel.Variant variant;
    private final Machine machine;
    private final ElfImage image;
    private final Symbols symbols;
    private final GuestView view;
    private final ChainDescription description;
    private final TrueChain truth;
    private final Map<Long, Long> fixups = new HashMap<>();
    private final long entryStart, entryEnd;
    private Unwinder unwinder;
    private List<Link> links = List.of();
    private Trace trace;

    public EntryTruth(EntryKernel kernel, Machine machine) throws IOException {
        this.variant = kernel.variant();
        this.machine = machine;
        try {
            image = ElfImage.of(Files.readAllBytes(kernel.image()));
        } catch (SymbolException e) {
            throw new IOException(kernel.image() + ": " + e.getMessage(), e);
        }
        symbols = image.symbols();
        view = new GuestView(machine.cpu());
        description = ChainDescription.of(image);
        truth = new TrueChain(description, view);
        entryStart = address("__entry_text_start");
        entryEnd = address("__entry_text_end");
        long from = address("__extable_start");
        ByteBuffer b = ByteBuffer.wrap(image.at(from, (int) (address("__extable_end") - from)))
                .order(ByteOrder.LITTLE_ENDIAN);
        while (b.hasRemaining()) fixups.put(b.getLong(), b.getLong());
    }

    /** @return bytes of the kernel's entry code, and of its entry table (0 if it has none) */
    public static long[] sizes(EntryKernel kernel) throws IOException {
        try {
            ElfImage image = ElfImage.of(Files.readAllBytes(kernel.image()));
            Symbols s = image.symbols();
            Long table = s.address("__entry_table_start");
            return new long[] {
                s.address("__entry_text_end") - s.address("__entry_text_start"),
                table == null ? 0 : s.address("__entry_table_end") - table
            };
        } catch (SymbolException e) {
            throw new IOException(kernel.image() + ": " + e.getMessage(), e);
        }
    }

    /** The kind of unwinding that the variant's annotation is for. */
    public static Kind kind(EntryKernel.Variant v) {
        return switch (v) {
            case none -> Kind.FRAME_POINTER;
            case marker, seed -> Kind.MARKER;
            case encoded -> Kind.ENCODED;
            case table -> Kind.TABLE;
        };
    }

    public long address(String symbol) {
        Long a = symbols.address(symbol);
        if (a == null) throw new IllegalArgumentException("the entry kernel has no symbol " + symbol);
        return a;
    }

    /** @return address, function and offset */
    public String name(long rip) {
        int s = symbols.find(rip);
        return s < 0 ? Long.toHexString(rip) : String.format("%x %s+%x", rip, symbols.name(s), rip - symbols.start(s));
    }

    /** @return the name of the function that holds the address, or null */
    public String function(long rip) {
        int s = symbols.find(rip);
        return s < 0 ? null : symbols.name(s);
    }

    /** @return the first address of the function that holds the address; the address itself if it is in none */
    public long functionStart(long rip) {
        int s = symbols.find(rip);
        return s < 0 ? rip : symbols.start(s);
    }

    public boolean inEntryCode(long address) {
        return address >= entryStart && address < entryEnd;
    }

    public GuestView view() {
        return view;
    }

    public Unwinder unwinder() {
        if (unwinder == null) unwinder = new Unwinder(LinuxKernel.with(symbols, view));
        return unwinder;
    }

    /** Finds the true chain at the machine's present instruction. */
    public List<Link> look() {
        view.refresh();
        links = truth.links();
        return links;
    }

    /**
     * @return what is wrong at the machine's present instruction: the shadow stack, or the variant's unwinder against
     *     its promise; null if nothing is
     */
    public String problem() {
        look();
        if (!shadowRight())
            return "\n true   " + links + "\n shadow "
                    + Chains.of(machine.cpu().shadow.chain()) + "\n";
        if (machine.cpu().cpl == 3) return null;
        boolean promised = promised();
        boolean right = unwindRight();
        boolean silent = !right && trace.reliable();
        if (!silent && (!promised || right && trace.reliable())) return null;
        return (promised ? "" : "not promised, ") + trace.verdict() + "\n true  " + links + "\n trace "
                + Chains.of(trace) + "\n";
    }

    /** Unwinds from where {@link #look} looked. @return whether the trace is the true chain */
    public boolean unwindRight() {
        trace = unwinder().trace(kind(variant), view);
        return Chains.same(links, Chains.of(trace));
    }

    /** The trace of the last {@link #unwindRight}. */
    public Trace trace() {
        return trace;
    }

    /**
     * Whether the rules of the variant's unwinding promise a right trace where {@link #look} looked: rbp must lead on
     * at the start and at each interrupted place, or the table must have a row there. Calls from entry code need their
     * annotation.
     */
    public boolean promised() {
        return exception() == null;
    }

    /**
     * @return the rule by which no right trace is promised where {@link #look} looked, the innermost place's first;
     *     null if one is promised
     */
    public String exception() {
        boolean innermost = true;
        for (Place p : truth.places()) {
            String where = innermost ? "here" : "at an interrupted place";
            if (p.register()) return "the table's row needs a register that is not known " + where;
            if (inEntryCode(p.rip()) && variant != EntryKernel.Variant.table)
                return "entry code " + where + ", where nothing says where the registers lie";
            if (!inEntryCode(p.rip()) && !p.framed()) return "a function without its frame " + where;
            innermost = false;
        }
        for (Link l : links) {
            if (!l.entry() && inEntryCode(l.address() - 1) && !annotated(description.at(l.address() - 1)))
                return "a call from entry code without annotation";
        }
        return null;
    }

    private boolean annotated(ChainDescription.Rule call) {
        return switch (variant) {
            case none -> false;
            case marker, seed ->
                call.kind() == ChainDescription.Kind.BOTTOM
                        || call.kind() == ChainDescription.Kind.REGS && call.offset() == MARKER_BYTES;
            case encoded -> call.kind() != ChainDescription.Kind.HARDWARE;
            case table -> true;
        };
    }

    /**
     * Whether the shadow stack gives the true chain, but for frames that were written by hand and for interrupted code
     * that a handler has sent elsewhere.
     */
    public boolean shadowRight() {
        List<Link> s = Chains.of(machine.cpu().shadow.chain());
        int size = links.size();
        while (size > s.size() && handMade(links.get(size - 1))) size--;
        if (size != s.size()) return false;
        for (int i = 0; i < size; i++) {
            Link a = s.get(i);
            Link b = links.get(i);
            boolean sent = a.entry()
                    && b.entry()
                    && Long.valueOf(b.address()).equals(fixups.get(a.address()))
                    && a.sp() == b.sp()
                    && a.user() == b.user();
            if (!a.same(b) && !sent) return false;
        }
        return true;
    }

    /**
     * Frames that the kernel wrote by hand for a task's first run: no call and no entry made them, so the shadow stack
     * cannot have them.
     */
    private boolean handMade(Link l) {
        if (!l.entry())
            return l.address() == address("return_from_fork") + 1 || l.address() == address("kernel_thread_start") + 1;
        int s = symbols.find(l.address());
        return l.user() && s >= 0 && symbols.start(s) == l.address();
    }
}
