package ringside.workbench.jfr;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import ringside.cpu.Cpu;
import ringside.cpu.Observer;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.KernelModel;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Vectors;

/**
 * Writes what a guest does into a recording of the JDK's Flight Recorder, so that JDK Mission Control shows guest and
 * JVM on one time line: translated code installed and dropped, entries with how long their handlers took, and the run
 * itself. Listens only while something records; it changes nothing in the guest.
 */
public final class FlightEvents implements Observer, AutoCloseable {
    /** Entries that are followed to their return; a guest may nest them for ever. */
    private static final int MOST_OPEN = 64;

    /** Translated code was installed. */
    @Name("ringside.Translation")
    @Label("Translation installed")
    @Category({"Ringside", "Translator"})
    @StackTrace(false)
    static final class Translation extends Event {
        @Label("Guest Instruction")
        @Description("instructions that the guest had retired")
        long at;

        @Label("Physical Page")
        long page;

        @Label("Blocks")
        int blocks;

        @Label("Instructions")
        int instructions;
    }

    /** Translated code was dropped. */
    @Name("ringside.TranslationDropped")
    @Label("Translation dropped")
    @Category({"Ringside", "Translator"})
    @StackTrace(false)
    static final class Dropped extends Event {
        @Label("Guest Instruction")
        long at;

        @Label("Physical Page")
        @Description("the page that was written to; -1: all code")
        long page;
    }

    /** From an entry to its return. */
    @Name("ringside.GuestEntry")
    @Label("Guest entry")
    @Category({"Ringside", "Guest"})
    @StackTrace(false)
    static final class Entry extends Event {
        @Label("Guest Instruction")
        long at;

        @Label("Kind")
        String kind;

        @Label("Vector")
        String vector;

        @Label("From User Mode")
        boolean user;

        @Label("Instructions")
        @Description("from the entry to its return, nested ones included")
        long instructions;

        private long sp;
    }

    /** A run of the machine. */
    @Name("ringside.Run")
    @Label("Run")
    @Category("Ringside")
    @StackTrace(false)
    static final class Run extends Event {
        @Label("Kernel")
        String kernel;

        @Label("From Guest Instruction")
        long from;

        @Label("To Guest Instruction")
        long to;
    }

    private static final long LOOK = 20_000_000;

    private final Machine machine;
    private final Deque<Entry> open = new ArrayDeque<>();
    private final Run run = new Run();
    private final boolean on;
    private final Supplier<KnownKernel> known;
    private final GuestView view;
    private KernelModel model;
    /** The kernel's symbols are looked for when so many instructions are retired, then at twice as many. */
    private long look;

    /**
     * Begins to listen, if something records.
     *
     * @param kernel for the run's event
     * @param known for the names of translated code; asked for if something records
     */
    public FlightEvents(Machine machine, String kernel, Supplier<KnownKernel> known) {
        this.machine = machine;
        this.known = known;
        view = new GuestView(machine.cpu());
        on = FlightRecorder.isInitialized()
                && FlightRecorder.getFlightRecorder().getRecordings().stream()
                        .anyMatch(r -> r.getState() == jdk.jfr.RecordingState.RUNNING);
        if (!on) return;
        run.kernel = kernel;
        run.from = machine.cpu().instructions();
        run.begin();
        machine.cpu().observers.add(this);
    }

    @Override
    public Set<Interest> interests() {
        return EnumSet.of(Interest.ENTRIES, Interest.TRANSLATIONS);
    }

    @Override
    public String place(Cpu cpu, long la) {
        if (model == null) {
            if (cpu.instructions() < look) return null;
            look = cpu.instructions() + Math.min(LOOK, cpu.instructions());
            model = known.get().model(machine, view);
            if (model == null) return null;
        }
        return model.symbolsAt(la).find(la) < 0 ? null : model.describe(la, true);
    }

    @Override
    public void translated(Cpu cpu, long pa, int blocks, int instructions) {
        Translation t = new Translation();
        t.at = cpu.instructions();
        t.page = pa;
        t.blocks = blocks;
        t.instructions = instructions;
        t.commit();
    }

    @Override
    public void dropped(Cpu cpu, long pa) {
        Dropped d = new Dropped();
        d.at = cpu.instructions();
        d.page = pa;
        d.commit();
    }

    @Override
    public void entered(Cpu cpu, ShadowEntry.Kind kind, int vector, long from, long sp, boolean user) {
        if (user) open.clear();
        if (open.size() >= MOST_OPEN) return;
        Entry e = new Entry();
        e.at = cpu.instructions();
        e.kind = kind.name().toLowerCase(Locale.ROOT);
        e.vector = vector < 0 ? "" : Vectors.name(vector);
        e.user = user;
        e.sp = sp;
        e.begin();
        open.push(e);
    }

    @Override
    public void returned(Cpu cpu, boolean user) {
        Entry e = open.peek();
        if (e == null || e.sp != cpu.stackLinear() || e.user != user) return;
        open.pop();
        e.instructions = cpu.instructions() - e.at;
        e.commit();
    }

    /** Listens no more. */
    @Override
    public void close() {
        if (!on) return;
        machine.cpu().observers.remove(this);
        run.to = machine.cpu().instructions();
        run.commit();
    }
}
