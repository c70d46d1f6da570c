package ringside.workbench.gdb;

import java.util.HexFormat;

/** Reads the fields of a packet from left to right. */
final class Fields {
    /** The packet is not of the form its first letters promise. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed() {
            super("malformed packet", null, false, false);
        }
    }

    private final String text;
    private int at;

    Fields(String text, int at) {
        this.text = text;
        this.at = at;
    }

    boolean end() {
        return at >= text.length();
    }

    /** @return whether this character came next; it is passed then */
    boolean take(char c) {
        if (end() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    Fields expect(char c) throws Malformed {
        if (!take(c)) throw new Malformed();
        return this;
    }

    void expectEnd() throws Malformed {
        if (!end()) throw new Malformed();
    }

    /** @return an unsigned hexadecimal number of at most 64 bits */
    long hex() throws Malformed {
        int start = at;
        long v = 0;
        for (int d; !end() && (d = Character.digit(text.charAt(at), 16)) >= 0; at++) v = v << 4 | d;
        if (at == start || at - start > 16) throw new Malformed();
        return v;
    }

    /** @return a hexadecimal number up to a bound */
    int hex(int most) throws Malformed {
        long v = hex();
        if (v < 0 || v > most) throw new Malformed();
        return (int) v;
    }

    /** @return the bytes that the rest of the packet gives as pairs of hexadecimal digits */
    byte[] bytes() throws Malformed {
        try {
            return HexFormat.of().parseHex(rest());
        } catch (IllegalArgumentException e) {
            throw new Malformed();
        }
    }

    /** @return what comes before the next such character, which is passed; or the rest */
    String until(char c) {
        int i = text.indexOf(c, at);
        String s = text.substring(Math.min(at, text.length()), i < 0 ? text.length() : i);
        at = i < 0 ? text.length() : i + 1;
        return s;
    }

    String rest() {
        String s = text.substring(Math.min(at, text.length()));
        at = text.length();
        return s;
    }

    int position() {
        return at;
    }
}
