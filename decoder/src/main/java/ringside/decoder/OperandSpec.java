package ringside.decoder;

/**
 * One operand of an {@link OpcodeForm}: where it is encoded and how large it is. Written in the tables with the letters
 * of the manual's opcode maps, for example {@code Ev}, {@code Gb}, {@code Iz}; {@code Rd/Mw} is a ModRM operand whose
 * register form is a doubleword and whose memory form is a word.
 *
 * <p>Intel SDM vol. 2, appendix A.2.1 (codes for addressing method).
 *
 * @param register register number of a fixed operand
 * @param size size code of the register form, see {@link OperandSize}
 * @param memorySize size code of the memory form
 */
record OperandSpec(Method method, int register, short size, short memorySize) {

    /** Addressing methods, each with its letter in the tables. */
    enum Method {
        /** E: general register or memory by ModRM.rm. */
        RM,
        /** G: general register by ModRM.reg. */
        REG,
        /** Z: general register by the low three bits of the opcode. */
        OPCODE_REG,
        /** B: general register by VEX.vvvv. */
        VVVV_REG,
        /** AL, CL, DX, rAX: a general register that the opcode implies. */
        FIXED_REG,
        /** S: segment register by ModRM.reg. */
        SEGMENT,
        FIXED_SEGMENT,
        /** C: control register by ModRM.reg. */
        CONTROL,
        /** D: debug register by ModRM.reg. */
        DEBUG,
        /** Ib, Iw: zero-extended immediate. */
        UNSIGNED,
        /** Ibs, Ibx: sign-extended byte, of operand size or of one byte. */
        SIGNED_BYTE,
        /** Iz: 2 or 4 bytes, sign-extended to the operand size. */
        SIGNED,
        /** Iv: as wide as the operand. */
        FULL,
        /** I2: second immediate byte. */
        SECOND_BYTE,
        /** The constant 1 of the shifts. */
        ONE,
        /** J: displacement relative to the next instruction. */
        RELATIVE,
        /** A: far pointer in the instruction. */
        FAR,
        /** O: memory at an address in the instruction. */
        OFFSET,
        /** X: memory at DS:rSI. */
        STRING_SOURCE,
        /** Y: memory at ES:rDI. */
        STRING_DESTINATION,
        /** T: memory at DS:rBX+AL. */
        TRANSLATE,
        /** ST(0). */
        ST0,
        /** ST(i) by ModRM.rm. */
        STI,
        /** P: MMX register by ModRM.reg. */
        MMX_REG,
        /** Q: MMX register or memory by ModRM.rm. */
        MMX_RM,
        /** V: vector register by ModRM.reg. */
        VECTOR_REG,
        /** W: vector register or memory by ModRM.rm. */
        VECTOR_RM,
        /** H: vector register by VEX.vvvv. */
        VECTOR_VVVV,
        /** L: vector register by bits 7:4 of an immediate byte. */
        VECTOR_IMMEDIATE,
        /** X0: the XMM0 that an opcode implies. */
        XMM0,
        /** KG, KE, KH: mask register by ModRM.reg, by ModRM.rm (or memory), by VEX.vvvv. */
        MASK_REG,
        MASK_RM,
        MASK_VVVV,
        /** BG, BE: bound register by ModRM.reg, by ModRM.rm (or memory). */
        BOUND_REG,
        BOUND_RM
    }

    static OperandSpec parse(String text) {
        OperandSpec fixed = parseFixed(text);
        if (fixed != null) return fixed;
        int slash = text.indexOf('/');
        if (slash >= 0) {
            return new OperandSpec(
                    Method.RM,
                    0,
                    OperandSize.parse(text.substring(1, slash)),
                    OperandSize.parse(text.substring(slash + 2)));
        }
        if (text.startsWith("K")) return of(mask(text.charAt(1)), text.substring(2));
        if (text.startsWith("B") && text.length() == 3) {
            return of(text.charAt(1) == 'G' ? Method.BOUND_REG : Method.BOUND_RM, text.substring(2));
        }
        return of(byLetter(text.charAt(0)), text.substring(1));
    }

    private static OperandSpec of(Method method, String size) {
        short code = OperandSize.parse(size);
        return new OperandSpec(method, 0, code, code);
    }

    private static OperandSpec fixed(Method method, int register, String size) {
        return new OperandSpec(method, register, OperandSize.parse(size), (short) 0);
    }

    private static OperandSpec parseFixed(String text) {
        return switch (text) {
            case "AL" -> fixed(Method.FIXED_REG, 0, "b");
            case "CL" -> fixed(Method.FIXED_REG, 1, "b");
            case "AX" -> fixed(Method.FIXED_REG, 0, "w");
            case "DX" -> fixed(Method.FIXED_REG, 2, "w");
            case "rAX" -> fixed(Method.FIXED_REG, 0, "v");
            case "zAX" -> fixed(Method.FIXED_REG, 0, "z");
            case "ES" -> fixed(Method.FIXED_SEGMENT, Instruction.ES, "w");
            case "CS" -> fixed(Method.FIXED_SEGMENT, Instruction.CS, "w");
            case "SS" -> fixed(Method.FIXED_SEGMENT, Instruction.SS, "w");
            case "DS" -> fixed(Method.FIXED_SEGMENT, Instruction.DS, "w");
            case "FS" -> fixed(Method.FIXED_SEGMENT, Instruction.FS, "w");
            case "GS" -> fixed(Method.FIXED_SEGMENT, Instruction.GS, "w");
            case "1" -> fixed(Method.ONE, 0, "b");
            case "Ib" -> fixed(Method.UNSIGNED, 0, "b");
            case "Iw" -> fixed(Method.UNSIGNED, 0, "w");
            case "Ibs" -> fixed(Method.SIGNED_BYTE, 0, "v");
            case "Ibx" -> fixed(Method.SIGNED_BYTE, 0, "b");
            case "Iz" -> fixed(Method.SIGNED, 0, "v");
            case "Iv" -> fixed(Method.FULL, 0, "v");
            case "I2" -> fixed(Method.SECOND_BYTE, 0, "b");
            case "ST0" -> fixed(Method.ST0, 0, "t");
            case "STi" -> fixed(Method.STI, 0, "t");
            case "X0" -> fixed(Method.XMM0, 0, "o");
            default -> null;
        };
    }

    private static Method mask(char letter) {
        return switch (letter) {
            case 'G' -> Method.MASK_REG;
            case 'E' -> Method.MASK_RM;
            default -> Method.MASK_VVVV;
        };
    }

    private static Method byLetter(char letter) {
        return switch (letter) {
            case 'E', 'M', 'R' -> Method.RM;
            case 'G' -> Method.REG;
            case 'Z' -> Method.OPCODE_REG;
            case 'B' -> Method.VVVV_REG;
            case 'S' -> Method.SEGMENT;
            case 'C' -> Method.CONTROL;
            case 'D' -> Method.DEBUG;
            case 'J' -> Method.RELATIVE;
            case 'A' -> Method.FAR;
            case 'O' -> Method.OFFSET;
            case 'X' -> Method.STRING_SOURCE;
            case 'Y' -> Method.STRING_DESTINATION;
            case 'T' -> Method.TRANSLATE;
            case 'P' -> Method.MMX_REG;
            case 'Q', 'N' -> Method.MMX_RM;
            case 'V' -> Method.VECTOR_REG;
            case 'W', 'U' -> Method.VECTOR_RM;
            case 'H' -> Method.VECTOR_VVVV;
            case 'L' -> Method.VECTOR_IMMEDIATE;
            default -> throw new IllegalArgumentException("operand " + letter);
        };
    }

    /** @return whether the operand needs a ModRM byte */
    boolean usesModrm() {
        return switch (method) {
            case RM,
                    REG,
                    SEGMENT,
                    CONTROL,
                    DEBUG,
                    STI,
                    MMX_REG,
                    MMX_RM,
                    VECTOR_REG,
                    VECTOR_RM,
                    MASK_REG,
                    MASK_RM,
                    BOUND_REG,
                    BOUND_RM -> true;
            default -> false;
        };
    }

    boolean usesVvvv() {
        return method == Method.VVVV_REG || method == Method.VECTOR_VVVV || method == Method.MASK_VVVV;
    }
}
