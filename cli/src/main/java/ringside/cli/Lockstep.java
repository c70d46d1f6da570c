package ringside.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import ringside.boot.BootException;
import ringside.boot.Loader;
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.state.Snapshot;
import ringside.state.StateHash;

/**
 * Runs two machines, one on each engine, to the same instruction counts and compares their states there. The last point where they were
 * equal is kept as a snapshot, from which a difference is narrowed down by bisection to a single instruction.
 */
final class Lockstep implements AutoCloseable {
    private static final int SHOWN = 40;
    private final RunOptions options;
    private final Machine reference;
    private final Machine tested;
    private final Snapshot good = new Snapshot();
    private final PrintStream err = System.err;
    /** The timeout is over: both machines stop, each wherever it is. */
    private volatile boolean late;
    /** A difference was found: it is looked for to the end. */
    private volatile boolean narrowing;
    /** While a difference is narrowed down: it lies behind the first count and at the latest at the second. */
    private volatile long low, high;

    private Lockstep(Path kernel, RunOptions options) throws IOException, BootException {
        this.options = options;
        reference = load(kernel, EngineOptions.Kind.interpreter, Session.hostOutput());
        tested = load(kernel, EngineOptions.Kind.translator, null);
    }

    private Machine load(Path kernel, EngineOptions.Kind kind, OutputStream show) throws IOException, BootException {
        Machine m = new Machine(options.guest.config(), options.engine.factory(kind));
        Loader.load(m, kernel, options.guest.boot());
        ConsoleOutput console = new ConsoleOutput(show, options.until, m::requestStop);
        m.board().serial(0).setSink(console::write);
        return m;
    }

    /** Compares until the guest ends or a limit is reached. @return the exit status */
    static int compare(Path kernel, RunOptions options, long every) throws IOException, BootException {
        try (Lockstep l = new Lockstep(kernel, options);
                Deadline deadline = new Deadline(options.timeout, l::tooLate);
                Interrupt interrupt = new Interrupt(l::tooLate, l::interrupted)) {
            return l.run(every, interrupt);
        }
    }

    private synchronized void tooLate() {
        if (narrowing) return;
        late = true;
        reference.requestStop();
        tested.requestStop();
    }

    private synchronized void narrow() {
        narrowing = !late;
    }

    private void interrupted() {
        if (narrowing) {
            err.printf("%nringside: interrupted; the engines differ between instruction %,d and %,d%n", low, high);
        } else {
            err.printf("%nringside: interrupted; no difference in the first %,d instructions%n", good.instructions());
        }
    }

    private int run(long every, Interrupt interrupt) {
        long started = System.nanoTime();
        long told = started;
        while (true) {
            good.take(reference);
            long target = Math.min(options.maxInstructions, good.instructions() + every);
            Outcome[] o = runBoth(target);
            low = good.instructions();
            high = Math.max(reference.cpu().instructions(), tested.cpu().instructions());
            if (!o[0].equals(o[1]) || !Snapshot.same(reference, tested)) narrow();
            if (late) {
                if (!interrupt.happened()) err.printf("%nringside: timeout of %s s: no difference in the first %,d instructions%n", options.timeout, good.instructions());
                return ExitStatus.LIMIT;
            }
            if (narrowing) return difference(o);
            if (o[0].reason() != Outcome.Reason.INSTRUCTION_LIMIT || target == options.maxInstructions) {
                return same(o[0], System.nanoTime() - started);
            }
            if (System.nanoTime() - told > 5_000_000_000L) {
                told = System.nanoTime();
                err.printf("ringside: %,d instructions compared, no difference so far%n", target);
            }
        }
    }

    /** Both machines run at once, each on a thread of its own: they share nothing. */
    private Outcome[] runBoth(long target) {
        CompletableFuture<Outcome> other = CompletableFuture.supplyAsync(() -> tested.run(target));
        Outcome first = reference.run(target);
        return new Outcome[] {first, other.join()};
    }

    private int same(Outcome o, long nanos) {
        long interrupts = 0;
        for (int v = 32; v < 256; v++) interrupts += reference.cpu().deliveries[v];
        err.printf("%nringside: no difference: %,d instructions, %,d interrupts, %,d bytes of console, ended by %s, %.1f s%n",
                reference.cpu().instructions(), interrupts, reference.board().serial(0).sent(), o.reason(), nanos / 1e9);
        err.printf("ringside: state hash of both engines: %s%n", StateHash.of(reference));
        return ExitStatus.OK;
    }

    private int difference(Outcome[] o) {
        err.printf("%nringside: the engines differ between instruction %,d and %,d; narrowing down ...%n", low, high);
        if (!o[0].equals(o[1])) err.printf("ringside: interpreter ended by %s, translator by %s%n", o[0], o[1]);
        List<String> seen = Snapshot.differences(reference, tested, SHOWN);
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            good.restore(reference);
            good.restore(tested);
            Outcome[] m = runBoth(middle);
            if (m[0].equals(m[1]) && Snapshot.same(reference, tested)) {
                low = middle;
                good.take(reference);
            } else {
                high = middle;
            }
        }
        good.restore(reference);
        good.restore(tested);
        String where = instruction(reference);
        runBoth(low + 1);
        List<String> now = Snapshot.differences(reference, tested, SHOWN);
        if (now.isEmpty()) {
            err.println("ringside: the difference does not show again when run from the last equal state; it depends on what was translated before:");
            now = seen;
        } else {
            err.printf("ringside: first difference: instruction number %,d%n  %s%n", low + 1, where);
        }
        err.println("  state, interpreter / translator:");
        for (String d : now) err.println("    " + d);
        return ExitStatus.DIFFERENCE;
    }

    /** @return address, bytes and disassembly of the next instruction, read without side effects */
    private static String instruction(Machine m) {
        long la = m.cpu().codeLinear();
        byte[] bytes = new byte[Instruction.MAX_LENGTH];
        int have = 0;
        for (; have < bytes.length; have++) {
            long pa = m.cpu().mem.probe(la + have);
            if (pa == -1) break;
            m.memory().read(pa, bytes, have, 1);
        }
        Instruction i = new Instruction();
        int mode = switch (m.cpu().mode & 3) {
            case 2 -> 64;
            case 1 -> 32;
            default -> 16;
        };
        int n = Decoder.decode(bytes, 0, have, mode, i);
        String hex = java.util.HexFormat.ofDelimiter(" ").formatHex(bytes, 0, n > 0 ? n : have);
        return String.format("%04x:%016x  %s  %s", m.cpu().seg[1].selector, m.cpu().rip, hex, n > 0 ? Formatter.format(i, la) : "(bad)");
    }

    @Override
    public void close() {
        good.close();
    }
}
