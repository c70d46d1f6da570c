package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;
import ringside.unwinder.Unwinder;
import ringside.workbench.monitor.Monitor;
import ringside.workbench.monitor.MonitorException;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.snapshot.SnapshotFile;

/** Words that gdb's monitor and the terminal's have in common, beyond those that look at the guest. */
final class MonitorWords {
    private MonitorWords() {}

    static List<Monitor.Command> common(Machine machine, Supplier<KnownKernel> known) {
        return List.of(
                new Monitor.Command(
                        "unwind [KIND]",
                        "the call chain: fp, marker, encoded, table, orc, shadow or scan; the best without KIND",
                        words -> unwind(machine, known.get(), words)),
                new Monitor.Command(
                        "snapshot FILE",
                        "save the guest's state, for 'ringside run FILE'",
                        words -> save(machine, words)));
    }

    private static String save(Machine machine, List<String> words) throws MonitorException {
        if (words.size() != 1) throw new MonitorException("one FILE is needed");
        Path file = Path.of(words.getFirst());
        try {
            SnapshotFile.save(file, machine, Map.of(), null).close();
            return String.format(
                    "saved %s: instruction %,d%n", file, machine.cpu().instructions());
        } catch (IOException e) {
            throw new MonitorException(Main.problem(e));
        }
    }

    private static String unwind(Machine machine, KnownKernel known, List<String> words) throws MonitorException {
        GuestView view = new GuestView(machine.cpu());
        Unwinder unwinder = new Unwinder(known.modelNow(view));
        Kind kind = unwinder.kinds(view).contains(Kind.ORC)
                ? Kind.ORC
                : unwinder.kinds(view).contains(Kind.TABLE) ? Kind.TABLE : Kind.SHADOW;
        if (words.size() > 1) throw new MonitorException("'" + words.get(1) + "' is one word too many");
        if (!words.isEmpty()) {
            kind = null;
            for (Kind k : Kind.values()) {
                if (k.label().equals(words.getFirst())) kind = k;
            }
            if (kind == null)
                throw new MonitorException(
                        "'" + words.getFirst() + "' is none of " + UnwindCommand.names(EnumSet.allOf(Kind.class)));
            if (!unwinder.kinds(view).contains(kind))
                throw new MonitorException("this kernel has nothing that " + kind.label() + " could use");
        }
        Trace t = unwinder.trace(kind, view);
        return TraceText.of("the monitor's wish", view.state(), unwinder.kernel(), List.of(t), null);
    }
}
