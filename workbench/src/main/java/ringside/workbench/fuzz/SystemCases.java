package ringside.workbench.fuzz;

import static ringside.workbench.fuzz.CaseGenerator.hex;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import ringside.lab.Mode;

/** Cases on a whole PC: programs with tables of their own, and hostile ones of which hardly anything makes sense. */
final class SystemCases {
    static final int LIMIT = 8_000;

    private final SplittableRandom random;

    SystemCases(SplittableRandom random) {
        this.random = random;
    }

    private static void pc(
            Map<String, Object> c,
            Mode mode,
            long at,
            byte[] code,
            Map<String, Object> memory,
            Map<String, Object> regs) {
        c.put("board", "pc");
        c.put("mode", mode.name().toLowerCase(java.util.Locale.ROOT));
        c.put("at", hex(at));
        c.put("hex", hex(code));
        c.put("mem", memory);
        c.put("regs", regs);
        c.put("until", "hlt");
        c.put("limit", LIMIT);
    }

    void program(Map<String, Object> c) {
        Map<String, Object> memory = new LinkedHashMap<>();
        new SystemTables(random).put(memory);
        memory.put(hex(SystemTables.USER), hex(user(64)));
        memory.put(hex(SystemTables.CODE32), hex(user(32)));
        memory.put(hex(SystemTables.DATA), hex(bytes(256)));
        pc(c, Mode.LONG, SystemTables.CODE, new SystemProgram(random).make(), memory, registers(true));
    }

    /** Code of ring 3: some instructions, then a way back. */
    private byte[] user(int bits) {
        Emit e = new Emit(bits == 64 ? SystemTables.USER : SystemTables.CODE32);
        InstructionGenerator g = new InstructionGenerator(
                random, bits, (int) e.here(), random.nextBoolean() ? SystemTables.DATA : SystemTables.WINDOW + 0x1000);
        for (int n = random.nextInt(1, 8); n > 0; n--)
            e.raw(random.nextInt(6) == 0 ? g.any() : g.harmless(bits == 64 ? 15 : -1));
        return switch (random.nextInt(4)) {
            case 0 -> e.bytes(0x0f, 0x05).done();
            case 1 -> e.bytes(0xcd, 0x80).done();
            case 2 -> e.bytes(0x0f, 0x0b).done();
            default -> e.bytes(0xf4).done();
        };
    }

    /** Random page tables, descriptors, code and registers, in any mode. */
    void hostile(Map<String, Object> c) {
        Mode mode = new Mode[] {Mode.LONG, Mode.PROTECTED, Mode.REAL}[random.nextInt(3)];
        Map<String, Object> memory = new LinkedHashMap<>();
        byte[] code;
        int at = mode == Mode.REAL ? 0x4000 : SystemTables.CODE;
        if (mode == Mode.LONG && random.nextBoolean()) {
            new SystemTables(random).put(memory);
            code = new SystemProgram(random).make();
            for (int n = random.nextInt(1, 8); n > 0; n--) {
                int[] where = {
                    SystemTables.GDT,
                    SystemTables.IDT,
                    SystemTables.TSS,
                    SystemTables.PML4[0],
                    SystemTables.PML4[0] + 0x1000,
                    SystemTables.PML4[0] + 0x2000,
                    SystemTables.PML4[0] + SystemTables.PT0,
                    SystemTables.PML4[0] + SystemTables.PT1,
                    SystemTables.HANDLERS
                };
                memory.put(
                        hex(where[random.nextInt(where.length)] + 8 * random.nextInt(64)),
                        hex(entries(random.nextInt(1, 16))));
            }
        } else {
            code = new ProgramGenerator(random, mode).make(SystemTables.CODE, SystemTables.DATA);
            memory.put(
                    hex(mode == Mode.REAL ? 0 : SystemTables.IDT), hex(mode == Mode.REAL ? vectors() : entries(512)));
            memory.put(hex(mode == Mode.REAL ? 0x8000 : SystemTables.DATA), hex(entries(64)));
        }
        Map<String, Object> regs = registers(mode == Mode.LONG);
        if (mode != Mode.REAL) {
            regs.put("idtr_base", hex(random.nextInt(3) == 0 ? random.nextInt() & 0xffff_ffffL : SystemTables.IDT));
            regs.put("idtr_limit", hex(random.nextInt(0x1000)));
        }
        pc(c, mode, at, code, memory, regs);
    }

    private byte[] vectors() {
        byte[] b = bytes(1024);
        for (int i = 0; i < 256; i++) {
            if (random.nextInt(4) != 0) {
                b[4 * i + 1] = (byte) (0x40 + random.nextInt(2));
                b[4 * i + 2] = b[4 * i + 3] = 0;
            }
        }
        return b;
    }

    /** 64-bit numbers that may be page-table entries, descriptors or gates. */
    private byte[] entries(int count) {
        java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(8 * count).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        while (b.hasRemaining()) {
            b.putLong(
                    switch (random.nextInt(5)) {
                        case 0 -> random.nextLong();
                        case 1 -> SystemTables.windowEntry(random);
                        case 2 -> SystemTables.PML4[0] + 0x1000L * random.nextInt(6) | random.nextInt(256);
                        case 3 -> 0x00cf_9300_0000_ffffL ^ (long) random.nextInt(0x10000) << 40;
                        default ->
                            SystemTables.HANDLERS & 0xffff | 8L << 16 | (0x8e00L | random.nextInt(0x10000)) << 32;
                    });
        }
        return b.array();
    }

    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }

    private Map<String, Object> registers(boolean wide) {
        Map<String, Object> r = new LinkedHashMap<>();
        String[] names = {"bx", "bp", "si", "di"};
        for (String n : names)
            r.put(
                    (wide ? "r" : "e") + n,
                    hex(
                            random.nextInt(3) == 0
                                    ? random.nextLong() & (wide ? -1 : 0xffff_ffffL)
                                    : SystemTables.DATA + random.nextInt(0x2000)));
        for (int i = 8; wide && i < 15; i++)
            r.put(
                    "r" + i,
                    hex(random.nextInt(2) == 0 ? random.nextLong() : SystemTables.WINDOW + random.nextInt(0x10000)));
        return r;
    }
}
