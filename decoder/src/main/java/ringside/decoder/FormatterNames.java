package ringside.decoder;

import java.util.Locale;

/** The names that the {@link Formatter} writes where they differ from the manual's or depend on sizes. */
final class FormatterNames {
    private static final String[] LOWER = lowerCase();
    private static final String[] COMPARISONS = {
        "eq",
        "lt",
        "le",
        "unord",
        "neq",
        "nlt",
        "nle",
        "ord",
        "eq_uq",
        "nge",
        "ngt",
        "false",
        "neq_oq",
        "ge",
        "gt",
        "true",
        "eq_os",
        "lt_oq",
        "le_oq",
        "unord_s",
        "neq_us",
        "nlt_uq",
        "nle_uq",
        "ord_s",
        "eq_us",
        "nge_uq",
        "ngt_uq",
        "false_os",
        "neq_os",
        "ge_oq",
        "gt_oq",
        "true_us"
    };

    private FormatterNames() {}

    private static String[] lowerCase() {
        Mnemonic[] all = Mnemonic.values();
        String[] names = new String[all.length];
        for (Mnemonic mnemonic : all)
            names[mnemonic.ordinal()] = mnemonic.name().toLowerCase(Locale.ROOT);
        return names;
    }

    static boolean isString(Instruction in) {
        return switch (in.mnemonic) {
            case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> true;
            default -> false;
        };
    }

    /** @return the repeat prefix where it has an effect */
    static String repeat(Instruction in) {
        if (!in.has(Instruction.REP | Instruction.REPNE) || !isString(in)) return "";
        if (in.has(Instruction.REPNE)) return "repnz ";
        return in.mnemonic == Mnemonic.CMPS || in.mnemonic == Mnemonic.SCAS ? "repz " : "rep ";
    }

    static String mnemonic(Instruction in) {
        String name = LOWER[in.mnemonic.ordinal()];
        return switch (in.mnemonic) {
            case CALL_FAR -> "call";
            case JMP_FAR -> "jmp";
            case RET_FAR ->
                "retf" + (isOtherSize(in) ? in.operandSize == 2 ? "w" : in.operandSize == 8 ? "q" : "d" : "");
            case IRET, PUSHF, POPF, PUSHA, POPA, ENTER, LEAVE -> name + stackSuffix(in);
            case WAIT -> "fwait";
            case JCXZ -> in.addressSize == 8 ? "jrcxz" : in.addressSize == 4 ? "jecxz" : "jcxz";
            case NOP -> isWideNop(in) ? "xchg" : name;
            case MOV -> isLongMove(in) ? "movabs" : name;
            case SYSRET, SYSEXIT -> name + (in.mode != 64 ? "" : in.operandSize == 8 ? "q" : "d");
            case LGDT, LIDT, SGDT, SIDT -> name + (in.mode == 64 ? "" : in.operandSize == 2 ? "w" : "d");
            case FLDENV, FNSTENV, FNSAVE, FRSTOR ->
                name + (isOtherSize(in) && in.operandSize != 8 ? in.operandSize == 2 ? "w" : "d" : "");
            case PUSH, POP ->
                in.kind[0] == Instruction.IMM || in.kind[0] == Instruction.SEGMENT ? name + stackSuffix(in) : name;
            case FXSAVE, FXRSTOR, XSAVE, XRSTOR, XSAVEOPT, XSAVEC, XSAVES, XRSTORS ->
                name + (in.has(Instruction.REX_W) ? "64" : "");
            case RDSSP, INCSSP, WRSS, WRUSS -> name + (in.has(Instruction.REX_W) ? "q" : "d");
            case CMPPS, CMPPD, CMPSS, CMPSD ->
                in.imm < 8 ? "cmp" + COMPARISONS[(int) in.imm] + name.substring(3) : name;
            case VCMPPS, VCMPPD, VCMPSS, VCMPSD ->
                in.imm < 32 ? "vcmp" + COMPARISONS[(int) in.imm] + name.substring(4) : name;
            case PCLMULQDQ, VPCLMULQDQ -> isNamedProduct(in) ? product(in, name) : name;
            default -> name;
        };
    }

    private static boolean isOtherSize(Instruction in) {
        return in.operandSize != (in.mode == 16 ? 2 : 4);
    }

    private static String stackSuffix(Instruction in) {
        int natural = in.mnemonic == Mnemonic.IRET ? Math.min(in.mode / 8, 4) : in.mode / 8;
        if (in.operandSize == natural) return "";
        return in.operandSize == 2 ? "w" : in.operandSize == 4 ? "d" : "q";
    }

    static boolean isLongMove(Instruction in) {
        boolean offset = in.opcode >= 0xa0 && in.opcode <= 0xa3;
        return offset && in.addressSize == 8 || in.opcode >= 0xb8 && in.opcode <= 0xbf && in.operandSize == 8;
    }

    private static boolean isNamedProduct(Instruction in) {
        return (in.imm & 0xee) == 0;
    }

    private static String product(Instruction in, String name) {
        String which = ((in.imm & 1) != 0 ? "hq" : "lq") + ((in.imm & 16) != 0 ? "hq" : "lq");
        return name.replace("qdq", which + "dq");
    }

    /** @return the size by which a register is named; a selector's register is named by the operand size */
    static int registerSize(Instruction in, int operand) {
        boolean selector = in.mnemonic == Mnemonic.MOV && in.opcode == 0x8e
                || in.mnemonic == Mnemonic.LAR
                || in.mnemonic == Mnemonic.LSL;
        if (!selector || operand == 0) return in.size[operand];
        return in.operandSize;
    }

    /** @return how many of the operands are written; a comparison's or product's immediate may be in its name */
    static int shownOperands(Instruction in) {
        return switch (in.mnemonic) {
            case CMPPS, CMPPD, CMPSS, CMPSD -> in.operandCount - (in.imm < 8 ? 1 : 0);
            case VCMPPS, VCMPPD, VCMPSS, VCMPSD -> in.operandCount - (in.imm < 32 ? 1 : 0);
            case PCLMULQDQ, VPCLMULQDQ -> in.operandCount - (isNamedProduct(in) ? 1 : 0);
            default -> in.operandCount;
        };
    }

    /** @return operands of a two-byte NOP, which is written as an exchange */
    static String impliedOperands(Instruction in) {
        return in.mnemonic == Mnemonic.NOP && isWideNop(in) ? " ax,ax" : "";
    }

    private static boolean isWideNop(Instruction in) {
        return in.opcode == 0x90 && in.has(Instruction.OPERAND_SIZE) && in.operandSize != 8;
    }

    /** @return the size of a memory operand as the assembler writes it, empty if it has none */
    static String pointer(Instruction in, int operand) {
        switch (in.mnemonic) {
            case LGDT,
                    SGDT,
                    LIDT,
                    SIDT,
                    FXSAVE,
                    FXRSTOR,
                    FNSAVE,
                    FRSTOR,
                    FNSTENV,
                    FLDENV,
                    INVPCID,
                    MOVDIR64B,
                    ENQCMD,
                    ENQCMDS,
                    LDDQU,
                    VLDDQU,
                    WRSS,
                    WRUSS,
                    BNDCL,
                    BNDCU,
                    BNDCN,
                    BNDMK,
                    BNDMOV -> {
                return "";
            }
            case CMPXCHG16B, INVEPT, INVVPID -> {
                return "OWORD PTR ";
            }
            default -> {}
        }
        return switch (in.size[operand]) {
            case 0 -> in.mnemonic == Mnemonic.INVLPG ? "BYTE PTR " : "";
            case 1 -> "BYTE PTR ";
            case 2 -> "WORD PTR ";
            case 4 -> "DWORD PTR ";
            case 6 -> "FWORD PTR ";
            case 8 -> "QWORD PTR ";
            case 10 -> "TBYTE PTR ";
            case 16 -> "XMMWORD PTR ";
            case 32 -> "YMMWORD PTR ";
            case 64 -> "ZMMWORD PTR ";
            default -> "";
        };
    }
}
