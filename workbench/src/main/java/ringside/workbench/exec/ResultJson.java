package ringside.workbench.exec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.List;
import ringside.lab.Registers;
import ringside.lab.Result;
import ringside.lab.Stop;

/**
 * A result as the JSON object that {@code ringside exec} prints. Written without a tree of objects, as a batch does
 * little else.
 */
public final class ResultJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ResultJson() {}

    private interface Fields {
        void write(JsonGenerator g) throws IOException;
    }

    private static String object(Object name, Fields fields) throws IOException {
        StringWriter text = new StringWriter(4096);
        try (JsonGenerator g = FACTORY.createGenerator(text)) {
            g.writeStartObject();
            if (name != null) value(g, "name", name);
            fields.write(g);
            g.writeEndObject();
        }
        return text.toString();
    }

    private static void value(JsonGenerator g, String field, Object value) throws IOException {
        g.writeFieldName(field);
        g.writeRawValue(JSON.std.asString(value));
    }

    /**
     * @param name given back, or null
     * @param trace the instructions, or null if not asked for
     * @param unexpected what was not as expected; left out if empty
     * @param at the instruction at the stop, or null
     * @param only what to answer with, {@link Only#ALL} for everything
     */
    public static String of(
            Object name, Result r, List<String> trace, List<String> unexpected, StopInstruction at, Only only)
            throws IOException {
        return object(name, g -> {
            if (only.has("stop")) stop(g, r, at);
            if (only.has("instructions")) g.writeNumberField("instructions", r.instructions());
            if (only.anyRegister()) {
                g.writeObjectFieldStart("regs");
                for (var e : r.registers().entrySet()) {
                    if (only.register(e.getKey())) g.writeStringField(e.getKey(), Registers.hex(e.getValue()));
                }
                g.writeEndObject();
            }
            if (only.has("memory")) memory(g, r);
            if (trace != null && only.has("trace")) value(g, "trace", trace);
            if (!unexpected.isEmpty()) value(g, "unexpected", unexpected);
        });
    }

    private static void memory(JsonGenerator g, Result r) throws IOException {
        g.writeArrayFieldStart("memory");
        for (Result.Bytes m : r.memory()) {
            g.writeStartObject();
            g.writeStringField("at", Registers.hex(m.address()));
            g.writeStringField("hex", HexFormat.of().formatHex(m.bytes()));
            g.writeEndObject();
        }
        g.writeEndArray();
    }

    private static void stop(JsonGenerator g, Result r, StopInstruction at) throws IOException {
        Stop s = r.stop();
        g.writeObjectFieldStart("stop");
        g.writeStringField("reason", s.name());
        if (s.vector() >= 0) g.writeNumberField("vector", s.vector());
        if (s.error() >= 0) g.writeNumberField("error", s.error());
        g.writeStringField("address", Registers.hex(s.address()));
        if (at != null) {
            g.writeStringField("bytes", at.bytes());
            g.writeStringField("text", at.text());
        }
        if (s.vector() == 14 && r.registers().containsKey("cr2"))
            g.writeStringField("access", Registers.hex(r.registers().get("cr2")));
        g.writeEndObject();
    }

    /** The answer to a line of a batch that cannot be used. @param name as in the line, or null */
    static String error(Object name, long line, String message) throws IOException {
        return object(name, g -> {
            g.writeNumberField("line", line);
            g.writeStringField("error", message);
        });
    }
}
