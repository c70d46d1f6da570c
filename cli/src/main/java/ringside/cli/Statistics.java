package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import ringside.cpu.Engine;
import ringside.machine.Machine;
import ringside.machine.Outcome;
import ringside.memory.LinearMemory;
import ringside.snapshot.StateHash;
import ringside.translator.RegionFigures;
import ringside.translator.Translator;
import ringside.workbench.run.EngineTimes;
import ringside.workbench.run.HostThreads;
import ringside.workbench.run.Vectors;

/** The figures of {@code --stats}, on standard error: lines to read, or one JSON object on the last line. */
final class Statistics {
    /** Regions that are printed. */
    private static final int TOP = 10;

    private Statistics() {}

    /** @param first the instruction at which this run began: not 0 if it went on from a snapshot */
    static void print(
            StatsFormat format, Machine m, String engine, Outcome o, long first, long hostNanos, EngineTimes times) {
        if (format == StatsFormat.json) json(m, engine, o, first, hostNanos, times);
        else text(m, engine, o, first, hostNanos, times);
    }

    /** {@return milliseconds that HotSpot's compilers took, summed over their threads} */
    private static long compilation() {
        CompilationMXBean c = ManagementFactory.getCompilationMXBean();
        return c != null && c.isCompilationTimeMonitoringSupported() ? c.getTotalCompilationTime() : 0;
    }

    private static void text(Machine m, String engine, Outcome o, long first, long hostNanos, EngineTimes times) {
        PrintStream e = Output.messages();
        long n = m.cpu().instructions();
        e.println();
        line(e, "engine", engine);
        line(e, "outcome", o.reason().toString());
        line(e, "guest instructions", String.format("%,d", n));
        if (first != 0) line(e, "of these in this run", String.format("%,d", n - first));
        line(e, "virtual time", String.format("%.6f s (idle %.6f s)", m.now() / 1e9, m.idleTime() / 1e9));
        line(e, "host time", String.format("%.3f s", hostNanos / 1e9));
        time(e, "time in translated code", times.share(Engine.Work.TRANSLATED), hostNanos);
        if (times.share(Engine.Work.TRANSLATED) > 0) {
            time(e, "  entered under 100 times", times.share(EngineTimes.Age.UNDER_100), hostNanos);
            time(e, "  entered under 2,000 times", times.share(EngineTimes.Age.UNDER_2000), hostNanos);
            time(e, "  entered under 20,000 times", times.share(EngineTimes.Age.UNDER_20000), hostNanos);
            time(e, "  entered more often", times.share(EngineTimes.Age.OLDER), hostNanos);
        }
        time(e, "time interpreting", times.share(Engine.Work.INTERPRETING), hostNanos);
        time(e, "time decoding", times.share(Engine.Work.DECODING), hostNanos);
        time(e, "time in devices, waiting", times.share(Engine.Work.NONE), hostNanos);
        Map<String, Long> threads = HostThreads.millis();
        line(e, "HotSpot's compilers", String.format("%.3f s, beside the run", compilation() / 1e3));
        if (!threads.isEmpty())
            line(
                    e,
                    "processor time",
                    String.format(
                            "guest %.1f s, C1 %.1f s, C2 %.1f s, translation %.1f s, rest %.1f s",
                            threads.get("guest") / 1e3,
                            threads.get("c1") / 1e3,
                            threads.get("c2") / 1e3,
                            threads.get("translation") / 1e3,
                            threads.get("rest") / 1e3));
        line(e, "speed", String.format("%.1f million instructions/s", (n - first) * 1e3 / hostNanos));
        LinearMemory mem = m.cpu().mem;
        line(e, "TLB fills", String.format("%,d", mem.fills));
        line(
                e,
                "TLB dropped",
                String.format(
                        "%,d times all, %,d an address space, %,d a page",
                        mem.flushes, mem.spaceFlushes, mem.pageFlushes));
        line(e, "address spaces kept", String.format("%,d CR3 writes that dropped nothing", mem.spaceSwitches));
        line(
                e,
                "blocks decoded",
                String.format("%,d (code pages dropped after writes: %,d)", m.blocks().built, m.blocks().pagesDropped));
        m.engine().report((name, value) -> line(e, name, value));
        top(m, e, n - first);
        for (int v = 0; v < 256; v++) {
            if (m.cpu().deliveries[v] != 0) line(e, vector(v), String.format("%,d", m.cpu().deliveries[v]));
        }
        line(e, "state hash", StateHash.of(m));
    }

    /** The regions that retired most, by the address where they were entered last. */
    private static void top(Machine m, PrintStream e, long retired) {
        if (!(m.engine() instanceof Translator t)) return;
        for (RegionFigures r : t.top(TOP)) {
            line(
                    e,
                    "region at " + Long.toHexString(r.rip()),
                    String.format(
                            "%,d instructions (%.1f %%), %,d entries, %d long",
                            r.instructions(),
                            100.0 * r.instructions() / Math.max(1, retired),
                            r.entries(),
                            r.length()));
        }
    }

    private static void time(PrintStream e, String name, double share, long hostNanos) {
        line(e, name, String.format("%.3f s (%.0f %%, sampled)", share * hostNanos / 1e9, 100 * share));
    }

    /** {@return number and, where the manual has one, name of a vector} */
    private static String vector(int v) {
        String name = Vectors.name(v);
        String number = String.format("vector %02Xh", v);
        return name.equals(Integer.toString(v)) ? number : number + " (" + name + ")";
    }

    private static void line(PrintStream e, String name, String value) {
        e.printf("%-28s %s%n", name, value);
    }

    private static void json(Machine m, String engine, Outcome o, long first, long hostNanos, EngineTimes times) {
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("engine", engine);
        r.put("outcome", o.reason().toString());
        r.put("instructions", m.cpu().instructions());
        r.put("first_instruction", first);
        r.put("virtual_ns", m.now());
        r.put("idle_ns", m.idleTime());
        r.put("host_ns", hostNanos);
        Map<String, Object> shares = new LinkedHashMap<>();
        for (Engine.Work w : Engine.Work.values()) shares.put(w.name().toLowerCase(Locale.ROOT), times.share(w));
        for (EngineTimes.Age a : EngineTimes.Age.values())
            shares.put("translated_" + a.name().toLowerCase(Locale.ROOT), times.share(a));
        r.put("time_shares", shares);
        r.put("processor_ms", HostThreads.millis());
        r.put("hotspot_compilation_ms", compilation());
        LinearMemory mem = m.cpu().mem;
        Map<String, Object> tlb = new LinkedHashMap<>();
        tlb.put("fills", mem.fills);
        tlb.put("dropped_all", mem.flushes);
        tlb.put("dropped_spaces", mem.spaceFlushes);
        tlb.put("dropped_pages", mem.pageFlushes);
        tlb.put("kept_spaces", mem.spaceSwitches);
        r.put("tlb", tlb);
        r.put("blocks_decoded", m.blocks().built);
        r.put("code_pages_dropped", m.blocks().pagesDropped);
        Map<String, Object> figures = new LinkedHashMap<>();
        m.engine().report((name, value) -> figures.put(name.replace(' ', '_'), number(value)));
        r.put("translator", figures);
        if (m.engine() instanceof Translator t) {
            r.put(
                    "top_regions",
                    t.top(TOP).stream()
                            .map(f -> Map.of(
                                    "rip", Long.toHexString(f.rip()),
                                    "instructions", f.instructions(),
                                    "entries", f.entries(),
                                    "length", f.length()))
                            .toList());
        }
        Map<String, Object> vectors = new LinkedHashMap<>();
        for (int v = 0; v < 256; v++) {
            if (m.cpu().deliveries[v] != 0)
                vectors.put(
                        String.format("0x%02x", v), Map.of("name", Vectors.name(v), "count", m.cpu().deliveries[v]));
        }
        r.put("vectors", vectors);
        r.put("state_hash", StateHash.of(m));
        try {
            Output.messages().println(JSON.std.asString(r));
        } catch (IOException x) {
            throw new UncheckedIOException(x);
        }
    }

    private static Object number(String value) {
        try {
            return Long.valueOf(value);
        } catch (NumberFormatException e) {
            return value;
        }
    }
}
