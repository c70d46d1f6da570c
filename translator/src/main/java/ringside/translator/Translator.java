package ringside.translator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.cpu.Engine;
import ringside.cpu.Interrupts;
import ringside.interpreter.BlockCache;
import ringside.interpreter.Interpreter;
import ringside.interpreter.core.Block;
import ringside.machine.Core;
import ringside.machine.Machine;
import ringside.memory.GuestFault;
import ringside.translator.cache.CodeCache;
import ringside.translator.cache.RegionLoader;
import ringside.translator.cache.TranslationThread;
import ringside.translator.emit.RegionEmitter;
import ringside.translator.frontend.RegionBuilder;
import ringside.translator.frontend.RegionPlan;
import ringside.translator.region.Link;
import ringside.translator.region.Region;
import ringside.translator.region.RegionJoiner;
import ringside.translator.support.LazyFlags;

/**
 * The engine that turns hot guest code into JVM bytecode. Phases, in order:
 *
 * <ol>
 * <li><b>Profile</b>: cold blocks run in the {@link Interpreter}, which is tier 0; each entry is counted in
 *     {@link Block#entries}.
 * <li><b>Frontend</b> ({@link RegionBuilder}): at the threshold, the blocks reached from the hot one by direct branches
 *     in its page become a {@link RegionPlan}, loops included.
 * <li><b>Analysis</b> ({@link ringside.translator.analysis.FlagLiveness},
 *     {@link ringside.translator.analysis.Effects}): which flags can be seen, what a handler may touch.
 * <li><b>Emit</b> ({@link RegionEmitter}): one class with one method a region. Guest registers and lazy flags
 *     ({@link ringside.translator.support.LazyFlags}) live in JVM locals. What is not inlined calls the interpreter's
 *     handler.
 * <li><b>Cache</b> ({@link CodeCache}): found through the block at which it is entered; void when its page is written
 *     to. </ol>
 *
 * <p>Exactness: both engines retire the same instructions at the same counts. A node subtracts its instruction count
 * from a local budget on entry and leaves if it does not fit; the interpreter steps the rest. An access that misses
 * leaves; the region then stores its locals, which are those before the instruction, and the interpreter executes that
 * instruction again: it delivers the fault, reaches the device, or changes the code. So faults have one definition, the
 * interpreter's. Instructions that end a block and are no plain branch are left to it in the same way.
 *
 * <p>Code is keyed by host address (equivalent to the physical one) and mode bits, so a CR3 write drops nothing;
 * nothing a region does can change a mapping.
 */
public final class Translator implements Engine {
    /** Instructions granted to a region at a time, so that a stop request is seen soon. */
    private static final int GRANT = 1 << 20;
    /** Host nanoseconds within which a block is entered as often as the threshold says if it is hot. */
    private static final long WINDOW = 10_000_000;
    /** How many times a block is entered as often as the threshold says, at any pace, before it is translated. */
    private static final int PATIENCE = 8;

    private final Cpu cpu;
    private final BlockCache blocks;
    private final Interpreter interpreter;
    private final TranslatorOptions options;
    private static final int LONGEST_NAME = 80;

    private final RegionBuilder builder;
    private final CodeCache cache;
    private final TranslationThread thread;
    private boolean inRegion;
    /** The link by which a region was left for a place that it did not lead to, until the block there is found. */
    private Link open;
    /** RIP at the start of the first page of that region. */
    private long openBase;

    private final TranslatorStatistics statistics = new TranslatorStatistics();
    /** The engine runs. */
    private boolean running;
    /** Retired instructions are counted by region. */
    private boolean counts;
    /** The region that runs, if they are. */
    private Region current;
    /** Regions that are void by now and retired much. */
    private final List<RegionFigures> gone = new ArrayList<>();

    private static final int NOTABLE = 1000, MOST_GONE = 100;

    private Translator(Core core, TranslatorOptions options) {
        this.cpu = core.cpu();
        this.blocks = core.blocks();
        this.interpreter = core.interpreter();
        this.options = options;
        this.builder = new RegionBuilder(blocks, options.maxInstructions());
        this.cache = new CodeCache(options.cacheRegions(), this::dropped);
        this.thread = new TranslationThread(this::translate);
        core.machine().memory().addCodeListener(cache);
        core.machine().memory().addCodeListener(page -> cpu.observers.dropped(page));
        blocks.whenDropped(() -> {
            cache.dropAll();
            cpu.observers.dropped(-1);
        });
    }

    /**
     * {@return what {@link Machine} makes its engine with}
     *
     * @param options how much is translated, and when
     */
    public static Machine.EngineFactory factory(TranslatorOptions options) {
        return core -> new Translator(core, options);
    }

    /** {@return what was translated so far; it goes on counting} */
    public TranslatorStatistics statistics() {
        statistics.evictions = cache.evictions();
        statistics.regionEntries = statistics.voidEntries;
        statistics.unused = statistics.voidUnused;
        for (Region r : cache.regions()) {
            statistics.regionEntries += r.entries;
            if (r.entries == 0) statistics.unused++;
        }
        return statistics;
    }

    /** From now on it is counted which region retires what, for {@link #top} and {@link #age}. */
    public void count() {
        counts = true;
    }

    /**
     * {@return the regions that retired most, since {@link #count}, the first first}
     *
     * @param most how many at most
     */
    public List<RegionFigures> top(int most) {
        List<RegionFigures> all = new ArrayList<>(gone);
        for (Region r : cache.regions()) if (r.retired > 0) all.add(figures(r));
        all.sort(Comparator.comparingLong(f -> -f.instructions()));
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    private static RegionFigures figures(Region r) {
        return new RegionFigures(r.rip, r.retired, r.entries, r.plan().instructions());
    }

    private void dropped(Region r) {
        statistics.voidEntries += r.entries;
        if (r.entries == 0) statistics.voidUnused++;
        if (r.retired < NOTABLE) return;
        gone.add(figures(r));
        if (gone.size() > 2 * MOST_GONE) {
            gone.sort(Comparator.comparingLong(f -> -f.instructions()));
            gone.subList(MOST_GONE, gone.size()).clear();
        }
    }

    private void count(Region r, long retired, long rip) {
        r.retired += retired;
        r.rip = rip;
    }

    @Override
    public void run() {
        running = true;
        execute();
        running = false;
    }

    private void execute() {
        Cpu cpu = this.cpu;
        open = null;
        while (cpu.budget > 0 && !cpu.attention) {
            if (thread.ready()) collect();
            Block b;
            try {
                b = blocks.lookup();
            } catch (GuestFault f) {
                open = null;
                Interrupts.deliverFault(cpu);
                continue;
            }
            if (open != null) lead(open, b);
            if (b.ops.length > cpu.budget) {
                interpreter.step();
            } else if (b.compiled instanceof CodeCache.Entry e && e.region().valid()) {
                enter(e);
            } else {
                if (++b.entries >= options.translateAfter()) warm(b);
                if (b.compiled instanceof CodeCache.Entry e && e.region().valid()) {
                    enter(e);
                } else {
                    interpreter.runBlock(b);
                }
            }
        }
    }

    @Override
    public Work work() {
        return !running
                ? Work.NONE
                : inRegion ? Work.TRANSLATED : blocks.building() ? Work.DECODING : Work.INTERPRETING;
    }

    @Override
    public long age() {
        Region r = current;
        return r == null ? 0 : r.entries;
    }

    @Override
    public void step() {
        interpreter.step();
    }

    private void enter(CodeCache.Entry e) {
        Cpu cpu = this.cpu;
        long withheld = Math.max(0, cpu.budget - GRANT);
        long granted = cpu.budget - withheld;
        cpu.budget = granted;
        cpu.budgetEnd -= withheld;
        cpu.blockMode = true;
        inRegion = true;
        Region r = e.region();
        int entry = e.index();
        int offset = e.offset();
        int status;
        while (true) {
            long base = cpu.rip - offset;
            r.entries++;
            if (counts) {
                current = r;
                long before = cpu.budget, rip = cpu.rip;
                status = r.run(cpu, base, (int) before, entry);
                count(r, before - cpu.budget, rip);
            } else {
                status = r.run(cpu, base, (int) cpu.budget, entry);
            }
            if (status <= Region.STEP || cpu.attention) break;
            Link l = status == Region.RETURN ? (Link) cpu.shadow.returned() : r.link(status);
            if (l == null) break;
            if (l.back != null) cpu.shadow.expect(l.back);
            Region next = l.region;
            if (next == null
                    || next.runnable != cpu.mode
                    || !l.near && cpu.mem.execHit(cpu.codeLinear()) != l.host()
                    || cpu.nearCodeLimit()) {
                CodeCache.Entry found = known();
                if (found == null) {
                    open = l;
                    openBase = base;
                    break;
                }
                // the link leads nowhere if its own region is void
                l.lead(found.region(), found.host(), found.index(), found.offset());
                if (l.target == Link.INDIRECT) {
                    l.remember(found.region(), cpu.rip - base, found.offset());
                    if (++l.changes == options.joinAfter()) join(r, l);
                }
                r = found.region();
                entry = found.index();
                offset = found.offset();
                continue;
            }
            if (status == Region.RETURN) statistics.returns++;
            else statistics.links++;
            r = next;
            entry = l.entry();
            offset = l.offset();
        }
        inRegion = false;
        cpu.blockMode = false;
        if (cpu.flagKind != LazyFlags.AUX) {
            cpu.flagAux = LazyFlags.aux(cpu.flagKind, cpu.flagAux, cpu.flagB, cpu.flagResult);
            cpu.flagKind = LazyFlags.AUX;
        }
        statistics.retiredInRegions += granted - cpu.budget;
        cpu.budget += withheld;
        cpu.budgetEnd += withheld;
        if (status == Region.STEP) {
            statistics.steps++;
            interpreter.runFrom(r.left(), r.leftAt(), true);
        }
    }

    /** {@return the entry of a region at CS:RIP if that can be told without any effect, or null} */
    private CodeCache.Entry known() {
        if (cpu.nearCodeLimit()) return null;
        long host = cpu.mem.execHit(cpu.codeLinear());
        return host == 0 ? null : cache.at(host, cpu.mode);
    }

    /** Makes a link lead to what was found at its target. */
    private void lead(Link l, Block b) {
        open = null;
        if (!(b.compiled instanceof CodeCache.Entry e) || !e.region().valid()) return;
        l.lead(e.region(), b.host, e.index(), e.offset());
        if (l.target == Link.INDIRECT) l.remember(e.region(), cpu.rip - openBase, e.offset());
    }

    // ---- translation ----

    /**
     * A block was entered {@code translateAfter} times. It is hot if that took no longer than {@link #WINDOW}, or if it
     * is the {@link #PATIENCE}th time; most loops of a boot are over before.
     */
    private void warm(Block b) {
        if (options.background()) {
            long now = System.nanoTime();
            boolean hot = b.warmAt != 0 && now - b.warmAt < WINDOW || ++b.warmings >= PATIENCE;
            b.warmAt = now;
            b.entries = 0;
            if (!hot) return;
        }
        b.entries = Integer.MIN_VALUE;
        hot(b);
    }

    /** @return what profilers of the JVM show for code at this address; a guest can make up what it consists of */
    private String name(long la) {
        String place = cpu.observers.place(la);
        if (place == null) return Long.toHexString(la);
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < Math.min(place.length(), LONGEST_NAME); i++) {
            char c = place.charAt(i);
            s.append(c < 128 && Character.isLetterOrDigit(c) ? c : '_');
        }
        return s.toString();
    }

    private void hot(Block b) {
        if (b.host == 0 || b.nextPageHost != 0 || (b.mode & Cpu.MODE_ENDBR) != 0) return;
        RegionPlan plan = builder.plan(b, options.maxInstructions()).named(name(cpu.codeLinear()));
        for (Block s : plan.sources()) {
            if (s.heat == 0) s.heat = Math.max(0, s.entries) + s.warmings * options.translateAfter();
        }
        b.heat = Math.max(b.heat, options.translateAfter());
        if (options.background()) {
            if (thread.submit(plan)) cover(plan, b);
            else b.entries = 0;
        } else {
            install(translate(plan));
        }
    }

    /**
     * The blocks of a region in the making are about as hot as the one it was made for, but will run in that region.
     * One that is entered often from elsewhere becomes hot again, later.
     */
    private void cover(RegionPlan plan, Block root) {
        for (Block s : plan.sources()) {
            if (s == root || s.entries < 0) continue;
            s.entries = -PATIENCE * options.translateAfter();
            s.warmAt = 0;
        }
    }

    /** An indirect branch went elsewhere so often that it is worth to make one region of it and where it leads. */
    private void join(Region r, Link l) {
        if (r.joinAsked || r.plan().joined()) return;
        r.joinAsked = true;
        RegionPlan plan = RegionJoiner.plan(r);
        if (plan == null) return;
        plan = plan.named(r.plan().name());
        if (options.background()) thread.submit(plan);
        else install(translate(plan));
    }

    private void collect() {
        for (Region r; (r = thread.poll()) != null; ) install(r);
    }

    private void install(Region r) {
        if (r == null) return;
        if (!cache.install(r)) {
            statistics.voidOnArrival++;
            return;
        }
        RegionPlan p = r.plan();
        cpu.observers.translated(p.pagePa(), p.nodes().size(), p.instructions());
    }

    /** Runs on either thread; reads only what is immutable. */
    /** @return the region, or null where regions that were to be joined do not fit into one */
    private Region translate(RegionPlan wanted) {
        long start = System.nanoTime();
        RegionEmitter emitter = RegionEmitter.fitting(wanted, options.maxMethodBytes(), false);
        RegionPlan plan = emitter.plan();
        if (plan.joined() && emitter.size() > options.maxMethodBytes()) return null;
        if (plan.joined()) statistics.joined++;
        else if (plan != wanted) statistics.tooLarge++;
        RegionEmitter.Result code = emitter.emit();
        Region r = RegionLoader.define(plan, code);
        statistics.regions++;
        statistics.blocks += plan.nodes().size();
        statistics.guestInstructions += plan.instructions();
        statistics.handlerCalls += code.ops().length;
        statistics.classBytes += r.bytes();
        statistics.translationNanos += System.nanoTime() - start;
        return r;
    }

    @Override
    public void close() {
        thread.close();
    }

    @Override
    public void report(java.util.function.BiConsumer<String, String> line) {
        statistics().figures().forEach((name, value) -> line.accept(name, String.valueOf(value)));
    }
}
