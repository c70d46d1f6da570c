package ringside.decoder;

import static ringside.decoder.Instruction.NO_REGISTER;

/**
 * Turns bytes into an {@link Instruction}. Stateless apart from the mode.
 *
 * <p>The phases follow the encoding: prefixes, then the opcode with its map (legacy here, VEX and EVEX in
 * {@link VexDecoder}), ModRM, the form chosen from the {@link OpcodeMaps} by all of these, SIB and displacement
 * ({@link AddressDecoder}), operands and immediates ({@link OperandDecoder}), at last the checks that concern the
 * whole. The decoder allocates nothing.
 *
 * <p>Where processors differ, Intel's are followed: 66 does not change near branches in 64-bit mode unless asked for,
 * 3DNow! and XOP are invalid. Intel SDM vol. 2, chapter 2.
 */
public final class Decoder {
    /**
     * The bytes are no instruction (#UD); {@code out.mnemonic} is INVALID and {@code out.length} the bytes looked at.
     */
    public static final int INVALID = -1;
    /** The instruction does not end before {@code end}; give more bytes. */
    public static final int TRUNCATED = -2;
    /** More than 15 bytes (#GP). */
    public static final int TOO_LONG = -3;

    private Decoder() {}

    /**
     * Decodes the instruction at {@code bytes[offset]}; never reads at or past {@code end} nor past the 15th byte,
     * never throws.
     *
     * @param bytes where the instruction lies
     * @param offset index of its first byte
     * @param end index behind the last byte that may be read
     * @param mode 16, 32 or 64: code segment's default size (64 = CS.L)
     * @param out receives the instruction
     * @return the length in bytes, or {@link #INVALID}, {@link #TRUNCATED}, {@link #TOO_LONG}
     */
    public static int decode(byte[] bytes, int offset, int end, int mode, Instruction out) {
        return decode(bytes, offset, end, mode, false, out);
    }

    /**
     * Decodes as {@link #decode(byte[], int, int, int, Instruction)}, for a processor of either maker.
     *
     * @param bytes where the instruction lies
     * @param offset index of its first byte
     * @param end index behind the last byte that may be read
     * @param mode 16, 32 or 64: code segment's default size (64 = CS.L)
     * @param shortBranches 66 gives near branches of 64-bit mode an operand size of 16 bits, as on AMD's processors
     * @param out receives the instruction
     * @return the length in bytes, or {@link #INVALID}, {@link #TRUNCATED}, {@link #TOO_LONG}
     */
    public static int decode(byte[] bytes, int offset, int end, int mode, boolean shortBranches, Instruction out) {
        out.shortBranches = shortBranches;
        int limit = Math.min(end, offset + Instruction.MAX_LENGTH);
        start(offset, mode, out);
        boolean valid = instruction(bytes, limit, out);
        if (out.position > limit) return overrun(offset, limit, out);
        out.length = out.position - offset;
        if (valid) return out.length;
        out.mnemonic = Mnemonic.INVALID;
        out.operandCount = 0;
        return INVALID;
    }

    private static int overrun(int offset, int limit, Instruction out) {
        out.length = limit - offset;
        out.mnemonic = Mnemonic.INVALID;
        out.operandCount = 0;
        return out.length == Instruction.MAX_LENGTH ? TOO_LONG : TRUNCATED;
    }

    private static void start(int offset, int mode, Instruction out) {
        out.position = offset;
        out.mode = mode;
        out.mnemonic = Mnemonic.INVALID;
        out.operandCount = 0;
        out.prefixes = 0;
        out.rex = 0;
        out.vvvv = 0;
        out.wholeVvvv = 0;
        out.mandatoryPrefix = 0;
        out.vectorLength = 0;
        out.opcode = 0;
        out.modrm = -1;
        out.memSegment = Instruction.DS;
        out.memBase = NO_REGISTER;
        out.memIndex = NO_REGISTER;
        out.memScale = 1;
        out.memIndexSize = 0;
        out.disp = 0;
        out.imm = 0;
        out.imm2 = 0;
    }

    private static boolean instruction(byte[] bytes, int limit, Instruction out) {
        int opcode = prefixes(bytes, limit, out);
        sizes(out);
        if ((opcode == 0xc4 || opcode == 0xc5 || opcode == 0x62) && VexDecoder.isVex(bytes, limit, out)) {
            return VexDecoder.decode(opcode, bytes, limit, out);
        }
        out.mandatoryPrefix = mandatoryPrefix(out.prefixes);
        return finish(legacyOpcode(opcode, bytes, limit, out), bytes, limit, out) && lockAllowed(out);
    }

    /** Reads prefixes up to the first other byte, which it returns. REX counts only directly before the opcode. */
    private static int prefixes(byte[] bytes, int limit, Instruction out) {
        int set = 0;
        int rex = 0;
        while (true) {
            int b = ByteReader.unsigned8(bytes, limit, out);
            if (out.mode == 64 && (b & 0xf0) == 0x40) {
                rex = b;
                continue;
            }
            int prefix = PREFIX[b];
            if (prefix == 0 || out.position > limit) {
                out.rex = rex & 15;
                out.prefixes = set | (rex != 0 ? Instruction.REX : 0) | ((rex & 8) != 0 ? Instruction.REX_W : 0);
                return b;
            }
            rex = 0;
            if (prefix == Instruction.SEGMENT_OVERRIDE) {
                prefix = segmentOverride(b, out);
                set &= ~Instruction.NO_TRACK;
                if (b == 0x3e) set |= Instruction.NO_TRACK;
            } else if ((prefix & (Instruction.REP | Instruction.REPNE)) != 0) {
                set &= ~(Instruction.REP | Instruction.REPNE);
            }
            set |= prefix;
        }
    }

    private static final short[] PREFIX = prefixTable();

    private static short[] prefixTable() {
        short[] table = new short[256];
        table[0x66] = Instruction.OPERAND_SIZE;
        table[0x67] = Instruction.ADDRESS_SIZE;
        table[0xf0] = Instruction.LOCK;
        table[0xf2] = Instruction.REPNE;
        table[0xf3] = Instruction.REP;
        for (int b : new int[] {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65}) table[b] = Instruction.SEGMENT_OVERRIDE;
        return table;
    }

    /** @return the bit for prefixes: ES, CS, SS and DS override nothing in 64-bit mode */
    private static int segmentOverride(int prefix, Instruction out) {
        if (prefix < 0x64 && out.mode == 64) return 0;
        out.memSegment = (byte) (prefix < 0x64 ? prefix >> 3 & 3 : prefix & 7);
        return Instruction.SEGMENT_OVERRIDE;
    }

    /** Operand and address size by mode and prefixes, before the instruction's own default counts. */
    private static void sizes(Instruction out) {
        boolean other = (out.prefixes & Instruction.OPERAND_SIZE) != 0;
        boolean otherAddress = (out.prefixes & Instruction.ADDRESS_SIZE) != 0;
        if (out.mode == 64) {
            out.operandSize = (out.rex & 8) != 0 ? 8 : other ? 2 : 4;
            out.addressSize = otherAddress ? 4 : 8;
        } else {
            out.operandSize = other == (out.mode == 16) ? 4 : 2;
            out.addressSize = otherAddress == (out.mode == 16) ? 4 : 2;
        }
    }

    private static int mandatoryPrefix(int prefixes) {
        if ((prefixes & Instruction.REP) != 0) return 2;
        if ((prefixes & Instruction.REPNE) != 0) return 3;
        return (prefixes & Instruction.OPERAND_SIZE) != 0 ? 1 : 0;
    }

    /** Reads the rest of the opcode and looks it up. */
    private static OpcodeNode legacyOpcode(int first, byte[] bytes, int limit, Instruction out) {
        int map = 0;
        int opcode = first;
        if (opcode == 0x0f) {
            map = 1;
            opcode = ByteReader.unsigned8(bytes, limit, out);
            if (opcode == 0x38 || opcode == 0x3a) {
                map = opcode == 0x38 ? 2 : 3;
                opcode = ByteReader.unsigned8(bytes, limit, out);
            }
        }
        out.opcode = map << 8 | opcode;
        return OpcodeMaps.LEGACY[map][opcode];
    }

    /**
     * Decodes all behind the opcode.
     *
     * @param node the opcode's node, null if there is none
     * @return whether the instruction is valid
     */
    static boolean finish(OpcodeNode node, byte[] bytes, int limit, Instruction out) {
        if (node == null) return false;
        if (node.hasModrm) out.modrm = ByteReader.unsigned8(bytes, limit, out);
        OpcodeForm form = node.select(out);
        if (form == null) return false;
        out.mnemonic = form.mnemonic;
        operandSize(form, out);
        if (out.modrm >= 0 && out.modrm < 0xc0 && !form.is(OpcodeForm.IGNORES_MOD))
            AddressDecoder.decode(bytes, limit, out);
        if (!OperandDecoder.decode(form, bytes, limit, out)) return false;
        out.lockable = form.is(OpcodeForm.LOCKABLE);
        return VexDecoder.isVvvvAllowed(form, out) && (!form.is(OpcodeForm.VSIB) || VexDecoder.vectorIndex(out));
    }

    private static void operandSize(OpcodeForm form, Instruction out) {
        if (out.mode != 64) {
            if (form.consumes66) out.operandSize = out.mode / 8;
        } else if (out.shortBranches && out.operandSize == 2 && form.is(OpcodeForm.FORCED_64)) {
            return;
        } else if (form.is(OpcodeForm.FORCED_64) || form.is(OpcodeForm.DEFAULT_64) && out.operandSize == 4) {
            out.operandSize = 8;
        } else if (form.consumes66 && out.operandSize == 2) {
            out.operandSize = 4;
        }
    }

    /** LOCK needs an instruction that reads, changes and writes its memory destination. */
    private static boolean lockAllowed(Instruction out) {
        return (out.prefixes & Instruction.LOCK) == 0 || out.lockable && out.kind[0] == Instruction.MEM;
    }
}
