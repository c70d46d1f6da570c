package ringside.workbench.fuzz;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes random cases in the form that {@code ringside exec --batch} takes. A case follows from its kind and seed alone.
 */
public final class CaseGenerator {
    public enum Kind {
        /** One to four random instructions in user mode, among edge-case values and half-mapped memory. */
        INSTRUCTION,
        /** Programs with loops, calls, memory and stores into their own code, in user mode. */
        BLOCK,
        /** Programs at CPL 0 with tables of their own: paging, interrupts, descriptors, devices. */
        SYSTEM
    }

    private CaseGenerator() {}

    public static Map<String, Object> make(Kind kind, long seed) {
        Map<String, Object> c = new LinkedHashMap<>();
        c.put("name", kind.name().toLowerCase(Locale.ROOT) + "-" + Long.toUnsignedString(seed));
        SplittableRandom random = new SplittableRandom(seed * 3 + kind.ordinal());
        switch (kind) {
            case INSTRUCTION -> new UserCases(random).instruction(c);
            case BLOCK -> new UserCases(random).block(c);
            case SYSTEM -> {
                int part = random.nextInt(10);
                if (part < 7) {
                    new SystemCases(random).program(c);
                } else if (part < 9) {
                    new SystemCases(random).hostile(c);
                } else {
                    new UserCases(random).system(c);
                }
            }
        }
        return c;
    }

    static String hex(long v) {
        return "0x" + Long.toHexString(v);
    }

    static String hex(byte[] b) {
        return HexFormat.of().formatHex(b);
    }
}
