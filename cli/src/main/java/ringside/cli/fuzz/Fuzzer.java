package ringside.cli.fuzz;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.boot.BootException;
import ringside.cli.exec.CaseSpec;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.lab.Experiment;
import ringside.lab.Lab;
import ringside.lab.LabException;
import ringside.lab.Mode;
import ringside.lab.Result;

/** Runs one case on two engines, compares everything, and makes a case that differs smaller. */
final class Fuzzer implements AutoCloseable {
    private final Lab reference;
    private final Lab tested;

    Fuzzer(Lab reference, Lab tested) {
        this.reference = reference;
        this.tested = tested;
    }

    /** @return what differs, at most a few lines; empty if nothing does or the case cannot be set up */
    List<String> differences(Map<String, Object> fields) {
        Experiment e;
        try {
            e = CaseSpec.of(fields).experiment();
        } catch (LabException | IOException | BootException x) {
            return List.of();
        }
        Result a;
        try {
            a = reference.run(e);
        } catch (LabException x) {
            return List.of();
        }
        Result b;
        try {
            b = tested.run(e);
        } catch (RuntimeException x) {
            return List.of("the translator failed: " + x);
        }
        return compare(a, b);
    }

    private static List<String> compare(Result a, Result b) {
        List<String> d = new ArrayList<>();
        if (!a.stop().equals(b.stop())) d.add("stop: " + a.stop() + " / " + b.stop());
        if (a.instructions() != b.instructions()) d.add("instructions: " + a.instructions() + " / " + b.instructions());
        a.registers().forEach((n, v) -> {
            if (!v.equals(b.registers().get(n))) d.add(n + ": " + v.toString(16) + " / " + b.registers().get(n).toString(16));
        });
        if (!memory(a).equals(memory(b))) d.add("memory: " + memory(a) + " / " + memory(b));
        return d;
    }

    private static List<String> memory(Result r) {
        return r.memory().stream().map(m -> Long.toHexString(m.address()) + "=" + HexFormat.of().formatHex(m.bytes())).toList();
    }

    // ---- making it smaller ----

    /** @return a case that still differs, with as many instructions replaced by NOPs and registers left out as possible */
    Map<String, Object> minimise(Map<String, Object> fields) {
        Map<String, Object> best = withoutInstructions(fields);
        @SuppressWarnings("unchecked")
        List<String> names = new ArrayList<>(((Map<String, Object>) best.get("regs")).keySet());
        for (String n : names) {
            Map<String, Object> smaller = new LinkedHashMap<>(best);
            @SuppressWarnings("unchecked")
            Map<String, Object> regs = new LinkedHashMap<>((Map<String, Object>) best.get("regs"));
            regs.remove(n);
            smaller.put("regs", regs);
            if (!differences(smaller).isEmpty()) best = smaller;
        }
        for (String field : new String[] {"mem", "deliver"}) {
            Map<String, Object> smaller = new LinkedHashMap<>(best);
            smaller.remove(field);
            if (!differences(smaller).isEmpty()) best = smaller;
        }
        return best;
    }

    private Map<String, Object> withoutInstructions(Map<String, Object> fields) {
        Map<String, Object> best = fields;
        byte[] code = HexFormat.of().parseHex((String) fields.get("hex"));
        int bits = Mode.valueOf(((String) fields.get("mode")).toUpperCase(java.util.Locale.ROOT)).bits();
        for (int at = 0; at < code.length; ) {
            int n = Math.max(1, Decoder.decode(code, at, Math.min(code.length, at + 15), bits, new Instruction()));
            byte[] smaller = code.clone();
            java.util.Arrays.fill(smaller, at, Math.min(code.length, at + n), (byte) 0x90);
            Map<String, Object> c = new LinkedHashMap<>(best);
            c.put("hex", HexFormat.of().formatHex(smaller));
            if (!differences(c).isEmpty()) {
                best = c;
                code = smaller;
            }
            at += n;
        }
        return best;
    }

    static String json(Map<String, Object> fields) throws IOException {
        return JSON.std.asString(fields);
    }

    @Override
    public void close() {
        reference.close();
        tested.close();
    }
}
