package ringside.workbench.profile;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import ringside.workbench.UsageException;

/**
 * What differs between two profiles: by entry path, by function, and by line of entry code. Entry paths are matched by
 * name and by where they come from; lines of code by function and text, because addresses differ between kernels. Costs
 * of paths are per entry, so that runs of different lengths can be compared.
 *
 * @param first the document of the first
 * @param second the document of the second
 * @param instructionsA all instructions of the first
 * @param instructionsB all instructions of the second
 * @param paths entry paths, the one with the greatest difference in all instructions first
 * @param functions functions, likewise
 * @param lines of entry code whose count per execution of their function changed, likewise
 */
public record ProfileComparison(
        Map<String, Object> first,
        Map<String, Object> second,
        long instructionsA,
        long instructionsB,
        List<PathRow> paths,
        List<FunctionRow> functions,
        List<LineRow> lines) {
    /** How large a document may be, in bytes. */
    private static final long LARGEST = 512L << 20;

    /**
     * One entry path. Medians are -1 where none returned.
     *
     * @param user whether it comes from user mode
     */
    public record PathRow(
            String name,
            boolean user,
            long entriesA,
            long entriesB,
            double meanA,
            double meanB,
            long medianA,
            long medianB,
            double codeA,
            double codeB) {
        /** @return by how many instructions an entry grew, on average */
        public double growth() {
            return meanB - meanA;
        }

        double weight() {
            return Math.abs(growth()) * Math.max(entriesA, entriesB);
        }
    }

    /** One function's instructions. */
    public record FunctionRow(String name, long a, long b) {}

    /** A line of entry code. @param a times in an execution of the function, in the first; b: in the second */
    public record LineRow(String function, String text, double a, double b) {}

    /** @param path profile.json, or the folder of --out */
    public static Map<String, Object> read(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve("profile.json") : path;
        try {
            if (!Files.isRegularFile(file)) throw new UsageException(file + ": no such file; profile --out writes it");
            if (Files.size(file) > LARGEST) throw new UsageException(file + ": too large for a profile");
            Map<String, Object> m = JSON.std.mapFrom(Files.readString(file));
            if (!Integer.valueOf(ProfileDocument.FORMAT).equals(m.get("format")))
                throw new UsageException(file + ": no profile of this version");
            return m;
        } catch (IOException e) {
            throw new UsageException(file + ": cannot be read as a profile (JSON)");
        }
    }

    /** @throws UsageException if one of them is damaged */
    public static ProfileComparison of(Map<String, Object> a, Map<String, Object> b) {
        try {
            return new ProfileComparison(
                    a,
                    b,
                    number(a, "instructions"),
                    number(b, "instructions"),
                    paths(a, b),
                    functions(a, b),
                    lines(a, b));
        } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
            throw new UsageException("a profile to compare is damaged");
        }
    }

    private static List<PathRow> paths(Map<String, Object> a, Map<String, Object> b) {
        Map<String, Map<String, Object>> x = entries(a), y = entries(b);
        Set<String> keys = new LinkedHashSet<>(x.keySet());
        keys.addAll(y.keySet());
        List<PathRow> rows = new ArrayList<>();
        for (String k : keys) {
            Map<String, Object> p = x.get(k), q = y.get(k);
            Map<String, Object> any = p != null ? p : q;
            rows.add(new PathRow(
                    (String) any.get("name"),
                    (Boolean) any.get("fromUser"),
                    p == null ? 0 : number(p, "entries"),
                    q == null ? 0 : number(q, "entries"),
                    mean(p, number(p, "instructions")),
                    mean(q, number(q, "instructions")),
                    median(p),
                    median(q),
                    mean(p, entryCode(p)),
                    mean(q, entryCode(q))));
        }
        rows.sort(Comparator.comparingDouble(PathRow::weight).reversed().thenComparing(PathRow::name));
        return rows;
    }

    /** By name without the number of an interrupt's vector, which the kernel chooses, and by where they come from. */
    private static Map<String, Map<String, Object>> entries(Map<String, Object> of) {
        Map<String, Map<String, Object>> m = new LinkedHashMap<>();
        for (Object o : (List<?>) of.get("entries")) {
            Map<String, Object> e = map(o);
            m.put(((String) e.get("name")).replaceFirst("^vector ..h (?=.)", "") + e.get("fromUser"), e);
        }
        return m;
    }

    private static double mean(Map<String, Object> e, long sum) {
        long n = e == null ? 0 : number(e, "entries");
        return n == 0 ? 0 : (double) sum / n;
    }

    private static long median(Map<String, Object> e) {
        if (e == null) return -1;
        Map<String, Object> spread = map(e.get("perEntry"));
        return number(spread, "returned") == 0 ? -1 : number(spread, "median");
    }

    private static long entryCode(Map<String, Object> e) {
        if (e == null) return 0;
        Map<String, Object> parts = map(e.get("parts"));
        long sum = 0;
        for (Part p : List.of(Part.IN, Part.OUT)) {
            Object part = parts.get(p.label());
            if (part != null) sum += number(map(part), "instructions");
        }
        return sum;
    }

    private static List<FunctionRow> functions(Map<String, Object> a, Map<String, Object> b) {
        Map<String, long[]> sums = new LinkedHashMap<>();
        for (Object o : (List<?>) a.get("functions"))
            sums.computeIfAbsent((String) map(o).get("name"), k -> new long[2])[0] += number(map(o), "instructions");
        for (Object o : (List<?>) b.get("functions"))
            sums.computeIfAbsent((String) map(o).get("name"), k -> new long[2])[1] += number(map(o), "instructions");
        List<FunctionRow> rows = new ArrayList<>();
        sums.forEach((name, n) -> rows.add(new FunctionRow(name, n[0], n[1])));
        rows.sort(Comparator.comparingLong((FunctionRow r) -> -Math.abs(r.b - r.a))
                .thenComparing(FunctionRow::name));
        return rows;
    }

    private static List<LineRow> lines(Map<String, Object> a, Map<String, Object> b) {
        Map<List<String>, double[]> counts = new LinkedHashMap<>();
        count(a, counts, 0);
        count(b, counts, 1);
        List<LineRow> rows = new ArrayList<>();
        counts.forEach((k, n) -> {
            if (Math.abs(n[1] - n[0]) > 0.005) rows.add(new LineRow(k.get(0), k.get(1), n[0], n[1]));
        });
        rows.sort(Comparator.comparingDouble((LineRow r) -> -Math.abs(r.b - r.a))
                .thenComparing(LineRow::function)
                .thenComparing(LineRow::text));
        return rows;
    }

    private static void count(Map<String, Object> of, Map<List<String>, double[]> into, int column) {
        Map<String, Object> code = map(of.get("code"));
        Set<Object> entry = new LinkedHashSet<>((List<?>) of.get("entryCode"));
        code.forEach((function, lines) -> {
            if (!entry.contains(function)) return;
            List<?> l = (List<?>) lines;
            // its most frequent line stands for an execution: entry code has no loops to speak of
            long executions = 1;
            for (Object o : l) executions = Math.max(executions, ((Number) ((List<?>) o).get(2)).longValue());
            for (Object o : l) {
                List<?> line = (List<?>) o;
                into.computeIfAbsent(List.of(function, text((String) line.get(1))), k -> new double[2])[column] +=
                        ((Number) line.get(2)).doubleValue() / executions;
            }
        });
    }

    /** @return an instruction without what depends on where it lies: offsets in functions, addresses */
    private static String text(String t) {
        return t.replaceAll("\\+0x[0-9a-f]+$", "+...").replaceAll("0x[0-9a-f]{5,}", "ADDRESS");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object o) {
        return (Map<String, Object>) o;
    }

    private static long number(Map<String, Object> m, String key) {
        return m == null ? 0 : ((Number) m.get(key)).longValue();
    }
}
