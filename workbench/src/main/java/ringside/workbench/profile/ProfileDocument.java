package ringside.workbench.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.HistogramIterationValue;
import ringside.shadow.ShadowEntry;

/** A profile as a tree of maps and lists: what profile.json, the report and comparisons are made of. */
public final class ProfileDocument {
    /** Of this form; another number means another one. */
    public static final int FORMAT = 1;

    private static final int LISTED = 40, INTERRUPTED = 10, PLACES = 40, BARS = 60, MOST_LINES = 5000, MOST_LEFT = 500;

    private final Profile p;
    private final Map<String, Object> o = new LinkedHashMap<>();

    private ProfileDocument(Profile p) {
        this.p = p;
    }

    /** @param about who made it: command, kernel, machine; comes first */
    public static Map<String, Object> of(Profile p, Map<String, Object> about) {
        ProfileDocument d = new ProfileDocument(p);
        d.o.put("format", FORMAT);
        d.o.putAll(about);
        d.sums();
        d.entries();
        if (p.full()) d.functions();
        d.tasks();
        if (p.full()) {
            d.o.put("interruptsOff", d.stretches(p.interruptsOff()));
            Map<String, Object> off = d.stretches(p.preemptionOff());
            if (p.preemptionNote() != null) off.put("note", p.preemptionNote());
            d.o.put("preemptionOff", off);
        }
        d.timeLine();
        return d.o;
    }

    private void sums() {
        o.put("from", p.recorder().start());
        o.put("instructions", p.retired());
        o.put("virtualNanoseconds", p.retired() + p.recorder().idle());
        o.put("idleNanoseconds", p.recorder().idle());
        o.put("hostNanoseconds", p.hostNanos());
        o.put("user", p.user());
        o.put("kernelOutsideOfEntries", p.kernel());
        o.put("translated", p.translated());
        o.put("endedOtherwise", p.unmatched());
        o.put("translations", p.recorder().translations());
        o.put("translationsDropped", p.recorder().dropped());
    }

    private void entries() {
        List<Object> rows = new ArrayList<>();
        for (Profile.Entry e : p.entries()) {
            EntryStatistics s = e.statistics();
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("name", e.name());
            r.put("kind", e.key().kind().name().toLowerCase(Locale.ROOT));
            r.put("vector", e.key().vector());
            if (e.key().systemCall()) {
                r.put("number", e.key().number());
                r.put("abi", e.key().abi().label());
            }
            r.put("fromUser", e.key().user());
            r.put("entries", s.entries());
            r.put("nested", s.nested());
            r.put("instructions", s.own());
            r.put("memory", s.memory());
            r.put("tlbFills", s.tlbFills());
            r.put("hostNanoseconds", s.hostNanos());
            r.put("perEntry", spread(s.total()));
            Map<String, Object> parts = new LinkedHashMap<>();
            for (Part part : Part.values()) {
                if (s.own(part) == 0) continue;
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("instructions", s.own(part));
                one.put("perEntry", spread(s.part(part)));
                one.put("memoryPerEntry", spread(s.memory(part)));
                parts.put(part.label(), one);
            }
            r.put("parts", parts);
            r.put("histogram", histogram(s.total()));
            r.put("interrupted", interrupted(s, e.key().user()));
            rows.add(r);
        }
        o.put("entries", rows);
    }

    private List<Object> interrupted(EntryStatistics s, boolean user) {
        Map<String, Long> byFunction = new HashMap<>();
        s.interrupted.forEach((at, n) -> byFunction.merge(user ? "[user]" : p.function(at), n[0], Long::sum));
        List<Object> top = new ArrayList<>();
        byFunction.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(INTERRUPTED)
                .forEach(x -> top.add(List.of(x.getKey(), x.getValue())));
        return top;
    }

    static Map<String, Object> spread(AbstractHistogram h) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("returned", h.getTotalCount());
        m.put("least", h.getTotalCount() == 0 ? 0 : h.getMinValue());
        m.put("median", h.getValueAtPercentile(50));
        m.put("p99", h.getValueAtPercentile(99));
        m.put("most", h.getMaxValue());
        return m;
    }

    /** @return pairs of a value and how many were up to it and above the one before, in logarithmic steps */
    private static List<Object> histogram(AbstractHistogram h) {
        List<Object> bars = new ArrayList<>();
        if (h.getTotalCount() == 0) return bars;
        double step = Math.max(
                1.05, Math.pow((double) Math.max(2, h.getMaxValue()) / Math.max(1, h.getMinValue()), 1.0 / BARS));
        for (HistogramIterationValue v : h.logarithmicBucketValues(Math.max(1, h.getMinValue()), step)) {
            bars.add(List.of(v.getValueIteratedTo(), v.getCountAddedInThisIterationStep()));
            if (bars.size() > 4 * BARS) break;
        }
        return bars;
    }

    private void functions() {
        List<Object> rows = new ArrayList<>();
        Set<String> listed = new HashSet<>();
        for (Profile.Function f : p.functions()) {
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("name", f.name());
            r.put("instructions", f.instructions());
            r.put("translated", f.translated());
            rows.add(r);
            if (listed.size() < LISTED && !f.name().startsWith("[")) listed.add(f.name());
        }
        o.put("functions", rows);
        Map<String, Object> code = new LinkedHashMap<>();
        p.listings(f -> listed.contains(f) || p.isEntry(f)).forEach((f, lines) -> {
            List<Object> l = new ArrayList<>();
            for (Profile.Line x : lines)
                l.add(
                        x.source().isEmpty()
                                ? List.of(x.offset(), x.text(), x.count())
                                : List.of(x.offset(), x.text(), x.count(), x.source()));
            code.put(f, l);
        });
        o.put("code", code);
        List<Object> source = new ArrayList<>();
        for (Profile.SourceLine l : p.lines()) {
            if (source.size() == MOST_LINES) break;
            source.add(List.of(l.line(), l.instructions()));
        }
        o.put("sourceLines", source);
        List<Object> left = new ArrayList<>();
        for (Profile.Left l : p.left()) {
            if (left.size() == MOST_LEFT) break;
            left.add(List.of(l.place(), l.last(), l.events(), l.others(), l.way()));
        }
        o.put("leftTranslatedCode", left);
        o.put("entryCode", code.keySet().stream().filter(p::isEntry).toList());
    }

    private void tasks() {
        List<Object> rows = new ArrayList<>();
        for (TaskRow t : p.tasks()) {
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("pid", t.pid());
            r.put("comm", t.comm());
            r.put("user", t.user());
            r.put("kernel", t.kernel());
            r.put("switchesTo", t.switches());
            rows.add(r);
        }
        o.put("tasks", rows);
        List<Object> spaces = new ArrayList<>();
        p.recorder().spaces().entrySet().stream()
                .sorted(Comparator.comparingLong(e -> -e.getValue()[0]))
                .forEach(e -> spaces.add(List.of(
                        e.getKey() == -1 ? "(all others)" : String.format("0x%x", e.getKey()), e.getValue()[0])));
        o.put("addressSpaces", spaces);
    }

    private Map<String, Object> stretches(Stretches s) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("instructions", s.total());
        m.put("length", spread(s.lengths()));
        m.put("histogram", histogram(s.lengths()));
        Map<String, Stretches.Place> byFunction = new HashMap<>();
        s.places().forEach((at, x) -> {
            Stretches.Place sum = byFunction.computeIfAbsent(p.function(at), k -> new Stretches.Place());
            sum.count += x.count;
            sum.instructions += x.instructions;
            sum.most = Math.max(sum.most, x.most);
        });
        List<Object> places = new ArrayList<>();
        byFunction.entrySet().stream()
                .sorted(Comparator.comparingLong(e -> -e.getValue().instructions))
                .limit(PLACES)
                .forEach(e -> places.add(
                        List.of(e.getKey(), e.getValue().count, e.getValue().instructions, e.getValue().most)));
        m.put("beginsIn", places);
        List<Object> longest = new ArrayList<>();
        for (Stretches.Example x : s.longest()) {
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("instructions", x.instructions());
            r.put("from", x.from());
            r.put("begin", p.place(x.begin()));
            r.put("end", p.place(x.end()));
            if (x.task() != null) r.put("task", x.task().comm() + "/" + x.task().pid());
            List<String> trace = p.named(x.trace(), Programs.NONE);
            r.put("trace", trace.reversed());
            longest.add(r);
        }
        m.put("longest", longest);
        return m;
    }

    private void timeLine() {
        TimeLine t = p.recorder().line();
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("width", t.width());
        List<String> columns = new ArrayList<>(List.of("user", "kernel"));
        for (ShadowEntry.Kind k : ShadowEntry.Kind.values())
            columns.add(k.name().toLowerCase(Locale.ROOT));
        m.put("columns", columns);
        m.put("bins", t.bins());
        o.put("timeLine", m);
    }
}
