package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.unwinder.audit.Auditor;
import ringside.unwinder.audit.Cause;
import ringside.unwinder.audit.Tally;
import ringside.workbench.audit.AuditResult;

/** The result of an audit, as text or JSON. */
final class AuditReport {
    private final Auditor auditor;
    private final AuditResult result;
    private final AuditResult.Injected injected;
    private final int worst;

    /** @param worst functions and places to show for each kind */
    AuditReport(AuditResult result, int worst) {
        this.result = result;
        this.auditor = result.auditor();
        this.injected = result.injected();
        this.worst = worst;
    }

    private static String event(AuditResult.Injected i) {
        return i.nmi() ? "nmi" : "irq";
    }

    String text() {
        StringBuilder s = new StringBuilder();
        if (injected != null) {
            s.append(String.format(
                    "%,d times %s injected, at %,d addresses of entry code; %,d of them while an NMI was handled; %,d"
                            + " points in NMI handlers; %s%n",
                    injected.events(),
                    event(injected),
                    injected.addresses(),
                    injected.nested(),
                    injected.points(),
                    injected.complaints().isEmpty()
                            ? "the kernel did not complain"
                            : "the kernel complained: " + String.join(" / ", injected.complaints())));
        }
        s.append(String.format(
                "%,d points in the kernel, %,d in user mode; instructions %,d to %,d; %.1f s, %,.0f points/s; ended by"
                        + " %s%n%n",
                auditor.kernelPoints(),
                auditor.userPoints(),
                result.from(),
                result.to(),
                result.seconds(),
                (auditor.kernelPoints() + auditor.userPoints()) / result.seconds(),
                result.outcome().reason()));
        s.append(String.format(
                "%-8s %12s %10s %12s %12s %12s %12s %14s %14s%n",
                "kind", "right", "", "incomplete", "wrong", "said so", "not said", "right, doubted", "right, by code"));
        for (Tally t : auditor.tallies()) {
            s.append(String.format(
                    "%-8s %,12d %8.4f %% %,12d %,12d %,12d %,12d %,14d %,14d%n",
                    t.kind().label(),
                    t.right(),
                    percent(t),
                    t.incomplete(),
                    t.wrong(),
                    t.told(),
                    t.silent(),
                    t.doubted(),
                    t.byCode()));
        }
        for (Tally t : auditor.tallies()) {
            if (t.beyond() > 0) {
                s.append(String.format(
                        "%n%s goes on where the shadow stack ends at %,d points: frames that no call or entry made (a"
                                + " task's first)%n",
                        t.kind().label(), t.beyond()));
            }
            if (t.points() == t.right()) continue;
            causes(s, t);
            if (worst == 0) continue;
            s.append(String.format("%n%s fails most often in: ", t.kind().label()));
            List<String> functions = new ArrayList<>();
            t.functions(worst).forEach(f -> functions.add(String.format("%s %,d", f.getKey(), f.getValue())));
            s.append(String.join(", ", functions)).append('\n');
            for (Tally.Place p : t.worst(worst)) {
                s.append(String.format(
                        "%n%,d times %s, %s, behind %s: %s%n",
                        p.count(),
                        p.verdict().name().toLowerCase(java.util.Locale.ROOT),
                        p.told() ? "and said so" : "not said so",
                        p.where(),
                        p.cause().text()));
                s.append("  for example at ").append(p.example());
            }
        }
        return s.toString();
    }

    /** The classes of what is not right, and the share of right ones without those that are for the kernel's tables. */
    private static void causes(StringBuilder s, Tally t) {
        s.append(String.format(
                "%n%s is not right at %,d points (said so, not said so):%n",
                t.kind().label(), t.points() - t.right()));
        long tables = 0;
        for (Cause c : Cause.values()) {
            long n = t.cause(c, false) + t.cause(c, true);
            if (n == 0) continue;
            if (c.tables(t.kind())) tables += n;
            s.append(String.format(
                    "%,12d %,12d  %s (%s)%n", t.cause(c, false), t.cause(c, true), c.text(), c.whose(t.kind())));
        }
        if (tables > 0)
            s.append(String.format(
                    "%.4f %% are right without those that are for the kernel's tables%n",
                    100.0 * t.right() / Math.max(1, t.points() - tables)));
    }

    private static double percent(Tally t) {
        return 100.0 * t.right() / Math.max(1, t.points());
    }

    String json() {
        Map<String, Object> o = new LinkedHashMap<>();
        if (injected != null) {
            Map<String, Object> i = new LinkedHashMap<>();
            i.put("event", event(injected));
            i.put("events", injected.events());
            i.put("addresses", injected.addresses());
            i.put("whileNmiHandled", injected.nested());
            i.put("pointsInNmiHandlers", injected.points());
            i.put("complaints", injected.complaints());
            o.put("injected", i);
        }
        o.put("kernelPoints", auditor.kernelPoints());
        o.put("userPoints", auditor.userPoints());
        o.put("fromInstruction", result.from());
        o.put("toInstruction", result.to());
        o.put("seconds", result.seconds());
        o.put("ended", result.outcome().reason().name());
        Map<String, Object> kinds = new LinkedHashMap<>();
        for (Tally t : auditor.tallies()) {
            Map<String, Object> k = new LinkedHashMap<>();
            k.put("right", t.right());
            k.put("incomplete", t.incomplete());
            k.put("wrong", t.wrong());
            k.put("notRightAndSaidSo", t.told());
            k.put("notRightAndNotSaidSo", t.silent());
            k.put("rightButDoubted", t.doubted());
            k.put("rightByCode", t.byCode());
            k.put("beyondShadowStack", t.beyond());
            Map<String, Object> causes = new LinkedHashMap<>();
            for (Cause c : Cause.values()) {
                if (t.cause(c, false) + t.cause(c, true) > 0)
                    causes.put(
                            c.name().toLowerCase(java.util.Locale.ROOT),
                            Map.of(
                                    "saidSo",
                                    t.cause(c, false),
                                    "notSaidSo",
                                    t.cause(c, true),
                                    "whose",
                                    c.whose(t.kind())));
            }
            k.put("causes", causes);
            Map<String, Long> functions = new LinkedHashMap<>();
            t.functions(worst).forEach(f -> functions.put(f.getKey(), f.getValue()));
            k.put("worstFunctions", functions);
            List<Object> places = new ArrayList<>();
            for (Tally.Place p : t.worst(worst)) {
                Map<String, Object> m = new LinkedHashMap<>();
                m.put("behind", p.where());
                m.put("address", String.format("%016x", p.address()));
                m.put("count", p.count());
                m.put("verdict", p.verdict().name().toLowerCase(java.util.Locale.ROOT));
                m.put("saidSo", p.told());
                m.put("cause", p.cause().name());
                m.put("example", p.example());
                places.add(m);
            }
            k.put("worstPlaces", places);
            kinds.put(t.kind().label(), k);
        }
        o.put("kinds", kinds);
        try {
            return JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(o) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
