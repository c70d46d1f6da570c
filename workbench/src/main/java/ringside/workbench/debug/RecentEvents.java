package ringside.workbench.debug;

import java.util.ArrayList;
import java.util.List;
import ringside.cpu.Cpu;
import ringside.cpu.Vector;

/** The last exceptions and interrupts on their way to the processor. */
final class RecentEvents {
    static final String[] NAMES = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP", "#PF", "15",
        "#MF", "#AC", "#MC", "#XM", "#VE", "#CP", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31"
    };
    private static final int KEPT = 1024;

    private final long[] at = new long[KEPT];
    private final long[] rip = new long[KEPT];
    private final long[] cr2 = new long[KEPT];
    private final int[] vectors = new int[KEPT];
    private final int[] errors = new int[KEPT];
    private long count;

    void add(int vector, int error, Cpu cpu) {
        int i = (int) (count++ % KEPT);
        at[i] = cpu.instructions();
        rip[i] = cpu.rip;
        cr2[i] = cpu.cr2;
        vectors[i] = vector;
        errors[i] = error;
    }

    List<String> last(int most) {
        List<String> lines = new ArrayList<>();
        for (long n = Math.max(0, count - Math.min(most, KEPT)); n < count; n++) {
            int i = (int) (n % KEPT);
            lines.add(String.format("%,15d  ", at[i]) + text(vectors[i], errors[i], rip[i], cr2[i]));
        }
        return lines;
    }

    static String describe(int vector, int error, Cpu cpu) {
        return text(vector, error, cpu.rip, cpu.cr2);
    }

    private static String text(int vector, int error, long rip, long cr2) {
        return "vector " + vector + (vector < 32 ? " (" + NAMES[vector] + ")" : "")
                + (error == -1 ? "" : String.format(", error code 0x%x", error))
                + (vector == Vector.PF ? String.format(", CR2 0x%x", cr2) : "") + String.format(" at 0x%x", rip);
    }
}
