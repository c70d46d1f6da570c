package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.workbench.profile.ProfileComparison;

/** Two profiles compared, for people and as JSON. */
final class ProfileComparisonText {
    private final ProfileComparison c;
    private final int top;

    /** @param top rows of each table; 0: all */
    ProfileComparisonText(ProfileComparison c, int top) {
        this.c = c;
        this.top = top;
    }

    private <T> List<T> limited(List<T> rows) {
        return top == 0 ? rows : rows.subList(0, Math.min(top, rows.size()));
    }

    private static String more(int left, String what) {
        return left <= 0 ? "" : String.format("  ... and %,d %s more (--top 0 shows all)%n", left, what);
    }

    String text() {
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                "A: %s%nB: %s%n", c.first().get("command"), c.second().get("command")));
        s.append(String.format(
                "%,d instructions in A, %,d in B: %+,d%n%n",
                c.instructionsA(), c.instructionsB(), c.instructionsB() - c.instructionsA()));
        s.append(String.format(
                "Instructions of an entry (mean of all), of them entry and exit assembly, and the median%n%n"));
        s.append(String.format(
                "%11s %11s %11s %9s %9s %9s %9s %9s  %s%n",
                "A", "B", "difference", "asm A", "asm B", "median A", "median B", "entries", "entry path"));
        for (ProfileComparison.PathRow r : limited(c.paths())) {
            s.append(String.format(
                    "%,11.1f %,11.1f %+,11.1f %9.1f %9.1f %9s %9s %9s  %s, from %s%n",
                    r.meanA(),
                    r.meanB(),
                    r.growth(),
                    r.codeA(),
                    r.codeB(),
                    median(r.medianA()),
                    median(r.medianB()),
                    r.entriesA() == r.entriesB() ? Long.toString(r.entriesA()) : r.entriesA() + "/" + r.entriesB(),
                    r.name(),
                    r.user() ? "user" : "kernel"));
        }
        s.append(more(c.paths().size() - limited(c.paths()).size(), "paths"));
        s.append(String.format("%nLines of entry code, times in an execution of their function%n%n"));
        if (c.lines().isEmpty()) s.append("  (none differs)\n");
        for (ProfileComparison.LineRow r : limited(c.lines()))
            s.append(String.format(
                    "%7.2f %7.2f %+8.2f  %-28s %s%n", r.a(), r.b(), r.b() - r.a(), r.function(), r.text()));
        s.append(more(c.lines().size() - limited(c.lines()).size(), "lines"));
        s.append(String.format("%n%15s %15s %15s  %s%n", "A", "B", "difference", "function"));
        for (ProfileComparison.FunctionRow r : limited(c.functions()))
            s.append(String.format("%,15d %,15d %+,15d  %s%n", r.a(), r.b(), r.b() - r.a(), r.name()));
        return s.append(more(c.functions().size() - limited(c.functions()).size(), "functions"))
                .toString();
    }

    private static String median(long m) {
        return m < 0 ? "-" : String.format("%,d", m);
    }

    String json() throws IOException {
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("a", c.first().get("command"));
        o.put("b", c.second().get("command"));
        o.put("paths", c.paths());
        o.put("lines", c.lines());
        o.put("functions", c.functions());
        return JSON.std.asString(o) + "\n";
    }
}
