package ringside.decoder;

/**
 * Fills the operands of an instruction whose form, ModRM and memory address are known, and reads its immediates. Phase
 * after {@link AddressDecoder}. Intel SDM vol. 2, appendix A.2.1.
 */
final class OperandDecoder {
    private static final int SI = 6, DI = 7;

    private OperandDecoder() {}

    /** @return whether all operands exist (control registers do not all) */
    static boolean decode(OpcodeForm form, byte[] bytes, int limit, Instruction in) {
        OperandSpec[] specs = form.operands;
        in.operandCount = specs.length;
        boolean memory = in.modrm < 0xc0 && !form.is(OpcodeForm.IGNORES_MOD);
        boolean valid = true;
        for (int i = 0; i < specs.length; i++) valid &= operand(specs[i], i, memory, bytes, limit, in);
        return valid;
    }

    private static boolean operand(OperandSpec spec, int i, boolean memory, byte[] bytes, int limit, Instruction in) {
        switch (spec.method()) {
            case RM -> {
                if (memory) memory(spec, i, in);
                else general(i, in.modrm & 7 | (in.rex & 1) << 3, spec, in);
            }
            case REG -> general(i, regField(in), spec, in);
            case OPCODE_REG -> general(i, in.opcode & 7 | (in.rex & 1) << 3, spec, in);
            case VVVV_REG -> general(i, in.vvvv, spec, in);
            case FIXED_REG -> general(i, spec.register(), spec, in);
            case UNSIGNED, SIGNED_BYTE, SIGNED, FULL, SECOND_BYTE, ONE, RELATIVE, FAR ->
                immediate(spec, i, bytes, limit, in);
            case OFFSET -> offset(spec, i, bytes, limit, in);
            case STRING_SOURCE -> stringSource(spec, i, in);
            case STRING_DESTINATION -> stringDestination(spec, i, in);
            case VECTOR_REG -> vector(i, regField(in), spec, in);
            case VECTOR_VVVV -> vector(i, in.vvvv, spec, in);
            case VECTOR_RM -> {
                if (memory) memory(spec, i, in);
                else vector(i, in.modrm & 7 | (in.rex & 1) << 3, spec, in);
            }
            case MMX_REG -> set(i, Instruction.MMX, in.modrm >> 3 & 7, 8, in);
            case MMX_RM -> {
                if (memory) memory(spec, i, in);
                else set(i, Instruction.MMX, in.modrm & 7, 8, in);
            }
            default -> {
                return rareOperand(spec, i, memory, bytes, limit, in);
            }
        }
        return true;
    }

    private static boolean rareOperand(
            OperandSpec spec, int i, boolean memory, byte[] bytes, int limit, Instruction in) {
        int reg = regField(in);
        switch (spec.method()) {
            case SEGMENT -> set(i, Instruction.SEGMENT, reg & 7, 2, in);
            case FIXED_SEGMENT -> set(i, Instruction.SEGMENT, spec.register(), 2, in);
            case CONTROL -> {
                set(i, Instruction.CONTROL, reg, OperandSize.resolve(spec.size(), in), in);
                return reg <= 8;
            }
            case DEBUG -> {
                set(i, Instruction.DEBUG, reg, OperandSize.resolve(spec.size(), in), in);
                return reg <= 7;
            }
            case TRANSLATE -> {
                in.memBase = 3;
                set(i, Instruction.MEM, 0, 1, in);
            }
            case ST0 -> set(i, Instruction.ST, 0, 10, in);
            case STI -> set(i, Instruction.ST, in.modrm & 7, 10, in);
            case VECTOR_IMMEDIATE -> {
                in.imm = ByteReader.unsigned8(bytes, limit, in);
                vector(i, (int) in.imm >> 4 & (in.mode == 64 ? 15 : 7), spec, in);
            }
            case XMM0 -> set(i, Instruction.XMM, 0, 16, in);
            case MASK_REG -> {
                set(i, Instruction.MASK, reg & 7, OperandSize.resolve(spec.size(), in), in);
                return reg < 8;
            }
            case MASK_VVVV -> {
                set(i, Instruction.MASK, in.vvvv & 7, OperandSize.resolve(spec.size(), in), in);
                return in.vvvv < 8;
            }
            case MASK_RM -> {
                if (memory) memory(spec, i, in);
                else set(i, Instruction.MASK, in.modrm & 7, OperandSize.resolve(spec.size(), in), in);
            }
            case BOUND_REG -> {
                set(
                        i,
                        Instruction.BOUND,
                        reg,
                        16,
                        in); // those above BND3 are #UD with MPX only; without it the encoding is a NOP
            }
            case BOUND_RM -> {
                int rm = in.modrm & 7 | (in.rex & 1) << 3;
                if (memory) memory(spec, i, in);
                else set(i, Instruction.BOUND, rm, 16, in);
            }
            default -> throw new IllegalStateException(spec.toString());
        }
        return true;
    }

    private static void immediate(OperandSpec spec, int i, byte[] bytes, int limit, Instruction in) {
        int size = OperandSize.resolve(spec.size(), in);
        byte kind = Instruction.IMM;
        switch (spec.method()) {
            case UNSIGNED ->
                in.imm = size == 1 ? ByteReader.unsigned8(bytes, limit, in) : ByteReader.unsigned16(bytes, limit, in);
            case SIGNED_BYTE -> in.imm = ByteReader.signed8(bytes, limit, in);
            case SIGNED -> in.imm = ByteReader.signed(Math.min(size, 4), bytes, limit, in);
            case FULL -> in.imm = ByteReader.signed(size, bytes, limit, in);
            case ONE -> in.imm = 1;
            case SECOND_BYTE -> {
                in.imm2 = ByteReader.unsigned8(bytes, limit, in);
                kind = Instruction.IMM2;
            }
            case RELATIVE -> {
                in.imm = size == 1 ? ByteReader.signed8(bytes, limit, in) : ByteReader.signed(size, bytes, limit, in);
                kind = Instruction.REL;
            }
            default -> {
                in.imm = ByteReader.unsigned(in.operandSize, bytes, limit, in);
                in.imm2 = ByteReader.unsigned16(bytes, limit, in);
                kind = Instruction.FAR;
            }
        }
        set(i, kind, 0, size, in);
    }

    private static void offset(OperandSpec spec, int i, byte[] bytes, int limit, Instruction in) {
        in.disp = ByteReader.unsigned(in.addressSize, bytes, limit, in);
        memory(spec, i, in);
    }

    private static void stringSource(OperandSpec spec, int i, Instruction in) {
        in.memBase = SI;
        set(i, Instruction.MEM, SI, OperandSize.resolve(spec.size(), in), in);
    }

    private static void stringDestination(OperandSpec spec, int i, Instruction in) {
        set(i, Instruction.MEM, DI, OperandSize.resolve(spec.size(), in), in);
        boolean alone = in.mnemonic != Mnemonic.MOVS && in.mnemonic != Mnemonic.CMPS;
        if (alone) {
            in.memBase = DI;
            in.memSegment = Instruction.ES;
        }
    }

    private static void memory(OperandSpec spec, int i, Instruction in) {
        set(i, Instruction.MEM, 0, OperandSize.resolve(spec.memorySize(), in), in);
    }

    /** A general register; 4 to 7 are AH, CH, DH and BH among byte registers without REX. */
    private static void general(int i, int number, OperandSpec spec, Instruction in) {
        int size = OperandSize.resolve(spec.size(), in);
        if (size == 1 && number >= 4 && (in.prefixes & Instruction.REX) == 0) {
            set(i, Instruction.GPR_HIGH, number - 4, 1, in);
        } else {
            set(i, Instruction.GPR, number, size, in);
        }
    }

    private static void vector(int i, int number, OperandSpec spec, Instruction in) {
        int size = Math.max(OperandSize.resolve(spec.size(), in), 16);
        byte kind = size == 16 ? Instruction.XMM : size == 32 ? Instruction.YMM : Instruction.ZMM;
        set(i, kind, number, size, in);
    }

    private static int regField(Instruction in) {
        return in.modrm >> 3 & 7 | (in.rex & 4) << 1;
    }

    private static void set(int i, byte kind, int reg, int size, Instruction in) {
        in.kind[i] = kind;
        in.reg[i] = (byte) reg;
        in.size[i] = (short) size;
    }
}
