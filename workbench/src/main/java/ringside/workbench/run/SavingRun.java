package ringside.workbench.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import ringside.machine.Machine;
import ringside.machine.Outcome;

/**
 * Runs a machine as asked, and at each of some points does something with it before it goes on, such as to save it. The
 * run itself is the same with and without.
 */
public final class SavingRun {
    /** Runs the machine up to an instruction. */
    public interface Runner {
        Outcome run(long limit) throws IOException;
    }

    /** What is done at a point; the machine stands there. */
    public interface Action {
        void at(SavePoint when) throws IOException;
    }

    private static final long LOOK = 100_000;

    private record Text(SavePoint.AtConsole when, ConsoleOutput watcher) {}

    private final Machine machine;
    private final Runner runner;
    private final Action action;
    private final List<SavePoint> pending = new ArrayList<>();
    private final List<Text> texts = new ArrayList<>();

    public SavingRun(Machine machine, Runner runner, List<SavePoint> points, Action action) {
        this.machine = machine;
        this.runner = runner;
        this.action = action;
        for (SavePoint w : points) {
            if (w instanceof SavePoint.AtConsole c)
                texts.add(new Text(c, new ConsoleOutput(null, c.text(), machine::requestStop)));
            else pending.add(w);
        }
    }

    /** The guest wrote a byte to its console. */
    public void console(int b) {
        for (Text t : texts) t.watcher().write(b);
    }

    /** @return the points that have not been reached */
    public List<SavePoint> left() {
        List<SavePoint> left = new ArrayList<>(pending);
        for (Text t : texts) left.add(t.when());
        return left;
    }

    /** @param stopped whether somebody else asked the machine to stop */
    public Outcome run(long limit, BooleanSupplier stopped) throws IOException {
        while (true) {
            Outcome o = runner.run(next(limit));
            boolean mine = false;
            for (Iterator<Text> i = texts.iterator(); i.hasNext(); ) {
                Text t = i.next();
                if (!t.watcher().found()) continue;
                i.remove();
                mine = true;
                action.at(t.when());
            }
            for (Iterator<SavePoint> i = pending.iterator(); i.hasNext(); ) {
                SavePoint w = i.next();
                if (w instanceof SavePoint.AtInstruction n
                        ? machine.cpu().instructions() < n.number()
                        : machine.now() < ((SavePoint.AtTime) w).ns()) continue;
                i.remove();
                action.at(w);
            }
            boolean goesOn = o.reason() == Outcome.Reason.INSTRUCTION_LIMIT
                    || o.reason() == Outcome.Reason.STOPPED && mine && !stopped.getAsBoolean();
            if (!goesOn || machine.cpu().instructions() >= limit) return o;
        }
    }

    private long next(long limit) {
        long now = machine.cpu().instructions();
        long next = limit;
        for (SavePoint w : pending)
            next = Math.min(
                    next, w instanceof SavePoint.AtInstruction n ? Math.max(now, n.number()) : (now / LOOK + 1) * LOOK);
        return next;
    }
}
