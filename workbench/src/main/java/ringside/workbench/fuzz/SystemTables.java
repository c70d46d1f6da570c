package ringside.workbench.fuzz;

import static ringside.workbench.fuzz.CaseGenerator.hex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Memory of a generated system program: descriptor tables, page tables, handlers. All addresses are physical and, at
 * the start, linear too; RAM is 2 MiB. The linear addresses from 2 to 4 MiB are a window in which the program maps
 * anything: data, its own code, its page tables, the APICs.
 */
final class SystemTables {
    static final int GDT = 0x10000,
            IDT = 0x11000,
            TSS = 0x12000,
            POINTERS = 0x12800,
            HANDLERS = 0x13000,
            HANDLER_SIZE = 64,
            COUNTERS = 0x18000;
    static final int[] PML4 = {0x20000, 0x25000};
    static final int PT0 = 0x3000, PT1 = 0x4000;
    static final int CODE = 0x40000,
            USER = 0x48000,
            CODE32 = 0x4c000,
            DATA = 0x50000,
            STACK = 0x61000,
            IST = 0x62000,
            USER_STACK = 0x66000;
    static final int WINDOW = 0x20_0000, IO_APIC = 0x3f_e000, APIC = 0x3f_f000;
    static final int CODE0 = 0x08,
            DATA0 = 0x10,
            CODE0_32 = 0x18,
            CODE3_32 = 0x23,
            DATA3 = 0x2b,
            CODE3 = 0x33,
            TASK = 0x38,
            GATE = 0x48,
            LDT = 0x58;
    private static final int GDT_SIZE = 0x100, PRESENT = 1, WRITE = 2, USER_PAGE = 4;

    private final SplittableRandom random;

    SystemTables(SplittableRandom random) {
        this.random = random;
    }

    void put(Map<String, Object> memory) {
        memory.put(hex(GDT), hex(gdt()));
        memory.put(hex(IDT), hex(idt()));
        memory.put(hex(TSS), hex(tss()));
        ByteBuffer p = buffer(32);
        p.putShort(0, (short) (GDT_SIZE - 1))
                .putLong(2, GDT)
                .putShort(16, (short) (random.nextInt(32) == 0 ? random.nextInt(0x1000) : 0xfff))
                .putLong(18, IDT);
        memory.put(hex(POINTERS), hex(p.array()));
        memory.put(hex(HANDLERS), hex(handlers()));
        for (int set = 0; set < 2; set++) pages(memory, PML4[set], set);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] gdt() {
        long code = 0x00af_9b00_0000_ffffL;
        long code32 = 0x00cf_9b00_0000_ffffL;
        long data = 0x00cf_9300_0000_ffffL;
        long ring3 = 3L << 45;
        ByteBuffer b = buffer(GDT_SIZE);
        b.putLong(0)
                .putLong(code)
                .putLong(data)
                .putLong(code32)
                .putLong(code32 | ring3)
                .putLong(data | ring3)
                .putLong(code | ring3);
        b.putLong(0x67 | (long) TSS << 16 | 0x89L << 40).putLong(0);
        b.putLong(CODE + 0x40 & 0xffff | (long) CODE0 << 16 | 0xecL << 40 | (CODE + 0x40L) >> 16 << 48)
                .putLong(0);
        b.putLong(0x3f | (long) DATA << 16 | 0x82L << 40).putLong(0);
        b.putLong(data & ~(1L << 47)).putLong(code | 4L << 40).putLong(0x0000_9b00_0000_ffffL);
        while (b.hasRemaining())
            b.putLong(random.nextInt(3) == 0 ? data ^ 1L << random.nextInt(64) : random.nextLong());
        return b.array();
    }

    private byte[] idt() {
        ByteBuffer b = buffer(4096);
        for (int v = 0; v < 256; v++) {
            int access = random.nextInt(3) == 0 ? 0xef : 0xee;
            if (random.nextInt(24) == 0) access = random.nextInt(256);
            int ist = random.nextInt(4) == 0 || v == 8 || v == 2 ? random.nextInt(1, 4) : 0;
            long at = HANDLERS + HANDLER_SIZE * (long) v;
            b.putLong(at & 0xffff | (long) CODE0 << 16 | (long) ist << 32 | (long) access << 40 | at >> 16 << 48)
                    .putLong(random.nextInt(200) == 0 ? random.nextLong() : 0);
        }
        return b.array();
    }

    private byte[] tss() {
        ByteBuffer b = buffer(0x68 + 64);
        b.putLong(4, STACK - 0x400);
        for (int i = 1; i < 8; i++) b.putLong(28 + 8 * i, IST + 0x800L * i);
        b.putShort(102, (short) 0x68);
        for (int i = 0x68; i < b.capacity(); i++) b.put(i, (byte) random.nextInt(256));
        return b.array();
    }

    private byte[] handlers() {
        byte[] all = new byte[256 * HANDLER_SIZE];
        java.util.Arrays.fill(all, (byte) 0xf4);
        for (int v = 0; v < 256; v++) {
            byte[] one = handler(v);
            System.arraycopy(one, 0, all, v * HANDLER_SIZE, Math.min(one.length, HANDLER_SIZE));
        }
        return all;
    }

    /**
     * Counts, then goes on at R15, in the ring that was interrupted or anew in ring 0; or returns; or does something
     * else.
     */
    private byte[] handler(int v) {
        boolean fault = v < 32 && v != 1 && v != 2 && v != 3 && v != 4;
        Emit e = new Emit(HANDLERS + HANDLER_SIZE * (long) v);
        if (random.nextInt(64) == 0)
            return e.raw(new InstructionGenerator(random, 64, (int) e.here(), DATA).any())
                    .bytes(0x48, 0xcf)
                    .done();
        if (v == 8 || v >= 10 && v <= 14 || v == 17 || v == 21) e.bytes(0x48, 0x83, 0xc4, 0x08);
        if (!fault) {
            if (v >= 32 && random.nextInt(8) != 0)
                e.bytes(0x50, 0x31, 0xc0, 0x89, 0x04, 0x25).i32(APIC + 0xb0).bytes(0x58);
            e.bytes(0x48, 0xff, 0x04, 0x25).i32(COUNTERS + 8 * v);
        } else if (random.nextInt(3) == 0) {
            e.bytes(0x4c, 0x89, 0x3c, 0x24);
        } else {
            e.bytes(0x4c, 0x89, 0x3c, 0x24);
            frame(e, 8, CODE0);
            frame(e, 16, random.nextBoolean() ? 0x202 : 2);
            frame(e, 24, STACK);
            frame(e, 32, DATA0);
        }
        return e.bytes(0x48, 0xcf).done();
    }

    /** MOV qword [RSP+offset], v. */
    private static void frame(Emit e, int offset, int v) {
        e.bytes(0x48, 0xc7, 0x44, 0x24, offset).i32(v);
    }

    private void pages(Map<String, Object> memory, int pml4, int set) {
        int all = PRESENT | WRITE | USER_PAGE;
        memory.put(hex(pml4), number(pml4 + 0x1000 | all));
        memory.put(hex(pml4 + 0x1000), number(pml4 + 0x2000 | all));
        ByteBuffer directory = buffer(16);
        directory.putLong(pml4 + PT0 | all).putLong(pml4 + PT1 | (random.nextInt(8) == 0 ? random.nextInt(8) : all));
        memory.put(hex(pml4 + 0x2000), hex(directory.array()));
        ByteBuffer low = buffer(4096);
        for (int i = 0; i < 512; i++) low.putLong((long) i << 12 | lowRights(i << 12, set));
        memory.put(hex(pml4 + PT0), hex(low.array()));
        ByteBuffer high = buffer(4096);
        for (int i = 0; i < 510; i++) high.putLong(windowEntry(random));
        high.putLong(0xfec0_0003L).putLong(0xfee0_0003L);
        memory.put(hex(pml4 + PT1), hex(high.array()));
    }

    private static String number(long v) {
        return hex(buffer(8).putLong(v).array());
    }

    private long lowRights(int page, int set) {
        if (page >= DATA && page < DATA + 0x8000 && random.nextInt(3) == 0) return rights(random);
        boolean user = page >= USER && page < CODE32 + 0x1000
                || page >= DATA && page < DATA + 0x8000
                || page >= USER_STACK - 0x2000 && page <= USER_STACK;
        long r = PRESENT | WRITE | (user ? USER_PAGE : 0);
        return set == 1 && random.nextInt(16) == 0 ? r & ~2 : r;
    }

    /** Random rights of a page: mostly present. */
    static long rights(SplittableRandom random) {
        long r = random.nextInt() & 0x66
                | (random.nextInt(6) == 0 ? 0 : PRESENT)
                | (random.nextInt(4) == 0 ? 1L << 63 : 0);
        if (random.nextInt(40) == 0) r |= 1L << random.nextInt(46, 63);
        if (random.nextInt(8) == 0) r |= 0x100;
        return r;
    }

    /** Maps something into the window: data, code, tables, stacks, nothing, a device. */
    static long windowEntry(SplittableRandom random) {
        long page = switch (random.nextInt(10)) {
            case 0 -> CODE + 0x1000L * random.nextInt(2);
            case 1 -> USER;
            case 2 -> PML4[random.nextInt(2)] + 0x1000L * random.nextInt(5);
            case 3 -> 0xfee0_0000L;
            case 4 -> random.nextInt(4) == 0 ? 0xfec0_0000L : (long) random.nextInt(0x220) << 12;
            default -> DATA + 0x1000L * random.nextInt(8);
        };
        return page | rights(random);
    }
}
