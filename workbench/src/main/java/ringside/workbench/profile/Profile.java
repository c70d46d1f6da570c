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
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.KernelModel;
import ringside.unwinder.symbols.Symbols;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.SourceFile;
import ringside.workbench.run.Stops;

/**
 * The profile of a part of a run: entry paths, functions, tasks, stacks and a time line, by names of the guest's kernel
 * where they are known.
 */
public final class Profile {
    /**
     * Instructions between two attempts to find the kernel's symbols, at first and at most, and to read names when they
     * are there.
     */
    private static final long FIRST_LOOK = 1_000, LOOK = 5_000_000, NAMES = 200_000_000;

    static final String UNKNOWN = "[unknown]", USER = "[user", BOOT = "[boot]", OTHERS = "[others]";

    /**
     * What is to be counted.
     *
     * @param distance instructions between two looks at the stack; 0 for no stacks
     * @param entriesOnly count entries and what they cost alone, which is cheaper
     * @param programs files of user programs
     * @param lines where the kernel's functions stand in the source; may know none
     */
    public record Settings(long distance, boolean entriesOnly, Programs programs, SourceFile lines) {
        /** @return with stacks, and no files */
        public static Settings stacks(long distance) {
            return new Settings(distance, false, Programs.none(), SourceFile.NONE);
        }
    }

    private final Recorder recorder;
    private final KernelModel model;
    private final EntryNames names;
    private final SourceFile source;
    private final long hostNanos;

    private Profile(Recorder recorder, KernelModel model, EntryNames names, SourceFile source, long hostNanos) {
        this.recorder = recorder;
        this.model = model;
        this.names = names;
        this.source = source;
        this.hostNanos = hostNanos;
    }

    /**
     * Profiles a machine from where it stands.
     *
     * @param limit instruction count at which it ends
     * @param distance instructions between two looks at the stack; 0 for no stacks
     * @param outcome how the run ended is put into its first element
     */
    public static Profile of(Machine machine, KnownKernel known, long limit, long distance, Outcome[] outcome) {
        try {
            return of(machine, known, machine::run, limit, Settings.stacks(distance), outcome);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param runner runs the machine up to an instruction */
    public static Profile of(
            Machine machine, KnownKernel known, Stops.Runner runner, long limit, Settings settings, Outcome[] outcome)
            throws IOException {
        GuestView view = new GuestView(machine.cpu());
        EntryNames names = new EntryNames();
        Recorder r = new Recorder(machine, settings.distance(), !settings.entriesOnly(), settings.programs());
        long began = System.nanoTime();
        KernelModel model = null;
        long look = FIRST_LOOK;
        machine.cpu().observers.add(r);
        try {
            do {
                if (model == null) {
                    model = known.model(machine, view);
                    if (model != null && model.symbols().count() == 0) model = null;
                    if (model != null) r.learn(model);
                }
                if (model != null && machine.cpu().cpl == 0) names.read(machine.cpu(), view, model);
                long next = Math.min(limit, machine.cpu().instructions() + (model == null ? look : NAMES));
                look = Math.min(LOOK, 2 * look);
                outcome[0] = runner.run(next);
            } while (outcome[0].reason() == Outcome.Reason.INSTRUCTION_LIMIT
                    && machine.cpu().instructions() < limit);
        } finally {
            machine.cpu().observers.remove(r);
        }
        long nanos = System.nanoTime() - began;
        r.finish();
        view.refresh();
        if (model == null) {
            model = known.modelNow(view);
            r.learn(model);
        }
        names.read(machine.cpu(), view, model);
        return new Profile(r, model, names, settings.lines(), nanos);
    }

    /** A kind of entry with its name. */
    public record Entry(String name, EntryKey key, EntryStatistics statistics) {}

    /** @return the kinds of entries, the one with most instructions first */
    public List<Entry> entries() {
        List<Entry> rows = new ArrayList<>();
        recorder.entries().forEach((k, s) -> rows.add(new Entry(names.name(k), k, s)));
        rows.sort(Comparator.comparingLong((Entry e) -> e.statistics().own())
                .reversed()
                .thenComparing(Entry::name));
        return rows;
    }

    String name(EntryKey k) {
        return names.name(k);
    }

    /**
     * Instructions of one function, or of all code that has none.
     *
     * @param translated how many of them translated code executed
     */
    public record Function(String name, long instructions, long translated) {}

    /** @return the functions, the one with most instructions first; their sum is {@link #retired} */
    public List<Function> functions() {
        Map<String, long[]> sums = new HashMap<>();
        Blocks b = recorder.blocks();
        for (int n = 0; n < b.size(); n++) {
            if (b.instructions(n) == 0) continue;
            long[] s = sums.computeIfAbsent(function(b, n), k -> new long[2]);
            s[0] += b.instructions(n);
            s[1] += b.translated(n);
        }
        List<Function> rows = new ArrayList<>();
        sums.forEach((name, n) -> rows.add(new Function(name, n[0], n[1])));
        rows.sort(Comparator.comparingLong(Function::instructions).reversed().thenComparing(Function::name));
        return rows;
    }

    private String function(Blocks b, int n) {
        if (n == 0) return OTHERS;
        if (b.space(n) > 0) return user(recorder.program(b.space(n)), b.rip[n]);
        return function(b.rip[n]);
    }

    private static String user(Programs.Program program, long address) {
        if (program.comm().equals("?")) return USER + "]";
        String f = program.function(address);
        return USER + " " + program.comm() + "]" + (f == null ? "" : " " + f);
    }

    /** @param address of kernel code */
    String function(long address) {
        Symbols s = model.symbolsAt(address);
        int i = s.find(address);
        if (i >= 0) return EntryNames.shortened(s.name(i));
        // the code that unpacks a kernel runs below it
        return address >= 0 && model.symbols().count() > 0 ? BOOT : UNKNOWN;
    }

    /** @return {@code function+0x12}, or a number */
    String place(long address) {
        Symbols s = model.symbolsAt(address);
        int i = s.find(address);
        if (i < 0) return String.format("0x%x", address);
        return EntryNames.shortened(s.name(i))
                + (address == s.start(i) ? "" : String.format("+0x%x", address - s.start(i)));
    }

    /** @param source "kernel/exit.c:806", or empty */
    record Line(long offset, String text, long count, String source) {}

    /** @return whether functions were counted, and not entries alone */
    public boolean full() {
        return recorder.full();
    }

    /** Instructions of one line of the source, {@link #NO_LINE} for all that has none. */
    public record SourceLine(String line, long instructions) {}

    static final String NO_LINE = "(no line known)";

    /**
     * @return lines of the kernel's source, the one with most instructions first; their sum is {@link #retired}. Empty
     *     if no lines are known
     */
    public List<SourceLine> lines() {
        if (source == SourceFile.NONE) return List.of();
        Map<String, Long> sums = new HashMap<>();
        Map<Long, String> known = new HashMap<>();
        Blocks b = recorder.blocks();
        Instruction in = new Instruction();
        long rest = retired();
        for (int n = 1; n < b.size(); n++) {
            if (b.space(n) > 0 || b.code[n] == null || b.count[n] == 0) continue;
            int at = 0;
            for (int i = 0; i < b.length(n) && at < b.code[n].length; i++) {
                if (Decoder.decode(b.code[n], at, b.code[n].length, 64, in) <= 0) break;
                String line = known.computeIfAbsent(b.rip[n] + at, a -> source.at(model, a));
                at += in.length;
                if (line.isEmpty()) continue;
                sums.merge(line, b.count[n], Long::sum);
                rest -= b.count[n];
            }
        }
        if (rest > 0) sums.put(NO_LINE, rest);
        List<SourceLine> rows = new ArrayList<>();
        sums.forEach((line, n) -> rows.add(new SourceLine(line, n)));
        rows.sort(Comparator.comparingLong(SourceLine::instructions).reversed().thenComparing(SourceLine::line));
        return rows;
    }

    /**
     * A run of instructions behind which translated code was left for the interpreter.
     *
     * @param last its last instruction
     * @param events how often because an interrupt, exception or system call came, or one returned
     * @param others how often because what came next was not translated
     * @param way how execution went on then
     */
    public record Left(String place, String last, long events, long others, String way) {}

    /** @return where translated code was left, the most frequent first */
    public List<Left> left() {
        List<Left> rows = new ArrayList<>();
        Blocks b = recorder.blocks();
        Instruction in = new Instruction();
        for (int n = 1; n < b.size(); n++) {
            if (b.exits[n] == null || b.space(n) > 0 || b.code[n] == null) continue;
            int at = 0, length = 0;
            while (at < b.code[n].length && Decoder.decode(b.code[n], at, b.code[n].length, 64, in) > 0) {
                length = in.length;
                at += length;
            }
            if (length == 0 || Decoder.decode(b.code[n], at - length, at, 64, in) <= 0) continue;
            long address = b.rip[n] + at - length;
            rows.add(new Left(
                    place(address),
                    text(in, address),
                    b.exits[n][Blocks.Exit.EVENT.ordinal()],
                    b.exits[n][Blocks.Exit.NEXT.ordinal()],
                    way(in)));
        }
        rows.sort(Comparator.comparingLong((Left l) -> -l.events() - l.others()).thenComparing(Left::place));
        return rows;
    }

    private static String way(Instruction in) {
        if (in.operandCount > 0 && in.kind[0] == Instruction.REL) return "direct, to code that is not translated";
        return switch (in.mnemonic) {
            case RET, JMP, CALL -> "indirect, to code that is not translated";
            default -> "straight on, one instruction at a time or not translated";
        };
    }

    /**
     * @param which names of functions
     * @return their instructions with counts, by function, in order of address
     */
    Map<String, List<Line>> listings(java.util.function.Predicate<String> which) {
        Map<String, Map<Long, long[]>> counts = new LinkedHashMap<>();
        Map<Long, byte[]> code = new HashMap<>();
        Blocks b = recorder.blocks();
        Instruction in = new Instruction();
        for (int n = 1; n < b.size(); n++) {
            if (b.space(n) > 0 || b.code[n] == null) continue;
            int at = 0;
            for (int i = 0; i < b.length(n) && at < b.code[n].length; i++) {
                if (Decoder.decode(b.code[n], at, b.code[n].length, 64, in) <= 0) break;
                long address = b.rip[n] + at;
                byte[] bytes = java.util.Arrays.copyOfRange(b.code[n], at, at + in.length);
                at += in.length;
                // a run may go on into code that has another name
                String f = function(address);
                if (f.startsWith("[") || !which.test(f)) continue;
                counts.computeIfAbsent(f, k -> new java.util.TreeMap<>())
                                .computeIfAbsent(address, k -> new long[1])[0] +=
                        b.count[n];
                code.putIfAbsent(address, bytes);
            }
        }
        Map<String, List<Line>> result = new LinkedHashMap<>();
        counts.forEach((f, lines) -> {
            List<Line> rows = new ArrayList<>();
            lines.forEach((address, count) -> {
                byte[] bytes = code.get(address);
                Decoder.decode(bytes, 0, bytes.length, 64, in);
                Symbols s = model.symbolsAt(address);
                int i = s.find(address);
                rows.add(new Line(
                        i < 0 ? address : address - s.start(i),
                        text(in, address),
                        count[0],
                        source.at(model, address)));
            });
            result.put(f, rows);
        });
        return result;
    }

    /** @return an instruction, the target of a branch by its name */
    private String text(Instruction in, long address) {
        String t = Formatter.format(in, address);
        if (in.operandCount == 0 || in.kind[0] != Instruction.REL) return t;
        int space = t.lastIndexOf(' ');
        return (space < 0 ? t : t.substring(0, space)) + " " + place(address + in.length + in.imm);
    }

    /** @return whether a function is entry code, by the kernel's own bounds of it */
    boolean isEntry(String function) {
        Long a = model.symbols().address(function);
        return a != null && model.isEntry(a);
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
        long sum = 0;
        for (int n = 0; n < recorder.blocks().size(); n++)
            sum += recorder.blocks().translated(n);
        return sum;
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

    /** @return host time of the run, that of the profiler included */
    public long hostNanos() {
        return hostNanos;
    }

    /** @return tasks with what they did, the busiest first; they leave out what ran before tasks were known */
    public List<TaskRow> tasks() {
        List<TaskRow> rows = new ArrayList<>();
        recorder.tasks().forEach(rows::add);
        rows.sort(
                Comparator.comparingLong((TaskRow t) -> -t.user() - t.kernel()).thenComparing(TaskRow::pid));
        return rows;
    }

    Recorder recorder() {
        return recorder;
    }

    /** @return stretches with interrupts off, and what is known of them */
    public Stretches interruptsOff() {
        return recorder.interruptsOff();
    }

    /** @return stretches with preemption forbidden by the kernel's count */
    public Stretches preemptionOff() {
        return recorder.preemptionOff();
    }

    /** @return what is to be known of the stretches with preemption off, or null */
    public String preemptionNote() {
        return recorder.preemptionNote();
    }

    /** Takes a stack: frames from the outermost on. */
    @FunctionalInterface
    interface NamedStacks {
        void stack(List<String> frames, long instructions);
    }

    void stacks(NamedStacks each) {
        Map<List<String>, Long> merged = new LinkedHashMap<>();
        recorder.stacks((addresses, program, n) -> merged.merge(named(addresses, program), n, Long::sum));
        merged.forEach(each::stack);
    }

    /**
     * @return stacks as flame graph tools take them: frames from the outermost on, separated by semicolons, and
     *     instructions
     */
    public String collapsed() {
        StringBuilder s = new StringBuilder();
        stacks((frames, n) ->
                s.append(String.join(";", frames)).append(' ').append(n).append('\n'));
        return s.toString();
    }

    List<String> named(long[] addresses, Programs.Program program) {
        List<String> frames = new ArrayList<>();
        String last = null;
        for (int i = addresses.length; i-- > 0; ) {
            long a = addresses[i];
            boolean entry = (a & 0xffL << 56) == Recorder.ENTRY_FRAME;
            String frame = entry ? frame((int) (a >> Recorder.KIND) & 0xff, (short) a) : function(a);
            // below the outermost entry, or without one, an address of the lower half is the program's
            if (!entry && frame.equals(BOOT) && program != Programs.NONE) frame = user(program, a);
            // user code and code without names: one frame however deep
            if (frame.equals(last) && frame.startsWith("[")) continue;
            frames.add(frame.replace(';', ':'));
            last = frame;
        }
        return frames;
    }

    private static String frame(int kind, int vector) {
        ShadowEntry.Kind[] kinds = ShadowEntry.Kind.values();
        return switch (kinds[Math.min(kind, kinds.length - 1)]) {
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
