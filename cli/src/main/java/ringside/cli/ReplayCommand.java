package ringside.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import ringside.machine.Machine;
import ringside.snapshot.StateHash;
import ringside.workbench.UsageException;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Stops;
import ringside.workbench.run.When;
import ringside.workbench.snapshot.Recording;
import ringside.workbench.snapshot.SnapshotFile;

/** {@code ringside replay}: a recorded run again, from its beginning or at one instruction of it. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs a recording again, compares with it on the way, or goes to one of its instructions.",
        footer = {
            "",
            "Exit status: 0 the same, 5 it departs from what was recorded, 4 --to was not reached, 2 wrong usage or an"
                    + " unusable file.",
            "",
            "Examples:",
            "  ringside run vmlinuz --record boot.rec",
            "  ringside replay boot.rec",
            "  ringside replay boot.rec --to 900m --save there.snapshot",
            "  ringside replay boot.rec --to 'do_exit#2'",
            "  ringside replay boot.rec --points 100",
            "  ringside replay boot.rec --to 'do_exit#2' --gdb 1234"
        })
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "what 'run --record' wrote")
    Path file;

    @Option(
            names = {"--to"},
            paramLabel = "WHEN",
            description = "go there and end: " + When.GRAMMAR
                    + "; an instruction or a time from the nearest recorded state before it")
    String to;

    @Option(
            names = {"--save"},
            paramLabel = "SNAPSHOT",
            description = "with --to: save the state there")
    Path save;

    @Option(
            names = {"--points"},
            paramLabel = "N",
            converter = RunOptions.Count.class,
            description = "go to N random instructions, one after the other, and tell how long that takes")
    Long points;

    @Mixin
    GdbOptions gdb = new GdbOptions();

    @Mixin
    EngineOptions engine = new EngineOptions();

    @Override
    public Integer call() throws Exception {
        if (save != null && to == null) throw new UsageException("--save needs --to; alone it would do nothing");
        gdb.check();
        if (points != null && (to != null || gdb.gdb != null))
            throw new UsageException("--points goes to places of its own: leave --to and --gdb away");
        if (gdb.gdb != null && save != null)
            throw new UsageException("--save does not go with --gdb; monitor snapshot does it");
        try (Recording r = Recording.open(file)) {
            if (r.end() == null)
                Output.say("%s ends at instruction %,d: what recorded it did not end by itself", file, r.reaches());
            if (points != null) return goTo(r, points);
            When moment = to == null ? null : When.parse("--to", to);
            if (moment instanceof When.AtInstruction n && n.number() > r.reaches())
                throw new UsageException(
                        String.format("%s: reaches instruction %,d, not %,d", file, r.reaches(), n.number()));
            long from = moment instanceof When.AtInstruction n
                    ? n.number()
                    : moment instanceof When.AtTime t ? r.instructionBefore(t.ns()) : 0;
            if (gdb.gdb != null) return watched(r, moment, from);
            try (Machine m = r.machine(engine.factory(), from)) {
                ConsoleOutput console = new ConsoleOutput(to == null ? Output.console() : null, null, () -> {});
                m.board().serial(0).setSink(console::write);
                return to == null ? whole(r, m) : there(r, m, moment);
            }
        }
    }

    /** Each time by a machine of its own, in this JVM; the first finds it cold. */
    private int goTo(Recording r, long n) throws Exception {
        SplittableRandom random = new SplittableRandom(n);
        long first = r.checkpoints().getFirst();
        List<Long> nanos = new ArrayList<>();
        long slowest = 0;
        long most = 0;
        for (long k = 0; k < n; k++) {
            long there = first + random.nextLong(Math.max(1, r.reaches() - first));
            long start = System.nanoTime();
            try (Machine m = r.machine(engine.factory(), there)) {
                m.run(there);
                if (m.cpu().instructions() != there)
                    return departs(List.of(String.format(
                            "it ends at instruction %,d, before %,d", m.cpu().instructions(), there)));
            }
            long took = System.nanoTime() - start;
            nanos.add(took);
            if (took > most) {
                most = took;
                slowest = there;
            }
        }
        Collections.sort(nanos);
        Output.results()
                .printf(
                        "%,d states in %.0f MB; %,d random instructions: %.2f s in the median, %.2f s at the worst"
                                + " (instruction %,d)%n",
                        r.checkpoints().size(),
                        Files.size(file) / 1e6,
                        n,
                        nanos.get(nanos.size() / 2) / 1e9,
                        most / 1e9,
                        slowest);
        return ExitStatus.OK;
    }

    /** gdb finds the guest at a moment, and can go back from there to the recording's beginning. */
    private int watched(Recording r, When moment, long from) throws Exception {
        long at = r.checkpoints().getFirst();
        if (moment instanceof When.AtInstruction n) {
            at = n.number();
        } else if (moment != null) {
            try (Machine m = r.machine(engine.factory(), from)) {
                if (!reached(r, m, moment)) return ExitStatus.LIMIT;
                at = m.cpu().instructions();
            }
        }
        gdb.wait = true;
        try (Machine m = r.machine(engine.factory(), Math.max(0, at - 1));
                EndRequest interrupt = new EndRequest(m::requestStop, () -> Output.line("interrupted"))) {
            long end = r.end() == null ? r.reaches() : r.end().moment().instructions();
            WatchedRun.run(
                    file,
                    m,
                    new ConsoleOutput(Output.console(), null, () -> {}),
                    end,
                    gdb,
                    interrupt::happened,
                    n -> m.setScript(r.script(n)),
                    n -> earlier(r, m, n),
                    at);
            return ExitStatus.OK;
        }
    }

    private static boolean earlier(Recording r, Machine m, long instruction) {
        if (instruction < r.checkpoints().getFirst()) return false;
        try {
            r.go(m, instruction);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int there(Recording r, Machine m, When moment) throws Exception {
        if (!reached(r, m, moment)) return ExitStatus.LIMIT;
        if (save != null) SnapshotFile.save(save, m, r.about().labels(), null).close();
        return same(m);
    }

    private boolean reached(Recording r, Machine m, When moment) throws Exception {
        Stops stops = new Stops(m, List.of(moment), new KernelOnce(file, gdb.symbols));
        m.board().serial(0).setSink(stops::console);
        stops.run(r.end() == null ? r.reaches() : Long.MAX_VALUE, s -> false);
        if (!stops.left().isEmpty()) {
            Output.say(
                    "%s was not reached: the recording ends at instruction %,d%s",
                    moment, m.cpu().instructions(), stops.progress().isEmpty() ? "" : "; " + stops.progress());
            return false;
        }
        return true;
    }

    private static int same(Machine m) {
        Output.say(
                "instruction %,d, virtual time %.6f s, state hash %s",
                m.cpu().instructions(), m.now() / 1e9, StateHash.of(m));
        return ExitStatus.OK;
    }

    private static int departs(List<String> why) {
        Output.line("it departs from what was recorded:");
        for (String s : why) Output.messages().println("  " + s);
        return ExitStatus.DIFFERENCE;
    }

    private int whole(Recording r, Machine m) throws Exception {
        List<Long> states = r.checkpoints();
        for (int k = 1; k < states.size(); k++) {
            m.run(states.get(k));
            List<String> differences = r.departures(m, k);
            if (!differences.isEmpty()) {
                Output.say("between instruction %,d and %,d", states.get(k - 1), states.get(k));
                return departs(differences);
            }
        }
        if (r.end() == null) {
            m.run(r.reaches());
            return same(m);
        }
        // only a run that was stopped, or reached its limit, does not end by itself
        m.run(
                r.end().outcome().reason() == ringside.machine.Outcome.Reason.INSTRUCTION_LIMIT
                        ? r.end().moment().instructions()
                        : Long.MAX_VALUE);
        Output.messages().println();
        String hash = StateHash.of(m);
        if (m.cpu().instructions() != r.end().moment().instructions()
                || !hash.equals(r.end().hash())) {
            return departs(List.of(String.format(
                    "it ends at instruction %,d with state hash %s, and the recording at %,d with %s",
                    m.cpu().instructions(),
                    hash,
                    r.end().moment().instructions(),
                    r.end().hash())));
        }
        return same(m);
    }
}
