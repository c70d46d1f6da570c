package ringside.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.guest.GuestView;
import ringside.machine.Breakpoints;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.KernelModel;
import ringside.unwinder.Kind;
import ringside.unwinder.Unwinder;
import ringside.unwinder.linux.KernelLog;
import ringside.unwinder.linux.PrintMoment;
import ringside.unwinder.linux.Tasks;

/** {@code ringside audit --printed}: each trace that a Linux kernel prints itself, against ours of the same moment. */
final class PrintedTraces {
    private final Machine machine;
    private final ByteArrayOutputStream log;
    private final Kind kind;
    private final List<PrintMoment.Unwound> ours = new ArrayList<>();

    /** @param log what the guest has written to its console so far; more is added while the machine runs */
    PrintedTraces(Machine machine, ByteArrayOutputStream log, Kind kind) {
        this.machine = machine;
        this.log = log;
        this.kind = kind;
    }

    /** Runs on, stopping wherever the kernel is about to print a trace. */
    Outcome run(KernelModel model, long limit) {
        Long printer = PrintMoment.printer(model.symbols());
        if (printer == null) throw new UsageException("this kernel has no function show_trace_log_lvl, at which its own traces could be caught");
        GuestView view = new GuestView(machine.cpu());
        Unwinder unwinder = new Unwinder(model);
        Tasks tasks = Tasks.of(view, model);
        if (tasks == null) throw new UsageException("this kernel does not describe its types (BTF), so its tasks are not found");
        Breakpoints b = new Breakpoints(machine);
        b.set(la -> la == printer);
        while (true) {
            Outcome o = b.run(limit);
            if (!b.hit()) return o;
            view.refresh();
            ours.add(PrintMoment.unwind(view, tasks, unwinder, kind));
        }
    }

    /** Prints the comparison. @return whether the kernel printed at least one trace and all are the same */
    boolean report(boolean everyTrace) {
        List<KernelLog.Printed> theirs = KernelLog.traces(log.toString(StandardCharsets.ISO_8859_1));
        int same = 0;
        int frames = 0;
        Map<String, Integer> contexts = new LinkedHashMap<>();
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            if (i >= ours.size() || i >= theirs.size()) {
                System.out.printf("trace %d: %s%n", i + 1, i >= ours.size() ? "printed by the kernel, but not seen by us: " + theirs.get(i).headline() : "seen by us, but not in the log");
                continue;
            }
            PrintMoment.Unwound mine = ours.get(i);
            KernelLog.Printed printed = theirs.get(i);
            boolean equal = mine.items().equals(printed.items());
            String context = mine.start().name().toLowerCase(java.util.Locale.ROOT) + ", " + (mine.stacks().isEmpty() ? "no frame" : String.join(" + ", mine.stacks()));
            contexts.merge(context, 1, Integer::sum);
            frames += printed.items().size();
            if (equal) same++;
            if (everyTrace || !equal) System.out.printf("trace %d at instruction %,d: %s, %d frames, %s; %s%n", i + 1, mine.instruction(), equal ? "same" : "DIFFERENT", printed.items().size(), context, printed.headline());
            if (!equal) difference(mine, printed);
        }
        System.out.printf("%d traces printed by the kernel, %d frames and saved registers in them; %d are the same by %s%n", theirs.size(), frames, same, kind.label());
        contexts.forEach((c, n) -> System.out.printf("  %4d  %s%n", n, c));
        return same == ours.size() && same == theirs.size() && same > 0;
    }

    private static void difference(PrintMoment.Unwound mine, KernelLog.Printed printed) {
        System.out.println("  ours (" + mine.verdict() + "):");
        mine.items().forEach(s -> System.out.println("    " + s));
        System.out.println("  the kernel's" + (printed.whole() ? ":" : " (its end is missing in the log):"));
        printed.items().forEach(s -> System.out.println("    " + s));
    }
}
