package ringside.decoder;

/**
 * One decoded instruction: the decoder's output and the input of every later phase (interpreter handlers,
 * translator, formatter). A plain record of fields that {@link Decoder} fills; decoding allocates nothing per operand.
 *
 * <p>Operands stand in Intel order (destination first). Implicit operands that the manual's syntax does not show
 * (e.g. RDX:RAX of MUL r/m) are not listed; those that it shows (AL in {@code add al, imm8}, DX in {@code in al, dx},
 * CL or 1 in shifts) are.
 *
 * <p>Source: Intel SDM vol. 2, chapter 2 (instruction format) and appendix A (opcode maps).
 */
public final class Instruction {
    /** Most operands an instruction has (VEX is4 forms have four, plus an immediate in VPERMIL2PS). */
    public static final int MAX_OPERANDS = 5;
    /** The architecture's limit on an instruction's length, in bytes. */
    public static final int MAX_LENGTH = 15;

    // Operand kinds, values of kind[].
    /** No operand. */
    public static final byte NONE = 0;
    /** General register, reg[] = 0..15, size[] = 1, 2, 4 or 8 (AL, CL, DL, BL, SPL.. for size 1). */
    public static final byte GPR = 1;
    /** AH, CH, DH, BH: reg[] = 0..3 names the register whose bits 15:8 are meant; size[] = 1. */
    public static final byte GPR_HIGH = 2;
    /** Segment register, reg[] = 0..5 for ES, CS, SS, DS, FS, GS. */
    public static final byte SEGMENT = 3;

    /** Control register, reg[] = its number. */
    public static final byte CONTROL = 4;
    /** Debug register, reg[] = its number. */
    public static final byte DEBUG = 5;
    /** x87 stack register ST(i), reg[] = i. */
    public static final byte ST = 6;

    /** MMX register, reg[] = 0..7. */
    public static final byte MMX = 7;
    /** 128-bit vector register, reg[] = its number. */
    public static final byte XMM = 8;
    /** 256-bit vector register, reg[] = its number. */
    public static final byte YMM = 9;
    /** 512-bit vector register, reg[] = its number. */
    public static final byte ZMM = 10;
    /** AVX-512 mask register. */
    public static final byte MASK = 11;
    /**
     * Memory operand; address in memSegment, memBase, memIndex, memScale, disp. size[] = bytes accessed (0 if none,
     * e.g. LEA, INVLPG). Of the two operands of MOVS and CMPS, those fields describe the one at rSI; the other is
     * always ES:rDI. reg[] is 6 (rSI) or 7 (rDI) for an operand of a string instruction.
     */
    public static final byte MEM = 12;
    /**
     * Immediate; value in imm (or imm2 for the second immediate of an instruction), sign- or zero-extended as the
     * instruction uses it.
     */
    public static final byte IMM = 13;
    /** Branch displacement in imm, relative to the next instruction. */
    public static final byte REL = 14;
    /** Far pointer: imm = offset, imm2 = selector. */
    public static final byte FAR = 15;
    /** Bound register (MPX, printed only). */
    public static final byte BOUND = 16;
    /** Second immediate, value in imm2 (ENTER, EXTRQ, INSERTQ). */
    public static final byte IMM2 = 17;

    /** Segment numbers, in encoding order. */
    public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

    /** Value of memBase/memIndex when there is none. */
    public static final byte NO_REGISTER = -1;
    /** Value of memBase for RIP-relative addressing (EIP-relative with a 32-bit address size). */
    public static final byte RIP = 16;

    /** Bits of {@link #prefixes}. */
    public static final int LOCK = 1,
            REP = 2,
            REPNE = 4,
            OPERAND_SIZE = 8,
            ADDRESS_SIZE = 16,
            REX = 32,
            REX_W = 64,
            SEGMENT_OVERRIDE = 128,
            VEX = 256,
            EVEX = 512,
            NO_TRACK = 1024;

    /** What the instruction does; INVALID before anything was decoded. */
    public Mnemonic mnemonic = Mnemonic.INVALID;
    /** Length in bytes, 1..15. */
    public int length;
    /** Mode it was decoded for: 16, 32 or 64. */
    public int mode;
    /** Effective operand size in bytes: 2, 4 or 8 (of the instruction as a whole; each operand has its own size). */
    public int operandSize;
    /** Effective address size in bytes: 2, 4 or 8. */
    public int addressSize;
    /**
     * Set of the bits above. REP/REPNE are set only for the last of F2/F3 present, also when mandatory; LOCK,
     * SEGMENT_OVERRIDE if any was effective, NO_TRACK if the last segment prefix is 3E.
     */
    public int prefixes;
    /** It was decoded for a processor on which 66 shortens the near branches of 64-bit mode. */
    boolean shortBranches;
    /** Opcode map (0 one-byte, 1 0F, 2 0F38, 3 0F3A, ...) in bits 15:8 and opcode byte in bits 7:0. */
    public int opcode;
    /** The ModRM byte, or -1. */
    public int modrm;
    /** VEX.L / EVEX.L'L: 0 = 128, 1 = 256, 2 = 512. */
    public int vectorLength;

    /** How many operands it has, at most {@link #MAX_OPERANDS}. */
    public int operandCount;
    /** Kind of each operand: {@link #GPR}, {@link #MEM} and so on. */
    public final byte[] kind = new byte[MAX_OPERANDS];
    /** Register number of each operand, as its kind says. */
    public final byte[] reg = new byte[MAX_OPERANDS];
    /** Size of each operand in bytes. */
    public final short[] size = new short[MAX_OPERANDS];

    /**
     * Effective segment of the memory operand, default or overridden (overrides of ES/CS/SS/DS ignored in 64-bit mode).
     */
    public byte memSegment;
    /** 0..15, {@link #RIP} or {@link #NO_REGISTER}. 16-bit forms use the same numbering (BX=3, BP=5, SI=6, DI=7). */
    public byte memBase;
    /** 0..15 or {@link #NO_REGISTER}; a vector register number for VSIB. */
    public byte memIndex;
    /** 1, 2, 4 or 8. */
    public byte memScale;
    /** Bytes of the vector register memIndex names (VSIB): 16 or 32; 0 if memIndex is a general register. */
    public byte memIndexSize;
    /** Displacement, sign-extended to 64 bits; the full 64-bit address for moffs. */
    public long disp;

    /** Value of an immediate, of a branch displacement or of the offset in a far pointer. */
    public long imm;
    /** Value of a second immediate, or the selector of a far pointer. */
    public long imm2;

    /** An instruction for {@link Decoder#decode} to fill. */
    public Instruction() {}

    /**
     * {@return the condition 0..15 of a Jcc, SETcc or CMOVcc by its manual number (0 = O, 1 = NO, 2 = B, ... 15 = G)}
     */
    public int condition() {
        return opcode & 15;
    }

    /**
     * {@return whether a prefix is among {@link #prefixes}}
     *
     * @param prefix one of the bits {@link #LOCK} to {@link #NO_TRACK}
     */
    public boolean has(int prefix) {
        return (prefixes & prefix) != 0;
    }

    /** {@return index of the memory operand, or -1} */
    public int memoryOperand() {
        for (int i = 0; i < operandCount; i++) {
            if (kind[i] == MEM) return i;
        }
        return -1;
    }

    // Progress of the decoder within one call.
    /** Index of the next byte; behind the limit when the instruction did not end before it. */
    int position;
    /** REX.WRXB (or the VEX/EVEX bits of that meaning) in bits 3:0; X, R and B are 0 outside 64-bit mode. */
    int rex;
    /** SIB.index with REX.X, also when it means no index. */
    byte sibIndex;
    /** VEX.vvvv, not inverted. */
    int vvvv;
    /** All four bits of it, not inverted, in every mode. */
    int wholeVvvv;
    /** Whether LOCK is allowed before the form with a memory destination. */
    boolean lockable;
    /** Mandatory prefix: 0 none, 1 66, 2 F3, 3 F2. */
    int mandatoryPrefix;

    /**
     * {@return whether an operand lies in memory}
     *
     * @param operand its index, from 0
     */
    public boolean isMemory(int operand) {
        return kind[operand] == MEM;
    }
}
