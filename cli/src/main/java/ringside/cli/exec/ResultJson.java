package ringside.cli.exec;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import ringside.lab.Registers;
import ringside.lab.Result;
import ringside.lab.Stop;

/** A result as the JSON object that {@code ringside exec} prints. Written as text, without a tree of objects: most of what a batch does is this. */
final class ResultJson {
    private ResultJson() {}

    /** @param name given back, or null @param trace the instructions, or null if not asked for @param unexpected what was not as expected; left out if empty */
    static String of(Object name, Result r, List<String> trace, List<String> unexpected) throws IOException {
        StringBuilder b = new StringBuilder(4096).append('{');
        if (name != null) b.append("\"name\":").append(JSON.std.asString(name)).append(',');
        stop(b, r);
        b.append(",\"instructions\":").append(r.instructions()).append(",\"regs\":{");
        String comma = "";
        for (var e : r.registers().entrySet()) {
            b.append(comma).append('"').append(e.getKey()).append("\":\"").append(Registers.hex(e.getValue())).append('"');
            comma = ",";
        }
        b.append("},\"memory\":[");
        comma = "";
        for (Result.Bytes m : r.memory()) {
            b.append(comma).append("{\"at\":\"").append(Registers.hex(m.address())).append("\",\"hex\":\"").append(HexFormat.of().formatHex(m.bytes())).append("\"}");
            comma = ",";
        }
        b.append(']');
        if (trace != null) b.append(",\"trace\":").append(JSON.std.asString(trace));
        if (!unexpected.isEmpty()) b.append(",\"unexpected\":").append(JSON.std.asString(unexpected));
        return b.append('}').toString();
    }

    private static void stop(StringBuilder b, Result r) {
        Stop s = r.stop();
        b.append("\"stop\":{\"reason\":\"").append(s.name()).append('"');
        if (s.vector() >= 0) b.append(",\"vector\":").append(s.vector());
        if (s.error() >= 0) b.append(",\"error\":").append(s.error());
        b.append(",\"address\":\"").append(Registers.hex(s.address())).append('"');
        if (s.vector() == 14 && r.registers().containsKey("cr2")) b.append(",\"access\":\"").append(Registers.hex(r.registers().get("cr2"))).append('"');
        b.append('}');
    }

    /** The answer to a line of a batch that cannot be used. @param name as in the line, or null */
    static String error(Object name, long line, String message) throws IOException {
        Map<String, Object> o = new java.util.LinkedHashMap<>();
        if (name != null) o.put("name", name);
        o.put("line", line);
        o.put("error", message);
        return JSON.std.asString(o);
    }
}
