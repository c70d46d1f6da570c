package ringside.workbench.log;

/** Builds one line, as text for people or as a JSON object, without garbage for each of a million lines a second. */
final class LogLine {
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private final StringBuilder s = new StringBuilder(256);
    private final boolean json;

    LogLine(boolean json) {
        this.json = json;
    }

    /** @param task or null */
    void begin(long instruction, LogKind kind, String comm, int pid) {
        s.setLength(0);
        if (json) {
            s.append("{\"n\":")
                    .append(instruction)
                    .append(",\"kind\":\"")
                    .append(kind.label())
                    .append('"');
            if (comm != null) text("comm", comm).number("pid", pid);
            return;
        }
        int at = s.length();
        s.append(instruction);
        while (s.length() - at < 13) s.insert(at, ' ');
        s.append(' ').append(kind.label());
        while (s.length() < 24) s.append(' ');
        if (comm != null) printable(comm).append('/').append(pid);
    }

    /** Words that stand alone in text, and under a name in JSON. */
    LogLine text(String name, String value) {
        if (value == null) return this;
        if (json) {
            s.append(",\"").append(name).append("\":\"");
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c == '"' || c == '\\') s.append('\\').append(c);
                else if (c < ' ' || c > '~')
                    s.append("\\u00").append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
                else s.append(c);
            }
            s.append('"');
        } else {
            s.append(' ');
            printable(value);
        }
        return this;
    }

    private StringBuilder printable(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            s.append(c < ' ' || c > '~' ? '?' : c);
        }
        return s;
    }

    LogLine number(String name, long value) {
        if (json) s.append(",\"").append(name).append("\":").append(value);
        else s.append(' ').append(name).append(' ').append(value);
        return this;
    }

    LogLine hex(String name, long value) {
        if (json) s.append(",\"").append(name).append("\":\"0x");
        else s.append(' ').append(name).append(name.isEmpty() ? "" : " ");
        int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(value)) / 4);
        for (int d = digits - 1; d >= 0; d--) s.append(HEX[(int) (value >>> 4 * d) & 15]);
        if (json) s.append('"');
        return this;
    }

    /** An address with its symbol, if it has one. */
    LogLine address(String name, long value, String symbol) {
        hex(name, value);
        if (symbol == null) return this;
        if (json) return text(name + "Symbol", symbol);
        s.append(" <").append(symbol).append('>');
        return this;
    }

    StringBuilder end() {
        if (json) s.append('}');
        return s.append('\n');
    }
}
