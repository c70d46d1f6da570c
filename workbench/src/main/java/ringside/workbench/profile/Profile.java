package ringside.workbench.profile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import one.convert.Arguments;
import one.convert.FlameGraph;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.KernelModel;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.run.KnownKernel;

/**
 * The profile of a part of a run: entry paths, functions and stacks, by names of the guest's kernel where they are
 * known.
 */
public final class Profile {
    /** Instructions between two attempts to find the kernel's symbols, until they are there. */
    private static final long LOOK = 5_000_000;

    static final String UNKNOWN = "[unknown]", USER = "[user]";

    private final Recorder recorder;
    private final Symbols symbols;
    private final EntryNames names;

    private Profile(Recorder recorder, Symbols symbols, EntryNames names) {
        this.recorder = recorder;
        this.symbols = symbols;
        this.names = names;
    }

    /**
     * Profiles a machine from where it stands.
     *
     * @param limit instruction count at which it ends
     * @param distance instructions between two looks at the stack; 0 for no stacks
     * @param outcome how the run ended is put into its first element
     */
    public static Profile of(Machine machine, KnownKernel known, long limit, long distance, Outcome[] outcome) {
        Recorder r = new Recorder(distance);
        GuestView view = new GuestView(machine.cpu());
        KernelModel model = null;
        machine.cpu().observers.add(r);
        try {
            do {
                long next =
                        model != null ? limit : Math.min(limit, machine.cpu().instructions() + LOOK);
                outcome[0] = machine.run(next);
                if (model == null) {
                    model = known.model(machine, view);
                    if (model != null) r.learn(model.symbols());
                }
            } while (outcome[0].reason() == Outcome.Reason.INSTRUCTION_LIMIT
                    && machine.cpu().instructions() < limit);
        } finally {
            machine.cpu().observers.remove(r);
        }
        view.refresh();
        Symbols s = model != null ? model.symbols() : known.modelNow(view).symbols();
        return new Profile(r, s, EntryNames.of(machine.cpu(), view, s));
    }

    /** A kind of entry with its name. */
    public record Entry(String name, EntryKey key, EntryStatistics statistics) {}

    /** @return the kinds of entries, the one with most instructions first */
    public List<Entry> entries() {
        List<Entry> rows = new ArrayList<>();
        recorder.entries().forEach((k, s) -> rows.add(new Entry(names.name(k), k, s)));
        rows.sort(Comparator.comparingLong((Entry e) -> e.statistics().own()).reversed());
        return rows;
    }

    /** Instructions of one function, or of all code that has none. */
    public record Function(String name, long instructions) {}

    /** @return the functions, the one with most instructions first; their sum is {@link #retired} */
    public List<Function> functions() {
        Map<String, long[]> sums = new HashMap<>();
        recorder.places().forEach((rip, n) -> sums.computeIfAbsent(function(rip), k -> new long[1])[0] += n[0]);
        List<Function> rows = new ArrayList<>();
        sums.forEach((name, n) -> rows.add(new Function(name, n[0])));
        rows.sort(Comparator.comparingLong(Function::instructions).reversed().thenComparing(Function::name));
        return rows;
    }

    private String function(long address) {
        if (address >= 0) return address == 0 ? UNKNOWN : USER;
        int i = symbols.find(address);
        return i < 0 ? UNKNOWN : symbols.name(i);
    }

    /**
     * @return retired instructions; each is counted in exactly one function, and in one of {@link #user},
     *     {@link #kernel} or an entry's own
     */
    public long retired() {
        return recorder.retired();
    }

    /** @return how many of them translated code executed */
    public long translated() {
        return recorder.translated();
    }

    public long user() {
        return recorder.user();
    }

    public long kernel() {
        return recorder.kernel();
    }

    public long unmatched() {
        return recorder.unmatched();
    }

    /**
     * @return stacks as flame graph tools take them: frames from the outermost on, separated by semicolons, and
     *     instructions
     */
    public String collapsed() {
        Map<String, Long> lines = new LinkedHashMap<>();
        recorder.stacks((addresses, n) -> lines.merge(line(addresses), n, Long::sum));
        StringBuilder s = new StringBuilder();
        lines.forEach((line, n) -> s.append(line).append(' ').append(n).append('\n'));
        return s.toString();
    }

    private String line(long[] addresses) {
        StringBuilder s = new StringBuilder();
        String last = null;
        for (int i = addresses.length; i-- > 0; ) {
            long a = addresses[i];
            boolean entry = (a & 0xffL << 56) == Recorder.ENTRY_FRAME;
            String frame = entry ? frame((int) (a >> Recorder.KIND) & 0xff, (short) a) : function(a);
            // user code and code without names: one frame however deep
            if (frame.equals(last) && frame.startsWith("[")) continue;
            if (!s.isEmpty()) s.append(';');
            s.append(frame);
            last = frame;
        }
        return s.toString();
    }

    private static String frame(int kind, int vector) {
        return switch (ShadowEntry.Kind.values()[kind]) {
            case INTERRUPT -> "<IRQ>";
            case NMI -> "<NMI>";
            case EXCEPTION -> "<" + EntryNames.exception(vector) + ">";
            case SOFTWARE_INTERRUPT -> "<INT " + Integer.toHexString(vector) + "h>";
            default -> "<SYSCALL>";
        };
    }

    /** @return a page of its own with the flame graph of the stacks, for a browser */
    public String flameGraph(String title) throws IOException {
        Arguments a = new Arguments();
        a.title = title;
        FlameGraph graph = new FlameGraph(a);
        graph.parseCollapsed(new StringReader(collapsed()));
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        graph.dump(new PrintStream(page, true, StandardCharsets.UTF_8));
        return page.toString(StandardCharsets.UTF_8);
    }
}
