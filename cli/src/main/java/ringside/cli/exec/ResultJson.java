package ringside.cli.exec;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.lab.Registers;
import ringside.lab.Result;
import ringside.lab.Stop;

/** A result as the JSON object that {@code ringside exec} prints. */
final class ResultJson {
    private ResultJson() {}

    static Map<String, Object> of(Object name, Result r) {
        Map<String, Object> o = new LinkedHashMap<>();
        if (name != null) o.put("name", name);
        o.put("stop", stop(r));
        o.put("instructions", r.instructions());
        Map<String, String> regs = new LinkedHashMap<>();
        r.registers().forEach((n, v) -> regs.put(n, Registers.hex(v)));
        o.put("regs", regs);
        List<Map<String, String>> memory = new ArrayList<>();
        for (Result.Bytes b : r.memory()) {
            Map<String, String> run = new LinkedHashMap<>();
            run.put("at", Registers.hex(b.address()));
            run.put("hex", HexFormat.of().formatHex(b.bytes()));
            memory.add(run);
        }
        o.put("memory", memory);
        return o;
    }

    private static Map<String, Object> stop(Result r) {
        Stop s = r.stop();
        Map<String, Object> o = new LinkedHashMap<>();
        o.put("reason", s.name());
        if (s.vector() >= 0) o.put("vector", s.vector());
        if (s.error() >= 0) o.put("error", s.error());
        o.put("address", Registers.hex(s.address()));
        if (s.vector() == 14 && r.registers().containsKey("cr2")) o.put("access", Registers.hex(r.registers().get("cr2")));
        return o;
    }
}
