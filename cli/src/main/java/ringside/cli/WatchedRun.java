package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.unwinder.linux.Tasks;
import ringside.workbench.debug.Debugger;
import ringside.workbench.debug.Stop;
import ringside.workbench.gdb.GdbServer;
import ringside.workbench.gdb.GuestThread;
import ringside.workbench.gdb.KernelFile;
import ringside.workbench.log.EventLog;
import ringside.workbench.monitor.GuestCommands;
import ringside.workbench.monitor.Monitor;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.snapshot.About;
import ringside.workbench.snapshot.SnapshotFile;

/** A run that gdb may watch. */
final class WatchedRun {
    private WatchedRun() {}

    /**
     * A run from where the machine stands.
     * @param limit instructions in all
     * @param log what is logged of it: not what happens again while gdb searches the past
     */
    static Outcome run(
            Path kernel,
            Machine machine,
            ConsoleOutput console,
            long limit,
            GdbOptions gdb,
            LogOptions log,
            BooleanSupplier over)
            throws IOException {
        KnownKernel known = KnownKernel.read(kernel, gdb.symbols);
        return log.with(
                machine, known, l -> run(kernel, known, machine, console, limit, gdb, l, over, n -> {}, n -> false, 0));
    }

    /**
     * @param over whether somebody else has ended the run
     * @param rewound told the instruction at which the machine stands when it was taken back
     * @param past what there is before the machine's present state
     * @param first the instruction at which gdb finds the guest; what lies before can be gone back to
     * @return how it ended; null if by the client's wish
     */
    static Outcome run(
            Path kernel,
            Machine machine,
            ConsoleOutput console,
            long limit,
            GdbOptions gdb,
            BooleanSupplier over,
            LongConsumer rewound,
            Debugger.Past past,
            long first)
            throws IOException {
        KnownKernel known = KnownKernel.read(kernel, gdb.symbols);
        return run(kernel, known, machine, console, limit, gdb, null, over, rewound, past, first);
    }

    private static Outcome run(
            Path kernel,
            KnownKernel known,
            Machine machine,
            ConsoleOutput console,
            long limit,
            GdbOptions gdb,
            EventLog log,
            BooleanSupplier over,
            LongConsumer rewound,
            Debugger.Past past,
            long first)
            throws IOException {
        AtomicBoolean repeating = new AtomicBoolean();
        machine.board().serial(0).setSink(b -> {
            if (!repeating.get()) console.write(b);
        });
        try (GdbServer server = new GdbServer(gdb.gdb, machine);
                Debugger debugger = new Debugger(
                        machine, on -> repeats(repeating, log, on), () -> server.wanted() || over.getAsBoolean())) {
            debugger.onRewind(rewound);
            debugger.before(past);
            if (log != null) debugger.onPause(log::look);
            if (known.fixedSymbols().count() == 0)
                debugger.follow(
                        () -> slide(machine, known),
                        by -> Output.say(
                                "the kernel lies 0x%x bytes from where it was linked: breakpoints follow; in gdb:"
                                        + " symbol-file -o 0x%x VMLINUX",
                                by, by));
            if (machine.cpu().instructions() < first) {
                debugger.attach(true);
                // a client that comes meanwhile asks for a stop, and waits
                while (machine.cpu().instructions() < first && !over.getAsBoolean())
                    if (debugger.resume(first).reason() == Stop.Reason.ENDED) break;
            }
            Monitor monitor = GuestCommands.monitor(debugger, true, MonitorWords.common(machine, () -> known));
            Output.say(
                    "%s; in gdb: target remote %s",
                    gdb.wait ? "the guest waits for gdb" : "gdb may connect", server.where());
            return server.run(
                    debugger,
                    monitor,
                    new GdbServer.Settings(
                            limit,
                            over,
                            wide(kernel),
                            () -> movedText(machine, known),
                            () -> gdb.tasks ? tasks(new GuestView(machine.cpu()), known) : List.of(),
                            m -> Output.say("%s", m)),
                    gdb.wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** gdb names them by their process number, with this before it: 1 is the processor. */
    private static final long TASK = 100_000;

    /** @return the tasks of a Linux kernel that do not run now; none if there is no such kernel yet */
    private static List<GuestThread> tasks(GuestView view, KnownKernel known) {
        Tasks t = Tasks.of(view, known.modelNow(view));
        if (t == null) return List.of();
        return t.all().stream()
                // a guest may write any number there, and none must be the processor's
                .filter(x -> !x.running() && x.pid() >= 0)
                .map(x -> new GuestThread(
                        TASK + x.pid(), x.comm(), "pid " + x.pid() + ", state " + x.letter(), t.view(x)))
                .toList();
    }

    private static void repeats(AtomicBoolean repeating, EventLog log, boolean on) {
        if (repeating.getAndSet(on) == on || log == null) return;
        if (on) log.stop();
        else log.start();
    }

    /** @return whether the kernel is of 64-bit code, as far as can be told; of a saved one, the kernel that it is of */
    private static boolean wide(Path kernel) throws IOException {
        if (!SnapshotFile.isOne(kernel)) return KernelFile.wide(kernel);
        Path file = About.of(kernel).kernel();
        return file == null || !Files.isRegularFile(file) || KernelFile.wide(file);
    }

    /** Where x86-64 Linux is linked, unless --symbols says otherwise (CONFIG_PHYSICAL_START). */
    private static final long LINKED = 0xffffffff81000000L;

    private static Long slide(Machine machine, KnownKernel known) {
        Long here = movedText(machine, known);
        Long there = known.movingSymbols().address("_text");
        return here == null ? null : here - (there == null ? LINKED : there);
    }

    /**
     * @return where the code of a kernel that moves itself begins, from its own symbols; null if nothing such runs yet
     */
    private static Long movedText(Machine machine, KnownKernel known) {
        if (known.fixedSymbols().count() > 0 || !machine.cpu().longMode()) return null;
        return known.modelNow(new GuestView(machine.cpu())).symbols().address("_text");
    }
}
