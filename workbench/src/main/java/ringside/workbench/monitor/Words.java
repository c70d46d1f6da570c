package ringside.workbench.monitor;

import java.util.List;

/** Reads the arguments of a command of the monitor. */
final class Words {
    private Words() {}

    /** Says that there are too many, or returns the one at a place. @return null if there is none */
    static String optional(List<String> words, int n) {
        return n < words.size() ? words.get(n) : null;
    }

    static String required(List<String> words, int n, String what) throws MonitorException {
        if (n >= words.size()) throw new MonitorException(what + " is missing");
        return words.get(n);
    }

    static void most(List<String> words, int n) throws MonitorException {
        if (words.size() > n) throw new MonitorException("'" + words.get(n) + "' is one word too many");
    }

    /**
     * @return a number, hexadecimal with 0x and, as addresses mostly are, where it has a letter or {@code hex} says so
     */
    static long number(String s, boolean hex) throws MonitorException {
        try {
            if (s.startsWith("0x") || s.startsWith("0X")) return Long.parseUnsignedLong(s.substring(2), 16);
            return hex ? Long.parseUnsignedLong(s, 16) : Long.parseLong(s.replace(",", ""));
        } catch (NumberFormatException e) {
            throw new MonitorException("'" + s + "' is not a number");
        }
    }
}
