package ringside.workbench.exec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import ringside.lab.LabException;
import ringside.lab.Laboratory;
import ringside.lab.Registers;
import ringside.lab.Result;
import ringside.lab.Stop;

/**
 * What a case's result should have: an object of registers and values, "reason" (text), "vector", "error", "address"
 * and "access" (as in the result's "stop"), "instructions", and "memory ADDRESS" (bytes). What is not named may be
 * anything. A number may have a mask behind it, "VALUE/MASK": only the bits of the mask are compared, for flags that an
 * instruction leaves undefined.
 */
public final class Expectation {
    static final Expectation NONE = new Expectation(Map.of());

    /** @param mask bits to compare, or null for all */
    private record Check(String name, BigInteger value, BigInteger mask, byte[] bytes, String reason, long address) {}

    private final List<Check> checks = new ArrayList<>();

    private Expectation(Map<?, ?> fields) {
        fields.forEach((k, v) -> checks.add(check(String.valueOf(k).strip().toLowerCase(Locale.ROOT), v)));
    }

    public static Expectation of(Object json) {
        if (!(json instanceof Map<?, ?> m)) throw new LabException("expect: not an object of names and values");
        return new Expectation(m);
    }

    /** @return this and what others are added, which count where both name the same */
    Expectation with(Expectation other) {
        if (checks.isEmpty()) return other;
        Expectation e = new Expectation(Map.of());
        for (Check c : checks) {
            if (other.checks.stream().noneMatch(o -> o.name.equals(c.name))) e.checks.add(c);
        }
        e.checks.addAll(other.checks);
        return e;
    }

    private static Check check(String name, Object v) {
        if (name.equals("reason")) {
            for (Stop.Reason r : Stop.Reason.values()) {
                if (v instanceof String s && s.equalsIgnoreCase(r.name()))
                    return new Check(name, null, null, null, s.toLowerCase(Locale.ROOT), 0);
            }
            throw new LabException("expect: reason '" + Numbers.shown(v) + "' is none of "
                    + String.join(
                            ", ",
                            Arrays.stream(Stop.Reason.values())
                                    .map(r -> r.name().toLowerCase(Locale.ROOT))
                                    .toList()));
        }
        if (name.startsWith("memory "))
            return new Check(
                    name,
                    null,
                    null,
                    Numbers.bytes(v, "expect: " + name),
                    null,
                    Numbers.number(name.substring(7).strip(), "expect: " + name));
        BigInteger mask = null;
        if (v instanceof String s && s.indexOf('/') >= 0) {
            mask = number(name, s.substring(s.indexOf('/') + 1));
            v = s.substring(0, s.indexOf('/'));
        }
        return new Check(name, number(name, v), mask, null, null, 0);
    }

    private static BigInteger number(String name, Object v) {
        BigInteger n = Numbers.integer(v, "expect: " + name);
        return switch (name) {
            case "vector", "error", "instructions", "address", "access" -> n;
            default -> Registers.fitted(name, n);
        };
    }

    /** @return a line for each field that the result does not have; the laboratory is as the run left it */
    public List<String> failures(Result r, Laboratory lab) {
        List<String> failed = new ArrayList<>();
        for (Check c : checks) {
            if (c.reason != null) {
                if (!r.stop().name().equals(c.reason))
                    failed.add("reason: " + r.stop().name() + " instead of " + c.reason);
            } else if (c.bytes != null) {
                byte[] is = lab.read(c.address, c.bytes.length);
                if (!Arrays.equals(c.bytes, is))
                    failed.add(c.name + ": " + HexFormat.of().formatHex(is) + " instead of "
                            + HexFormat.of().formatHex(c.bytes));
            } else {
                BigInteger is = value(c.name, r, lab);
                if (is == null || !masked(is, c.mask).equals(masked(c.value, c.mask))) {
                    failed.add(c.name + ": " + (is == null ? "none" : shown(c.name, is)) + " instead of "
                            + shown(c.name, c.value) + (c.mask == null ? "" : " in the bits " + Registers.hex(c.mask)));
                }
            }
        }
        return failed;
    }

    /** Vectors and counts are decimal, as in the answer. */
    private static String shown(String name, BigInteger v) {
        return switch (name) {
            case "vector", "instructions" -> v.toString();
            default -> Registers.hex(v);
        };
    }

    private static BigInteger masked(BigInteger v, BigInteger mask) {
        return mask == null ? v : v.and(mask);
    }

    /** @return null if the result has none */
    private static BigInteger value(String name, Result r, Laboratory lab) {
        Stop s = r.stop();
        return switch (name) {
            // the end at HLT in user mode is a general-protection exception that was not delivered
            case "vector" ->
                s.reason() == Stop.Reason.HLT
                        ? BigInteger.valueOf(13)
                        : s.vector() < 0 ? null : BigInteger.valueOf(s.vector());
            case "error" -> s.error() < 0 ? null : BigInteger.valueOf(s.error());
            case "address" -> new BigInteger(Long.toUnsignedString(s.address()));
            case "access" -> s.vector() == 14 ? Registers.read(lab.processor(), "cr2") : null;
            case "instructions" -> BigInteger.valueOf(r.instructions());
            default -> Registers.read(lab.processor(), name);
        };
    }
}
