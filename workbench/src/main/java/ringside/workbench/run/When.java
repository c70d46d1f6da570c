package ringside.workbench.run;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import ringside.workbench.UsageException;

/**
 * A moment of a run as users name it. This is the one grammar of all options that take a WHEN:
 *
 * <pre>
 * 900m                       after so many instructions (k, m, g)
 * 1.5s  20ms  3us            at this virtual time
 * do_exit  do_exit+0x10#3    before the instruction at a symbol, the third time it is reached; #* each time
 * 0xffffffff81000000#2       the same by address
 * do_exit if rdi==3          only times at which a {@link Condition} holds are counted
 * console:login:             when a line of the console contains a match of a regular expression
 * exception:14#20            at the 20th page fault, also by name: exception:#PF; exception: alone for any one
 * irq:236#2                  at the second interrupt of that vector
 * </pre>
 *
 * {@link Stops} runs a machine to one or several of them and stops exactly there, on either engine at the same
 * instruction.
 */
public sealed interface When {
    /** What a WHEN may be, for help and messages. */
    String GRAMMAR = "an instruction (900m), a time (1.5s), SYMBOL[+OFFSET][#HIT] (#*: each) [if CONDITION], "
            + "0xADDRESS[#HIT], console:REGEX, exception:VECTOR[#HIT] or irq:VECTOR[#HIT]";

    /** For {@link Place#hit} and {@link Event#hit}: every time. */
    long EACH = 0;

    /** After so many instructions. */
    record AtInstruction(long number) implements When {
        @Override
        public String toString() {
            return String.format("instruction %,d", number);
        }
    }

    /**
     * At a virtual time; one that passes while the guest is halted is reached up to {@link Stops#LOOK} instructions
     * behind the instruction that wakes it.
     *
     * @param ns since power-on
     */
    record AtTime(long ns) implements When {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.6f s", ns / 1e9);
        }
    }

    /**
     * Before the instruction at an address, each time or one time.
     *
     * @param symbol a name, or 0x and a linear address
     * @param hit which time, counted from 1; {@link #EACH}
     * @param condition which times count; null: all
     */
    record Place(String symbol, long offset, long hit, Condition condition) implements When {
        /** @return whether the symbol must be looked up */
        boolean isSymbol() {
            return !symbol.matches("0[xX][0-9a-fA-F]+");
        }

        @Override
        public String toString() {
            return symbol
                    + (offset == 0 ? "" : String.format("+0x%x", offset))
                    + (hit == 1 ? "" : "#" + (hit == EACH ? "*" : hit))
                    + (condition == null ? "" : " if " + condition);
        }
    }

    /** When a line of the console, finished or not, contains a match. */
    record AtConsole(Pattern text) implements When {
        @Override
        public String toString() {
            return "console:" + text;
        }
    }

    /**
     * At an exception or interrupt.
     *
     * @param vector 0 to 255; -1: any exception (below 32, but NMI)
     * @param hit which time, counted from 1; {@link #EACH}
     */
    record Event(int vector, long hit) implements When {
        @Override
        public String toString() {
            return (vector < 32 ? "exception:" : "irq:")
                    + (vector < 0 ? "" : vector)
                    + (hit == 1 ? "" : "#" + (hit == EACH ? "*" : hit));
        }
    }

    /** Every so many instructions, counted from where the run begins. */
    record Every(long instructions) implements When {
        @Override
        public String toString() {
            return String.format("every %,d instructions", instructions);
        }
    }

    /**
     * Behind each instruction that accesses memory.
     *
     * @param symbol a name, or 0x and a linear address
     * @param bytes how many; 0: the symbol's own size, 8 at the most
     */
    record Watch(String symbol, long offset, int bytes, boolean reads, boolean writes) implements When {
        @Override
        public String toString() {
            return symbol
                    + (offset == 0 ? "" : String.format("+0x%x", offset))
                    + (bytes == 0 ? "" : ":" + bytes)
                    + (reads ? writes ? ":rw" : ":r" : "");
        }
    }

    Pattern COUNT = Pattern.compile("(\\d[\\d_,]*)([kmg]?)", Pattern.CASE_INSENSITIVE);
    Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s)");
    Pattern PLACE =
            Pattern.compile("([A-Za-z_.$][\\w.$]*|0[xX][0-9a-fA-F]+)(?:\\+(0[xX][0-9a-fA-F]+|\\d+))?(?:#(\\d+|\\*))?"
                    + "(?:\\s+if\\s+(.+))?");
    Pattern EVENT = Pattern.compile("(exception|irq):(#?[A-Za-z]+|0[xX][0-9a-fA-F]+|\\d+)?(?:#(\\d+|\\*))?");
    Pattern WATCH = Pattern.compile(
            "([A-Za-z_.$][\\w.$]*|0[xX][0-9a-fA-F]+)(?:\\+(0[xX][0-9a-fA-F]+|\\d+))?(?::(\\d+))?(?::(r|w|rw))?");
    int MOST_WATCHED = 4096;

    /** @param option its name, for messages */
    static When parse(String option, String text) {
        try {
            Matcher count = COUNT.matcher(text);
            if (count.matches()) {
                long unit = switch (count.group(2).toLowerCase(Locale.ROOT)) {
                    case "k" -> 1_000;
                    case "m" -> 1_000_000;
                    case "g" -> 1_000_000_000;
                    default -> 1;
                };
                return new AtInstruction(
                        Math.multiplyExact(Long.parseLong(count.group(1).replaceAll("[_,]", "")), unit));
            }
            Matcher time = TIME.matcher(text);
            if (time.matches()) {
                double unit = switch (time.group(2)) {
                    case "ns" -> 1;
                    case "us" -> 1e3;
                    case "ms" -> 1e6;
                    default -> 1e9;
                };
                return new AtTime(Math.round(Double.parseDouble(time.group(1)) * unit));
            }
            if (text.startsWith("console:") && text.length() > 8)
                return new AtConsole(Pattern.compile(text.substring(8)));
            Matcher event = EVENT.matcher(text);
            if (event.matches()) return event(option, event.group(1).equals("irq"), event.group(2), event.group(3));
            Matcher place = PLACE.matcher(text.strip());
            if (place.matches())
                return new Place(
                        place.group(1),
                        place.group(2) == null ? 0 : Long.decode(place.group(2)),
                        hit(option, place.group(3)),
                        place.group(4) == null ? null : Condition.parse(place.group(4)));
        } catch (PatternSyntaxException e) {
            throw new UsageException(option + ": '" + text + "' is not a regular expression: " + e.getDescription());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new UsageException(option + ": '" + text + "' has too large a number");
        }
        throw new UsageException(option + ": '" + text + "' is no moment: " + GRAMMAR);
    }

    /** @param text [VECTOR][#HIT], as --on-fault has it */
    static When fault(String option, String text) {
        Matcher m = Pattern.compile("(#?[A-Za-z]+|0[xX][0-9a-fA-F]+|\\d+)?(?:#(\\d+|\\*))?")
                .matcher(text);
        if (!m.matches()) throw new UsageException(option + " takes [VECTOR][#HIT], not '" + text + "'");
        return event(option, false, m.group(1), m.group(2));
    }

    /** @param text SYMBOL[+OFFSET][:SIZE][:r|w|rw], by address too; without r or w: writes */
    static Watch watch(String option, String text) {
        Matcher m = WATCH.matcher(text);
        if (!m.matches())
            throw new UsageException(
                    option + " takes SYMBOL[+OFFSET][:SIZE][:rw] or 0xADDRESS[:SIZE][:rw], not '" + text + "'");
        try {
            int bytes = m.group(3) == null ? 0 : Integer.parseInt(m.group(3));
            if (m.group(3) != null && (bytes < 1 || bytes > MOST_WATCHED))
                throw new UsageException(
                        option + ": 1 to " + MOST_WATCHED + " bytes can be watched, not " + m.group(3));
            String access = m.group(4) == null ? "w" : m.group(4);
            return new Watch(
                    m.group(1),
                    m.group(2) == null ? 0 : Long.decode(m.group(2)),
                    bytes,
                    access.contains("r"),
                    access.contains("w"));
        } catch (NumberFormatException e) {
            throw new UsageException(option + ": '" + text + "' has too large a number");
        }
    }

    private static Event event(String option, boolean interrupt, String vector, String hit) {
        int v = -1;
        if (vector != null) v = Vectors.parse(option, vector);
        else if (interrupt) throw new UsageException(option + ": irq: needs a vector, as in irq:236");
        return new Event(v, hit(option, hit));
    }

    private static long hit(String option, String text) {
        if (text == null) return 1;
        if (text.equals("*")) return EACH;
        try {
            long n = Long.parseLong(text);
            if (n >= 1) return n;
        } catch (NumberFormatException e) {
            throw new UsageException(option + ": '" + text + "' is too large a number");
        }
        throw new UsageException(option + ": hits are counted from 1");
    }
}
