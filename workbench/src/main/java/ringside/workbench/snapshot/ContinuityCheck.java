package ringside.workbench.snapshot;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.snapshot.Snapshot;

/**
 * Proves that a machine put into a saved state goes on as the one that never stopped. One machine runs; at random
 * points its state is saved through bytes as a file has them and put into another one, of either engine; both run on to
 * the next point, where every field and every byte of RAM is compared.
 */
public final class ContinuityCheck {
    /**
     * What was found.
     * @param differences of the two machines, empty if they never differed
     * @param at the instruction where the last state was saved
     */
    public record Result(int points, long instructions, Outcome outcome, List<String> differences, long at) {}

    private static final int SHOWN = 20;

    private ContinuityCheck() {}

    /**
     * @param never a machine that stands at its beginning
     * @param restored another one of the same configuration, in any state
     * @param distance mean number of instructions between two points
     * @param limit most instructions
     */
    public static Result run(Machine never, Machine restored, long distance, long limit, long seed) throws IOException {
        return run(never, restored, distance, limit, seed, n -> false);
    }

    /** @param enough asked behind each point: whether so many do */
    public static Result run(Machine never, Machine restored, long distance, long limit, long seed, IntPredicate enough)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Image last = null;
        int points = 0;
        while (true) {
            long at = never.cpu().instructions();
            Image image = Image.of(never, last);
            new Image(
                            image.instructions(),
                            Packed.fields(Packed.fields(image.fields())),
                            image.places(),
                            image.hashes(),
                            image.own())
                    .restore(restored);
            last = image;
            points++;
            long next = Math.min(limit, at + 1 + random.nextLong(2 * distance));
            Outcome a = never.run(next);
            Outcome b = restored.run(next);
            List<String> differences =
                    a.equals(b) ? Snapshot.differences(never, restored, SHOWN) : List.of("outcome: " + a + " / " + b);
            if (!differences.isEmpty()
                    || a.reason() != Outcome.Reason.INSTRUCTION_LIMIT
                    || next == limit
                    || enough.test(points)) {
                return new Result(points, never.cpu().instructions(), a, differences, at);
            }
        }
    }
}
