package ringside.cli;

import java.io.IOException;
import java.io.PrintStream;
import ringside.boot.BootException;
import ringside.workbench.compare.Lockstep;
import ringside.workbench.run.Deadline;
import ringside.workbench.run.Guest;

/** Runs both engines over a guest in lockstep and prints how that ended. */
final class Comparison {
    private Comparison() {}

    /** @param every instructions between two comparisons @return the exit status */
    static int run(Guest guest, RunOptions options, long every) throws IOException, BootException {
        long started = System.nanoTime();
        try (Lockstep l = new Lockstep(
                        guest,
                        options.engine.factory(EngineOptions.Kind.interpreter),
                        options.engine.factory(EngineOptions.Kind.translator),
                        options.until,
                        options.maxInstructions,
                        Output.console(),
                        Output::line);
                Deadline deadline = new Deadline(options.timeout, l::stop);
                EndRequest interrupt = new EndRequest(
                        l::stop, () -> Output.messages().printf("%nringside: interrupted; %s%n", l.where()))) {
            return switch (l.run(every)) {
                case Lockstep.Same s -> same(s, (System.nanoTime() - started) / 1e9);
                case Lockstep.Different d -> different(d);
                case Lockstep.Stopped s -> {
                    if (!interrupt.happened()) {
                        Output.messages()
                                .printf(
                                        "%nringside: timeout of %s s: no difference in the first %,d instructions%n",
                                        options.timeout, s.instructions());
                    }
                    yield ExitStatus.LIMIT;
                }
            };
        }
    }

    private static int same(Lockstep.Same s, double seconds) {
        Output.messages()
                .printf(
                        "%nringside: no difference: %,d instructions, %,d interrupts, %,d bytes of console, ended by"
                                + " %s, %.1f s%n",
                        s.instructions(),
                        s.interrupts(),
                        s.consoleBytes(),
                        s.outcome().reason(),
                        seconds);
        Output.say("state hash of both engines: %s", s.stateHash());
        return ExitStatus.OK;
    }

    private static int different(Lockstep.Different d) {
        PrintStream e = Output.messages();
        if (d.instruction() < 0) {
            Output.say("the difference does not show again when run from the last equal state; it depends on what was"
                    + " translated before:");
        } else {
            Output.say("first difference: instruction number %,d%n  %s", d.instruction(), d.where());
        }
        e.println("  state, interpreter / translator:");
        for (String line : d.state()) e.println("    " + line);
        return ExitStatus.DIFFERENCE;
    }
}
