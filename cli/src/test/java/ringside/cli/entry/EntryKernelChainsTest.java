package ringside.cli.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ringside.cli.entry.TrueChain.Link;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.state.Snapshot;
import ringside.translator.Translator;
import ringside.translator.TranslatorOptions;
import ringside.unwinder.GuestView;
import ringside.unwinder.Kind;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.unwinder.symbols.ElfImage;
import ringside.unwinder.symbols.Symbols;

/** Shadow stack and unwinders against the entry kernel's true chain, at every instruction of a run. */
class EntryKernelChainsTest {
    private static final Path FOLDER = Path.of("..", "testdata", "entrykernel");
    /** Bytes that a marker frame adds between a return address and pt_regs. */
    private static final int MARKER_BYTES = 24;
    private static final int STRIDE = 17;
    /** An instruction by which the kernel runs in the upper half, before its first task. */
    private static final long UP = 4000;

    private final TreeMap<String, String> wrong = new TreeMap<>();
    private EntryKernel kernel;
    private ElfImage image;
    private Symbols symbols;
    private Machine machine;
    private GuestView view;
    private TrueChain truth;
    private int points;

    private void start(EntryKernel.Variant v, Machine.EngineFactory engine) throws Exception {
        kernel = EntryKernel.in(FOLDER, v);
        image = ElfImage.of(Files.readAllBytes(kernel.image()));
        symbols = image.symbols();
        machine = kernel.start(engine, "");
        view = new GuestView(machine.cpu());
        truth = new TrueChain(ChainDescription.of(image), view);
    }

    /** Stops behind every {@code step}th instruction from {@code first} on, until the run ends. */
    private void walk(long first, long step, Runnable look) {
        for (long at = first; machine.run(at).reason() == Outcome.Reason.INSTRUCTION_LIMIT; at += step) {
            view.refresh();
            points++;
            look.run();
        }
    }

    private String name(long rip) {
        int s = symbols.find(rip);
        return s < 0 ? Long.toHexString(rip) : String.format("%x %s+%x", rip, symbols.name(s), rip - symbols.start(s));
    }

    // ---- shadow stack ----

    /** From and to of the kernel's table of fixups: a handler sends the interrupted code somewhere else, which the shadow stack learns at the IRET. */
    private Map<Long, Long> fixups() {
        Map<Long, Long> m = new HashMap<>();
        long from = symbols.address("__extable_start");
        ByteBuffer b = ByteBuffer.wrap(image.at(from, (int) (symbols.address("__extable_end") - from))).order(ByteOrder.LITTLE_ENDIAN);
        while (b.hasRemaining()) m.put(b.getLong(), b.getLong());
        return m;
    }

    /** Frames that the kernel wrote by hand for a task's first run: no call and no entry made them, so the shadow stack cannot have them. */
    private boolean handMade(Link l) {
        if (!l.entry()) return l.address() == symbols.address("return_from_fork") + 1 || l.address() == symbols.address("kernel_thread_start") + 1;
        int s = symbols.find(l.address());
        return l.user() && s >= 0 && symbols.start(s) == l.address();
    }

    private void compareShadow(Map<Long, Long> fixups) {
        List<Link> t = truth.links();
        List<Link> s = Chains.of(machine.cpu().shadow.chain());
        int size = t.size();
        while (size > s.size() && handMade(t.get(size - 1))) size--;
        boolean same = size == s.size();
        for (int i = 0; same && i < size; i++) {
            Link a = s.get(i);
            Link b = t.get(i);
            same = a.same(b) || a.entry() && b.entry() && Long.valueOf(b.address()).equals(fixups.get(a.address())) && a.sp() == b.sp() && a.user() == b.user();
        }
        if (!same) wrong.putIfAbsent(name(machine.cpu().rip), "\n true   " + t + "\n shadow " + s + "\n");
    }

    @ParameterizedTest
    @EnumSource
    void theShadowStackIsRightAtEveryInstructionOfTheInterpreter(EntryKernel.Variant v) throws Exception {
        start(v, Machine::interpreter);
        Map<Long, Long> fixups = fixups();
        walk(1, 1, () -> compareShadow(fixups));
        assertEquals(Map.of(), wrong);
        assertTrue(points > 40_000);
    }

    /** Stops so far apart that regions run in between, with every remainder. */
    @ParameterizedTest
    @EnumSource
    void theShadowStackIsRightAtEveryInstructionOfTheTranslator(EntryKernel.Variant v) throws Exception {
        start(v, Translator.factory(TranslatorOptions.after(2).withBackground(false)));
        Map<Long, Long> fixups = fixups();
        try (Snapshot beginning = new Snapshot()) {
            beginning.take(machine);
            for (int first = 1; first <= STRIDE; first++) {
                walk(first, STRIDE, () -> compareShadow(fixups));
                beginning.restore(machine);
            }
        }
        assertEquals(Map.of(), wrong);
        assertTrue(points > 40_000);
    }

    // ---- unwinders ----

    /** The kind of unwinding that a variant's annotation is for. */
    private static Kind kind(EntryKernel.Variant v) {
        return switch (v) {
            case none -> Kind.FRAME_POINTER;
            case marker, seed -> Kind.MARKER;
            case encoded -> Kind.ENCODED;
            case table -> Kind.TABLE;
        };
    }

    /**
     * Whether the rules of the kind promise anything here: rbp must lead on at the start and at each interrupted place, or the table must have
     * a row there. Calls from entry code need their marker.
     */
    private boolean promised(EntryKernel.Variant v, List<Link> t, List<TrueChain.Place> places, ChainDescription d) {
        for (TrueChain.Place p : places) {
            boolean known = inEntryCode(p.rip()) ? v == EntryKernel.Variant.table : p.framed();
            if (!known) return false;
        }
        for (Link l : t) {
            if (!l.entry() && inEntryCode(l.address() - 1) && !annotated(v, d.at(l.address() - 1))) return false;
        }
        return true;
    }

    private boolean inEntryCode(long address) {
        return address >= symbols.address("__entry_text_start") && address < symbols.address("__entry_text_end");
    }

    private static boolean annotated(EntryKernel.Variant v, ChainDescription.Rule call) {
        return switch (v) {
            case none -> false;
            case marker, seed -> call.kind() == ChainDescription.Kind.BOTTOM || call.kind() == ChainDescription.Kind.REGS && call.offset() == MARKER_BYTES;
            case encoded -> call.kind() != ChainDescription.Kind.HARDWARE;
            case table -> true;
        };
    }

    /** Right and reliable wherever the kind's rules promise it; never wrong without saying so. */
    @ParameterizedTest
    @EnumSource
    void unwindersAreRightWhereTheirRulesAllow(EntryKernel.Variant v) throws Exception {
        start(v, Machine::interpreter);
        ChainDescription d = ChainDescription.of(image);
        Unwinder[] u = new Unwinder[1];
        int[] counts = new int[3];
        Map<String, String> silent = new TreeMap<>();
        walk(UP, 1, () -> {
            if (machine.cpu().cpl == 3) return;
            if (u[0] == null) u[0] = new Unwinder(KernelModel.with(symbols, view));
            List<Link> t = truth.links();
            boolean promised = promised(v, t, truth.places(), d);
            Trace trace = u[0].trace(kind(v), view);
            boolean right = Chains.same(t, Chains.of(trace));
            String at = name(machine.cpu().rip);
            String seen = trace.verdict() + "\n true  " + t + "\n trace " + Chains.of(trace) + "\n";
            if (promised && !(right && trace.reliable())) wrong.putIfAbsent(at, seen);
            if (!right && trace.reliable()) silent.putIfAbsent(at, seen);
            counts[promised ? 0 : right ? 1 : 2]++;
        });
        assertTrue(counts[0] > (v == EntryKernel.Variant.none ? 2000 : 5000), counts[0] + " points promised");
        assertEquals(Map.of(), wrong, "where the rules allow");
        // a new task's rbp is 0 until its first return to user mode, and the seed's patch marks neither that nor system calls
        if (v != EntryKernel.Variant.seed) assertEquals(Map.of(), silent, "wrong and reliable");
    }
}
