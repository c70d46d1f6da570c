package ringside.workbench.run;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import ringside.workbench.UsageException;

/**
 * A point of a run as users name it: an instruction's number (900m), virtual time (1.5s), or a text of the console
 * (shell ready).
 */
public sealed interface SavePoint {
    Pattern NUMBER = Pattern.compile("(\\d[\\d_]*)([kmg]?)");
    Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(s|ms|us)");

    /** After so many instructions. */
    record AtInstruction(long number) implements SavePoint {}

    /**
     * At the first look at the machine, one every 100,000 instructions, when so much virtual time has passed.
     * @param ns since power-on
     */
    record AtTime(long ns) implements SavePoint {}

    /** SavePoint a line of the console contains a match. */
    record AtConsole(Pattern text) implements SavePoint {}

    /** @param text as above; console:TEXT for a text that looks like one of the others */
    static SavePoint parse(String text) {
        try {
            Matcher n = NUMBER.matcher(text);
            if (n.matches()) {
                long factor = switch (n.group(2)) {
                    case "k" -> 1_000;
                    case "m" -> 1_000_000;
                    case "g" -> 1_000_000_000;
                    default -> 1;
                };
                return new AtInstruction(
                        Math.multiplyExact(Long.parseLong(n.group(1).replace("_", "")), factor));
            }
            Matcher t = TIME.matcher(text);
            if (t.matches())
                return new AtTime(Math.round(Double.parseDouble(t.group(1))
                        * (t.group(2).equals("s") ? 1e9 : t.group(2).equals("ms") ? 1e6 : 1e3)));
            String pattern = text.startsWith("console:") ? text.substring(8) : text;
            if (pattern.isEmpty())
                throw new UsageException("an instruction's number, a time (1.5s) or a text of the console is missing");
            return new AtConsole(Pattern.compile(pattern));
        } catch (PatternSyntaxException e) {
            throw new UsageException("'" + text + "' is not a regular expression: " + e.getDescription());
        } catch (ArithmeticException | NumberFormatException e) {
            throw new UsageException("'" + text + "' is too large a number");
        }
    }
}
