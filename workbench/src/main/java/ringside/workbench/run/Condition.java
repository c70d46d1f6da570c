package ringside.workbench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ringside.guest.GuestView;
import ringside.workbench.UsageException;

/**
 * An expression over a stopped guest, as in {@code --at 'do_exit if rdi == 3 && u32[rsi+0x10] != 0'}. Values are 64
 * bits; comparisons are unsigned. Operators and their precedence are C's: {@code || && | ^ & == != < <= > >= << >> + -
 * * ! ~ -} and parentheses. Operands are numbers ({@code 10}, {@code 0x1f}), registers of 8 to 64 bits ({@code rax},
 * {@code edi}, {@code r8d}, {@code al}), {@code rip}, {@code rflags}, {@code cpl}, {@code cr3}, symbols of the kernel,
 * and guest virtual memory: {@code [A]} for 8 bytes at A, {@code u8[A]}, {@code u16[A]}, {@code u32[A]}. Memory that is
 * not mapped makes the whole expression unknown, which as a condition is false.
 */
public final class Condition {
    /** Addresses of the kernel's symbols. */
    @FunctionalInterface
    public interface Names {
        /** @return the address, or null if there is no such symbol */
        Long address(String symbol);
    }

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(0[xX][0-9a-fA-F]+|\\d+|[A-Za-z_.$][\\w.$]*|\\|\\||&&|==|!=|<=|>=|<<|>>|[-+*|^&<>!~()\\[\\]])");
    private static final String[][] LEVELS = {
        {"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", "<=", ">", ">="}, {"<<", ">>"}, {"+", "-"}, {"*"}
    };
    private static final String[] NAMES = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final Map<String, Integer> LOAD = Map.of("u8", 1, "u16", 2, "u32", 4, "u64", 8);

    /** Something that a stopped guest has a value for. */
    private interface Node {
        long of(Scope s) throws Unknown;
    }

    private record Scope(GuestView view, Names names) {}

    /** Memory that is not there, or a symbol that is not. */
    private static final class Unknown extends Exception {
        Unknown() {
            super(null, null, false, false);
        }
    }

    private final String text;
    private final Node root;
    private final List<String> tokens = new ArrayList<>();
    private final List<String> symbols = new ArrayList<>();
    private int next;

    private Condition(String text) {
        this.text = text;
        Matcher m = TOKEN.matcher(text);
        int at = 0;
        String rest = text.stripTrailing();
        while (at < rest.length()) {
            if (!m.find(at) || m.start() != at)
                throw bad("'" + rest.substring(at).strip() + "' is not understood");
            tokens.add(m.group(1));
            at = m.end();
        }
        root = level(0);
        if (next < tokens.size()) throw bad("'" + tokens.get(next) + "' is one word too many");
    }

    public static Condition parse(String text) {
        return new Condition(text);
    }

    private UsageException bad(String why) {
        return new UsageException("the expression '" + text.strip() + "': " + why);
    }

    /** @return the symbols it names */
    public List<String> symbols() {
        return symbols;
    }

    /** @return its value; empty if it reads memory that is not mapped, or names a symbol that is not known */
    public OptionalLong value(GuestView view, Names names) {
        try {
            return OptionalLong.of(root.of(new Scope(view, names)));
        } catch (Unknown e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public String toString() {
        return text.strip();
    }

    private boolean take(String token) {
        if (next >= tokens.size() || !tokens.get(next).equals(token)) return false;
        next++;
        return true;
    }

    private void need(String token) {
        if (!take(token)) throw bad("'" + token + "' is missing");
    }

    private Node level(int l) {
        if (l == LEVELS.length) return unary();
        Node left = level(l + 1);
        while (true) {
            String op = null;
            for (String o : LEVELS[l]) {
                if (op == null && take(o)) op = o;
            }
            if (op == null) return left;
            left = binary(op, left, level(l + 1));
        }
    }

    private static Node binary(String op, Node a, Node b) {
        return switch (op) {
            case "||" -> s -> a.of(s) != 0 || b.of(s) != 0 ? 1 : 0;
            case "&&" -> s -> a.of(s) != 0 && b.of(s) != 0 ? 1 : 0;
            case "|" -> s -> a.of(s) | b.of(s);
            case "^" -> s -> a.of(s) ^ b.of(s);
            case "&" -> s -> a.of(s) & b.of(s);
            case "==" -> s -> a.of(s) == b.of(s) ? 1 : 0;
            case "!=" -> s -> a.of(s) != b.of(s) ? 1 : 0;
            case "<" -> s -> Long.compareUnsigned(a.of(s), b.of(s)) < 0 ? 1 : 0;
            case "<=" -> s -> Long.compareUnsigned(a.of(s), b.of(s)) <= 0 ? 1 : 0;
            case ">" -> s -> Long.compareUnsigned(a.of(s), b.of(s)) > 0 ? 1 : 0;
            case ">=" -> s -> Long.compareUnsigned(a.of(s), b.of(s)) >= 0 ? 1 : 0;
            case "<<" -> s -> shift(a.of(s), b.of(s), true);
            case ">>" -> s -> shift(a.of(s), b.of(s), false);
            case "+" -> s -> a.of(s) + b.of(s);
            case "-" -> s -> a.of(s) - b.of(s);
            default -> s -> a.of(s) * b.of(s);
        };
    }

    private static long shift(long v, long by, boolean left) {
        if (Long.compareUnsigned(by, 63) > 0) return 0;
        return left ? v << by : v >>> by;
    }

    private Node unary() {
        if (take("!")) {
            Node n = unary();
            return s -> n.of(s) == 0 ? 1 : 0;
        }
        if (take("~")) {
            Node n = unary();
            return s -> ~n.of(s);
        }
        if (take("-")) {
            Node n = unary();
            return s -> -n.of(s);
        }
        if (take("(")) {
            Node n = level(0);
            need(")");
            return n;
        }
        if (take("[")) return load(8);
        if (next == tokens.size()) throw bad("it ends where a value is missing");
        String t = tokens.get(next++);
        if (Character.isDigit(t.charAt(0))) {
            long v = number(t);
            return s -> v;
        }
        if (LOAD.containsKey(t) && take("[")) return load(LOAD.get(t));
        if (!Character.isLetter(t.charAt(0)) && "_.$".indexOf(t.charAt(0)) < 0)
            throw bad("a value is missing before '" + t + "'");
        Node register = register(t);
        if (register != null) return register;
        symbols.add(t);
        return s -> {
            Long a = s.names.address(t);
            if (a == null) throw new Unknown();
            return a;
        };
    }

    private long number(String t) {
        try {
            return t.startsWith("0x") || t.startsWith("0X")
                    ? Long.parseUnsignedLong(t.substring(2), 16)
                    : Long.parseUnsignedLong(t);
        } catch (NumberFormatException e) {
            throw bad(t + " has more than 64 bits");
        }
    }

    private Node load(int bytes) {
        Node address = level(0);
        need("]");
        return s -> {
            long v = 0;
            long a = address.of(s);
            for (int i = 0; i < bytes; i++) {
                int b = s.view.load8(a + i);
                if (b < 0) throw new Unknown();
                v |= (long) b << 8 * i;
            }
            return v;
        };
    }

    /** @return null if the name is no register's */
    private static Node register(String t) {
        String n = t.toLowerCase(java.util.Locale.ROOT);
        switch (n) {
            case "rip" -> {
                return s -> s.view.rip();
            }
            case "rflags", "eflags" -> {
                return s -> s.view.rflags();
            }
            case "cpl" -> {
                return s -> s.view.state().selector(ringside.cpu.Cpu.CS) & 3;
            }
            case "cr3" -> {
                return s -> s.view.state().cr3();
            }
            default -> {}
        }
        Matcher high = Pattern.compile("r(8|9|1[0-5])([dwb]?)").matcher(n);
        if (high.matches()) return part(Integer.parseInt(high.group(1)), high.group(2));
        for (int i = 0; i < NAMES.length; i++) {
            String r = NAMES[i];
            if (n.equals("r" + r)) return part(i, "");
            if (n.equals("e" + r)) return part(i, "d");
            if (n.equals(r)) return part(i, "w");
            if (n.equals(i < 4 ? r.charAt(0) + "l" : r + "l")) return part(i, "b");
        }
        return null;
    }

    private static Node part(int register, String width) {
        long mask = switch (width) {
            case "d" -> 0xffff_ffffL;
            case "w" -> 0xffffL;
            case "b" -> 0xffL;
            default -> -1L;
        };
        return s -> s.view.gpr(register) & mask;
    }
}
