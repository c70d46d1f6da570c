package ringside.workbench.fuzz;

import static ringside.workbench.fuzz.SystemTables.*;

import java.util.SplittableRandom;

/**
 * The operations that random system programs are made of, each some instructions that destroy RAX, RCX, RDX and the
 * flags at most.
 */
final class SystemOperations {
    private static final int[] SELECTORS = {
        0, CODE0, DATA0, CODE0_32, CODE3_32, DATA3, CODE3, TASK, GATE, LDT, 0x68, 0x70, 0x78, 0x80, 0x88, 0x98, 0xb8,
        0xf8, 0x104, 0x0c
    };
    private static final int[] PORTS = {
        0x20, 0x21, 0xa0, 0xa1, 0x40, 0x41, 0x42, 0x43, 0x60, 0x61, 0x64, 0x70, 0x71, 0x80, 0x3f8, 0x3f9, 0x3fa, 0x3fb,
        0x3fc, 0x3fd, 0x3fe, 0x2f8, 0x4d0, 0x4d1, 0xf0, 0xcf8, 0xcfc, 0x510, 0x511, 0x514, 0x518, 0x600, 0x602, 0x604,
        0x608, 0x402, 0x92
    };
    private static final int[] MSRS = {
        0x10,
        0x1b,
        0x3b,
        0x8b,
        0xfe,
        0x174,
        0x175,
        0x176,
        0x179,
        0x17a,
        0x1a0,
        0x1d9,
        0x200,
        0x201,
        0x250,
        0x277,
        0x2ff,
        0x6e0,
        0x6a0,
        0x6a2,
        0x6a4,
        0x6a7,
        0x6a8,
        0x802,
        0x808,
        0x80b,
        0x80d,
        0x80f,
        0x828,
        0x830,
        0x832,
        0x835,
        0x838,
        0x839,
        0x83e,
        0x83f,
        0xda0,
        0xc0000080,
        0xc0000081,
        0xc0000082,
        0xc0000083,
        0xc0000084,
        0xc0000100,
        0xc0000101,
        0xc0000102,
        0xc0000103
    };
    private static final int[] APIC_REGISTERS = {
        0x20, 0x30, 0x80, 0xb0, 0xd0, 0xe0, 0xf0, 0x100, 0x200, 0x280, 0x300, 0x310, 0x320, 0x330, 0x340, 0x350, 0x360,
        0x370, 0x380, 0x390, 0x3e0, 0x3f0
    };
    private static final long[] RAW_FLAGS = {
        2, 0x202, 0x102, 0x302, 0x4_0002, 0x4002, 0x1_0002, 0x3002, 0x3202, 0x20_0002, 0xed7
    };

    private final SplittableRandom random;
    private final InstructionGenerator instructions;
    private final InstructionGenerator windowInstructions;

    SystemOperations(SplittableRandom random) {
        this.random = random;
        instructions = new InstructionGenerator(random, 64, CODE + 0x200, DATA);
        windowInstructions = new InstructionGenerator(random, 64, CODE + 0x200, WINDOW + 0x1000);
    }

    static long cr4(SplittableRandom random) {
        long v = 0x20 | 0x600;
        int[] bits = {2, 3, 7, 11, 16, 17, 18, 20, 21};
        for (int b : bits) {
            if (random.nextInt(3) == 0) v |= 1L << b;
        }
        return random.nextInt(40) == 0 ? v ^ 1L << random.nextInt(32) : v;
    }

    void one(Emit e) {
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4, 5 -> e.raw(instructions.harmless(15));
            case 6, 7 -> e.raw(windowInstructions.harmless(15));
            case 8 -> e.raw(instructions.any());
            case 9, 10, 11 -> pageEntry(e);
            case 12, 13 -> access(e);
            case 14 -> e.control(3, PML4[random.nextInt(2)] | pcid());
            case 15 -> controls(e);
            case 16 -> invalidate(e);
            case 17 -> segment(e);
            case 18, 19 -> interrupt(e);
            case 20, 21 -> toRing3(e);
            case 22 -> far(e);
            case 23 -> flags(e);
            case 24 -> timer(e);
            case 25, 26 -> apic(e);
            case 27 -> ports(e);
            case 28 -> msr(e);
            case 29 -> debug(e);
            case 30, 31 -> modifyCode(e);
            case 32 -> strings(e);
            case 33 -> syscall(e);
            case 34 -> extended(e);
            case 35 -> halt(e);
            case 36 -> tables(e);
            case 37 -> e.bytes(random.nextBoolean() ? 0xfb : 0xfa);
            case 38 -> e.bytes(0x0f, 0x01, 0xf8);
            default -> loop(e);
        }
    }

    private long pcid() {
        return random.nextInt(3) == 0 ? random.nextInt(4) | (random.nextBoolean() ? 1L << 63 : 0) : 0;
    }

    /** Where code, data or the window lie. */
    private long address() {
        return switch (random.nextInt(8)) {
            case 0 -> WINDOW + 0x1000L * random.nextInt(16) + 0x1000 - random.nextInt(16);
            case 1, 2, 3 -> WINDOW + random.nextInt(0x10000);
            case 4 -> USER + random.nextInt(64);
            case 5 -> CODE + 0x200 + random.nextInt(0x200);
            default -> DATA + random.nextInt(0x8000);
        };
    }

    // ---- paging ----

    private void pageEntry(Emit e) {
        int set = PML4[random.nextInt(2)];
        long page = random.nextInt(3) == 0 ? DATA + 0x1000L * random.nextInt(8) : WINDOW + 0x1000L * random.nextInt(16);
        boolean low = page < WINDOW;
        long entry = low ? page | rights(random) : windowEntry(random);
        e.move(0, entry).storeRax(set + (low ? PT0 : PT1) + (page >> 12 & 511) * 8);
        switch (random.nextInt(6)) {
            case 0 -> e.control(3, set | pcid());
            case 1 -> {}
            default -> e.bytes(0x0f, 0x01, 0x3c, 0x25).i32(page);
        }
        if (random.nextInt(24) == 0) {
            e.move(0, set + 0x1000L * random.nextInt(5) | random.nextInt(256))
                    .storeRax(set + 0x1000L * random.nextInt(3) + 8 * random.nextInt(2));
        }
    }

    private void access(Emit e) {
        long a = address();
        switch (random.nextInt(5)) {
            case 0 -> e.bytes(0x48, 0x8b, 0x04, 0x25).i32(a);
            case 1 -> e.storeRax(a);
            case 2 -> e.bytes(0x48, 0x01, 0x04, 0x25).i32(a);
            case 3 -> e.bytes(0x88, 0x04, 0x25).i32(a);
            default -> e.move(0, a).bytes(0xff, random.nextBoolean() ? 0xd0 : 0xe0);
        }
    }

    private void controls(Emit e) {
        switch (random.nextInt(5)) {
            case 0 -> e.control(4, cr4(random));
            case 1 -> e.control(0, 0x8000_0031L ^ (random.nextBoolean() ? 1L << random.nextInt(32) : 1 << 16));
            case 2 -> e.control(8, random.nextInt(16));
            case 3 -> e.bytes(0x0f, 0x20, 0xc0 | random.nextInt(5) << 3);
            default ->
                e.msr(
                        0xc000_0080,
                        0x501
                                | (random.nextBoolean() ? 0x800 : 0)
                                | (random.nextInt(16) == 0 ? random.nextInt(0x1000) : 0));
        }
    }

    private void invalidate(Emit e) {
        if (random.nextInt(3) == 0) {
            e.move(0, random.nextInt(5))
                    .push(WINDOW + random.nextInt(0x10000))
                    .push(random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(4));
            e.bytes(0x66, 0x0f, 0x38, 0x82, 0x04, 0x24, 0x48, 0x83, 0xc4, 0x10);
        } else {
            e.bytes(0x0f, 0x01, 0x3c, 0x25).i32(address());
        }
    }

    // ---- segments and privilege ----

    private int selector() {
        return random.nextInt(16) == 0 ? random.nextInt(0x10000) : SELECTORS[random.nextInt(SELECTORS.length)];
    }

    private void segment(Emit e) {
        int s = selector();
        e.bytes(0xb8).i32(s);
        switch (random.nextInt(8)) {
            case 0 -> e.bytes(0x0f, 0x00, 0xd0);
            case 1 -> e.bytes(0x0f, 0x00, 0xd8);
            case 2 -> e.bytes(0x0f, random.nextInt(2, 4), 0xc8);
            case 3 -> e.bytes(0x0f, 0x00, 0xe0 | random.nextInt(2) << 3);
            case 4 -> e.bytes(0x0f, 0x00, 0xc0 | random.nextInt(2) << 3);
            default -> e.bytes(0x8e, 0xc0 | new int[] {0, 2, 3, 4, 5, 2}[random.nextInt(6)] << 3);
        }
    }

    private void interrupt(Emit e) {
        switch (random.nextInt(8)) {
            case 0 -> e.bytes(0xcc);
            case 1 -> e.bytes(0x0f, 0x0b);
            case 2 -> e.bytes(0xf1);
            case 3 -> e.bytes(0x31, 0xc0, 0x31, 0xd2, 0xf7, 0xf0);
            case 4 -> e.bytes(0x48, 0xcf);
            default -> e.bytes(0xcd, random.nextInt(3) == 0 ? random.nextInt(32) : random.nextInt(32, 256));
        }
    }

    /** A frame for IRETQ to ring 3, to 64-bit or 32-bit code, mostly correct. */
    private void toRing3(Emit e) {
        boolean wide = random.nextInt(3) != 0;
        e.push(random.nextInt(12) == 0 ? selector() : DATA3).push(USER_STACK - 8L * random.nextInt(16));
        e.push(RAW_FLAGS[random.nextInt(RAW_FLAGS.length)]);
        e.push(random.nextInt(12) == 0 ? selector() : wide ? CODE3 : CODE3_32);
        e.push(random.nextInt(12) == 0 ? address() : wide ? USER : CODE32).bytes(0x48, 0xcf);
    }

    private void far(Emit e) {
        int s = random.nextInt(3) == 0 ? selector() : random.nextBoolean() ? CODE0_32 : CODE0;
        long to = random.nextInt(4) == 0 ? address() : s == CODE0 ? e.here() + 13 : CODE32;
        if (random.nextInt(3) == 0) {
            e.push((int) to).bytes(0xc7, 0x44, 0x24, 0x04).i32(s).bytes(0xff, random.nextBoolean() ? 0x2c : 0x1c, 0x24);
        } else {
            e.push(s).push(to).bytes(0x48, 0xcb);
        }
    }

    private void syscall(Emit e) {
        switch (random.nextInt(4)) {
            case 0 -> e.bytes(0x0f, 0x05);
            case 1 ->
                e.move(1, USER).bytes(0x41, 0xbb).i32(0x202).bytes(random.nextBoolean() ? 0x48 : 0x90, 0x0f, 0x07);
            case 2 -> e.bytes(0x0f, 0x34);
            default -> e.move(1, USER_STACK).move(2, USER).bytes(random.nextBoolean() ? 0x48 : 0x90, 0x0f, 0x35);
        }
    }

    private void flags(Emit e) {
        e.push(random.nextInt(6) == 0 ? random.nextInt(0x40_0000) : RAW_FLAGS[random.nextInt(RAW_FLAGS.length)])
                .bytes(0x9d);
    }

    /** Changes a descriptor, gate or the tables' registers. */
    private void tables(Emit e) {
        switch (random.nextInt(4)) {
            case 0 -> e.move(0, random.nextLong()).storeRax(GDT + 0x80 + 8 * random.nextInt(16));
            case 1 ->
                e.store32(
                        IDT + 16 * random.nextInt(256) + 4,
                        HANDLERS & 0xffff_0000
                                | (random.nextInt(4) == 0 ? random.nextInt(0x10000) : 0xee00 | random.nextInt(8)));
            case 2 ->
                e.bytes(0x0f, 0x01, 0x14 | random.nextInt(2) << 3, 0x25).i32(random.nextInt(8) == 0 ? DATA : POINTERS);
            default -> e.bytes(0x0f, 0x01, 0x04 | random.nextInt(2) << 3, 0x25).i32(address());
        }
    }

    // ---- devices ----

    private void timer(Emit e) {
        e.store32(APIC + 0xf0, 0x1ff)
                .store32(APIC + 0x320, random.nextInt(0x20, 0x100) | random.nextInt(3) << 17)
                .store32(APIC + 0x3e0, random.nextInt(16));
        e.store32(APIC + 0x380, random.nextInt(8) == 0 ? random.nextInt(1, 60) : random.nextInt(60, 2000));
        if (random.nextInt(4) == 0)
            e.bytes(0x0f, 0x31, 0x83, 0xc0, random.nextInt(100)).move(1, 0x6e0).bytes(0x0f, 0x30);
    }

    private void apic(Emit e) {
        switch (random.nextInt(5)) {
            case 0 -> e.store32(APIC + 0x300, 0x40000 | random.nextInt(0x20, 0x100));
            case 1 -> e.store32(APIC + 0x300, 0x44400 | random.nextInt(4) << 18);
            case 2 -> e.store32(APIC + 0x300, random.nextInt() & ~0x600 | random.nextInt(8) << 8);
            case 3 ->
                e.store32(IO_APIC, random.nextInt(0x42)).store32(IO_APIC + 0x10, random.nextInt(0x20000) & ~0x200);
            default -> {
                int register = random.nextInt(8) == 0
                        ? random.nextInt(0x1000)
                        : APIC_REGISTERS[random.nextInt(APIC_REGISTERS.length)];
                if (random.nextBoolean()) {
                    e.store32(APIC + register, random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(0x400));
                } else {
                    e.bytes(0x8b, 0x04, 0x25).i32(APIC + register);
                }
            }
        }
    }

    private void ports(Emit e) {
        for (int n = random.nextInt(1, 5); n > 0; n--) {
            int port = random.nextInt(20) == 0 ? random.nextInt(0x10000) : PORTS[random.nextInt(PORTS.length)];
            int bytes = random.nextInt(4) == 0 ? 1 << random.nextInt(3) : 1;
            if (random.nextInt(3) == 0) {
                e.in(port, bytes);
            } else if (port != 0x92 && port != 0x64 && port != 0x604 || random.nextInt(16) == 0) {
                e.out(port, bytes, random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(256));
            }
        }
    }

    private void msr(Emit e) {
        int n = random.nextInt(20) == 0 ? random.nextInt() : MSRS[random.nextInt(MSRS.length)];
        if (random.nextInt(3) == 0) {
            e.move(1, n & 0xffff_ffffL).bytes(0x0f, 0x32);
        } else {
            e.msr(
                    n,
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextLong();
                        case 1 -> random.nextInt(0x1000);
                        case 2 -> n == 0x1b ? 0xfee0_0900L | random.nextInt(2) << 10 : DATA;
                        default -> address();
                    });
        }
    }

    private void halt(Emit e) {
        if (random.nextInt(3) == 0) {
            timer(e);
            e.bytes(0xfb);
        }
        e.bytes(0xf4);
    }

    // ---- the rest ----

    private void debug(Emit e) {
        int n = new int[] {0, 1, 2, 3, 6, 7, 7, 7}[random.nextInt(8)];
        e.move(
                        0,
                        n == 7
                                ? random.nextInt() & 0xffff_23ffL & (random.nextBoolean() ? ~0xffL : -1)
                                : n == 6 ? 0 : address())
                .bytes(0x0f, 0x23, 0xc0 | n << 3);
    }

    /** Changes a byte of the program, of user code, or of a page that the window maps too, and perhaps goes there. */
    private void modifyCode(Emit e) {
        long a = switch (random.nextInt(4)) {
            case 0 -> USER + random.nextInt(48);
            case 1 -> WINDOW + 0x1000L * random.nextInt(16) + 0x200 + random.nextInt(0x300);
            case 2 -> e.here() + random.nextInt(-100, 60);
            default -> CODE + 0x200 + random.nextInt(0x300);
        };
        e.bytes(0xc6, 0x04, 0x25).i32(a).bytes(random.nextInt(4) == 0 ? random.nextInt(256) : 0x90);
    }

    private void strings(Emit e) {
        e.move(6, address()).move(7, random.nextInt(8) == 0 ? CODE + 0x400 : DATA + random.nextInt(0x7000));
        e.move(1, random.nextInt(3) == 0 ? random.nextInt(10000) : random.nextInt(64));
        e.bytes(0xf2 + random.nextInt(2));
        if (random.nextBoolean()) e.bytes(0x48);
        e.bytes(new int[] {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0x6c, 0x6e}[random.nextInt(12)]);
    }

    private void extended(Emit e) {
        switch (random.nextInt(6)) {
            case 0 ->
                e.bytes(0x31, 0xc9, 0x31, 0xd2, 0xb8).i32(random.nextInt(8)).bytes(0x0f, 0x01, 0xd1);
            case 1 ->
                e.bytes(0x31, 0xd2, 0xb8)
                        .i32(random.nextInt(8))
                        .bytes(0x48, 0x0f, 0xae, 0x24, 0x25)
                        .i32(DATA + 64 * random.nextInt(64));
            case 2 ->
                e.bytes(0x31, 0xd2, 0xb8)
                        .i32(random.nextInt(8))
                        .bytes(0x48, 0x0f, 0xae, 0x2c, 0x25)
                        .i32(DATA + 64 * random.nextInt(64));
            case 3 -> e.bytes(0x0f, 0x06);
            case 4 -> e.bytes(0xf3, 0x48, 0x0f, 0xae, 0xc0 | random.nextInt(4) << 3);
            default ->
                e.bytes(0x48, 0x0f, 0xae, random.nextInt(2) << 3 | 0x04, 0x25).i32(DATA + 16 * random.nextInt(64));
        }
    }

    /** A loop that is hot at once, with memory. */
    private void loop(Emit e) {
        e.bytes(0xb9).i32(random.nextInt(2, 60));
        long start = e.here();
        for (int n = random.nextInt(1, 4); n > 0; n--) {
            if (random.nextInt(3) == 0) {
                access(e);
            } else {
                e.raw(instructions.harmless(15));
            }
        }
        e.bytes(0xff, 0xc9, 0x0f, 0x85).i32(start - e.here() - 4);
    }
}
