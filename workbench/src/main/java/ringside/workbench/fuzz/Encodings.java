package ringside.workbench.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * All encodings that the decoder takes, by mnemonic, so that a generator can choose a rare instruction as often as a
 * frequent one. An encoding is a number: see the methods that take it apart. Intel SDM vol. 2, 2.1 and 2.3.
 */
final class Encodings {
    /** Opcode maps: one byte, 0F, 0F 38, 0F 3A without VEX, then the last three with VEX. */
    static final int MAPS = 7, FIRST_VEX = 4;

    private static final int[] MANDATORY = {0, 0x66, 0xf3, 0xf2};
    private static final Map<Integer, Encodings> MADE = new ConcurrentHashMap<>();

    private final List<int[]> byMnemonic = new ArrayList<>();

    /** @param bits of the code: 64, 32 or 16 */
    static Encodings of(int bits) {
        return MADE.computeIfAbsent(bits, Encodings::new);
    }

    private Encodings(int bits) {
        Map<Mnemonic, List<Integer>> found = new EnumMap<>(Mnemonic.class);
        Instruction i = new Instruction();
        byte[] b = new byte[24];
        for (int e = 0; e < MAPS << 20; e++) {
            // a memory operand is tried once for each value of ModRM.reg, as [base + displacement] with a SIB byte
            if (modrm(e) < 0xc0 && (modrm(e) & 0xc7) != 0x44
                    || vexLong(e) && !vex(e)
                    || wide(e) && bits != 64 && !vex(e)) continue;
            int n = lead(e, 0, 15, bits, b, 0);
            b[n++] = (byte) modrm(e);
            if (modrm(e) < 0xc0) b[n++] = 0x23;
            if (Decoder.decode(b, 0, 15, bits, i) > 0)
                found.computeIfAbsent(i.mnemonic, m -> new ArrayList<>()).add(e);
        }
        found.values()
                .forEach(l ->
                        byMnemonic.add(l.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** @return for each mnemonic its encodings */
    List<int[]> byMnemonic() {
        return byMnemonic;
    }

    static int opcode(int e) {
        return e >> 8 & 0xff;
    }

    /** @return ModRM; below C0h only the reg field counts, and the operand is memory; some opcodes have none */
    static int modrm(int e) {
        return e & 0xff;
    }

    /** @return the mandatory prefix's index in {@link #MANDATORY}, as VEX.pp has it */
    private static int mandatory(int e) {
        return e >> 16 & 3;
    }

    /** @return REX.W or VEX.W */
    private static boolean wide(int e) {
        return (e >> 18 & 1) != 0;
    }

    /** @return VEX.L */
    private static boolean vexLong(int e) {
        return (e >> 19 & 1) != 0;
    }

    static boolean vex(int e) {
        return e >> 20 >= FIRST_VEX;
    }

    /**
     * Writes mandatory prefix, REX or VEX, and the opcode.
     *
     * @param rxb bits R, X, B as REX has them; only R and X clear are possible outside 64-bit mode
     * @param vvvv register of VEX.vvvv, 15 - the field; 15 is also what "none" must be, inverted
     * @return the index behind what was written
     */
    static int lead(int e, int rxb, int vvvv, int bits, byte[] b, int at) {
        int map = e >> 20;
        if (vex(e)) {
            b[at++] = (byte) 0xc4;
            b[at++] = (byte) ((~rxb & 7) << 5 | map - FIRST_VEX + 1);
            b[at++] = (byte) ((wide(e) ? 0x80 : 0) | vvvv << 3 | (vexLong(e) ? 4 : 0) | mandatory(e));
        } else {
            if (mandatory(e) != 0) b[at++] = (byte) MANDATORY[mandatory(e)];
            if (bits == 64 && (rxb != 0 || wide(e))) b[at++] = (byte) (0x40 | (wide(e) ? 8 : 0) | rxb);
            if (map > 0) b[at++] = 0x0f;
            if (map > 1) b[at++] = (byte) (map == 2 ? 0x38 : 0x3a);
        }
        b[at++] = (byte) opcode(e);
        return at;
    }
}
