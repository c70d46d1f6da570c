package ringside.workbench.exec;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Locale;
import ringside.lab.LabException;

/** Numbers and bytes as they are written on the command line and in JSON. */
final class Numbers {
    private Numbers() {}

    /**
     * @param v a JSON number, or text: decimal, or hexadecimal with 0x or a trailing h; '_' may separate digits; a
     *     minus sign may lead
     */
    static BigInteger integer(Object v, String what) {
        if (v instanceof BigInteger b) return b;
        if (v instanceof Long || v instanceof Integer) return BigInteger.valueOf(((Number) v).longValue());
        if (v instanceof String s) {
            if (s.startsWith("0x") && hexadecimal(s, 2)) return fromHex(s, 2);
            String t = s.strip().replace("_", "").toLowerCase(Locale.ROOT);
            boolean negative = t.startsWith("-");
            if (negative) t = t.substring(1);
            try {
                BigInteger n = t.startsWith("0x")
                        ? new BigInteger(t.substring(2), 16)
                        : t.endsWith("h") ? new BigInteger(t.substring(0, t.length() - 1), 16) : new BigInteger(t);
                if (n.signum() >= 0 && t.indexOf('+') < 0 && t.indexOf('-') < 0) return negative ? n.negate() : n;
            } catch (NumberFormatException e) {
                // said below
            }
        }
        throw new LabException(what + ": '" + shown(v) + "' is not a number (decimal, or hexadecimal as 0x1f)");
    }

    private static boolean hexadecimal(String s, int from) {
        for (int i = from; i < s.length(); i++) {
            if (!HexFormat.isHexDigit(s.charAt(i))) return false;
        }
        return s.length() > from;
    }

    private static BigInteger fromHex(String s, int from) {
        int digits = s.length() - from;
        if (digits < 16) return BigInteger.valueOf(HexFormat.fromHexDigitsToLong(s, from, s.length()));
        return new BigInteger(
                1, HexFormat.of().parseHex((digits & 1) == 0 ? s.substring(from) : "0" + s.substring(from)));
    }

    /** @return a 64-bit number; unsigned ones above 2^63 become negative */
    static long number(Object v, String what) {
        BigInteger n = integer(v, what);
        if (n.bitLength() > (n.signum() < 0 ? 63 : 64))
            throw new LabException(what + ": " + shown(v) + " does not fit into 64 bits");
        return n.longValue();
    }

    static int small(Object v, String what) {
        long n = number(v, what);
        if (n != (int) n) throw new LabException(what + ": " + v + " is too large");
        return (int) n;
    }

    /** @param v hexadecimal digits, two a byte; blanks, commas, '_' and 0x before a byte are allowed */
    static byte[] bytes(Object v, String what) {
        if (v instanceof String s) {
            if ((s.length() & 1) == 0 && hexadecimal(s, 0))
                return HexFormat.of().parseHex(s);
            byte[] b = spaced(s);
            if (b != null) return b;
        }
        throw new LabException(what + ": '" + shown(v) + "' is not a row of bytes in hexadecimal, two digits each");
    }

    private static byte[] spaced(String s) {
        ByteArrayOutputStream b = new ByteArrayOutputStream(s.length() / 2);
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (Character.isWhitespace(c) || c == ',' || c == '_') continue;
            if (i + 1 == s.length()) return null;
            char d = s.charAt(++i);
            if (c == '0' && (d == 'x' || d == 'X')) continue;
            if (!HexFormat.isHexDigit(c) || !HexFormat.isHexDigit(d)) return null;
            b.write(HexFormat.fromHexDigit(c) << 4 | HexFormat.fromHexDigit(d));
        }
        return b.toByteArray();
    }

    /** @return a value as messages show it, long ones cut */
    static String shown(Object v) {
        String s = String.valueOf(v);
        return s.length() <= 80 ? s : s.substring(0, 60) + ".. (" + s.length() + " characters)";
    }
}
