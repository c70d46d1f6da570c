package ringside.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.translator.Translator;
import ringside.workbench.UsageException;
import ringside.workbench.crash.ConsoleAlarm;
import ringside.workbench.crash.CrashReport;
import ringside.workbench.crash.FaultChain;
import ringside.workbench.jfr.FlightEvents;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.EngineTimes;
import ringside.workbench.run.SourceFile;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;
import ringside.workbench.snapshot.Recorder;

/** One run of one guest on one machine, connected to the host's terminal. */
final class Session {
    private Session() {}

    /** Runs a kernel to its end. @return the exit status */
    static int run(Path kernel, RunOptions options) throws IOException, BootException {
        return run(kernel, options, new GdbOptions(), new SaveOptions());
    }

    /** @param gdb whether gdb may watch, and where @param save what is kept of the run */
    static int run(Path kernel, RunOptions options, GdbOptions gdb, SaveOptions save)
            throws IOException, BootException {
        save.check(gdb.gdb != null, options.guest.config().wallClock());
        try (Machine machine = options.guest(kernel).load(options.engine.factory())) {
            return run(kernel, machine, options, gdb, save);
        }
    }

    private static int run(Path kernel, Machine machine, RunOptions options, GdbOptions gdb, SaveOptions save)
            throws IOException {
        boolean logs = options.log.wanted();
        if (logs && save.asked()) throw new UsageException("--log does not go with --save-at and --record");
        KernelOnce known = new KernelOnce(kernel, gdb.symbols);
        FaultChain chain = new FaultChain();
        machine.cpu().observers.add(chain);
        ConsoleAlarm alarm = new ConsoleAlarm(machine.cpu(), chain);
        AtomicBoolean quit = new AtomicBoolean();
        ConsoleOutput console = new ConsoleOutput(Output.console(), options.until, machine::requestStop);
        Progress progress = Progress.of(() -> String.format(
                "%,d million instructions, no output so far", machine.cpu().instructions() / 1_000_000));
        Stops stops = new Stops(machine, save.points(), known);
        StandingGuest standing = new StandingGuest(
                machine, stops, known, () -> save.save(kernel, machine, options), logs || gdb.gdb != null, () -> {
                    quit.set(true);
                    progress.close();
                    Output.messages().print("\r\n");
                    machine.requestStop();
                });
        machine.board().serial(0).setSink(b -> {
            progress.close();
            console.write(b);
            alarm.write(b);
            options.log.console(b);
            stops.console(b);
        });
        machine.board().debugConsole().setSink(b -> {
            progress.close();
            console.write(b);
        });
        EngineTimes times = new EngineTimes(machine.engine(), options.stats != null);
        if (options.stats != null && machine.engine() instanceof Translator t) t.count();
        try (save;
                standing;
                Recorder recorder = save.recorder(kernel, machine, options);
                EndRequest interrupt = new EndRequest(
                        machine::requestStop,
                        () -> Output.messages().println("\nringside: interrupted " + where(machine)))) {
            long start = System.nanoTime();
            long first = machine.cpu().instructions();
            Outcome outcome;
            try (times;
                    FlightEvents events =
                            new FlightEvents(machine, kernel.getFileName().toString(), known);
                    progress;
                    TerminalInput input =
                            new TerminalInput(b -> machine.board().serial(0).offerIfRoom((byte) b), standing);
                    Deadline deadline = new Deadline(options.timeout, machine::requestStop)) {
                machine.board().setInteractive(input.isTerminal());
                if (input.isTerminal() && !options.quiet) Output.line("Ctrl-A x ends the run, Ctrl-A h shows the keys");
                BooleanSupplier over = () -> console.found() || quit.get() || interrupt.happened() || deadline.passed();
                if (gdb.gdb != null) {
                    outcome = WatchedRun.run(kernel, machine, console, options.maxInstructions, gdb, options.log, over);
                } else if (logs) {
                    outcome = options.log.run(machine, known.get(), options.maxInstructions, over);
                } else {
                    outcome = stops.run(
                            recorder == null ? machine::run : recorder::run, options.maxInstructions, over, standing);
                }
            }
            if (recorder != null) recorder.finish(outcome);
            if (!logs && gdb.gdb == null) {
                for (When w : stops.left()) Output.say("nothing was saved at %s: the run did not come there", w);
            }
            long elapsed = System.nanoTime() - start;
            boolean asked = outcome == null || console.found() || quit.get();
            if (outcome == null) outcome = new Outcome(Outcome.Reason.STOPPED, 0);
            if (quit.get()) Output.line("ended by Ctrl-A x " + where(machine));
            if (!asked && !interrupt.happened()) {
                explain(outcome, machine, options);
                CrashReport.Run ended = new CrashReport.Run(
                        machine,
                        known.get(),
                        SourceFile.of(gdb.symbols != null ? gdb.symbols : kernel),
                        chain,
                        alarm,
                        options.command);
                if (CrashReport.explains(ended, outcome)) Output.messages().print(CrashReport.of(ended, outcome));
            }
            if (options.stats != null)
                Statistics.print(options.stats, machine, options.engine.engine.name(), outcome, first, elapsed, times);
            if (asked) return ExitStatus.OK;
            int status = ExitStatus.of(outcome);
            if (options.until == null || status != ExitStatus.OK) return status;
            Output.messages()
                    .println("\nringside: the guest ended by itself; no line of its console matched --until '"
                            + options.until + "'");
            return ExitStatus.NOT_SEEN;
        }
    }

    private static String where(Machine m) {
        return String.format(
                "at %04x:%016x after %,d instructions",
                m.cpu().seg[1].selector, m.cpu().rip, m.cpu().instructions());
    }

    /** Says on standard error why a run ended that did not end by the guest's own wish. */
    private static void explain(Outcome o, Machine m, RunOptions options) {
        String where = where(m);
        switch (o.reason()) {
            case TRIPLE_FAULT ->
                Output.messages()
                        .println("\nringside: triple fault " + where + " (last fault: vector " + m.cpu().faultVector
                                + ", error code " + Integer.toHexString(m.cpu().faultError) + "h, CR2 "
                                + Long.toHexString(m.cpu().cr2) + "h)");
            case INSTRUCTION_LIMIT -> Output.messages().println("\nringside: instruction limit reached " + where);
            case STOPPED ->
                Output.messages()
                        .println("\nringside: "
                                + (options.timeout == null
                                        ? "stopped "
                                        : "timeout of " + options.timeout + " s reached ")
                                + where);
            case HALTED_FOREVER ->
                Output.messages()
                        .println("\nringside: the guest halted for good " + where
                                + ": nothing is left that could wake it");
            default -> {}
        }
    }
}
