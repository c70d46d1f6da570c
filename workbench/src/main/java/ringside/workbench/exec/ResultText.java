package ringside.workbench.exec;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.HexFormat;
import ringside.lab.Registers;
import ringside.lab.Result;
import ringside.lab.Stop;

/** A result for people: the reason, the registers in columns, the changed memory. */
public final class ResultText {
    private static final String[] EXCEPTIONS = {
        "#DE divide error",
        "#DB debug",
        "NMI",
        "#BP breakpoint",
        "#OF overflow",
        "#BR bound range",
        "#UD invalid opcode",
        "#NM device not available",
        "#DF double fault",
        "vector 9",
        "#TS invalid TSS",
        "#NP segment not present",
        "#SS stack fault",
        "#GP general protection",
        "#PF page fault",
        "vector 15",
        "#MF x87 error",
        "#AC alignment check",
        "#MC machine check",
        "#XM SIMD error",
        "vector 20",
        "#CP control protection"
    };
    private static final String[] FLAGS = {"CF", null, "PF", null, "AF", null, "ZF", "SF", "TF", "IF", "DF", "OF"};

    private ResultText() {}

    /**
     * Numbers in hexadecimal have 0x; vectors and counts are decimal; registers stand in columns of hexadecimal digits.
     *
     * @param at the instruction at the stop, or null
     * @param only what to print
     */
    public static void print(PrintWriter out, Result r, StopInstruction at, Only only) {
        if (only.has("stop"))
            out.printf(
                    "stopped: %s after %,d instruction%s%n%s",
                    reason(r),
                    r.instructions(),
                    r.instructions() == 1 ? "" : "s",
                    at == null ? "" : String.format("         %s  %s%n", at.bytes(), at.text()));
        int column = 0;
        for (var e : r.registers().entrySet()) {
            String n = e.getKey();
            if (only == Only.ALL ? hidden(n, r) : !only.register(n)) continue;
            boolean wide = n.startsWith("xmm") || n.startsWith("ymm") || n.startsWith("st") || n.startsWith("fpr");
            if (wide && column > 0) {
                out.println();
                column = 0;
            }
            out.printf("%-8s%-20s", n, text(n, e.getValue()));
            if (wide || ++column == 4) {
                out.println();
                column = 0;
            }
        }
        if (column > 0) out.println();
        if (only.has("memory")) for (Result.Bytes b : r.memory()) memory(out, b);
    }

    private static boolean hidden(String n, Result r) {
        if (n.startsWith("mm")) return !mmx(n, r);
        if (n.startsWith("xmm") && r.registers().containsKey("y" + n.substring(1))) return true;
        return (n.startsWith("xmm") || n.startsWith("ymm") || n.startsWith("st"))
                && r.registers().get(n).signum() == 0;
    }

    /** @return whether MMX code has written the register: its exponent is all ones, and it is not zero */
    private static boolean mmx(String n, Result r) {
        int top = (int) r.register("fsw") >> 11 & 7;
        int st = n.charAt(2) - '0' - top & 7;
        return r.registers().get(n).signum() != 0
                && r.registers().get("st" + st).shiftRight(64).intValue() == 0xffff;
    }

    private static String text(String name, BigInteger v) {
        boolean word = name.length() == 2 && name.charAt(1) == 's'
                || name.length() == 3 && name.charAt(0) == 'f' && !name.endsWith("p");
        int digits = name.equals("fop")
                ? 4
                : name.startsWith("ymm")
                        ? 64
                        : name.startsWith("xmm")
                                ? 32
                                : name.startsWith("st") || name.startsWith("fpr")
                                        ? 20
                                        : word
                                                ? 4
                                                : name.startsWith("r")
                                                                || name.startsWith("mm")
                                                                || name.endsWith("base")
                                                                || name.startsWith("cr")
                                                                || name.startsWith("dr")
                                                                || name.startsWith("msr")
                                                                || name.equals("fip")
                                                                || name.equals("fdp")
                                                        ? 16
                                                        : 8;
        String h = v.toString(16);
        String s = "0".repeat(Math.max(0, digits - h.length())) + h;
        return name.endsWith("flags") ? s.substring(Math.max(0, s.length() - 6)) + flags(v.longValue()) : s;
    }

    private static String flags(long v) {
        StringBuilder s = new StringBuilder();
        for (int i = FLAGS.length - 1; i >= 0; i--) {
            if (FLAGS[i] != null && (v >> i & 1) != 0) s.append(' ').append(FLAGS[i]);
        }
        return s.toString();
    }

    private static String reason(Result r) {
        Stop s = r.stop();
        String at = " at " + Registers.hex(s.address());
        return switch (s.reason()) {
            case EXCEPTION ->
                (s.vector() < EXCEPTIONS.length ? EXCEPTIONS[s.vector()] : "vector " + s.vector())
                        + (s.error() >= 0 ? ", error code " + Registers.hex(s.error()) : "")
                        + (s.vector() == 14
                                ? ", address " + Registers.hex(r.registers().get("cr2"))
                                : "")
                        + at;
            case INTERRUPT -> "interrupt " + s.vector() + ", next instruction" + at;
            case UNTIL -> "end reached" + at;
            case COUNT -> "count reached" + at;
            case LIMIT -> "instruction limit" + at;
            case SHUTDOWN -> "triple fault" + at;
            case STOPPED -> "stopped from outside" + at;
            default -> s.name() + at;
        };
    }

    private static void memory(PrintWriter out, Result.Bytes b) {
        for (int i = 0; i < b.bytes().length; i += 16) {
            int n = Math.min(16, b.bytes().length - i);
            out.printf(
                    "memory  %s: %s%n",
                    Registers.hex(b.address() + i), HexFormat.ofDelimiter(" ").formatHex(b.bytes(), i, i + n));
        }
    }
}
