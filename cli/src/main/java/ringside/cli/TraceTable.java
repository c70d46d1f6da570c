package ringside.cli;

import java.util.ArrayList;
import java.util.List;
import ringside.unwinder.Frame;
import ringside.unwinder.Kind;
import ringside.unwinder.Trace;

/** Several kinds' traces of one moment side by side: a line for each frame, a column for each kind. */
final class TraceTable {
    private record Row(Frame frame, boolean[] has) {}

    private TraceTable() {}

    static String of(List<Trace> given) {
        List<Trace> traces = new ArrayList<>(given);
        traces.sort(java.util.Comparator.comparingInt(t -> t.kind() == Kind.SHADOW ? 0 : t.kind() == Kind.ORC ? 1 : 2));
        List<Row> rows = new ArrayList<>();
        for (Frame f : traces.getFirst().frames()) {
            rows.add(new Row(f, new boolean[traces.size()]));
            rows.getLast().has[0] = true;
        }
        for (int k = 1; k < traces.size(); k++) merge(rows, traces.get(k).frames(), k, traces.size());
        StringBuilder s = new StringBuilder("Call traces:\n");
        for (Trace t : traces) s.append(String.format("%8s", t.kind().label()));
        s.append('\n');
        for (int i = 0; i < rows.size(); i++) {
            Repeats.Repeat repeat = i == 0 ? Repeats.Repeat.NONE : Repeats.at(rows, i, TraceTable::sameRow);
            for (int k = i; k < i + Math.max(1, repeat.period()); k++) line(s, rows.get(k), traces);
            if (repeat.period() == 0) continue;
            s.append(Repeats.text(repeat)).append('\n');
            i += repeat.period() * repeat.times() - 1;
        }
        for (Trace t : traces) {
            s.append(String.format("%8s: %s, %s%n", t.kind().label(), same(rows, traces, t), t.verdict()));
        }
        return s.toString();
    }

    private static boolean sameRow(Row a, Row b) {
        return TraceText.same(a.frame, b.frame) && java.util.Arrays.equals(a.has, b.has);
    }

    private static void line(StringBuilder s, Row r, List<Trace> traces) {
        for (boolean b : r.has) s.append(String.format("%8s", b ? "*" : "-"));
        String stack = r.frame.user() ? "" : "<" + r.frame.stack().name() + ">";
        s.append(String.format("   %-8s", stack))
                .append(r.frame.regs() != null ? " RIP: " : " ")
                .append(TraceText.name(r.frame))
                .append(TraceText.hooked(r.frame))
                .append(
                        r.has[0]
                                ? ""
                                : "   <-- not in " + traces.getFirst().kind().label());
        s.append('\n');
    }

    private static String same(List<Row> rows, List<Trace> traces, Trace t) {
        int k = traces.indexOf(t);
        String first = traces.getFirst().kind().label();
        if (k == 0) return t.frames().size() + " frames";
        long missing = rows.stream().filter(r -> r.has[0] && !r.has[k]).count();
        long more = rows.stream().filter(r -> !r.has[0] && r.has[k]).count();
        return missing == 0 && more == 0 ? "equal to " + first : missing + " missing, " + more + " more than " + first;
    }

    /**
     * Puts a further kind's frames into the rows: equal addresses in the same order share a row (longest common
     * subsequence).
     */
    private static void merge(List<Row> rows, List<Frame> frames, int column, int columns) {
        int n = rows.size();
        int m = frames.size();
        int[][] best = new int[n + 1][m + 1];
        for (int i = n - 1; i >= 0; i--) {
            for (int j = m - 1; j >= 0; j--) {
                best[i][j] = same(rows.get(i).frame, frames.get(j))
                        ? best[i + 1][j + 1] + 1
                        : Math.max(best[i + 1][j], best[i][j + 1]);
            }
        }
        List<Row> merged = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < n || j < m) {
            if (i < n && j < m && same(rows.get(i).frame, frames.get(j))) {
                rows.get(i).has[column] = true;
                merged.add(rows.get(i++));
                j++;
            } else if (j >= m || i < n && best[i + 1][j] >= best[i][j + 1]) {
                merged.add(rows.get(i++));
            } else {
                boolean[] has = new boolean[columns];
                has[column] = true;
                merged.add(new Row(frames.get(j++), has));
            }
        }
        rows.clear();
        rows.addAll(merged);
    }

    private static boolean same(Frame a, Frame b) {
        return a.address() == b.address() && a.exact() == b.exact();
    }
}
