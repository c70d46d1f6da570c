package ringside.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.StateHash;
import ringside.workbench.UsageException;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Guest;

/** {@code ringside demo}: the guest kernel that the repository brings along, on both engines. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = "Runs a small guest kernel on both engines and compares them in a table.")
final class DemoCommand implements Callable<Integer> {
    @Mixin
    GuestOptions guest = new GuestOptions();

    private record Row(String engine, long instructions, double seconds, String hash, Outcome outcome) {}

    @Override
    public Integer call() throws IOException, BootException {
        Path kernel = image();
        Row interpreter = run(kernel, EngineOptions.Kind.interpreter);
        Row translator = run(kernel, EngineOptions.Kind.translator);
        Output.results()
                .printf(
                        "%n%-12s %20s %14s %22s  %s%n",
                        "engine", "guest instructions", "host seconds", "million instructions/s", "state hash");
        for (Row r : new Row[] {interpreter, translator}) {
            Output.results()
                    .printf(
                            "%-12s %,20d %14.2f %22.1f  %s%n",
                            r.engine, r.instructions, r.seconds, r.instructions / r.seconds / 1e6, r.hash);
        }
        boolean same = interpreter.hash.equals(translator.hash) && interpreter.instructions == translator.instructions;
        Output.results()
                .println(
                        same
                                ? "Both engines ended in the same state."
                                : "THE ENGINES DIFFER: 'ringside compare' finds the instruction.");
        if (!same) return ExitStatus.DIFFERENCE;
        return interpreter.outcome.reason() == Outcome.Reason.POWER_OFF
                ? ExitStatus.OK
                : ExitStatus.of(interpreter.outcome);
    }

    private Row run(Path kernel, EngineOptions.Kind kind) throws IOException, BootException {
        Output.results().printf("--- %s ---%n", kind);
        EngineOptions engine = new EngineOptions();
        try (Machine m = new Guest(kernel, guest.boot(), guest.config()).load(engine.factory(kind));
                EndRequest interrupt = new EndRequest(
                        m::requestStop,
                        () -> Output.say(
                                "interrupted on the %s after %,d instructions",
                                kind, m.cpu().instructions()))) {
            ConsoleOutput console = new ConsoleOutput(Output.console(), null, () -> {});
            m.board().serial(0).setSink(console::write);
            long start = System.nanoTime();
            Outcome o = m.run(Long.MAX_VALUE);
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Row(kind.name(), m.cpu().instructions(), seconds, StateHash.of(m), o);
        }
    }

    /** The demo image, beside the jar in a checkout. */
    static Path image() throws IOException {
        Path at;
        try {
            at = Path.of(DemoCommand.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (java.net.URISyntaxException e) {
            throw new IOException("cannot tell where ringside lies: " + e.getMessage(), e);
        }
        for (Path p = at; p != null; p = p.getParent()) {
            Path image = p.resolve("testdata/demo/demo.elf");
            if (Files.isRegularFile(image)) return image;
        }
        throw new UsageException(
                "testdata/demo/demo.elf is missing; it belongs to the repository (git checkout testdata)");
    }
}
