package ringside.decoder;

import static ringside.decoder.Instruction.NO_REGISTER;

/**
 * Decodes the memory operand that ModRM, SIB and displacement describe, and the default segment it implies.
 * Intel SDM vol. 2, section 2.1.5, tables 2-1 to 2-3, and section 2.2.1.6 (RIP-relative).
 */
final class AddressDecoder {
    private static final int BP = 5, SI = 6, DI = 7, BX = 3, SP = 4;
    private static final byte[] BASE_16 = {BX, BX, BP, BP, SI, DI, BP, BX};
    private static final byte[] INDEX_16 = {SI, DI, SI, DI, NO_REGISTER, NO_REGISTER, NO_REGISTER, NO_REGISTER};

    private AddressDecoder() {}

    static void decode(byte[] bytes, int limit, Instruction in) {
        if (in.addressSize == 2) {
            address16(bytes, limit, in);
        } else {
            address(bytes, limit, in);
        }
        if ((in.prefixes & Instruction.SEGMENT_OVERRIDE) == 0) {
            in.memSegment = in.memBase == BP || in.memBase == SP ? (byte) Instruction.SS : (byte) Instruction.DS;
        }
    }

    private static void address16(byte[] bytes, int limit, Instruction in) {
        int mod = in.modrm >> 6;
        int rm = in.modrm & 7;
        in.memBase = BASE_16[rm];
        in.memIndex = INDEX_16[rm];
        if (mod == 0 && rm == 6) {
            in.memBase = NO_REGISTER;
            in.disp = ByteReader.signed16(bytes, limit, in);
        } else if (mod == 1) {
            in.disp = ByteReader.signed8(bytes, limit, in);
        } else if (mod == 2) {
            in.disp = ByteReader.signed16(bytes, limit, in);
        }
    }

    private static void address(byte[] bytes, int limit, Instruction in) {
        int mod = in.modrm >> 6;
        int rm = in.modrm & 7;
        int base = rm;
        if (rm == 4) {
            int sib = ByteReader.unsigned8(bytes, limit, in);
            in.memScale = (byte) (1 << (sib >> 6));
            int index = sib >> 3 & 7 | (in.rex & 2) << 2;
            in.memIndex = index == 4 ? NO_REGISTER : (byte) index;
            in.sibIndex = (byte) index;
            base = sib & 7;
        }
        if (mod == 0 && base == 5) {
            in.memBase = rm == 5 && in.mode == 64 ? Instruction.RIP : NO_REGISTER;
            in.disp = ByteReader.signed32(bytes, limit, in);
            return;
        }
        in.memBase = (byte) (base | (in.rex & 1) << 3);
        if (mod == 1) {
            in.disp = ByteReader.signed8(bytes, limit, in);
        } else if (mod == 2) {
            in.disp = ByteReader.signed32(bytes, limit, in);
        }
    }
}
