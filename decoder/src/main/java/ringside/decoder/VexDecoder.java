package ringside.decoder;

/**
 * Decodes the VEX (C5, C4) and EVEX (62) prefixes and what follows them. In 32- and 16-bit modes these opcodes are
 * LDS, LES and BOUND unless the next byte has mod = 3. Intel SDM vol. 2, sections 2.3 and 2.7.
 */
final class VexDecoder {
    private VexDecoder() {}

    /** @return whether C4, C5 or 62 starts VEX or EVEX here; reads nothing for good */
    static boolean isVex(byte[] bytes, int limit, Instruction in) {
        return in.mode == 64 || in.position < limit && (bytes[in.position] & 0xc0) == 0xc0;
    }

    static boolean decode(int opcode, byte[] bytes, int limit, Instruction in) {
        return false;
    }

    /** VEX.vvvv must be 1111b where it names no operand. */
    static boolean isVvvvAllowed(OpcodeForm form, Instruction in) {
        return in.vvvv == 0 || form.usesVvvv;
    }
}
