package ringside.translator;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/**
 * Random loops of integer instructions that cannot fault; R15 counts the rounds. The last instruction jumps to itself.
 */
final class RandomProgram {
    private static final int[] REGISTERS = {0, 1, 2, 5, 6, 7, 8, 9, 10, 11};
    private final Random random;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private RandomProgram(long seed) {
        random = new Random(seed);
    }

    static byte[] make(long seed, int instructions, int rounds) {
        RandomProgram p = new RandomProgram(seed);
        p.bytes(0x41, 0xbf, rounds, 0, 0, 0);
        int start = p.out.size();
        for (int i = 0; i < instructions; i++) {
            if (p.random.nextInt(8) == 0) {
                RandomProgram inner = new RandomProgram(p.random.nextLong());
                for (int k = p.random.nextInt(4); k >= 0; k--) inner.instruction();
                p.bytes(0x70 + p.random.nextInt(16), inner.out.size());
                p.out.writeBytes(inner.out.toByteArray());
            } else {
                p.instruction();
            }
        }
        p.bytes(0x41, 0xff, 0xcf);
        int back = start - (p.out.size() + 6);
        p.bytes(0x0f, 0x85, back, back >> 8, back >> 16, back >> 24, 0xeb, 0xfe);
        return p.out.toByteArray();
    }

    private void bytes(int... b) {
        for (int v : b) out.write(v);
    }

    private int register() {
        return REGISTERS[random.nextInt(REGISTERS.length)];
    }

    /**
     * @param size 1, 2, 4 or 8
     * @param opcode escape bytes first
     * @param reg bits 5:3 of ModRM
     * @param immediate bytes of it
     */
    private void modrm(int size, int[] opcode, int reg, boolean memoryAllowed, int immediate) {
        boolean memory = memoryAllowed && random.nextInt(3) == 0;
        int rm = memory ? 3 : register();
        if (size == 2) out.write(0x66);
        int rex = 0x40 | (size == 8 ? 8 : 0) | (reg >= 8 ? 4 : 0) | (rm >= 8 ? 1 : 0);
        if (rex != 0x40 || random.nextBoolean()) out.write(rex);
        bytes(opcode);
        out.write((memory ? 0x40 : 0xc0) | (reg & 7) << 3 | rm & 7);
        if (memory) out.write(random.nextInt(120));
        for (int i = 0; i < immediate; i++) out.write(random.nextInt(4) == 0 ? 0xff : random.nextInt(256));
    }

    private void instruction() {
        int size = 1 << random.nextInt(4);
        int wide = size == 1 ? 0 : 1;
        int full = Math.min(size, 4);
        switch (random.nextInt(18)) {
            case 0, 1, 2 -> modrm(size, new int[] {random.nextInt(8) << 3 | wide}, register(), true, 0);
            case 3, 4 -> modrm(size, new int[] {random.nextInt(8) << 3 | 2 | wide}, register(), true, 0);
            case 5 -> modrm(size, new int[] {0x80 | wide}, random.nextInt(8), true, full);
            case 6 -> modrm(Math.max(2, size), new int[] {0x83}, random.nextInt(8), true, 1);
            case 7 -> modrm(size, new int[] {0xfe | wide}, random.nextInt(2), true, 0);
            case 8 -> modrm(size, new int[] {0xf6 | wide}, 2 + random.nextInt(2), true, 0);
            case 9 -> modrm(size, new int[] {0x88 | random.nextInt(2) << 1 | wide}, register(), true, 0);
            case 10 -> modrm(Math.max(2, size), new int[] {0x0f, 0xb6 | random.nextInt(2) << 3}, register(), true, 0);
            case 11 -> modrm(1, new int[] {0x0f, 0x90 + random.nextInt(16)}, 0, true, 0);
            case 12 -> modrm(Math.max(2, size), new int[] {0x0f, 0x40 + random.nextInt(16)}, register(), true, 0);
            case 13 ->
                modrm(size, new int[] {0xc0 | wide}, new int[] {0, 1, 2, 3, 4, 5, 7}[random.nextInt(7)], true, 1);
            case 14 ->
                modrm(size, new int[] {0xd2 | wide}, new int[] {0, 1, 2, 3, 4, 5, 7}[random.nextInt(7)], true, 0);
            case 15 -> {
                switch (random.nextInt(5)) {
                    case 0 -> bytes(0x50 + random.nextInt(4), 0x58 + random.nextInt(3));
                    case 1 -> bytes(0xe8, 0, 0, 0, 0, 0x58);
                    case 2 -> bytes(0x48, 0x98);
                    case 3 -> bytes(0x48, 0x99);
                    default -> bytes(0x48, 0x0f, 0xc8 + random.nextInt(3));
                }
            }
            case 16 ->
                modrm(
                        Math.max(2, size),
                        new int[] {0x0f, new int[] {0xaf, 0xa3, 0xab, 0xbc, 0xbd, 0xc1, 0xb1}[random.nextInt(7)]},
                        register(),
                        false,
                        0);
            default -> modrm(Math.max(4, size), new int[] {0x87}, register(), true, 0);
        }
    }
}
