package ringside.cli.exec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import ringside.lab.Laboratory;
import ringside.lab.LabException;
import ringside.lab.Registers;
import ringside.lab.Result;

/**
 * What a case's result should have: an object of registers and values, "reason" (text), "vector" and "error" (numbers), "instructions", and "memory ADDRESS" (bytes). What is not named may be
 * anything.
 */
public final class Expectation {
    static final Expectation NONE = new Expectation(Map.of());

    private final Map<String, Object> fields;

    private Expectation(Map<String, Object> fields) {
        this.fields = fields;
    }

    static Expectation of(Object json) {
        if (!(json instanceof Map<?, ?> m)) throw new LabException("expect: not an object of names and values");
        Map<String, Object> f = new LinkedHashMap<>();
        m.forEach((k, v) -> f.put(String.valueOf(k), v));
        return new Expectation(f);
    }

    /** @return a line for each field that the result does not have; the laboratory is as the run left it */
    public List<String> failures(Result r, Laboratory lab) {
        List<String> failed = new ArrayList<>();
        fields.forEach((name, v) -> {
            if (name.equals("reason")) {
                if (!r.stop().name().equals(v)) failed.add("reason: " + r.stop().name() + " instead of " + v);
            } else if (name.startsWith("memory ")) {
                byte[] wanted = Numbers.bytes(v, name);
                byte[] is = lab.read(Numbers.number(name.substring(7).strip(), name), wanted.length);
                if (!Arrays.equals(wanted, is)) failed.add(name + ": " + HexFormat.of().formatHex(is) + " instead of " + HexFormat.of().formatHex(wanted));
            } else {
                BigInteger wanted = Numbers.integer(v, name);
                BigInteger is = value(name, r, lab);
                if (!wanted.equals(is)) failed.add(name + ": " + Registers.hex(is) + " instead of " + Registers.hex(wanted));
            }
        });
        return failed;
    }

    private static BigInteger value(String name, Result r, Laboratory lab) {
        return switch (name) {
            // the end at HLT in user mode is a general-protection exception that was not delivered
            case "vector" -> BigInteger.valueOf(r.stop().reason() == ringside.lab.Stop.Reason.HLT ? 13 : r.stop().vector());
            case "error" -> BigInteger.valueOf(r.stop().error());
            case "instructions" -> BigInteger.valueOf(r.instructions());
            default -> Registers.read(lab.processor(), name);
        };
    }
}
