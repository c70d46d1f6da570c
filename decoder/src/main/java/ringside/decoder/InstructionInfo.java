package ringside.decoder;

/**
 * What an instruction reads, writes and does beside computing: registers, flags, memory, control flow, stack,
 * privilege. One table ({@link InstructionFacts}) stands behind it; whoever asks something of the kind asks here and
 * not by lists of its own. What is said holds for every processor; where some differ, or where it depends on values,
 * the weaker statement is made ({@code may}).
 */
public final class InstructionInfo {
    /** The part of the instruction set that a mnemonic belongs to. */
    public enum Unit {
        /** Integer arithmetic, data movement, control flow, strings, BMI and ADX. */
        INTEGER,
        /** System, virtualisation, hints, caches, extended states. */
        SYSTEM,
        /** x87, without WAIT, FXSAVE and FXRSTOR. */
        X87,
        /** MMX, SSE to SSE4, AES, PCLMULQDQ, GFNI in their legacy encoding. */
        SIMD,
        /** The SHA extensions. */
        SHA,
        /** AVX, AVX2, F16C, FMA. */
        VEX,
        /** Opmask registers. */
        MASK
    }

    /** Where control goes behind an instruction that raises nothing. */
    public enum Flow {
        /** To the next instruction. */
        NEXT,
        /** JMP near. */
        JUMP,
        /** Jcc: to the target if a condition of the flags holds. */
        CONDITIONAL_JUMP,
        /** LOOP, LOOPE, LOOPNE, JCXZ: to the target as a count says. */
        LOOP,
        /** CALL near. */
        CALL,
        /** RET near. */
        RETURN,
        /** JMP far. */
        FAR_JUMP,
        /** CALL far. */
        FAR_CALL,
        /** RET far. */
        FAR_RETURN,
        /** INT, INT1, INT3, INTO. */
        INTERRUPT,
        /** IRET and UIRET. */
        INTERRUPT_RETURN,
        /** SYSCALL and SYSENTER. */
        SYSTEM_CALL,
        /** SYSRET and SYSEXIT. */
        SYSTEM_RETURN,
        /** HLT: to the next instruction, once something wakes the processor. */
        HALT,
        /** UD0, UD1, UD2: nowhere; RSM outside system management is like them. */
        EXCEPTION,
        /** XBEGIN, XEND, XABORT. */
        TRANSACTION,
        /** To a hypervisor. */
        HYPERVISOR
    }

    /** What it does to the stack pointer, implicitly. */
    public enum Stack {
        /** Nothing; it may still name the stack pointer as an operand. */
        NONE,
        /** Lowers it by what it stores: PUSH, PUSHF, CALL near. */
        PUSH,
        /** Raises it by what it loads: POP, POPF, RET, IRET. */
        POP,
        /** PUSHA. */
        PUSH_ALL,
        /** POPA. */
        POP_ALL,
        /** ENTER. */
        ENTER,
        /** LEAVE: sets it to the frame pointer and raises it. */
        LEAVE
    }

    /** Who may execute it. */
    public enum Privilege {
        /** Any program, unless a control register forbids it. */
        USER,
        /** What runs at an IOPL that allows it, or has the port in its bitmap. */
        IO,
        /** Only what runs at CPL 0. */
        KERNEL
    }

    /** Bits of the sets of flags, as in RFLAGS. */
    public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200, DF = 0x400;

    /** Bits of the sets of flags, as in RFLAGS. */
    public static final int OF = 0x800, IOPL = 0x3000, AC = 0x4_0000;

    /** The six arithmetic flags. */
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

    /** Bits of an operand's access. */
    static final int READ = 1, WRITE = 2, MAYBE = 4, ADDRESS = 8;

    final Unit unit;
    private final Flow flow;
    private final Stack stack;
    private final Privilege privilege;
    private final int condition;
    private final int accesses;
    private final int implicitReads, implicitWrites, implicitMaybe;
    private final int flagsRead, flagsWritten, flagsMaybe, flagsUndefined;
    private final boolean traps, memoryRead, memoryWritten;

    InstructionInfo(InstructionInfoTable.Line l, int condition) {
        unit = l.unit;
        flow = l.flow;
        stack = l.stack;
        privilege = l.privilege;
        this.condition = condition;
        accesses = l.accesses;
        int moved = l.stack == Stack.NONE && l.flow != Flow.FAR_CALL && l.flow != Flow.FAR_RETURN ? 0 : 1 << RSP;
        if (l.flow == Flow.INTERRUPT) moved = 1 << RSP;
        implicitReads = l.registersRead | (l.stack == Stack.LEAVE ? 0 : moved);
        implicitWrites = l.registersWritten | moved;
        implicitMaybe = l.registersMaybe;
        flagsRead = l.flagsOfCondition ? ofCondition(condition) : l.flagsRead;
        flagsWritten = l.flagsWritten;
        flagsMaybe = l.flagsMaybe;
        flagsUndefined = l.flagsUndefined;
        traps = l.traps;
        boolean call = flow == Flow.CALL || flow == Flow.FAR_CALL || flow == Flow.INTERRUPT;
        boolean ret = flow == Flow.FAR_RETURN;
        memoryRead = l.memoryRead || ret || stack == Stack.POP || stack == Stack.POP_ALL || stack == Stack.LEAVE;
        memoryWritten =
                l.memoryWritten || call || stack == Stack.PUSH || stack == Stack.PUSH_ALL || stack == Stack.ENTER;
    }

    private static final int RSP = 4;

    /** The flags that a condition of four bits looks at. */
    private static int ofCondition(int condition) {
        return switch (condition >> 1) {
            case 0 -> OF;
            case 1 -> CF;
            case 2 -> ZF;
            case 3 -> CF | ZF;
            case 4 -> SF;
            case 5 -> PF;
            case 6 -> SF | OF;
            default -> SF | OF | ZF;
        };
    }

    /**
     * What an instruction does, in the form that it was decoded in.
     *
     * @param in a decoded instruction
     * @return its facts
     */
    public static InstructionInfo of(Instruction in) {
        return InstructionInfoTable.find(in);
    }

    /**
     * What all forms of a mnemonic have in common: {@link #unit}, {@link #flow}, {@link #condition}. All else is that
     * of its most general form.
     *
     * @param m any mnemonic
     * @return its facts
     */
    public static InstructionInfo of(Mnemonic m) {
        return InstructionInfoTable.general(m);
    }

    /**
     * The mnemonic of a conditional family for one condition.
     *
     * @param family any of them, as {@link Mnemonic#JO}
     * @param condition 0 to 15 as opcodes encode it
     * @return its relative with this condition
     */
    public static Mnemonic withCondition(Mnemonic family, int condition) {
        return InstructionInfoTable.relative(family, condition);
    }

    /**
     * The part of the instruction set that it belongs to.
     *
     * @return its unit
     */
    public Unit unit() {
        return unit;
    }

    /**
     * Where control goes.
     *
     * @return its kind of control flow
     */
    public Flow flow() {
        return flow;
    }

    /**
     * What it does to the stack pointer beside its operands.
     *
     * @return its effect on the stack
     */
    public Stack stack() {
        return stack;
    }

    /**
     * Who may execute it.
     *
     * @return the least privilege
     */
    public Privilege privilege() {
        return privilege;
    }

    /**
     * The condition of Jcc, CMOVcc and SETcc.
     *
     * @return 0 to 15 as opcodes encode it, -1 for all others
     */
    public int condition() {
        return condition;
    }

    /**
     * Whether it may raise an exception although none of its accesses to memory fails: #DE, #UD, #GP by privilege or
     * value, #NM, #MF, #XM.
     *
     * @return whether it may trap
     */
    public boolean traps() {
        return traps || unit != Unit.INTEGER && unit != Unit.SYSTEM;
    }

    private int access(int operand) {
        return accesses >> 4 * operand & 15;
    }

    /**
     * Whether an operand's value counts. Of a memory operand: whether it is loaded.
     *
     * @param operand its index
     * @return whether it is read
     */
    public boolean reads(int operand) {
        return (access(operand) & READ) != 0;
    }

    /**
     * Whether an operand may be given a value.
     *
     * @param operand its index
     * @return whether it is written, always or sometimes
     */
    public boolean writes(int operand) {
        return (access(operand) & WRITE) != 0;
    }

    /**
     * Whether a written operand may also be left as it was.
     *
     * @param operand its index
     * @return whether it is written in some cases only
     */
    public boolean mayLeave(int operand) {
        return (access(operand) & MAYBE) != 0;
    }

    /**
     * Whether the instruction loads from memory: by its memory operand, the stack or a register.
     *
     * @param in the instruction that was asked about
     * @return whether it reads memory
     */
    public boolean readsMemory(Instruction in) {
        return memoryRead || anyMemory(in, READ);
    }

    /**
     * Whether the instruction stores to memory: to its memory operand, the stack or where a register points.
     *
     * @param in the instruction that was asked about
     * @return whether it may write memory
     */
    public boolean writesMemory(Instruction in) {
        return memoryWritten || anyMemory(in, WRITE);
    }

    private boolean anyMemory(Instruction in, int how) {
        for (int k = 0; k < in.operandCount; k++) {
            if (in.kind[k] == Instruction.MEM && (access(k) & how) != 0) return true;
        }
        return false;
    }

    /**
     * The general registers whose value counts, those in addresses too.
     *
     * @param in the instruction that was asked about
     * @return a bit for each register, RAX in bit 0
     */
    public int registersRead(Instruction in) {
        int set = implicitReads;
        for (int k = 0; k < in.operandCount; k++) {
            if (general(in, k) && reads(k)) set |= 1 << in.reg[k];
            if (in.kind[k] == Instruction.MEM) set |= addressRegisters(in);
        }
        return set;
    }

    /**
     * The general registers that may be given a value. One that is written in part counts.
     *
     * @param in the instruction that was asked about
     * @return a bit for each register, RAX in bit 0
     */
    public int registersWritten(Instruction in) {
        int set = implicitWrites | implicitMaybe;
        for (int k = 0; k < in.operandCount; k++) {
            if (general(in, k) && writes(k)) set |= 1 << in.reg[k];
        }
        return set;
    }

    private static boolean general(Instruction in, int k) {
        return in.kind[k] == Instruction.GPR || in.kind[k] == Instruction.GPR_HIGH;
    }

    private static int addressRegisters(Instruction in) {
        int set = 0;
        if (in.memBase >= 0 && in.memBase < 16) set |= 1 << in.memBase;
        if (in.memIndex >= 0 && in.memIndex < 16 && in.memIndexSize == 0) set |= 1 << in.memIndex;
        return set;
    }

    /**
     * Flags whose value counts.
     *
     * @return bits as in RFLAGS
     */
    public int flagsRead() {
        return flagsRead;
    }

    /**
     * Flags that are given a value by the manual, whatever the operands are.
     *
     * @return bits as in RFLAGS
     */
    public int flagsWritten() {
        return flagsWritten & ~flagsUndefined;
    }

    /**
     * Flags that may change: those written, those written for some operands only (a count that is not zero), and those
     * left undefined.
     *
     * @return bits as in RFLAGS
     */
    public int flagsChanged() {
        return flagsWritten | flagsMaybe | flagsUndefined;
    }

    /**
     * Flags that the manual leaves undefined, for some operands at least.
     *
     * @return bits as in RFLAGS
     */
    public int flagsUndefined() {
        return flagsUndefined;
    }
}
