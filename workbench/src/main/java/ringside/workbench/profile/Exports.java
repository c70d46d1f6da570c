package ringside.workbench.profile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import ringside.workbench.profile.Recorder.EntrySlice;
import ringside.workbench.profile.Recorder.OffSlice;
import ringside.workbench.profile.Recorder.Slice;
import ringside.workbench.profile.Recorder.TaskSlice;
import ringside.workbench.profile.Recorder.TranslationSlice;

/** Profiles in the forms of other tools: speedscope, pprof, the Firefox Profiler, and a time line for Perfetto. */
public final class Exports {
    private Exports() {}

    /** Numbers of frames, in the order in which they came. */
    private static final class Numbers {
        final Map<String, Integer> of = new HashMap<>();
        final List<String> names = new ArrayList<>();

        int of(String s) {
            Integer n = of.get(s);
            if (n == null) {
                of.put(s, n = names.size());
                names.add(s);
            }
            return n;
        }
    }

    /** @return frames once each, and stacks of their numbers from the outermost on, with the instructions last */
    public static Map<String, Object> stacks(Profile p) {
        Numbers frames = new Numbers();
        List<Object> stacks = new ArrayList<>();
        p.stacks((names, n) -> {
            List<Long> s = new ArrayList<>();
            for (String f : names) s.add((long) frames.of(f));
            s.add(n);
            stacks.add(s);
        });
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("frames", frames.names);
        o.put("stacks", stacks);
        return o;
    }

    // ---- speedscope ----

    /** @return a file of https://www.speedscope.app, as a tree for JSON */
    public static Map<String, Object> speedscope(Profile p, String name) {
        Numbers frames = new Numbers();
        List<Object> samples = new ArrayList<>();
        List<Object> weights = new ArrayList<>();
        long[] sum = new long[1];
        p.stacks((names, n) -> {
            samples.add(names.stream().map(frames::of).toList());
            weights.add(n);
            sum[0] += n;
        });
        return Map.of(
                "$schema",
                "https://www.speedscope.app/file-format-schema.json",
                "name",
                name,
                "exporter",
                "ringside",
                "shared",
                Map.of(
                        "frames",
                        frames.names.stream().map(f -> Map.of("name", f)).toList()),
                "profiles",
                List.of(Map.of(
                        "type",
                        "sampled",
                        "name",
                        name,
                        "unit",
                        "none",
                        "startValue",
                        0,
                        "endValue",
                        sum[0],
                        "samples",
                        samples,
                        "weights",
                        weights)));
    }

    // ---- pprof ----

    /** @return a profile.proto of pprof, compressed as its tools want it */
    public static byte[] pprof(Profile p, long distance) throws IOException {
        Numbers strings = new Numbers();
        strings.of("");
        Numbers functions = new Numbers();
        Message profile = new Message();
        Message type = new Message().number(1, strings.of("instructions")).number(2, strings.of("count"));
        profile.message(1, type);
        p.stacks((names, n) -> {
            Message locations = new Message();
            // the innermost first; numbers begin at 1
            for (String f : names.reversed()) locations.varint(functions.of(f) + 1);
            profile.message(2, new Message().message(1, locations).message(2, new Message().varint(n)));
        });
        for (int i = 0; i < functions.names.size(); i++) {
            profile.message(4, new Message().number(1, i + 1).message(4, new Message().number(1, i + 1)));
        }
        for (int i = 0; i < functions.names.size(); i++) {
            int name = strings.of(functions.names.get(i));
            profile.message(5, new Message().number(1, i + 1).number(2, name).number(3, name));
        }
        profile.message(11, type);
        profile.number(12, distance);
        for (String s : strings.names) profile.bytes(6, s.getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            profile.out.writeTo(zip);
        }
        return out.toByteArray();
    }

    /** A message of protocol buffers. */
    private static final class Message {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(long v) {
            while ((v & ~0x7fL) != 0) {
                out.write((int) (v & 0x7f | 0x80));
                v >>>= 7;
            }
            out.write((int) v);
            return this;
        }

        Message number(int field, long v) {
            return varint((long) field << 3).varint(v);
        }

        Message message(int field, Message m) {
            return bytes(field, m.out.toByteArray());
        }

        Message bytes(int field, byte[] b) {
            varint((long) field << 3 | 2).varint(b.length);
            out.writeBytes(b);
            return this;
        }
    }

    // ---- Firefox Profiler ----

    /** @return a file of https://profiler.firefox.com, as a tree for JSON */
    public static Map<String, Object> firefox(Profile p, String name) {
        Numbers strings = new Numbers();
        Numbers frames = new Numbers();
        // a stack is a frame and the stack below it
        record Node(int frame, int below) {}
        Map<Node, Integer> nodes = new LinkedHashMap<>();
        List<Object> samples = new ArrayList<>();
        long[] time = new long[1];
        p.stacks((names, n) -> {
            int at = -1;
            for (String f : names) {
                Node node = new Node(frames.of(f), at);
                Integer known = nodes.get(node);
                if (known == null) nodes.put(node, known = nodes.size());
                at = known;
            }
            // the time line of this file is made of instructions, a million to the second
            samples.add(java.util.Arrays.asList(at < 0 ? null : at, time[0] / 1000.0, 0, n));
            time[0] += n;
        });
        List<Object> frameRows = new ArrayList<>();
        for (String f : frames.names)
            frameRows.add(java.util.Arrays.asList(strings.of(f), false, 0, null, null, null, null, 0, null));
        List<Object> stackRows = new ArrayList<>();
        nodes.keySet().forEach(n -> stackRows.add(java.util.Arrays.asList(n.below < 0 ? null : n.below, n.frame)));
        Map<String, Object> thread = new LinkedHashMap<>();
        thread.put("name", "CPU 0");
        thread.put("processType", "default");
        thread.put("tid", 1);
        thread.put("pid", 1);
        thread.put("registerTime", 0);
        thread.put("unregisterTime", null);
        thread.put(
                "markers",
                Map.of(
                        "schema",
                        schema("name", "startTime", "endTime", "phase", "category", "data"),
                        "data",
                        List.of()));
        thread.put("samples", Map.of("schema", schema("stack", "time", "eventDelay", "weight"), "data", samples));
        thread.put(
                "frameTable",
                Map.of(
                        "schema",
                        schema(
                                "location",
                                "relevantForJS",
                                "innerWindowID",
                                "implementation",
                                "line",
                                "column",
                                "category",
                                "subcategory",
                                "address"),
                        "data",
                        frameRows));
        thread.put("stackTable", Map.of("schema", schema("prefix", "frame"), "data", stackRows));
        thread.put("stringTable", strings.names);
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("version", 25);
        meta.put("product", name);
        meta.put("interval", 1);
        meta.put("startTime", 0);
        meta.put("processType", 0);
        meta.put("stackwalk", 1);
        meta.put("debug", 0);
        meta.put("gcpoison", 0);
        meta.put("asyncstack", 0);
        meta.put("platform", "Ringside");
        meta.put("oscpu", "x86-64");
        meta.put("misc", "");
        meta.put("shutdownTime", null);
        meta.put("categories", List.of(Map.of("name", "Guest", "color", "blue", "subcategories", List.of("Other"))));
        meta.put("markerSchema", List.of());
        meta.put("sampleUnits", Map.of("time", "ms", "eventDelay", "ms", "threadCPUDelta", "µs"));
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("meta", meta);
        o.put("libs", List.of());
        o.put("pages", List.of());
        o.put("threads", List.of(thread));
        o.put("processes", List.of());
        o.put("pausedRanges", List.of());
        return o;
    }

    private static Map<String, Object> schema(String... columns) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < columns.length; i++) m.put(columns[i], i);
        return m;
    }

    // ---- Perfetto ----

    private static final int TASKS = 1, ENTRIES = 2, INTERRUPTS = 3, PREEMPTION = 4, TRANSLATIONS = 5;

    /**
     * @return a trace of Chrome's form for https://ui.perfetto.dev, as a tree for JSON: tasks, entries, stretches with
     *     interrupts or preemption off, and translations, at the guest's virtual time
     */
    public static Map<String, Object> timeLine(Profile p) {
        List<Object> events = new ArrayList<>();
        events.add(name("process_name", 0, "guest CPU 0"));
        String[] tracks = {"", "tasks", "entries", "interrupts off", "preemption off", "translations"};
        for (int t = 1; t < tracks.length; t++) {
            events.add(name("thread_name", t, tracks[t]));
            Map<String, Object> sort = new LinkedHashMap<>(name("thread_sort_index", t, ""));
            sort.put("args", Map.of("sort_index", t));
            events.add(sort);
        }
        for (Slice s : p.recorder().line().slices()) {
            Map<String, Object> e = new LinkedHashMap<>();
            Map<String, Object> args = new LinkedHashMap<>();
            int track;
            switch (s) {
                case TaskSlice x -> {
                    track = TASKS;
                    e.put("name", x.task().comm() + "/" + x.task().pid());
                }
                case EntrySlice x -> {
                    track = ENTRIES;
                    e.put("name", p.name(x.key()));
                    args.put("instructions", x.instructions());
                    args.put("from", x.key().user() ? "user" : "kernel");
                    if (x.task() != null)
                        args.put("task", x.task().comm() + "/" + x.task().pid());
                }
                case OffSlice x -> {
                    track = x.interrupts() ? INTERRUPTS : PREEMPTION;
                    e.put("name", p.place(x.begin()));
                }
                case TranslationSlice x -> {
                    track = TRANSLATIONS;
                    e.put("name", String.format("page %x", x.page()));
                    args.put("blocks", x.blocks());
                    args.put("instructions", x.instructions());
                }
            }
            boolean moment = s.to() == s.from();
            e.put("ph", moment ? "i" : "X");
            e.put("ts", s.from() / 1000.0);
            if (moment) e.put("s", "t");
            else e.put("dur", (s.to() - s.from()) / 1000.0);
            e.put("pid", 1);
            e.put("tid", track);
            if (!args.isEmpty()) e.put("args", args);
            events.add(e);
        }
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("displayTimeUnit", "ns");
        o.put("traceEvents", events);
        if (p.recorder().line().dropped() > 0)
            o.put("otherData", Map.of("leftOut", p.recorder().line().dropped()));
        return o;
    }

    private static Map<String, Object> name(String what, int track, String name) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("ph", "M");
        m.put("name", what);
        m.put("pid", 1);
        if (track > 0) m.put("tid", track);
        m.put("args", Map.of("name", name));
        return m;
    }
}
