package ringside.decoder;

/**
 * Decodes the VEX (C5, C4) and EVEX (62) prefixes and what follows them. In 32- and 16-bit modes these opcodes are
 * LDS, LES and BOUND unless the next byte has mod = 3. Intel SDM vol. 2, sections 2.3 and 2.7.
 *
 * <p>EVEX instructions get their exact length and their memory operand, whose size stays 0 and whose 8-bit
 * displacement is not scaled; the operation is not decoded.
 */
final class VexDecoder {
    private static final int FORBIDDEN =
            Instruction.LOCK | Instruction.REP | Instruction.REPNE | Instruction.OPERAND_SIZE | Instruction.REX;

    private VexDecoder() {}

    /** @return whether C4, C5 or 62 starts VEX or EVEX here; reads nothing for good */
    static boolean isVex(byte[] bytes, int limit, Instruction in) {
        return in.mode == 64 || in.position < limit && (bytes[in.position] & 0xc0) == 0xc0;
    }

    /** @return whether the instruction is valid */
    static boolean decode(int first, byte[] bytes, int limit, Instruction in) {
        if ((in.prefixes & FORBIDDEN) != 0) return false;
        return switch (first) {
            case 0xc5 -> vex2(bytes, limit, in);
            case 0xc4 -> vex3(bytes, limit, in);
            default -> evex(bytes, limit, in);
        };
    }

    private static boolean vex2(byte[] bytes, int limit, Instruction in) {
        int payload = ByteReader.unsigned8(bytes, limit, in);
        setRex(~payload >> 5 & 4, in);
        return vex(1, payload, bytes, limit, in);
    }

    private static boolean vex3(byte[] bytes, int limit, Instruction in) {
        int payload = ByteReader.unsigned8(bytes, limit, in);
        int second = ByteReader.unsigned8(bytes, limit, in);
        setRex(~payload >> 5 & 7 | second >> 4 & 8, in);
        int map = payload & 31;
        return map >= 1 && map <= 3 && vex(map, second, bytes, limit, in);
    }

    /** @param payload the byte with vvvv, L and pp */
    private static boolean vex(int map, int payload, byte[] bytes, int limit, Instruction in) {
        in.prefixes |= Instruction.VEX;
        setVvvv(payload, in);
        in.vectorLength = payload >> 2 & 1;
        in.mandatoryPrefix = payload & 3;
        int opcode = ByteReader.unsigned8(bytes, limit, in);
        in.opcode = map << 8 | opcode;
        return Decoder.finish(OpcodeMaps.VEX[map][opcode], bytes, limit, in);
    }

    private static void setRex(int wrxb, Instruction in) {
        in.rex = in.mode == 64 ? wrxb : wrxb & 8;
        in.operandSize = in.mode == 64 && (wrxb & 8) != 0 ? 8 : 4;
        if ((wrxb & 8) != 0) in.prefixes |= Instruction.REX_W;
    }

    private static void setVvvv(int payload, Instruction in) {
        int vvvv = ~payload >> 3 & 15;
        in.vvvv = in.mode == 64 ? vvvv : vvvv & 7;
        in.wholeVvvv = vvvv;
    }

    /** VEX.vvvv must be 1111b where it names no operand, in 32-bit modes too, whose operands do not use its top bit. */
    static boolean isVvvvAllowed(OpcodeForm form, Instruction in) {
        return in.wholeVvvv == 0 || form.usesVvvv;
    }

    /**
     * Makes the index of a gather a vector register.
     *
     * @return whether a SIB byte is there and destination, index and mask differ
     */
    static boolean vectorIndex(Instruction in) {
        if ((in.modrm & 7) != 4 || in.addressSize == 2) return false;
        in.memIndex = in.sibIndex;
        boolean fewerIndexBytes = (in.opcode & 1) == 0 && (in.rex & 8) != 0;
        in.memIndexSize = (byte) (fewerIndexBytes ? 16 : 16 << in.vectorLength);
        return in.reg[0] != in.memIndex && in.reg[0] != in.reg[2] && in.reg[2] != in.memIndex;
    }

    private static boolean evex(byte[] bytes, int limit, Instruction in) {
        int p0 = ByteReader.unsigned8(bytes, limit, in);
        int p1 = ByteReader.unsigned8(bytes, limit, in);
        int p2 = ByteReader.unsigned8(bytes, limit, in);
        int map = p0 & 7;
        if ((p0 & 8) != 0 || (p1 & 4) == 0 || map == 0 || map == 4 || map == 7) return false;
        in.prefixes |= Instruction.EVEX;
        setRex(~p0 >> 5 & 7 | p1 >> 4 & 8, in);
        setVvvv(p1, in);
        in.mandatoryPrefix = p1 & 3;
        in.vectorLength = p2 >> 5 & 3;
        int opcode = ByteReader.unsigned8(bytes, limit, in);
        in.opcode = map << 8 | opcode;
        in.modrm = ByteReader.unsigned8(bytes, limit, in);
        if (in.modrm < 0xc0) {
            AddressDecoder.decode(bytes, limit, in);
            in.operandCount = 1;
            in.kind[0] = Instruction.MEM;
            in.reg[0] = 0;
            in.size[0] = 0;
        }
        if (map == 3 || map == 1 && evexImmediate(opcode)) in.imm = ByteReader.unsigned8(bytes, limit, in);
        in.mnemonic = Mnemonic.EVEX;
        return true;
    }

    /**
     * Shuffles, shifts by immediate, compares, word inserts and extracts: the only ones of map 0F with an immediate.
     */
    private static boolean evexImmediate(int opcode) {
        return opcode >= 0x70 && opcode <= 0x73 || opcode == 0xc2 || opcode >= 0xc4 && opcode <= 0xc6;
    }
}
