package ringside.decoder;

/**
 * Writes an {@link Instruction} as the binutils' {@code objdump -d -M intel} does, for traces and for checking the
 * decoder. Prefixes without effect, hints (notrack, bnd, xacquire) and a SIB byte that names no index are not shown.
 */
public final class Formatter {
    private static final String[] GPR64 = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};
    private static final String[] GPR16 = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] GPR8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    private static final String[] GPR8_HIGH = {"ah", "ch", "dh", "bh"};
    private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

    private Formatter() {}

    /**
     * Writes an instruction as assembly text.
     *
     * @param in the decoded instruction
     * @param address guest virtual address of the instruction, from which branch targets count
     * @return the text
     */
    public static String format(Instruction in, long address) {
        if (in.mnemonic == Mnemonic.INVALID) return "(bad)";
        StringBuilder text = new StringBuilder(40);
        if (in.has(Instruction.LOCK)) text.append("lock ");
        text.append(FormatterNames.repeat(in)).append(FormatterNames.mnemonic(in));
        int shown = FormatterNames.shownOperands(in);
        for (int i = 0; i < shown; i++) {
            text.append(i == 0 ? ' ' : ',');
            operand(in, i, address, text);
        }
        return text.append(FormatterNames.impliedOperands(in)).toString();
    }

    private static void operand(Instruction in, int i, long address, StringBuilder text) {
        int reg = in.reg[i];
        switch (in.kind[i]) {
            case Instruction.GPR -> text.append(general(reg, FormatterNames.registerSize(in, i)));
            case Instruction.GPR_HIGH -> text.append(GPR8_HIGH[reg]);
            case Instruction.SEGMENT -> text.append(SEGMENT[reg]);
            case Instruction.CONTROL -> text.append("cr").append(reg);
            case Instruction.DEBUG -> text.append("dr").append(reg);
            case Instruction.ST -> text.append(isStackTop(in, i) ? "st" : "st(" + reg + ")");
            case Instruction.MMX -> text.append("mm").append(reg);
            case Instruction.XMM -> text.append("xmm").append(reg);
            case Instruction.YMM -> text.append("ymm").append(reg);
            case Instruction.ZMM -> text.append("zmm").append(reg);
            case Instruction.MASK -> text.append('k').append(reg);
            case Instruction.BOUND -> text.append("bnd").append(reg);
            case Instruction.MEM -> memory(in, i, text);
            case Instruction.IMM -> immediate(in, i, text);
            case Instruction.IMM2 -> hex(in.imm2, text);
            case Instruction.REL -> hex(target(in, address), text);
            case Instruction.FAR -> hex(in.imm, hex(in.imm2, text).append(':'));
            default -> throw new IllegalArgumentException("operand kind " + in.kind[i]);
        }
    }

    /** ST(0) stands as {@code st} where the opcode implies it and as {@code st(0)} where ModRM names it. */
    private static boolean isStackTop(Instruction in, int i) {
        if (in.reg[i] != 0 || in.operandCount < 2) return false;
        int escape = in.opcode & 0xff;
        boolean modrmFirst = escape == 0xdc || escape == 0xde;
        return i == (modrmFirst ? 1 : 0);
    }

    private static void immediate(Instruction in, int i, StringBuilder text) {
        if (in.opcode == 0xd0 || in.opcode == 0xd1) {
            text.append('1');
        } else {
            hex(truncate(in.imm, in.size[i]), text);
        }
    }

    /** @return the branch target, truncated to the operand size */
    private static long target(Instruction in, long address) {
        return truncate(address + in.length + in.imm, in.mode == 64 ? 8 : in.operandSize);
    }

    private static String general(int reg, int size) {
        if (reg < 8) {
            return switch (size) {
                case 1 -> GPR8[reg];
                case 2 -> GPR16[reg];
                case 4 -> "e" + GPR16[reg];
                default -> GPR64[reg];
            };
        }
        return "r" + reg
                + switch (size) {
                    case 1 -> "b";
                    case 2 -> "w";
                    case 4 -> "d";
                    default -> "";
                };
    }

    private static void memory(Instruction in, int i, StringBuilder text) {
        if (!FormatterNames.isLongMove(in)) text.append(FormatterNames.pointer(in, i));
        if (FormatterNames.isString(in)) {
            boolean destination = in.reg[i] == 7;
            text.append(SEGMENT[destination ? Instruction.ES : in.memSegment]).append(":[");
            text.append(general(in.reg[i], in.addressSize)).append(']');
            return;
        }
        boolean absolute = in.memBase == Instruction.NO_REGISTER && in.memIndex == Instruction.NO_REGISTER;
        boolean translate = in.mnemonic == Mnemonic.XLAT;
        if (in.has(Instruction.SEGMENT_OVERRIDE) || absolute || translate)
            text.append(SEGMENT[in.memSegment]).append(':');
        if (absolute) {
            hex(truncate(in.disp, in.mode == 64 && in.addressSize == 8 ? 8 : in.addressSize), text);
            return;
        }
        text.append('[');
        if (in.memBase == Instruction.RIP) {
            hex(truncate(in.disp, in.addressSize), text.append(in.addressSize == 8 ? "rip+" : "eip+"));
        } else {
            baseAndIndex(in, text);
            displacement(in, text);
        }
        text.append(']');
    }

    private static void baseAndIndex(Instruction in, StringBuilder text) {
        if (in.memBase != Instruction.NO_REGISTER) text.append(general(in.memBase, in.addressSize));
        if (in.memIndex == Instruction.NO_REGISTER) return;
        if (in.memBase != Instruction.NO_REGISTER) text.append('+');
        if (in.memIndexSize != 0) {
            text.append(in.memIndexSize == 16 ? "xmm" : "ymm").append(in.memIndex);
        } else {
            text.append(general(in.memIndex, in.addressSize));
        }
        if (in.addressSize != 2) text.append('*').append(in.memScale);
    }

    private static void displacement(Instruction in, StringBuilder text) {
        boolean present = in.modrm >= 0x40 && in.modrm < 0xc0 || in.memBase == Instruction.NO_REGISTER;
        if (!present || in.mnemonic == Mnemonic.XLAT) return;
        hex(Math.abs(in.disp), text.append(in.disp < 0 ? '-' : '+'));
    }

    private static long truncate(long value, int size) {
        return switch (size) {
            case 1 -> value & 0xff;
            case 2 -> value & 0xffff;
            case 4 -> value & 0xffffffffL;
            default -> value;
        };
    }

    private static StringBuilder hex(long value, StringBuilder text) {
        return text.append("0x").append(Long.toHexString(value));
    }
}
