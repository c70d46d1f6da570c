package ringside.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import ringside.cpu.Cpu;
import ringside.guest.GuestState;
import ringside.unwinder.Frame;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Proof;
import ringside.unwinder.PtRegs;
import ringside.unwinder.Trace;
import ringside.unwinder.Warning;
import ringside.unwinder.linux.Tasks;

/**
 * Traces as text, in the manner of a kernel's oops: where it is, the registers, {@code Call Trace:} with the stacks'
 * names and each pt_regs.
 */
final class TraceText {
    private final StringBuilder out = new StringBuilder();
    private final LongFunction<String> lines;

    private TraceText(LongFunction<String> lines) {
        this.lines = lines;
    }

    /** @param scan what a scan of the stack finds, to be shown with {@code ?} in a single trace; or null */
    static String of(String what, GuestState guest, KernelModel kernel, List<Trace> traces, Trace scan) {
        return of(what, guest, kernel, traces, scan, a -> "");
    }

    /** @param lines the line of source that an instruction is of; empty if that is not known */
    static String of(
            String what,
            GuestState guest,
            KernelModel kernel,
            List<Trace> traces,
            Trace scan,
            LongFunction<String> lines) {
        TraceText t = new TraceText(lines);
        t.line("%s", heading(what, guest));
        t.line("Kernel: %s", describe(kernel, guest));
        t.registers(guest, traces.getFirst().frames().getFirst());
        if (traces.size() == 1) {
            t.trace(traces.getFirst(), scan == null ? List.of() : scan.frames());
        } else {
            t.out.append(TraceTable.of(traces));
            t.savedRegisters(traces);
        }
        return t.out.toString();
    }

    /** @return a task's trace with its heading */
    static String of(Tasks.Task task, List<Trace> traces) {
        TraceText t = new TraceText(a -> "");
        t.line(
                "task:%-15s state:%c pid:%-5d%s",
                task.comm(), task.letter(), task.pid(), task.running() ? " on the CPU" : "");
        if (traces.size() == 1) {
            Frame top = traces.getFirst().frames().getFirst();
            if (!task.running()) t.line("RIP: %s", name(top));
            t.trace(traces.getFirst(), List.of());
        } else {
            t.out.append(TraceTable.of(traces));
            t.savedRegisters(traces);
        }
        return t.out.toString();
    }

    /** The saved registers that several kinds found, each once, as the kind has them that knows most of them. */
    private void savedRegisters(List<Trace> traces) {
        record Place(long address, boolean user) {}
        java.util.Map<Place, Frame> best = new java.util.LinkedHashMap<>();
        java.util.Map<Place, List<String>> kinds = new java.util.HashMap<>();
        for (Trace t : traces) {
            for (Frame f : t.frames()) {
                if (f.regs() == null) continue;
                Place p = new Place(f.user() ? 0 : f.sp(), f.user());
                best.merge(p, f, (a, b) -> b.regs().count() > a.regs().count() ? b : a);
                List<String> l = kinds.computeIfAbsent(p, k -> new ArrayList<>());
                if (!l.contains(t.kind().label())) l.add(t.kind().label());
            }
        }
        List<Frame> found = new ArrayList<>(best.values());
        List<Place> places = new ArrayList<>(best.keySet());
        for (int i = 0; i < found.size(); i++) {
            Repeats.Repeat repeat = Repeats.at(found, i, TraceText::same);
            for (int k = i; k < i + Math.max(1, repeat.period()); k++) saved(found.get(k), kinds.get(places.get(k)));
            if (repeat.period() == 0) continue;
            line("%s", Repeats.text(repeat));
            i += repeat.period() * repeat.times() - 1;
        }
    }

    private void saved(Frame f, List<String> kinds) {
        line(
                "Saved registers%s (%s):",
                f.regs().address() == 0
                        ? ""
                        : String.format(" at %016x", f.regs().address()),
                String.join(", ", kinds));
        pushed(f.regs(), f);
    }

    static String heading(String what, GuestState guest) {
        return "Stopped at " + what
                + (guest.instructions() < 0 ? "" : String.format(", %,d instructions retired", guest.instructions()));
    }

    static String describe(KernelModel k, GuestState g) {
        if (k.symbols().count() == 0)
            return g.rip() < 0
                    ? "no symbols known"
                    : "no symbols known: what runs here is firmware, a boot loader, or a kernel's own decompressor;"
                            + " those of the kernel appear in memory when it is unpacked";
        List<String> parts = new ArrayList<>();
        parts.add(String.format("%,d symbols", k.symbols().count()));
        Long text = k.symbols().address("_text");
        if (text != null) parts.add(String.format("_text at %x", text));
        if (k.orc() != null)
            parts.add(String.format(
                    "%,d ORC entries (layout %s)",
                    k.orc().count(),
                    switch (k.orc().layout()) {
                        case UP_TO_6_2 -> "up to 6.2";
                        case IN_6_3 -> "of 6.3";
                        case SINCE_6_4 -> "since 6.4";
                    }));
        if (k.entryTable() != null)
            parts.add(String.format("%,d entry table rows", k.entryTable().count()));
        if (k.marker() != 0) parts.add("marker frames");
        return String.join(", ", parts);
    }

    private void line(String format, Object... values) {
        out.append(String.format(format, values)).append('\n');
    }

    private void registers(GuestState g, Frame top) {
        line("RIP: %04x:%s%s", g.selector(Cpu.CS), name(top), source(top));
        line("RSP: %04x:%016x EFLAGS: %08x", g.selector(Cpu.SS), g.gpr(Cpu.RSP), g.rflags());
        line("RAX: %016x RBX: %016x RCX: %016x", g.gpr(0), g.gpr(3), g.gpr(1));
        line("RDX: %016x RSI: %016x RDI: %016x", g.gpr(2), g.gpr(6), g.gpr(7));
        line("RBP: %016x R08: %016x R09: %016x", g.gpr(5), g.gpr(8), g.gpr(9));
        line("R10: %016x R11: %016x R12: %016x", g.gpr(10), g.gpr(11), g.gpr(12));
        line("R13: %016x R14: %016x R15: %016x", g.gpr(13), g.gpr(14), g.gpr(15));
        line(
                "FS:  %016x(%04x) GS:%016x(%04x) knlGS:%016x",
                g.base(Cpu.FS), g.selector(Cpu.FS), g.base(Cpu.GS), g.selector(Cpu.GS), g.kernelGsBase());
        line(
                "CS:  %04x DS: %04x ES: %04x CR0: %016x",
                g.selector(Cpu.CS), g.selector(Cpu.DS), g.selector(Cpu.ES), g.cr0());
        line("CR2: %016x CR3: %016x CR4: %016x", g.cr2(), g.cr3(), g.cr4());
    }

    private void trace(Trace t, List<Frame> scanned) {
        line("Call Trace (%s):", t.kind().label());
        String stack = null;
        int next = 1;
        Repeats.Repeat repeat = Repeats.Repeat.NONE;
        int repeatAt = 0;
        for (int i = 0; i < t.frames().size(); i++) {
            if (i > 0 && repeat.period() == 0) {
                repeat = Repeats.at(t.frames(), i, TraceText::same);
                repeatAt = i;
            }
            if (repeat.period() > 0 && i == repeatAt + repeat.period()) {
                line("%s", Repeats.text(repeat));
                i += repeat.leftOut();
                while (i < t.frames().size()
                        && next < scanned.size()
                        && scanned.get(next).slot() <= t.frames().get(i - 1).slot()) next++;
                repeat = Repeats.Repeat.NONE;
                if (i >= t.frames().size()) break;
            }
            Frame f = t.frames().get(i);
            for (;
                    i > 0
                            && next < scanned.size()
                            && f.slot() != 0
                            && scanned.get(next).stack() == f.stack()
                            && scanned.get(next).slot() <= f.slot();
                    next++) {
                if (scanned.get(next).slot() == f.slot()) continue;
                stack = enter(stack, f.stack().name());
                line(" ? %s", name(scanned.get(next)));
            }
            if (f.regs() != null) {
                pushed(f.regs(), f);
            } else if (i > 0) {
                stack = enter(stack, f.stack().name());
                line(" %s%s%s%s", f.proof() == Proof.SCAN ? "? " : "", name(f), hooked(f), source(f));
            }
            for (Warning w : f.warnings()) line(" ! %s", w);
        }
        enter(stack, null);
        line("%s", t.verdict());
    }

    /** @return whether two frames are of the same place, as those of a recursion are */
    static boolean same(Frame a, Frame b) {
        return a.address() == b.address() && (a.regs() == null) == (b.regs() == null) && a.stack() == b.stack();
    }

    private String source(Frame f) {
        String s = line(f, lines);
        return s.isEmpty() ? "" : " at " + s;
    }

    /** @return where in the source a frame is, the call and not what follows it; empty if that is not known */
    static String line(Frame f, LongFunction<String> lines) {
        return f.user() ? "" : lines.apply(f.exact() ? f.address() : f.address() - 1);
    }

    /** Closes one stack's part and opens the next. */
    private String enter(String old, String now) {
        if (java.util.Objects.equals(old, now)) return now;
        if (old != null) line(" </%s>", old);
        if (now != null) line(" <%s>", now);
        return now;
    }

    private void pushed(PtRegs r, Frame f) {
        line("RIP: %s:%s", r.known(PtRegs.CS) ? String.format("%04x", r.cs()) : "----", name(f) + source(f));
        String ss = r.known(PtRegs.SS) ? String.format("%04x", r.word(PtRegs.SS) & 0xffff) : "----";
        String flags = r.known(PtRegs.RFLAGS) ? String.format("%08x", r.word(PtRegs.RFLAGS)) : "--------";
        line("RSP: %s:%016x EFLAGS: %s ORIG_RAX: %s", ss, r.rsp(), flags, word(r, PtRegs.ORIG_RAX));
        row(r, PtRegs.RAX, PtRegs.RBX, PtRegs.RCX);
        row(r, PtRegs.RDX, PtRegs.RSI, PtRegs.RDI);
        row(r, PtRegs.RBP, PtRegs.R8, PtRegs.R9);
        row(r, PtRegs.R10, PtRegs.R11, PtRegs.R12);
        row(r, PtRegs.R13, PtRegs.R14, PtRegs.R15);
    }

    private void row(PtRegs r, int... words) {
        StringBuilder s = new StringBuilder();
        for (int w : words)
            s.append(s.isEmpty() ? "" : " ").append(PtRegs.name(w)).append(": ").append(word(r, w));
        line("%s", s);
    }

    private static String word(PtRegs r, int w) {
        return r.known(w) ? String.format("%016x", r.word(w)) : "----------------";
    }

    /** What a probe has put in the place of a return address. */
    static String hooked(Frame f) {
        return f.hook() == null ? "" : " (returns through " + f.hook() + ")";
    }

    static String name(Frame f) {
        return f.function() == null ? String.format("0x%x", f.address()) : f.toString();
    }
}
