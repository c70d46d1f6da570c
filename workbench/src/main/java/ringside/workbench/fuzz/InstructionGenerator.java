package ringside.workbench.fuzz;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import ringside.decoder.Decoder;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * Makes the bytes of random instructions: half of them with random opcodes of all maps, VEX included, half by mnemonic,
 * each as often as any other; random prefixes and operands. Displacements are chosen so that memory operands often hit
 * what is mapped, immediates are often edge cases.
 */
final class InstructionGenerator {
    private static final int[] PREFIXES = {0x66, 0xf2, 0xf3, 0xf0, 0x2e, 0x36, 0x64, 0x65, 0x67};
    /** What ends a program early in user mode, or is the same as another case. */
    private static final Set<Mnemonic> RARE = EnumSet.of(
            Mnemonic.HLT,
            Mnemonic.IN,
            Mnemonic.OUT,
            Mnemonic.INS,
            Mnemonic.OUTS,
            Mnemonic.CLI,
            Mnemonic.STI,
            Mnemonic.INT,
            Mnemonic.INT1,
            Mnemonic.INT3,
            Mnemonic.UD0,
            Mnemonic.UD1,
            Mnemonic.UD2,
            Mnemonic.JMP,
            Mnemonic.CALL,
            Mnemonic.RET,
            Mnemonic.JMP_FAR,
            Mnemonic.CALL_FAR,
            Mnemonic.RET_FAR,
            Mnemonic.IRET,
            Mnemonic.SYSCALL,
            Mnemonic.SYSENTER,
            Mnemonic.SYSRET,
            Mnemonic.SYSEXIT,
            Mnemonic.RDMSR,
            Mnemonic.WRMSR,
            Mnemonic.CLTS,
            Mnemonic.INVD,
            Mnemonic.WBINVD,
            Mnemonic.LMSW,
            Mnemonic.MONITOR,
            Mnemonic.MWAIT,
            Mnemonic.LES,
            Mnemonic.LDS,
            Mnemonic.LSS,
            Mnemonic.LFS,
            Mnemonic.LGS,
            Mnemonic.EVEX,
            Mnemonic.INTO,
            Mnemonic.BOUND,
            Mnemonic.ENTER,
            Mnemonic.XCHG,
            Mnemonic.RDPMC,
            Mnemonic.SWAPGS,
            Mnemonic.POPF);

    private final SplittableRandom random;
    private final int bits;
    /** Distance from code to data, and the address of the data. */
    private final int distance;

    private final int data;

    /** @param code address of the code @param data address of the data, at least three pages of address space */
    InstructionGenerator(SplittableRandom random, int bits, int code, int data) {
        this.random = random;
        this.bits = bits;
        this.distance = data - code;
        this.data = data;
    }

    /** @return an instruction that the decoder takes, or in one of sixteen cases some that it does not */
    byte[] any() {
        boolean invalid = random.nextInt(16) == 0;
        while (true) {
            byte[] b = new byte[24];
            int end = invalid || random.nextBoolean() ? bytes(b) : byMnemonic(b);
            Instruction i = new Instruction();
            int n = Decoder.decode(b, 0, Math.min(end, 15), bits, i);
            if (n > 0) return Arrays.copyOf(b, n);
            if (invalid) return Arrays.copyOf(b, random.nextInt(1, 9));
        }
    }

    /**
     * @return an instruction that probably does not end a program, and does not name general register {@code register}
     *     (-1: may name any)
     */
    byte[] harmless(int register) {
        while (true) {
            byte[] b = any();
            Instruction i = new Instruction();
            if (Decoder.decode(b, 0, b.length, bits, i) <= 0
                    || RARE.contains(i.mnemonic)
                    || i.has(Instruction.LOCK) && random.nextInt(4) != 0) continue;
            boolean segment = false;
            boolean branch = false;
            for (int k = 0; k < i.operandCount; k++) {
                segment |= i.kind[k] == Instruction.SEGMENT
                        || i.kind[k] == Instruction.CONTROL
                        || i.kind[k] == Instruction.DEBUG;
                branch |= i.kind[k] == Instruction.REL;
            }
            if (segment && random.nextInt(8) != 0 || branch || i.opcode >> 8 == 1 && (i.opcode & 0xff) <= 1) continue;
            if (register < 0 || !names(i, register)) return b;
        }
    }

    private static boolean names(Instruction i, int register) {
        for (int k = 0; k < i.operandCount; k++) {
            if (i.kind[k] == Instruction.GPR && i.reg[k] == register) return true;
        }
        return i.memoryOperand() >= 0 && (i.memBase == register || i.memIndex == register)
                || i.mnemonic == Mnemonic.POPA
                || i.mnemonic == Mnemonic.LEAVE && register == 5;
    }

    private int bytes(byte[] b) {
        int at = 0;
        while (at < 3 && random.nextInt(9) == 0) b[at++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
        int map = random.nextInt(100);
        if (map >= 38 && map < 84 && random.nextInt(2) == 0)
            b[at++] = (byte) new int[] {0x66, 0xf2, 0xf3, 0x66}[random.nextInt(4)];
        if (map < 84 && bits == 64 && random.nextInt(2) == 0) b[at++] = (byte) (0x40 | random.nextInt(16));
        if (map >= 84) {
            at = vex(b, at);
        } else if (map >= 38) {
            b[at++] = 0x0f;
            if (map >= 76) {
                b[at++] = 0x3a;
            } else if (map >= 66) {
                b[at++] = 0x38;
            }
        }
        b[at++] = (byte) random.nextInt(256);
        at = modrm(b, at);
        for (int k = 0; k < 8; k++) b[at++] = immediate();
        return at;
    }

    /** An instruction of a mnemonic that is chosen first. */
    private int byMnemonic(byte[] b) {
        List<int[]> all = Encodings.of(bits).byMnemonic();
        int[] one = all.get(random.nextInt(all.size()));
        int e = one[random.nextInt(one.length)];
        int at = 0;
        while (at < 2 && random.nextInt(16) == 0) b[at++] = (byte) PREFIXES[random.nextInt(PREFIXES.length)];
        int rxb = bits == 64 && random.nextBoolean() ? random.nextInt(8) : 0;
        at = Encodings.lead(e, rxb, random.nextBoolean() ? 15 : random.nextInt(16), bits, b, at);
        int modrm = Encodings.modrm(e);
        if (modrm >= 0xc0) {
            b[at++] = (byte) modrm;
        } else {
            at = operand(b, at, modrm >> 3 & 7, random.nextInt(9, 20));
        }
        for (int k = 0; k < 8; k++) b[at++] = immediate();
        return at;
    }

    private int vex(byte[] b, int at) {
        int vvvv = random.nextInt(3) == 0 ? 0x78 : random.nextInt(16) << 3;
        int low = vvvv | random.nextInt(8);
        if (random.nextInt(3) == 0) {
            b[at++] = (byte) 0xc5;
            b[at++] = (byte) ((bits == 64 ? random.nextInt(2) << 7 : 0xc0) | low & 0x7f);
        } else {
            b[at++] = (byte) 0xc4;
            b[at++] = (byte) ((bits == 64 ? random.nextInt(8) : 7) << 5
                    | (random.nextInt(32) == 0 ? random.nextInt(32) : random.nextInt(1, 4)));
            b[at++] = (byte) (random.nextInt(2) << 7 | low & 0x7f);
        }
        return at;
    }

    private int modrm(byte[] b, int at) {
        return operand(b, at, random.nextInt(8), random.nextInt(20));
    }

    /** ModRM and what belongs to it; {@code kind} below 9 is a register. */
    private int operand(byte[] b, int at, int reg, int kind) {
        int mod = kind < 9 ? 3 : kind < 14 ? 1 : kind < 18 ? 0 : 2;
        int rm = random.nextInt(8);
        b[at++] = (byte) (mod << 6 | reg << 3 | rm);
        boolean absolute = mod == 0 && rm == 5;
        int where = bits == 64 ? distance : data;
        if (mod != 3 && rm == 4) {
            int base = random.nextInt(8);
            b[at++] = (byte) (random.nextInt(4) << 6 | (random.nextInt(3) != 0 ? 4 : random.nextInt(8)) << 3 | base);
            if (mod == 0 && base == 5) {
                absolute = true;
                where = data;
            }
        }
        if (mod == 1) b[at++] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(-16, 48));
        if (mod == 2 || absolute) {
            int d = mod == 2 ? random.nextInt(-300, 300) : where + random.nextInt(-32, 0x2100);
            for (int k = 0; k < 4; k++) b[at++] = (byte) (d >> 8 * k);
        }
        return at;
    }

    private byte immediate() {
        return (byte)
                switch (random.nextInt(6)) {
                    case 0 -> 0;
                    case 1 -> 0xff;
                    case 2 -> random.nextBoolean() ? 0x7f : 0x80;
                    case 3 -> random.nextInt(32);
                    default -> random.nextInt(256);
                };
    }
}
