package ringside.workbench.crash;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.Flags;
import ringside.cpu.Vector;
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.shadow.ShadowEntry;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.workbench.crash.FaultChain.Event;
import ringside.workbench.log.Names;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.SourceFile;

/**
 * Why a run ended badly, for people: one sentence, the first fault of the chain with its code and registers, the call
 * traces, the last events, and how to get back to just before it. Reads the guest without side effects; every list has
 * an end, whatever the guest's memory holds.
 */
public final class CrashReport {
    private static final String[] REGISTERS = {
        "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"
    };
    private static final int BEFORE = 5, BEHIND = 4, FRAMES = 24, FARTHEST = 4096;
    /** Instructions by which the command line goes back. */
    private static final int BACK = 50;

    /** Instructions without any event after which a guest with interrupts off is taken to hang. */
    private static final long SILENCE = 10_000_000;
    /** Functions whose frame says that the kernel has given up, or is about to say what went wrong. */
    private static final Set<String> GIVEN_UP =
            Set.of("panic", "nmi_panic", "make_task_dead", "oops_end", "die", "__die", "df_debug");

    /**
     * What is known of a run.
     *
     * @param lines where functions stand in the source; may know none
     * @param alarm what the kernel said on its console
     * @param again the command that was given, with which the way back begins
     */
    public record Run(
            Machine machine, KnownKernel known, SourceFile lines, FaultChain chain, ConsoleAlarm alarm, String again) {}

    private final Cpu cpu;
    private final FaultChain chain;
    private final ConsoleAlarm alarm;
    private final SourceFile lines;
    private final Names names;
    private final GuestView view;
    private final KernelModel kernel;
    private final StringBuilder out = new StringBuilder();
    /** Width of the code that is shown. */
    private int bits;

    private CrashReport(Run run) {
        this.cpu = run.machine.cpu();
        this.chain = run.chain;
        this.alarm = run.alarm;
        this.lines = run.lines;
        this.names = new Names(run.machine, run.known);
        this.view = names.view();
        KernelModel k = names.kernel();
        this.kernel = k != null ? k : run.known.modelNow(view);
    }

    /** The report of a run that has ended. */
    public static String of(Run run, Outcome outcome) {
        CrashReport r = new CrashReport(run);
        Event first = r.alarm.happened() ? r.alarm.fault() : r.chain.first();
        r.line("%s", r.sentence(outcome, first));
        if (first != null) r.fault(first);
        else if (!r.alarm.happened()) r.here();
        r.said();
        // where a machine was switched off says nothing of what went wrong before
        if (outcome.reason() != Outcome.Reason.POWER_OFF) r.traces("where it ended");
        r.events();
        r.line("Back to just before it: %s --log insn,exception,int --log-from %d", run.again, r.before(first));
        return r.out.toString();
    }

    /**
     * The report of a stop in the middle of a run.
     *
     * @param stop what it stopped at
     */
    public static String at(Run run, String stop) {
        CrashReport r = new CrashReport(run);
        Event first = r.chain.first();
        r.line(
                "Stopped at %s, after %,d instructions%s%s",
                stop,
                r.cpu.instructions(),
                first == null ? "" : "; open is " + r.describe(first) + " at " + r.place(first.rip()),
                r.alarm.happened() ? "; the kernel has said '" + r.alarm.text() + "'" : "");
        if (first != null) r.fault(first);
        if (first == null || first.instruction() != r.cpu.instructions()) r.here();
        r.said();
        r.traces("here");
        r.events();
        r.line("Back to just before it: %s --at-instruction %d --code", run.again, r.before(first));
        return r.out.toString();
    }

    private long before(Event first) {
        long at = first != null ? first.instruction() : alarm.happened() ? alarm.instruction() : cpu.instructions();
        return Math.max(1, at - BACK);
    }

    /**
     * @return whether a run that ended so wants a report: not one that ended as the guest or the user wished, unless
     *     its kernel said or shows that it is broken
     */
    public static boolean explains(Run run, Outcome o) {
        if (run.alarm.happened()) return true;
        return switch (o.reason()) {
            case TRIPLE_FAULT, HALTED_FOREVER, STOPPED -> true;
            case INSTRUCTION_LIMIT -> hangs(run.machine.cpu(), run.chain);
            case RESET -> new CrashReport(run).givenUp() != null;
            default -> false;
        };
    }

    /** @return whether nothing but an NMI can get the guest out of where it has been for long */
    private static boolean hangs(Cpu cpu, FaultChain chain) {
        return (cpu.rflags() & Flags.IF) == 0 && cpu.instructions() - chain.latest() >= SILENCE;
    }

    /** @return the frame of the function in which the kernel has given up, with the one that called it; or null */
    private String givenUp() {
        Iterator<ShadowEntry> i = cpu.shadow.chain().iterator();
        String inner = names.symbol(cpu.codeLinear());
        for (int n = 0; n < FRAMES; n++) {
            boolean call = i.hasNext();
            ShadowEntry e = call ? i.next() : null;
            String f = inner == null ? "" : inner.replaceFirst("\\+0x.*", "");
            if (GIVEN_UP.contains(f)) return e == null ? f + "()" : f + "(), called at " + place(e.address() - 1);
            if (e == null) return null;
            inner = names.symbol(e.address() - 1);
        }
        return null;
    }

    private void line(String format, Object... values) {
        out.append(String.format(format, values).stripTrailing()).append('\n');
    }

    private String place(long address) {
        String s = names.symbol(address);
        if (s == null) {
            int i = kernel.symbols().find(address);
            if (i >= 0)
                s = kernel.symbols().name(i) + "+0x"
                        + Long.toHexString(address - kernel.symbols().start(i));
        }
        if (s == null) return String.format("0x%x", address);
        String line = lines.at(kernel, address);
        return String.format(
                "0x%x <%s>%s",
                address, s.length() > 120 ? s.substring(0, 120) : s, line.isEmpty() ? "" : " (" + line + ")");
    }

    private String describe(Event e) {
        String code = e.error() < 0 ? "" : String.format(", error code %x", e.error());
        String meaning = e.error() < 0 ? null : Names.errorCode(e.vector(), e.error());
        return names.vector(e.vector())
                + (e.software() ? " by instruction" : "")
                + code
                + (meaning == null ? "" : " (" + meaning + ")")
                + (e.vector() == 14 ? String.format(", CR2 %x", e.cr2()) : "");
    }

    private String sentence(Outcome o, Event first) {
        if (alarm.happened() && o.reason() != Outcome.Reason.TRIPLE_FAULT) {
            return String.format(
                    "The kernel said '%s' after %,d instructions%s",
                    alarm.text(),
                    alarm.instruction(),
                    first == null ? "" : "; it began with " + describe(first) + " at " + place(first.rip()));
        }
        String gaveUp = givenUp();
        if (gaveUp != null && o.reason() != Outcome.Reason.TRIPLE_FAULT)
            return "The kernel has given up: it is in " + gaveUp
                    + (first == null ? "" : "; it began with " + describe(first) + " at " + place(first.rip()));
        String cause = first == null ? "" : "; it began with " + describe(first) + " at " + place(first.rip());
        return switch (o.reason()) {
            case TRIPLE_FAULT ->
                String.format("Triple fault: %s while delivering #DF%s", names.vector(cpu.faultVector), cause);
            case HALTED_FOREVER ->
                String.format(
                        "The guest halted for good at %s: nothing is left that could wake it%s",
                        place(cpu.codeLinear()), cause);
            default ->
                String.format(
                        "The guest %s; it %s at %s, CPL %d, interrupts %s; the last event, system call or return was"
                                + " %,d instructions ago%s",
                        hangs(cpu, chain) ? "hangs" : "did not come to an end",
                        cpu.halted ? "waits" : "runs",
                        place(cpu.codeLinear()),
                        cpu.cpl,
                        (cpu.rflags() & Flags.IF) == 0 ? "off" : "on",
                        cpu.instructions() - chain.latest(),
                        cause);
        };
    }

    private void fault(Event e) {
        line("First fault: %s, after %,d instructions, CPL %d", describe(e), e.instruction(), e.cpl());
        line("RIP: %s", place(e.rip()));
        bits = bits(e.mode());
        GuestView there = view.elsewhere(e.cr3(), e.rip(), e.gpr()[Cpu.RSP], e.gpr()[Cpu.RBP]);
        code(there, e.rip());
        if (e.vector() == Vector.UD) undefined(there, e);
        swapped(there, e);
        registers(there, e.gpr());
    }

    private void undefined(GuestView there, Event e) {
        byte[] bytes = new byte[Instruction.MAX_LENGTH];
        int have = there.read(e.rip(), bytes, 0, bytes.length);
        line("#UD: %s", UndefinedReason.of(bytes, have, e.mode(), bits, cpu.model));
    }

    private static int bits(int mode) {
        int m = mode & Cpu.MODE_MASK;
        return m == Cpu.MODE_64 ? 64 : m == Cpu.MODE_32 ? 32 : 16;
    }

    /** Says what is wrong with GS, if that is what the kernel fell over. */
    private void swapped(GuestView there, Event e) {
        Instruction in = decoded(there, e.rip());
        if (e.cpl() == 3 || e.gsBase() < 0 || in == null) return;
        if (in.memoryOperand() < 0 || in.memSegment != Instruction.GS) return;
        line("GS base: %x, not the kernel's: a swapgs was left out, or was one too many", e.gsBase());
        FaultChain.Unswapped u = chain.unswapped();
        if (u == null) return;
        line(
                "The first return to user code with the kernel's GS base: after %,d instructions, from %s (%s), to"
                        + " 0x%x",
                u.instruction(),
                place(u.handler()),
                u.vector() < 0 ? u.kind().toString() : names.vector(u.vector()),
                u.to());
    }

    /** The call chain of the moment when the kernel said that it is broken. */
    private void said() {
        if (alarm.calls().isEmpty()) return;
        line("Call trace when it said so (shadow stack):");
        for (ShadowEntry c : alarm.calls()) {
            if (c.kind() == ShadowEntry.Kind.CALL) line(" %s", place(c.address() - 1));
            else line(" <%s%s> %s", c.kind(), c.vector() < 0 ? "" : " " + names.vector(c.vector()), place(c.address()));
        }
    }

    private void here() {
        bits = bits(cpu.mode);
        line("RIP: %s, CPL %d", place(cpu.codeLinear()), cpu.cpl);
        code(view, cpu.codeLinear());
        registers(view, cpu.gpr);
    }

    private void code(GuestView there, long rip) {
        List<String> before = new ArrayList<>();
        int i = kernel.symbols().find(rip);
        long at = i < 0 || rip - kernel.symbols().start(i) > FARTHEST
                ? rip
                : kernel.symbols().start(i);
        while (Long.compareUnsigned(at, rip) < 0) {
            Instruction in = decoded(there, at);
            if (in == null) break;
            before.add(text(in, at));
            if (before.size() > BEFORE) before.removeFirst();
            at += in.length;
        }
        if (at == rip) before.forEach(l -> line("   %s", l));
        at = rip;
        for (int k = 0; k <= BEHIND; k++) {
            Instruction in = decoded(there, at);
            if (in == null) {
                line("%s%016x  (no instruction, or not mapped)", k == 0 ? "=> " : "   ", at);
                return;
            }
            line("%s%s", k == 0 ? "=> " : "   ", text(in, at));
            at += in.length;
        }
    }

    private Instruction decoded(GuestView there, long la) {
        byte[] bytes = new byte[Instruction.MAX_LENGTH];
        int n = there.read(la, bytes, 0, bytes.length);
        Instruction in = new Instruction();
        return n > 0 && Decoder.decode(bytes, 0, n, bits, in) > 0 ? in : null;
    }

    private static String text(Instruction in, long at) {
        return String.format("%016x  %s", at, Formatter.format(in, at));
    }

    private void registers(GuestView there, long[] gpr) {
        for (int r = 0; r < 16; r++) {
            String s = names.symbol(gpr[r]);
            String to = s != null
                    ? "<" + s + ">"
                    : (gpr[r] < 0 || gpr[r] >= 4096) && there.load(gpr[r])
                            ? String.format("-> %016x", there.value())
                            : "";
            line("%s: %016x %s", REGISTERS[r].length() == 2 ? REGISTERS[r] + " " : REGISTERS[r], gpr[r], to);
        }
    }

    private void traces(String where) {
        Unwinder unwinder = new Unwinder(kernel);
        for (Kind k : unwinder.kinds(view)) {
            if (k == Kind.SCAN) continue;
            Trace t = unwinder.trace(k, view);
            line("Call trace %s (%s): %s", where, k.label(), t.verdict());
            List<Frame> frames = t.frames();
            for (int i = 0; i < Math.min(frames.size(), FRAMES); i++) line(" %s", frames.get(i));
            if (frames.size() > FRAMES) line(" ... and %,d more", frames.size() - FRAMES);
        }
    }

    private void events() {
        List<Event> last = chain.last();
        if (last.isEmpty()) return;
        line("Last events (instructions retired before each):");
        for (Event e : last) line("%,16d  %s at %s, CPL %d", e.instruction(), describe(e), place(e.rip()), e.cpl());
    }
}
