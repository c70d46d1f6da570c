package ringside.workbench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Damages files, the same way for the same seed: cuts them, turns bits over, overwrites fields with numbers that break
 * programs, moves pieces.
 */
public final class Mutations {
    private static final long[] VALUES = {
        0,
        1,
        -1,
        2,
        7,
        8,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        0x7fff_ffff,
        0x8000_0000L,
        0xffff_ffffL,
        0x1_0000_0000L,
        0x7fff_ffff_ffff_ffffL,
        0x8000_0000_0000_0000L,
        0x7fff_ffff_ffff_f000L,
        0xffff_ffff_ffff_f000L,
        1 << 20,
        1 << 30,
        -8,
        -64
    };
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|-?\\d+|true|false|[\\[\\]{}:,]");
    private static final String[] WORDS = {
        "0",
        "-1",
        "1e400",
        "1.5",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "99999999999999999999999999999999",
        "null",
        "true",
        "[]",
        "{}",
        "[[[[[]]]]]",
        "\"\"",
        "\"0x7fffffffffffffff\"",
        "\"0x7ffffffffffff000\"",
        "\"0xffffffffffffffff\"",
        "\"0xfffffffffffff000\"",
        "\"0x8000000000000000\"",
        "\"-0x1\"",
        "\"0x\"",
        "\"\\u0000\"",
        "\"hlt\"",
        "\"5 i\"",
        "\"99999999999999999999 i\"",
        "\"0x0:0x7fffffffffffffff\"",
        "\"0x7ffffffff000:0x10000000000:rwx\"",
        "\"1:1=/:r\"",
        "\"-1:1\"",
        "\"real\"",
        "\"pc\"",
        "\"rip\"",
        "\"ymm15\"",
        "\"msr_10\"",
        "\"cr3\"",
        "\"memory 0x7fffffffffffffff\"",
        "\"f\"",
        "\"zz\"",
        "\"90f4\"",
        "\"\\ud800\"",
        ":",
        ",",
        "}",
        "]"
    };
    /** Half of the damage is done within so many bytes of the start, where headers are. */
    private static final int HEADERS = 0x300;

    private final Random random;

    public Mutations(long seed) {
        random = new Random(seed);
    }

    /** @return a damaged copy, never larger than twice the file */
    public byte[] of(byte[] file) {
        byte[] b = file.clone();
        for (int n = random.nextInt(4); n >= 0; n--) b = one(b);
        return b;
    }

    /** @return a text of which some words are others: numbers out of range, other types, words of no meaning */
    public String ofText(String text) {
        String t = text;
        for (int n = random.nextInt(3); n >= 0; n--) {
            List<MatchResult> words = WORD.matcher(t).results().toList();
            if (words.isEmpty()) return t;
            MatchResult w = words.get(random.nextInt(words.size()));
            t = t.substring(0, w.start()) + WORDS[random.nextInt(WORDS.length)] + t.substring(w.end());
        }
        return t;
    }

    private byte[] one(byte[] b) {
        if (b.length < 2) return b;
        int at = random.nextBoolean() ? random.nextInt(Math.min(b.length, HEADERS)) : random.nextInt(b.length);
        switch (random.nextInt(8)) {
            case 0 -> {
                return Arrays.copyOf(b, random.nextBoolean() ? at : random.nextInt(b.length));
            }
            case 1 -> b[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> b[at] = (byte) random.nextInt();
            case 3 -> {
                int from = random.nextInt(b.length);
                int n = random.nextInt(Math.min(64, Math.min(b.length - from, b.length - at))) + 1;
                System.arraycopy(b.clone(), from, b, at, Math.min(n, b.length - Math.max(from, at)));
            }
            case 4 -> {
                byte[] longer = Arrays.copyOf(b, b.length + random.nextInt(1, Math.min(b.length, 32)));
                System.arraycopy(b, at, longer, at + longer.length - b.length, b.length - at);
                return longer.length > 1 << 20 ? b : longer;
            }
            default -> field(b, at);
        }
        return b;
    }

    private void field(byte[] b, int at) {
        int width = 1 << random.nextInt(4);
        int start = at & -width;
        if (start + width > b.length) return;
        long v = random.nextInt(4) == 0 ? random.nextInt(2 * b.length) : VALUES[random.nextInt(VALUES.length)];
        byte[] number =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(v).array();
        System.arraycopy(number, 0, b, start, width);
    }
}
