package ringside.workbench.audit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
import ringside.workbench.UsageException;

/** Each trace that a Linux kernel prints itself, against ours of the same moment. */
public final class PrintedTraces {
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
        if (printer == null)
            throw new UsageException(
                    "this kernel has no function show_trace_log_lvl, at which its own traces could be caught");
        GuestView view = new GuestView(machine.cpu());
        Unwinder unwinder = new Unwinder(model);
        Tasks tasks = Tasks.of(view, model);
        if (tasks == null)
            throw new UsageException("this kernel does not describe its types (BTF), so its tasks are not found");
        Breakpoints b = new Breakpoints(machine);
        b.set(la -> la == printer);
        while (true) {
            Outcome o = b.run(limit);
            if (!b.hit()) return o;
            view.refresh();
            ours.add(PrintMoment.unwind(view, tasks, unwinder, kind));
        }
    }

    /**
     * One trace of the kernel's beside ours.
     *
     * @param mine null if it was printed by the kernel, but not seen by us
     * @param printed null if it was seen by us, but is not in the log
     */
    public record Pair(PrintMoment.Unwound mine, KernelLog.Printed printed) {
        public boolean same() {
            return mine != null && printed != null && mine.items().equals(printed.items());
        }
    }

    /** @return all traces, in the order of the log */
    public List<Pair> pairs() {
        List<KernelLog.Printed> theirs = KernelLog.traces(log.toString(StandardCharsets.ISO_8859_1));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            pairs.add(new Pair(i < ours.size() ? ours.get(i) : null, i < theirs.size() ? theirs.get(i) : null));
        }
        return pairs;
    }

    /** @return the unwinder that was used */
    public Kind kind() {
        return kind;
    }
}
