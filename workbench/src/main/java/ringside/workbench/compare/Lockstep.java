package ringside.workbench.compare;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import ringside.boot.BootException;
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;
import ringside.snapshot.StateHash;
import ringside.workbench.run.ConsoleOutput;
import ringside.workbench.run.Guest;

/**
 * Runs two machines, one on each engine, to the same instruction counts and compares their states there. The last point
 * where they were equal is kept as a snapshot, from which a difference is narrowed down by bisection to a single
 * instruction.
 */
public final class Lockstep implements AutoCloseable {
    private static final int SHOWN = 40;
    private static final long TELL_NANOS = 5_000_000_000L;

    /** How a comparison ended. */
    public sealed interface Result permits Same, Different, Stopped {}

    /**
     * The guest's run, or as much of it as was wanted, is the same on both engines.
     *
     * @param interrupts delivered, software interrupts included
     * @param consoleBytes written to the first serial port
     */
    public record Same(long instructions, long interrupts, long consoleBytes, Outcome outcome, String stateHash)
            implements Result {}

    /**
     * The engines differ.
     *
     * @param instruction number of the first instruction that differs, or -1 if the difference does not show again from
     *     the last equal state
     * @param where its address, bytes and disassembly
     * @param state what differs, one "name: reference / tested" a line
     */
    public record Different(long instruction, String where, List<String> state) implements Result {}

    /** {@link #stop} was called before a difference was found. @param instructions compared until then */
    public record Stopped(long instructions) implements Result {}

    private final Machine reference;
    private final Machine tested;
    private final long limit;
    private final Consumer<String> progress;
    private final Snapshot good = new Snapshot();
    /** Both machines stop, each wherever it is. */
    private volatile boolean stopped;
    /** A difference was found: it is looked for to the end. */
    private volatile boolean narrowing;
    /** While a difference is narrowed down: it lies behind the first count and at the latest at the second. */
    private volatile long low, high;

    /**
     * @param reference makes the engine that is right
     * @param tested makes the other one
     * @param until ends the comparison when a line of the console matches, or null
     * @param limit most instructions
     * @param console shows what the reference's guest writes
     * @param progress gets lines for whoever waits
     */
    public Lockstep(
            Guest guest,
            Machine.EngineFactory reference,
            Machine.EngineFactory tested,
            Pattern until,
            long limit,
            java.io.OutputStream console,
            Consumer<String> progress)
            throws IOException, BootException {
        this.limit = limit;
        this.progress = progress;
        this.reference = guest.load(reference);
        try {
            this.tested = guest.load(tested);
        } catch (BootException | RuntimeException e) {
            this.reference.close();
            throw e;
        }
        watch(this.reference, new ConsoleOutput(console, until, this.reference::requestStop));
        watch(this.tested, new ConsoleOutput(null, until, this.tested::requestStop));
    }

    private static void watch(Machine m, ConsoleOutput console) {
        m.board().serial(0).setSink(console::write);
        m.board().debugConsole().setSink(console::write);
    }

    /** Ends the comparison soon, unless a difference has been found; callable from any thread. */
    public synchronized void stop() {
        if (narrowing) return;
        stopped = true;
        reference.requestStop();
        tested.requestStop();
    }

    private synchronized void narrow() {
        narrowing = !stopped;
    }

    /** @return where the comparison is, in words; callable from any thread */
    public String where() {
        if (narrowing) return String.format("the engines differ between instruction %,d and %,d", low, high);
        return String.format("no difference in the first %,d instructions", good.instructions());
    }

    /**
     * Compares until the guest ends, the limit is reached, or {@link #stop} is called.
     * @param every instructions between two comparisons
     */
    public Result run(long every) {
        long told = System.nanoTime();
        while (true) {
            good.take(reference);
            long target = Math.min(limit, good.instructions() + every);
            Outcome[] o = runBoth(target);
            low = good.instructions();
            high = Math.max(reference.cpu().instructions(), tested.cpu().instructions());
            if (!o[0].equals(o[1]) || !Snapshot.same(reference, tested)) narrow();
            if (stopped) return new Stopped(good.instructions());
            if (narrowing) return difference(o);
            if (o[0].reason() != Outcome.Reason.INSTRUCTION_LIMIT || target == limit) return same(o[0]);
            if (System.nanoTime() - told > TELL_NANOS) {
                told = System.nanoTime();
                progress.accept(String.format("%,d instructions compared, no difference so far", target));
            }
        }
    }

    /**
     * Both machines run at once, each on a thread of its own: they share nothing. Neither runs any more behind it,
     * whatever ended it.
     */
    private Outcome[] runBoth(long target) {
        CompletableFuture<Outcome> other = CompletableFuture.supplyAsync(() -> tested.run(target));
        Outcome first;
        try {
            first = reference.run(target);
        } catch (RuntimeException e) {
            // its console cannot be written: the machines will be closed, their memory with them
            while (!other.isDone()) {
                tested.requestStop();
                Thread.onSpinWait();
            }
            throw e;
        }
        return new Outcome[] {first, other.join()};
    }

    private Same same(Outcome o) {
        long interrupts = 0;
        for (int v = 32; v < 256; v++) interrupts += reference.cpu().deliveries[v];
        return new Same(
                reference.cpu().instructions(),
                interrupts,
                reference.board().serial(0).sent(),
                o,
                StateHash.of(reference));
    }

    private Different difference(Outcome[] o) {
        progress.accept(
                String.format("the engines differ between instruction %,d and %,d; narrowing down ...", low, high));
        if (!o[0].equals(o[1])) progress.accept(String.format("interpreter ended by %s, translator by %s", o[0], o[1]));
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
        return now.isEmpty() ? new Different(-1, null, seen) : new Different(low + 1, where, now);
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
        return String.format(
                "%04x:%016x  %s  %s",
                m.cpu().seg[1].selector, m.cpu().rip, hex, n > 0 ? Formatter.format(i, la) : "(bad)");
    }

    @Override
    public void close() {
        good.close();
        reference.close();
        tested.close();
    }
}
