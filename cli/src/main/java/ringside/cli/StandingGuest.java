package ringside.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jline.reader.History;
import org.jline.reader.impl.history.DefaultHistory;
import ringside.machine.Machine;
import ringside.workbench.debug.Debugger;
import ringside.workbench.monitor.GuestCommands;
import ringside.workbench.monitor.Monitor;
import ringside.workbench.monitor.MonitorException;
import ringside.workbench.run.KnownKernel;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;

/**
 * What a run does where it stops: saves a snapshot, or gives the terminal to the monitor while the guest stands. The
 * keys behind Ctrl-A ask for both.
 */
final class StandingGuest implements TerminalKeys, Stops.Action, AutoCloseable {
    private static final String SAVE = "Ctrl-A s", MONITOR = "Ctrl-A c";

    /** Saves a snapshot of the guest where it stands. */
    interface Saving {
        void save() throws IOException;
    }

    private final Machine machine;
    private final Stops stops;
    private final Supplier<KnownKernel> known;
    private final Saving saving;
    private final boolean busy;
    private final Runnable quit;
    private final List<When> own = new ArrayList<>();
    private final History history = new DefaultHistory();
    private Debugger debugger;
    private Monitor monitor;
    private volatile MonitorPrompt prompt;
    private boolean ended;

    /** @param busy whether somebody else stops the guest (gdb, a log): no key does then @param quit ends the run */
    StandingGuest(
            Machine machine, Stops stops, Supplier<KnownKernel> known, Saving saving, boolean busy, Runnable quit) {
        this.machine = machine;
        this.stops = stops;
        this.known = known;
        this.saving = saving;
        this.busy = busy;
        this.quit = quit;
    }

    // ---- keys, on the terminal's thread ----

    @Override
    public void quit() {
        MonitorPrompt p = prompt;
        if (p != null) p.end();
        quit.run();
    }

    @Override
    public void save() {
        ask(SAVE);
    }

    @Override
    public void monitor() {
        MonitorPrompt p = prompt;
        if (p != null) p.end();
        else ask(MONITOR);
    }

    private void ask(String what) {
        if (busy) Output.messages().print("\r\nringside: " + what + " does not go with --gdb and --log\r\n");
        else stops.ask(what);
    }

    @Override
    public boolean typed(int b) {
        MonitorPrompt p = prompt;
        return p != null && p.typed(b);
    }

    // ---- stops, on the machine's thread ----

    @Override
    public boolean at(Stops.Stop stop) throws IOException {
        if (stop.when() != null && !own.contains(stop.when()) || SAVE.equals(stop.what())) {
            try {
                saving.save();
            } catch (IOException e) {
                if (stop.when() != null) throw e;
                Output.say("nothing was saved: %s", Main.problem(e));
            }
            return true;
        }
        converse(MONITOR.equals(stop.what()) ? "" : "stopped at " + stop.what());
        return !ended;
    }

    private void converse(String why) throws IOException {
        if (monitor == null) monitor = makeMonitor();
        try (MonitorPrompt p = new MonitorPrompt(monitor, history)) {
            prompt = p;
            Output.messages().println();
            if (!why.isEmpty()) Output.line(why);
            Output.line("the guest stands; 'help' lists the monitor's words, 'continue' or Ctrl-A c goes on");
            p.run();
            Output.line(ended ? "the run ends" : "the guest goes on");
        } finally {
            prompt = null;
        }
    }

    private Monitor makeMonitor() {
        debugger = new Debugger(machine, x -> {}, () -> false);
        debugger.attach(false);
        List<Monitor.Command> words = new ArrayList<>();
        words.add(new Monitor.Command(
                "stop WHEN|off",
                "come back to the monitor there: " + "900m, 1.5s, SYMBOL#HIT, irq:N, ...",
                this::stopAt));
        words.addAll(MonitorWords.common(machine, known));
        words.add(new Monitor.Command("continue", "let the guest run; Ctrl-A c and Ctrl-D too", w -> {
            prompt.end();
            return "";
        }));
        words.add(new Monitor.Command("quit", "end the run", w -> {
            ended = true;
            quit.run();
            prompt.end();
            return "";
        }));
        return GuestCommands.monitor(debugger, false, words);
    }

    private String stopAt(List<String> words) throws MonitorException {
        String text = String.join(" ", words);
        try {
            if (text.equals("off")) {
                stops.clear();
                own.clear();
            } else if (!text.isEmpty()) {
                When w = text.startsWith("watch ")
                        ? When.watch("watch", text.substring(6).strip())
                        : When.parse("stop", text);
                stops.add(w);
                own.add(w);
            }
        } catch (ringside.workbench.UsageException e) {
            throw new MonitorException(e.getMessage());
        }
        List<String> pending = stops.pending().stream()
                .filter(own::contains)
                .map(When::toString)
                .toList();
        return pending.isEmpty() ? "nothing stops the guest\n" : "stops at: " + String.join("; ", pending) + "\n";
    }

    @Override
    public void close() {
        if (debugger != null) debugger.close();
    }
}
