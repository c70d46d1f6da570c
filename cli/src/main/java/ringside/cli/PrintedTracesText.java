package ringside.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ringside.unwinder.linux.KernelLog;
import ringside.unwinder.linux.PrintMoment;
import ringside.workbench.audit.PrintedTraces;

/** {@code ringside audit --printed}: the comparison with the traces that a Linux kernel prints itself, as text. */
final class PrintedTracesText {
    private final PrintStream out;

    PrintedTracesText(PrintStream out) {
        this.out = out;
    }

    /** @return whether the kernel printed at least one trace and all are the same */
    boolean print(PrintedTraces traces, boolean everyTrace) {
        List<PrintedTraces.Pair> pairs = traces.pairs();
        int same = 0;
        int frames = 0;
        long printedByKernel = 0;
        Map<String, Integer> contexts = new LinkedHashMap<>();
        for (int i = 0; i < pairs.size(); i++) {
            PrintMoment.Unwound mine = pairs.get(i).mine();
            KernelLog.Printed printed = pairs.get(i).printed();
            if (printed != null) printedByKernel++;
            if (mine == null || printed == null) {
                out.printf(
                        "trace %d: %s%n",
                        i + 1,
                        mine == null
                                ? "printed by the kernel, but not seen by us: " + printed.headline()
                                : "seen by us, but not in the log");
                continue;
            }
            boolean equal = pairs.get(i).same();
            String context = mine.start().name().toLowerCase(Locale.ROOT) + ", "
                    + (mine.stacks().isEmpty() ? "no frame" : String.join(" + ", mine.stacks()));
            contexts.merge(context, 1, Integer::sum);
            frames += printed.items().size();
            if (equal) same++;
            if (everyTrace || !equal) {
                out.printf(
                        "trace %d at instruction %,d: %s, %d frames, %s; %s%n",
                        i + 1,
                        mine.instruction(),
                        equal ? "same" : "DIFFERENT",
                        printed.items().size(),
                        context,
                        printed.headline());
            }
            if (!equal) difference(mine, printed);
        }
        out.printf(
                "%d traces printed by the kernel, %d frames and saved registers in them; %d are the same by %s%n",
                printedByKernel, frames, same, traces.kind().label());
        contexts.forEach((c, n) -> out.printf("  %4d  %s%n", n, c));
        return same == pairs.size() && same > 0;
    }

    private void difference(PrintMoment.Unwound mine, KernelLog.Printed printed) {
        out.println("  ours (" + mine.verdict() + "):");
        mine.items().forEach(s -> out.println("    " + s));
        out.println("  the kernel's" + (printed.whole() ? ":" : " (its end is missing in the log):"));
        printed.items().forEach(s -> out.println("    " + s));
    }
}
