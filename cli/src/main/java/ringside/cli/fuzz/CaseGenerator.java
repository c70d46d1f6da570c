package ringside.cli.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.lab.Mode;

/**
 * Makes random cases in the form that {@code ringside exec --batch} takes. A case follows from its kind and seed alone. Code is at {@link #CODE}, which may be written to
 * in blocks; data is at {@link #DATA}, and most registers hold addresses near it or small numbers.
 */
final class CaseGenerator {
    enum Kind {
        /** One to four instructions of random bytes in user mode. */
        INSTRUCTION,
        /** Random instructions with loops, memory, and stores into the code itself, in user mode. */
        BLOCK,
        /** Random instructions at CPL 0 in any mode, exceptions delivered through random tables. */
        SYSTEM
    }

    private static final int CODE = 0x4000, DATA = 0x8000, PAGE = 4096;
    private static final int[] PREFIXES = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x64, 0x65, 0x67};
    private static final String[] NAMES = {"ax", "cx", "dx", "bx", "bp", "si", "di"};

    private final SplittableRandom random;
    private final Kind kind;
    private final Mode mode;

    private CaseGenerator(Kind kind, long seed) {
        this.kind = kind;
        random = new SplittableRandom(seed);
        mode = kind == Kind.SYSTEM ? Mode.values()[random.nextInt(4)] : random.nextInt(8) == 0 ? Mode.COMPAT : Mode.LONG;
    }

    static Map<String, Object> make(Kind kind, long seed) {
        return new CaseGenerator(kind, seed).build(kind.name().toLowerCase(java.util.Locale.ROOT) + "-" + Long.toUnsignedString(seed));
    }

    private Map<String, Object> build(String name) {
        Map<String, Object> c = new LinkedHashMap<>();
        c.put("name", name);
        c.put("mode", mode.name().toLowerCase(java.util.Locale.ROOT));
        c.put("cpl", kind == Kind.SYSTEM ? 0 : 3);
        c.put("at", CODE);
        byte[] code = code();
        c.put("hex", HexFormat.of().formatHex(code));
        if (mode != Mode.REAL) {
            List<String> maps = new ArrayList<>();
            if (kind == Kind.BLOCK || kind == Kind.SYSTEM) maps.add(CODE + ":" + PAGE + ":rwx");
            maps.add(DATA + ":" + 2 * PAGE + ":rw");
            if (random.nextInt(4) == 0) maps.add(DATA + 2 * PAGE + ":" + PAGE + ":r");
            c.put("map", maps);
        }
        byte[] data = new byte[256];
        random.nextBytes(data);
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("0x" + Integer.toHexString(DATA + PAGE - 128), HexFormat.of().formatHex(data));
        c.put("mem", memory);
        c.put("regs", registers());
        c.put("until", "hlt");
        c.put("limit", kind == Kind.INSTRUCTION ? 64 : 2000);
        if (kind == Kind.SYSTEM) c.put("deliver", random.nextBoolean());
        return c;
    }

    private Map<String, Object> registers() {
        Map<String, Object> r = new LinkedHashMap<>();
        String prefix = mode == Mode.LONG ? "r" : "e";
        for (String n : NAMES) r.put(prefix + n, value(mode == Mode.LONG));
        if (mode == Mode.LONG) {
            for (int i = 8; i < 16; i++) r.put("r" + i, value(true));
        }
        r.put(prefix + "cx", random.nextInt(4) == 0 ? value(false) : "0x" + Integer.toHexString(random.nextInt(40)));
        r.put(prefix + "sp", "0x" + Integer.toHexString(DATA + PAGE + 64));
        r.put(mode == Mode.LONG ? "rflags" : "eflags", "0x" + Integer.toHexString(2 | random.nextInt() & 0x8d5 | (random.nextInt(16) == 0 ? 0x400 : 0)));
        for (int i = 0; i < 8; i++) r.put("xmm" + i, "0x" + Long.toHexString(random.nextLong()) + String.format("%016x", random.nextLong()));
        r.put("mxcsr", "0x" + Integer.toHexString(0x1f80 | random.nextInt(4) << 13));
        if (kind == Kind.SYSTEM && mode != Mode.REAL) {
            r.put("idtr_base", "0x" + Integer.toHexString(random.nextBoolean() ? DATA : CODE));
            r.put("idtr_limit", "0x" + Integer.toHexString(random.nextInt(0x1000)));
        }
        return r;
    }

    private String value(boolean wide) {
        return "0x" + Long.toHexString(switch (random.nextInt(6)) {
            case 0 -> random.nextInt(256);
            case 1 -> wide ? random.nextLong() : random.nextInt() & 0xffff_ffffL;
            case 2 -> wide ? -random.nextInt(1, 9) : 0xffff_ffffL;
            case 3 -> kind == Kind.INSTRUCTION ? 1L << random.nextInt(32) : CODE + random.nextInt(80);
            default -> DATA + PAGE - 128 + random.nextInt(192);
        });
    }

    // ---- code ----

    private byte[] code() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int count = kind == Kind.INSTRUCTION ? random.nextInt(1, 5) : random.nextInt(3, 30);
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (kind != Kind.INSTRUCTION && random.nextInt(8) == 0) {
                loopBack(out, start);
                start = out.size();
            } else {
                out.writeBytes(instruction());
            }
        }
        out.write(0xf4);
        return out.toByteArray();
    }

    /** DEC ECX, JNZ to an earlier place; or a forward conditional jump over the next bytes. */
    private void loopBack(ByteArrayOutputStream out, int start) {
        if (random.nextInt(3) == 0) {
            out.write(0x70 | random.nextInt(16));
            out.write(random.nextInt(12));
            return;
        }
        if (mode == Mode.LONG) {
            out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xc9});
        } else {
            out.write(0x49);
        }
        int back = start - (out.size() + 2);
        if (back < -128) return;
        out.write(0x75);
        out.write(back);
    }

    /** Random bytes that the decoder takes, mostly; one in sixteen whatever they are. */
    private byte[] instruction() {
        boolean any = random.nextInt(16) == 0;
        while (true) {
            byte[] b = new byte[15];
            random.nextBytes(b);
            int at = 0;
            while (at < 3 && random.nextInt(6) == 0) b[at++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
            if (mode == Mode.LONG && random.nextInt(3) == 0) b[at++] = (byte) (0x40 | random.nextInt(16));
            int map = random.nextInt(20);
            if (map < 7) b[at] = 0x0f;
            if (map == 0) b[at + 1] = 0x38;
            if (map == 1) b[at + 1] = 0x3a;
            if (map == 7) b[at] = (byte) (random.nextBoolean() ? 0xc4 : 0xc5);
            Instruction i = new Instruction();
            int n = Decoder.decode(b, 0, b.length, mode.bits(), i);
            if (n > 0) return java.util.Arrays.copyOf(b, n);
            if (any) return java.util.Arrays.copyOf(b, random.nextInt(1, 8));
        }
    }
}
