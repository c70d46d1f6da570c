package ringside.workbench.entry;

import java.io.IOException;
import ringside.boot.BootException;
import ringside.machine.Machine;
import ringside.machine.Outcome;

/**
 * How often a variant's unwinder is right, at every kernel instruction of a whole run of the entry kernel, against
 * {@link TrueChain}; and its speed there.
 *
 * @param points kernel instructions
 * @param right the trace was the true chain
 * @param said not right, and its verdict said unreliable
 * @param silent not right, and reliable by its own verdict
 * @param promised points where the rules of this kind of unwinding promise a right trace ({@link EntryTruth#promised})
 * @param promisedRight how many of them were right
 * @param shadowRight points where the shadow stack was right
 * @param nanoseconds of one trace on average, in the second of two runs
 * @param frames of one trace on average
 */
public record Accuracy(
        long points,
        long right,
        long said,
        long silent,
        long promised,
        long promisedRight,
        long shadowRight,
        double nanoseconds,
        double frames) {
    /** Instructions of the boot that are left out: before the stack of the first task. */
    private static final long START = 4000;

    static Accuracy of(EntryKernel kernel) throws IOException, BootException {
        Machine m = kernel.start(Machine::interpreter, "");
        EntryTruth truth = new EntryTruth(kernel, m);
        long points = 0;
        long right = 0;
        long said = 0;
        long silent = 0;
        long promised = 0;
        long promisedRight = 0;
        long shadow = 0;
        long frames = 0;
        for (long at = START; m.run(at).reason() == Outcome.Reason.INSTRUCTION_LIMIT; at++) {
            if (m.cpu().cpl == 3) continue;
            truth.look();
            points++;
            boolean good = truth.unwindRight();
            boolean owed = truth.promised();
            frames += truth.trace().frames().size();
            if (good) right++;
            else if (truth.trace().reliable()) silent++;
            else said++;
            if (owed) promised++;
            if (owed && good) promisedRight++;
            if (truth.shadowRight()) shadow++;
        }
        m.close();
        return new Accuracy(
                points, right, said, silent, promised, promisedRight, shadow, speed(kernel), (double) frames / points);
    }

    private static double speed(EntryKernel kernel) throws IOException, BootException {
        Machine m = kernel.start(Machine::interpreter, "");
        EntryTruth truth = new EntryTruth(kernel, m);
        long spent = 0;
        long traces = 0;
        for (long at = START; m.run(at).reason() == Outcome.Reason.INSTRUCTION_LIMIT; at++) {
            if (m.cpu().cpl == 3) continue;
            truth.view().refresh();
            long start = System.nanoTime();
            truth.unwinder().trace(EntryTruth.kind(kernel.variant()), truth.view());
            spent += System.nanoTime() - start;
            traces++;
        }
        m.close();
        return (double) spent / traces;
    }
}
