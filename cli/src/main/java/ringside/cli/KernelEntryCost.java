package ringside.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.workbench.profile.EntryStatistics;
import ringside.workbench.profile.Part;
import ringside.workbench.profile.Profile;

/** What entry and exit code of any kernel costs, by a profile of a run of it: for people and as JSON. */
final class KernelEntryCost {
    private KernelEntryCost() {}

    static String text(Profile p) {
        StringBuilder s = new StringBuilder();
        s.append(String.format(
                "Guest instructions / loads and stores of one entry, medians of those that returned; %,d instructions"
                        + " in all%n%n",
                p.retired()));
        s.append(String.format(
                "%10s %15s %15s %15s %15s  %s%n",
                "returned", "entry assembly", "exit assembly", "exit work", "handler", "kind of entry"));
        for (Profile.Entry e : p.entries()) {
            EntryStatistics t = e.statistics();
            if (t.total().getTotalCount() == 0) continue;
            s.append(String.format(
                    "%,10d %15s %15s %15s %15s  %s, from %s%n",
                    t.total().getTotalCount(),
                    cell(t, Part.IN),
                    cell(t, Part.OUT),
                    cell(t, Part.EXIT_WORK),
                    cell(t, Part.HANDLER),
                    e.name(),
                    e.key().user() ? "user" : "kernel"));
        }
        s.append("(where a kernel has no __entry_text_start or entry table, all is handler)\n");
        return s.toString();
    }

    private static String cell(EntryStatistics t, Part p) {
        return String.format(
                "%,d / %,d", t.part(p).getValueAtPercentile(50), t.memory(p).getValueAtPercentile(50));
    }

    static String json(Profile p) throws IOException {
        List<Object> rows = new ArrayList<>();
        for (Profile.Entry e : p.entries()) {
            EntryStatistics t = e.statistics();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", e.name());
            row.put("fromUser", e.key().user());
            row.put("entries", t.entries());
            row.put("returned", t.total().getTotalCount());
            for (Part part : Part.values()) {
                row.put(part.label() + " instructions", t.part(part).getValueAtPercentile(50));
                row.put(part.label() + " memory", t.memory(part).getValueAtPercentile(50));
            }
            rows.add(row);
        }
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("instructions", p.retired());
        o.put("entries", rows);
        return JSON.std.asString(o) + "\n";
    }
}
