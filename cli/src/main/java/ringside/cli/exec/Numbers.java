package ringside.cli.exec;

import java.math.BigInteger;
import java.util.HexFormat;
import ringside.lab.LabException;

/** Numbers and bytes as they are written on the command line and in JSON. */
final class Numbers {
    private Numbers() {}

    /** @param v a JSON number, or text: decimal, or hexadecimal with 0x or a trailing h; '_' may separate digits; a minus sign may lead */
    static BigInteger integer(Object v, String what) {
        if (v instanceof BigInteger b) return b;
        if (v instanceof Long || v instanceof Integer) return BigInteger.valueOf(((Number) v).longValue());
        if (v instanceof String s) {
            String t = s.strip().replace("_", "").toLowerCase(java.util.Locale.ROOT);
            boolean negative = t.startsWith("-");
            if (negative) t = t.substring(1);
            try {
                BigInteger n = t.startsWith("0x") ? new BigInteger(t.substring(2), 16) : t.endsWith("h") ? new BigInteger(t.substring(0, t.length() - 1), 16)
                        : new BigInteger(t);
                if (n.signum() >= 0) return negative ? n.negate() : n;
            } catch (NumberFormatException e) {
                // said below
            }
        }
        throw new LabException(what + ": '" + shown(v) + "' is not a number (decimal, or hexadecimal as 0x1f)");
    }

    /** @return a 64-bit number; unsigned ones above 2^63 become negative */
    static long number(Object v, String what) {
        BigInteger n = integer(v, what);
        if (n.bitLength() > (n.signum() < 0 ? 63 : 64)) throw new LabException(what + ": " + shown(v) + " does not fit into 64 bits");
        return n.longValue();
    }

    static int small(Object v, String what) {
        long n = number(v, what);
        if (n != (int) n) throw new LabException(what + ": " + v + " is too large");
        return (int) n;
    }

    /** @param v hexadecimal digits, two a byte; blanks, commas and 0x before a byte are allowed */
    static byte[] bytes(Object v, String what) {
        if (v instanceof String s) {
            try {
                if (HexFormat.isHexDigit(s.isEmpty() ? ' ' : s.charAt(0)) && s.indexOf('x') < 0 && s.chars().allMatch(HexFormat::isHexDigit)) return HexFormat.of().parseHex(s);
                String digits = s.replaceAll("(?i)0x|[\\s,_]", "");
                return HexFormat.of().parseHex(digits);
            } catch (IllegalArgumentException e) {
                // said below
            }
        }
        throw new LabException(what + ": '" + shown(v) + "' is not a row of bytes in hexadecimal, two digits each");
    }

    /** @return a value as messages show it, long ones cut */
    private static String shown(Object v) {
        String s = String.valueOf(v);
        return s.length() <= 80 ? s : s.substring(0, 60) + ".. (" + s.length() + " characters)";
    }
}
