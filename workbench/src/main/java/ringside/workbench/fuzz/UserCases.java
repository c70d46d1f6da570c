package ringside.workbench.fuzz;

import static ringside.workbench.fuzz.CaseGenerator.hex;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ringside.lab.Mode;

/**
 * Cases on the bare processor of the laboratory. Code is at {@link #CODE}; two pages of data at {@link #DATA}, a third
 * one that is read-only or missing, nothing in front of them; about half of the registers point at their edges.
 */
final class UserCases {
    static final int CODE = 0x1000_0000, DATA = 0x1001_0000, PAGE = 4096;
    private static final String[] LOW = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final int[] SINGLES = {
        0,
        0x8000_0000,
        0x3f80_0000,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0000,
        0x7f80_0001,
        1,
        0x807f_ffff,
        0x0080_0000,
        0x7f7f_ffff,
        0x4f00_0000,
        0xcf00_0000,
        0x3f00_0000,
        0x5f00_0000
    };
    private static final long[] DOUBLES = {
        0,
        Long.MIN_VALUE,
        0x3ffL << 52,
        0x7ffL << 52,
        0xfffL << 52,
        0x7ff8L << 48,
        (0x7ffL << 52) + 1,
        1,
        (0x801L << 52) - 1,
        1L << 52,
        (0x7ffL << 52) - 1,
        0x41eL << 52,
        0xc1eL << 52,
        0x3feL << 52,
        0x43eL << 52
    };

    private final SplittableRandom random;
    private Mode mode;

    UserCases(SplittableRandom random) {
        this.random = random;
    }

    // ---- the three kinds ----

    void instruction(Map<String, Object> c) {
        mode = random.nextInt(6) == 0 ? Mode.COMPAT : Mode.LONG;
        InstructionGenerator g = new InstructionGenerator(random, mode.bits(), CODE, DATA);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int n = random.nextInt(4) == 0 ? random.nextInt(2, 5) : 1; n > 0; n--) out.writeBytes(g.any());
        for (int k = 0; k < 16; k++) out.write(0xf4);
        boolean last = random.nextInt(16) == 0;
        finish(c, out.toByteArray(), last ? CODE + PAGE - random.nextInt(1, 12) : CODE, 3, 100);
    }

    void block(Map<String, Object> c) {
        mode = random.nextInt(6) == 0 ? Mode.COMPAT : Mode.LONG;
        finish(c, new ProgramGenerator(random, mode).make(CODE, DATA), CODE, 3, 5000);
    }

    /** Any mode, at CPL 0; exceptions are delivered through random tables in half of the cases. */
    void system(Map<String, Object> c) {
        mode = Mode.values()[random.nextInt(4)];
        finish(c, new ProgramGenerator(random, mode).make(CODE, DATA), mode == Mode.REAL ? 0x4000 : CODE, 0, 2000);
        c.put("deliver", random.nextBoolean());
    }

    // ---- state ----

    private void finish(Map<String, Object> c, byte[] code, int at, int cpl, int limit) {
        c.put("mode", mode.name().toLowerCase(java.util.Locale.ROOT));
        c.put("cpl", cpl);
        c.put("at", hex(at));
        c.put("hex", hex(code));
        Map<String, Object> memory = new LinkedHashMap<>();
        if (mode != Mode.REAL) {
            boolean wide = mode == Mode.LONG;
            List<String> maps = new ArrayList<>();
            if (limit > 100 || random.nextInt(4) == 0) maps.add(hex(CODE) + ":4096:rwx");
            if (wide && random.nextInt(8) == 0)
                maps.add(hex(CODE + PAGE) + ":4096:" + (random.nextBoolean() ? "rw" : "rwx"));
            maps.add(hex(DATA) + ":8192:rw");
            if (random.nextInt(3) == 0)
                maps.add(hex(DATA + 2 * PAGE) + ":4096:" + (random.nextInt(8) == 0 ? "rx" : "r"));
            c.put("map", maps);
            memory.put(hex(DATA), data(128));
            memory.put(hex(DATA + PAGE - 128), data(256));
            memory.put(hex(DATA + 2 * PAGE - 128), data(128));
        } else {
            memory.put("0x8000", data(256));
        }
        c.put("mem", memory);
        c.put("regs", registers(cpl));
        c.put("until", "hlt");
        c.put("limit", limit);
    }

    private String data(int bytes) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < bytes; i += 8) s.append(String.format("%016x", Long.reverseBytes(lane())));
        return s.toString();
    }

    private Map<String, Object> registers(int cpl) {
        Map<String, Object> r = new LinkedHashMap<>();
        boolean wide = mode == Mode.LONG;
        for (String n : LOW) r.put((wide ? "r" : "e") + n, hex(integer()));
        for (int i = 8; wide && i < 16; i++) r.put("r" + i, hex(integer()));
        if (random.nextInt(4) != 0) r.put(wide ? "rcx" : "ecx", hex(random.nextInt(70)));
        if (random.nextInt(8) != 0)
            r.put(
                    wide ? "rsp" : "esp",
                    hex(base() + (random.nextInt(4) == 0 ? edge() : PAGE + 64 + 8 * random.nextInt(64))));
        r.put(
                wide ? "rflags" : "eflags",
                hex(2
                        | (cpl == 3 ? 0x200 : 0)
                        | random.nextInt() & 0x8d5
                        | rarely(16, 0x400)
                        | rarely(32, 0x4_0000)
                        | rarely(64, 0x100)));
        boolean high = random.nextBoolean();
        for (int i = 0; i < (wide ? 16 : 8); i++) {
            String low = String.format("%016x%016x", lane(), lane());
            r.put((high ? "ymm" : "xmm") + i, high ? String.format("0x%016x%016x", lane(), lane()) + low : "0x" + low);
        }
        r.put(
                "mxcsr",
                hex((random.nextInt(4) == 0 ? 0x1f80 & random.nextInt() : 0x1f80)
                        | random.nextInt(4) << 13
                        | rarely(4, 0x8000)
                        | rarely(4, 0x40)));
        if (random.nextInt(2) == 0) x87(r);
        if (cpl == 0 && mode != Mode.REAL) {
            r.put("idtr_base", hex(random.nextBoolean() ? DATA : CODE));
            r.put("idtr_limit", hex(random.nextInt(0x1000)));
        }
        return r;
    }

    private void x87(Map<String, Object> r) {
        r.put(
                "fcw",
                hex(0x40
                        | (random.nextInt(4) == 0 ? random.nextInt(64) : 0x3f)
                        | random.nextInt(4) << 8
                        | random.nextInt(4) << 10));
        int top = random.nextInt(8);
        r.put("fsw", hex(top << 11 | random.nextInt() & 0x4700 | rarely(4, random.nextInt(64))));
        int tags = random.nextInt(256);
        int word = 0;
        for (int p = 0; p < 8; p++) word |= (tags >> p & 1) != 0 ? 3 << 2 * p : 0;
        r.put("ftw", hex(word));
        for (int i = 0; i < 8; i++) {
            if ((tags >> (top + i & 7) & 1) == 0) r.put("st" + i, extended());
        }
    }

    private int rarely(int one, int value) {
        return random.nextInt(one) == 0 ? value : 0;
    }

    private int base() {
        return mode == Mode.REAL ? 0x7000 : DATA;
    }

    /** Offset from the data near the edge of a page. */
    private int edge() {
        return PAGE * random.nextInt(3) + random.nextInt(-40, 40);
    }

    private long integer() {
        long v = random.nextLong();
        int n = random.nextInt(64);
        long i = switch (random.nextInt(12)) {
            case 0 -> v & 0xff;
            case 1 -> (int) v;
            case 2 -> -(v & 1);
            case 3 -> 1L << n;
            case 4 -> (1L << n) - 1;
            case 5 -> v >>> n;
            case 6 -> base() + edge();
            default -> base() + random.nextInt(64, PAGE) + (v & PAGE);
        };
        return mode == Mode.LONG ? i : i & 0xffff_ffffL;
    }

    /** 64 bits that are interesting as integers, bytes, singles, or a double. */
    private long lane() {
        long v = random.nextLong();
        return switch (random.nextInt(8)) {
            case 0, 1 -> single() | single() << 32;
            case 2 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 3 -> v & 0x800f_ffff_ffff_ffffL | 1008L + random.nextInt(32) << 52;
            case 4 -> -(v & 1);
            case 5 -> v & 0x00ff_00ff_00ff_00ffL;
            default -> v;
        };
    }

    private long single() {
        int s = random.nextBoolean()
                ? SINGLES[random.nextInt(SINGLES.length)]
                : random.nextInt() & 0x807f_ffff | 112 + random.nextInt(32) << 23;
        return s & 0xffff_ffffL;
    }

    private String extended() {
        long significand = switch (random.nextInt(6)) {
            case 0 -> Long.MIN_VALUE;
            case 1 -> 0;
            case 2 -> Long.MIN_VALUE | 1L << random.nextInt(64);
            case 3 -> random.nextLong();
            default -> random.nextLong() | Long.MIN_VALUE;
        };
        int exponent = switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 0x7fff;
            case 2 -> random.nextInt(0x8000);
            case 3 -> random.nextBoolean() ? 1 : 0x7ffe;
            default -> 0x3fff + random.nextInt(-70, 70);
        };
        return "0x" + String.format("%04x%016x", exponent | random.nextInt(2) << 15, significand);
    }
}
