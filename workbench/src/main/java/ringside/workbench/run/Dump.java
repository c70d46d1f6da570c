package ringside.workbench.run;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.cpu.Cpu;
import ringside.decoder.Decoder;
import ringside.decoder.Formatter;
import ringside.decoder.Instruction;
import ringside.guest.GuestView;
import ringside.unwinder.KernelModel;
import ringside.unwinder.linux.Btf;
import ringside.workbench.UsageException;

/**
 * A part of a stopped guest's memory as text: {@code memory@ADDRESS[:BYTES]}, {@code stack[:BYTES]} or
 * {@code struct NAME@ADDRESS} by the types that the kernel describes itself (BTF). ADDRESS is an expression as
 * {@link Condition} has them.
 */
public final class Dump {
    private static final Pattern MEMORY = Pattern.compile("memory\\s*@(.+?)(?::(\\d+))?"),
            STACK = Pattern.compile("stack(?::(\\d+))?"),
            STRUCT = Pattern.compile("struct\\s+(\\w+)\\s*@(.+)");
    private static final int BYTES = 128, MOST = 1 << 20, NESTED = 2, ELEMENTS = 8;

    private final String text;
    private final Condition address;
    private final int bytes;
    private final String struct;
    private boolean found;

    private Dump(String text, Condition address, int bytes, String struct) {
        this.text = text;
        this.address = address;
        this.bytes = bytes;
        this.struct = struct;
    }

    /** @param option its name, for messages */
    public static Dump parse(String option, String text) {
        String s = text.strip();
        Matcher stack = STACK.matcher(s);
        if (stack.matches()) return new Dump(s, Condition.parse("rsp"), bytes(option, stack.group(1)), null);
        Matcher memory = MEMORY.matcher(s);
        if (memory.matches())
            return new Dump(s, Condition.parse(memory.group(1)), bytes(option, memory.group(2)), null);
        Matcher struct = STRUCT.matcher(s);
        if (struct.matches()) return new Dump(s, Condition.parse(struct.group(2)), 0, struct.group(1));
        throw new UsageException(
                option + " takes memory@ADDRESS[:BYTES], stack[:BYTES] or 'struct NAME@ADDRESS', not '" + text + "'");
    }

    private static int bytes(String option, String text) {
        if (text == null) return BYTES;
        if (text.length() < 8) {
            int n = Integer.parseInt(text);
            if (n >= 1 && n <= MOST) return n;
        }
        throw new UsageException(option + ": 1 to " + MOST + " bytes can be shown, not " + text);
    }

    /** @return whether its address was known at one stop at least */
    public boolean found() {
        return found;
    }

    @Override
    public String toString() {
        return text;
    }

    /** @return lines with their ends */
    public String of(GuestView view, KernelModel kernel) {
        OptionalLong at = address.value(view, kernel.symbols()::address);
        if (at.isEmpty())
            return text + ": the address is not known: memory is not mapped, or there is no such symbol\n";
        found = true;
        return struct == null ? memory(view, kernel, at.getAsLong()) : struct(view, kernel, at.getAsLong());
    }

    private String memory(GuestView view, KernelModel kernel, long at) {
        StringBuilder s = new StringBuilder(text + ":\n");
        for (int i = 0; i < bytes; i += 16) {
            int n = Math.min(16, bytes - i);
            StringBuilder hex = new StringBuilder();
            StringBuilder letters = new StringBuilder();
            for (int k = 0; k < n; k++) {
                int b = view.load8(at + i + k);
                hex.append(k == 8 ? "  " : " ").append(b < 0 ? "--" : String.format("%02x", b));
                letters.append(b >= 0x20 && b < 0x7f ? (char) b : '.');
            }
            String names = struct == null && text.startsWith("stack") ? names(view, kernel, at + i, n) : "";
            s.append(String.format(" %016x:%-49s  %-16s%s%n", at + i, hex, letters, names));
        }
        return s.toString();
    }

    /** @return the code that words of a stack point at */
    private static String names(GuestView view, KernelModel kernel, long at, int n) {
        StringBuilder s = new StringBuilder();
        for (int k = 0; k + 8 <= n; k += 8) {
            if (view.load(at + k) && kernel.symbols().isText(view.value()))
                s.append("  ").append(kernel.describe(view.value(), false));
        }
        return s.toString();
    }

    private String struct(GuestView view, KernelModel kernel, long at) {
        Btf btf = Btf.of(view, kernel.symbols());
        if (btf == null) return text + ": this kernel does not describe its types (BTF)\n";
        List<Btf.Member> members = btf.members(struct, NESTED);
        if (members.isEmpty()) {
            List<String> similar = btf.similar(struct, 5);
            return text + ": the kernel has no struct '" + struct + "'"
                    + (similar.isEmpty() ? "" : "; similar: " + String.join(", ", similar)) + "\n";
        }
        StringBuilder s = new StringBuilder(String.format(
                "struct %s at %016x, %d bytes:%n", struct, at, btf.size(struct).getAsInt()));
        for (Btf.Member m : members) {
            s.append(String.format(
                    " +0x%04x %s%s %s%s%n",
                    m.bits() / 8,
                    "  ".repeat(m.depth()),
                    m.type(),
                    m.name(),
                    m.bitField() ? ":" + m.size() + value(view, at, m) : value(view, at, m)));
        }
        return s.toString();
    }

    private static String value(GuestView view, long at, Btf.Member m) {
        long a = at + m.bits() / 8;
        if (m.content() == Btf.Content.STRUCTURE) return m.count() == 1 ? "" : " ...";
        if (m.content() == Btf.Content.OTHER || m.size() == 0 || m.size() > 8 && !m.bitField()) return "";
        if (m.bitField()) return " = " + (view.load(a, 0) >>> m.bits() % 8 & (1L << m.size()) - 1);
        if (m.content() == Btf.Content.CHARACTERS) {
            byte[] b = new byte[m.count()];
            int n = view.read(a, b, 0, b.length);
            int end = 0;
            while (end < n && b[end] != 0) end++;
            return " = \"" + new String(b, 0, end, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", "?") + "\"";
        }
        StringBuilder s = new StringBuilder(" =");
        for (int i = 0; i < Math.min(m.count(), ELEMENTS); i++)
            s.append(' ').append(element(view, a + (long) i * m.size(), m));
        return s + (m.count() > ELEMENTS ? " ..." : "");
    }

    private static String element(GuestView view, long a, Btf.Member m) {
        long v = 0;
        for (int k = m.size() - 1; k >= 0; k--) {
            int b = view.load8(a + k);
            if (b < 0) return "?";
            v = v << 8 | b;
        }
        if (m.content() == Btf.Content.POINTER) return String.format("0x%x", v);
        int unused = 64 - 8 * m.size();
        return m.content() == Btf.Content.SIGNED ? Long.toString(v << unused >> unused) : Long.toUnsignedString(v);
    }

    /**
     * @param cpu that stands there; null for a 64-bit core file
     * @param source told before the first instruction of each of its lines
     * @return the next instructions, the first marked
     */
    public static String code(GuestView view, KernelModel kernel, Cpu cpu, int count, SourceFile source) {
        StringBuilder s = new StringBuilder("Code:\n");
        int l = cpu == null
                ? 64
                : switch (cpu.mode & 3) {
                    case 2 -> 64;
                    case 1 -> 32;
                    default -> 16;
                };
        long at = cpu == null ? view.rip() : cpu.codeLinear();
        String line = "";
        for (int k = 0; k < count; k++) {
            String here = source.at(kernel, at);
            if (!here.isEmpty() && !here.equals(line)) s.append(here).append('\n');
            line = here;
            byte[] b = new byte[Instruction.MAX_LENGTH];
            int have = view.read(at, b, 0, b.length);
            Instruction in = new Instruction();
            int n = have == 0 ? -1 : Decoder.decode(b, 0, have, l, in);
            if (n <= 0) {
                s.append(String.format(" %s %016x: %s%n", k == 0 ? ">" : " ", at, have == 0 ? "not mapped" : "(bad)"));
                break;
            }
            s.append(String.format(
                    " %s %016x: %-24s %s%n",
                    k == 0 ? ">" : " ", at, kernel.describe(at, true), Formatter.format(in, at)));
            at += n;
        }
        return s.toString();
    }
}
