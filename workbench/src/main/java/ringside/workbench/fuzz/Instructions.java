package ringside.workbench.fuzz;

import ringside.decoder.Decoder;
import ringside.decoder.Instruction;

/** Facts about instructions and registers that the comparisons need. */
public final class Instructions {
    static final String[] NAMES64 = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };

    private Instructions() {}

    /**
     * @param bits of the code: 64, 32 or 16
     * @return whether bytes that are no instruction for us are one of an extension that some processors have: EVEX,
     *     XOP, 3DNow! and the like
     */
    static boolean extension(byte[] b, int bits) {
        int k = 0;
        boolean lock = false;
        for (; k < b.length && prefix(b[k] & 0xff); k++) lock |= (b[k] & 0xff) == 0xf0;
        if (lock) return true; // whether LOCK or another fault comes first
        if (k + 1 >= b.length) return true;
        int first = b[k] & 0xff;
        int second = b[k + 1] & 0xff;
        // of the register forms of 0F 01 (WRPKRU and the like) some processors ignore a prefix 66h that others take for
        // another encoding
        if (first == 0x0f && second == 1) return k + 2 < b.length && (b[k + 2] & 0xc0) == 0xc0;
        if (opmask(b, k)) return true;
        // AMD's processors do not look at VEX.W where it is reserved
        if (first == 0xc4 && k + 2 < b.length) {
            byte[] other = b.clone();
            other[k + 2] ^= (byte) 0x80;
            if (Decoder.decode(other, 0, other.length, bits, new Instruction()) > 0) return true;
        }
        return first == 0x62 || first == 0x8f || first == 0x0f && second == 0x0f;
    }

    /**
     * @return whether VEX at {@code k} leads to an opcode of opmask registers: some processors take reserved bits of
     *     its register numbers
     */
    private static boolean opmask(byte[] b, int k) {
        boolean three = (b[k] & 0xff) == 0xc4;
        if (!three && (b[k] & 0xff) != 0xc5 || k + 3 >= b.length) return false;
        int map = three ? b[k + 1] & 0x1f : 1;
        int opcode = b[k + (three ? 3 : 2)] & 0xff;
        return map == 1
                        && (opcode >= 0x41 && opcode <= 0x4b
                                || opcode >= 0x90 && opcode <= 0x93
                                || opcode == 0x98
                                || opcode == 0x99)
                || map == 3 && opcode >= 0x30 && opcode <= 0x33;
    }

    private static boolean prefix(int b) {
        return b == 0x66
                || b == 0x67
                || b == 0xf2
                || b == 0xf3
                || b == 0xf0
                || b == 0x2e
                || b == 0x36
                || b == 0x3e
                || b == 0x26
                || b == 0x64
                || b == 0x65
                || (b & 0xf0) == 0x40;
    }
}
