package ringside.translator.emit;

import static org.objectweb.asm.Opcodes.*;

import ringside.cpu.Cpu;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * SSE and SSE2 moves, and the integer and logical operations that work on each 64-bit lane alone, on XMM registers in
 * legacy encoding. Registers stay in the CPU's array. Arithmetic that may raise exceptions in MXCSR, MMX and AVX are
 * the handlers'. Intel SDM vol. 2.
 */
final class VectorEmitter {
    private static final String LANES = "ringside/simd/Lanes";
    private static final String SHUFFLES = "ringside/simd/Shuffles";
    private static final long LOW = 0xffff_ffffL;

    private VectorEmitter() {}

    // ---- operands ----

    private static boolean enabled(Emission e) {
        return (e.plan.mode() & Cpu.MODE_SSE) != 0;
    }

    private static boolean xmm(Emission e, int operand) {
        return operand < e.in.operandCount && e.in.kind[operand] == Instruction.XMM;
    }

    private static boolean memory(Emission e, int operand, int size) {
        return operand < e.in.operandCount
                && e.in.kind[operand] == Instruction.MEM
                && e.in.size[operand] == size
                && Operands.addressable(e);
    }

    private static boolean general(Emission e, int operand, int size) {
        return operand < e.in.operandCount && e.in.kind[operand] == Instruction.GPR && e.in.size[operand] == size;
    }

    /** Index of a lane of an operand in {@link Cpu#vec}. */
    private static int lane(Emission e, int operand, int lane) {
        return e.in.reg[operand] * 4 + lane;
    }

    /** Pushes a lane. */
    private static Code push(Emission e, int operand, int lane) {
        return e.c.aload(Locals.VEC).iconst(lane(e, operand, lane)).op(LALOAD);
    }

    /** Pushes what a store into a lane needs before its value; the store is LASTORE. */
    private static Code into(Emission e, int operand, int lane) {
        return e.c.aload(Locals.VEC).iconst(lane(e, operand, lane));
    }

    private static void clear(Emission e, int operand, int lane) {
        into(e, operand, lane).lconst(0).op(LASTORE);
    }

    private static void copy(Emission e, int lane, int sourceLane) {
        into(e, 0, lane);
        push(e, 1, sourceLane).op(LASTORE);
    }

    /** Looks 16 bytes up; an address that is not aligned is the interpreter's, which raises #GP. */
    private static void addressAligned(Emission e, boolean aligned, boolean write) {
        if (write) Operands.addressToWrite(e, 16);
        else Operands.addressToRead(e, 16);
        if (aligned) e.c.lload(Locals.ADDRESS).op(L2I).iconst(15).op(IAND).jump(IFNE, e.miss());
    }

    /** Pushes 8 of the 16 bytes that were looked up. */
    private static Code load(Emission e, int lane) {
        return access(e).tlb(lane == 0 ? "loadHit64" : "loadHitHigh64", "(J)J");
    }

    private static Code access(Emission e) {
        return e.c.aload(Locals.MEM).lload(Locals.ADDRESS);
    }

    // ---- moves ----

    static boolean moveAligned(Emission e) {
        return move(e, true);
    }

    static boolean moveUnaligned(Emission e) {
        return move(e, false);
    }

    private static boolean move(Emission e, boolean aligned) {
        if (!enabled(e)) return false;
        if (xmm(e, 0) && xmm(e, 1)) {
            copy(e, 0, 0);
            copy(e, 1, 1);
        } else if (xmm(e, 0) && memory(e, 1, 16)) {
            addressAligned(e, aligned, false);
            for (int lane = 0; lane < 2; lane++) {
                into(e, 0, lane);
                load(e, lane).op(LASTORE);
            }
        } else if (memory(e, 0, 16) && xmm(e, 1)) {
            addressAligned(e, aligned, true);
            access(e);
            push(e, 1, 0).tlb("storeHit64", "(JJ)V");
            access(e);
            push(e, 1, 1).tlb("storeHitHigh64", "(JJ)V");
        } else {
            return false;
        }
        return true;
    }

    /** MOVQ: 8 bytes, and zero above them in a register. */
    static boolean movq(Emission e) {
        if (!enabled(e)) return false;
        if (xmm(e, 0) && xmm(e, 1)) {
            copy(e, 0, 0);
        } else if (xmm(e, 0) && general(e, 1, 8)) {
            into(e, 0, 0);
            e.get(e.in.reg[1]);
            e.c.op(LASTORE);
        } else if (xmm(e, 0) && memory(e, 1, 8)) {
            loadLane(e, 0);
        } else if (general(e, 0, 8) && xmm(e, 1)) {
            push(e, 1, 0);
            e.set(e.in.reg[0]);
            return true;
        } else {
            return storeLane(e, 0);
        }
        clear(e, 0, 1);
        return true;
    }

    private static void loadLane(Emission e, int lane) {
        Operands.addressToRead(e, 8);
        into(e, 0, lane);
        access(e).tlb("loadHit64", "(J)J").op(LASTORE);
    }

    private static boolean storeLane(Emission e, int lane) {
        if (!memory(e, 0, 8) || !xmm(e, 1)) return false;
        Operands.addressToWrite(e, 8);
        access(e);
        push(e, 1, lane).tlb("storeHit64", "(JJ)V");
        return true;
    }

    /** MOVD: 4 bytes, and zero above them in a register. */
    static boolean movd(Emission e) {
        if (!enabled(e)) return false;
        if (xmm(e, 0) && general(e, 1, 4)) {
            into(e, 0, 0);
            e.get(e.in.reg[1]);
            e.c.lconst(LOW).op(LAND, LASTORE);
            clear(e, 0, 1);
            return true;
        }
        if (general(e, 0, 4) && xmm(e, 1)) {
            push(e, 1, 0).lconst(LOW).op(LAND);
            e.set(e.in.reg[0]);
            return true;
        }
        return low32(e);
    }

    /** A doubleword between memory and a register. */
    private static boolean low32(Emission e) {
        if (xmm(e, 0) && memory(e, 1, 4)) {
            Operands.addressToRead(e, 4);
            into(e, 0, 0);
            access(e).tlb("loadHit32", "(J)I").op(I2L).lconst(LOW).op(LAND, LASTORE);
            clear(e, 0, 1);
            return true;
        }
        if (!memory(e, 0, 4) || !xmm(e, 1)) return false;
        Operands.addressToWrite(e, 4);
        access(e);
        push(e, 1, 0).op(L2I).tlb("storeHit32", "(JI)V");
        return true;
    }

    /** MOVSS; between registers it is the handler's. */
    static boolean movss(Emission e) {
        return enabled(e) && low32(e);
    }

    static boolean movsd(Emission e) {
        if (!enabled(e)) return false;
        if (xmm(e, 0) && xmm(e, 1)) {
            copy(e, 0, 0);
            return true;
        }
        if (!xmm(e, 0) || !memory(e, 1, 8)) return storeLane(e, 0);
        loadLane(e, 0);
        clear(e, 0, 1);
        return true;
    }

    /** MOVLPS, MOVLPD. */
    static boolean lowHalf(Emission e) {
        return half(e, 0);
    }

    /** MOVHPS, MOVHPD. */
    static boolean highHalf(Emission e) {
        return half(e, 1);
    }

    private static boolean half(Emission e, int lane) {
        if (!enabled(e)) return false;
        if (!xmm(e, 0) || !memory(e, 1, 8)) return storeLane(e, lane);
        loadLane(e, lane);
        return true;
    }

    static boolean movhlps(Emission e) {
        return enabled(e) && between(e, 0, 1);
    }

    /** MOVLHPS, PUNPCKLQDQ between registers. */
    static boolean movlhps(Emission e) {
        return enabled(e) && between(e, 1, 0);
    }

    private static boolean between(Emission e, int lane, int sourceLane) {
        if (!xmm(e, 0) || !xmm(e, 1)) return false;
        copy(e, lane, sourceLane);
        return true;
    }

    // ---- each lane alone ----

    /** The operation of {@code ringside.simd.Lanes} that has the mnemonic's name, or that of its integer form. */
    static boolean lanes(Emission e) {
        if (!enabled(e) || !xmm(e, 0)) return false;
        String f = function(e.in.mnemonic);
        boolean register = xmm(e, 1);
        if (register && f.equals("pxor") && e.in.reg[0] == e.in.reg[1]) {
            clear(e, 0, 0);
            clear(e, 0, 1);
            return true;
        }
        if (!register) {
            if (!memory(e, 1, 16)) return false;
            addressAligned(e, true, false);
            load(e, 0).lstore(Locals.L0);
            load(e, 1).lstore(Locals.L1);
        }
        for (int lane = 0; lane < 2; lane++) {
            into(e, 0, lane);
            push(e, 0, lane);
            if (register) {
                push(e, 1, lane);
            } else {
                e.c.lload(lane == 0 ? Locals.L0 : Locals.L1);
            }
            e.c.invokeStatic(LANES, f, "(JJ)J").op(LASTORE);
        }
        return true;
    }

    static String function(Mnemonic m) {
        return switch (m) {
            case ANDPS, ANDPD -> "pand";
            case ANDNPS, ANDNPD -> "pandn";
            case ORPS, ORPD -> "por";
            case XORPS, XORPD -> "pxor";
            default -> m.name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    /** PSLLW to PSRAD: all elements by one count, an immediate or the low lane of a register. */
    static boolean shift(Emission e) {
        if (!enabled(e) || !xmm(e, 0)) return false;
        boolean immediate = e.in.kind[1] == Instruction.IMM;
        if (!immediate && !xmm(e, 1)) return false;
        // the count may be in the register that is shifted
        if (!immediate) push(e, 1, 0).lstore(Locals.L0);
        for (int lane = 0; lane < 2; lane++) {
            into(e, 0, lane);
            push(e, 0, lane);
            if (immediate) {
                e.c.lconst(e.in.imm & 0xff);
            } else {
                e.c.lload(Locals.L0);
            }
            e.c.invokeStatic(LANES, function(e.in.mnemonic), "(JJ)J").op(LASTORE);
        }
        return true;
    }

    // ---- lanes from both lanes ----

    /**
     * Loads both lanes of the source into L0 and L1.
     * @return false if it is neither a register nor 16 bytes of memory
     */
    private static boolean source(Emission e) {
        if (xmm(e, 1)) {
            push(e, 1, 0).lstore(Locals.L0);
            push(e, 1, 1).lstore(Locals.L1);
            return true;
        }
        if (!memory(e, 1, 16)) return false;
        addressAligned(e, true, false);
        load(e, 0).lstore(Locals.L0);
        load(e, 1).lstore(Locals.L1);
        return true;
    }

    /** Unpacking, shuffles and byte shifts, as the functions of {@code ringside.simd.Shuffles} have them. */
    static boolean shuffle(Emission e) {
        if (!enabled(e) || !xmm(e, 0)) return false;
        Mnemonic m = e.in.mnemonic;
        if (m == Mnemonic.PSLLDQ || m == Mnemonic.PSRLDQ) {
            push(e, 0, 0).lstore(Locals.L0);
            push(e, 0, 1).lstore(Locals.L1);
        } else if (!source(e)) {
            return false;
        }
        element(e, 0);
        e.c.lstore(Locals.L2);
        into(e, 0, 1);
        element(e, 1);
        e.c.op(LASTORE);
        into(e, 0, 0).lload(Locals.L2).op(LASTORE);
        return true;
    }

    /** Pushes the new value of a lane, from the destination's lanes and the source's in L0 and L1. */
    private static void element(Emission e, int lane) {
        int imm = (int) e.in.imm & 0xff;
        int pick = imm >> 4 * lane;
        int source = lane == 0 ? Locals.L0 : Locals.L1;
        Code c = e.c;
        switch (e.in.mnemonic) {
            case PUNPCKLBW, PUNPCKHBW -> interleave(e, lane, "B");
            case PUNPCKLWD, PUNPCKHWD -> interleave(e, lane, "W");
            case PUNPCKLDQ, PUNPCKHDQ, UNPCKLPS, UNPCKHPS -> interleave(e, lane, "D");
            case PUNPCKLQDQ, UNPCKLPD -> {
                if (lane == 0) push(e, 0, 0);
                else c.lload(Locals.L0);
            }
            case PUNPCKHQDQ, UNPCKHPD -> {
                if (lane == 0) push(e, 0, 1);
                else c.lload(Locals.L1);
            }
            case PSHUFD -> dwords(e, pick);
            case MOVSLDUP -> dwords(e, lane == 0 ? 0 : 0b1010);
            case MOVSHDUP -> dwords(e, lane == 0 ? 0b0101 : 0b1111);
            case PSHUFLW, PSHUFHW -> {
                c.lload(source);
                if (lane == (e.in.mnemonic == Mnemonic.PSHUFHW ? 1 : 0))
                    c.iconst(imm).invokeStatic(SHUFFLES, "pshufw", "(JI)J");
            }
            case SHUFPS -> {
                if (lane == 0) {
                    push(e, 0, 0);
                    push(e, 0, 1).iconst(imm).invokeStatic(SHUFFLES, "pickDwords", "(JJI)J");
                } else {
                    dwords(e, pick);
                }
            }
            case SHUFPD -> {
                if (lane == 0) push(e, 0, imm & 1);
                else c.lload((imm & 2) == 0 ? Locals.L0 : Locals.L1);
            }
            case PSHUFB -> {
                push(e, 0, 0);
                push(e, 0, 1).lload(source).invokeStatic(SHUFFLES, "pshufb", "(JJJ)J");
            }
            case PALIGNR -> {
                c.lload(Locals.L0).lload(Locals.L1);
                push(e, 0, 0);
                push(e, 0, 1);
                bytesAt(e, imm + 8 * lane);
            }
            case PSRLDQ -> {
                c.lload(Locals.L0).lload(Locals.L1).lconst(0).lconst(0);
                bytesAt(e, Math.min(imm, 16) + 8 * lane);
            }
            case PSLLDQ -> {
                c.lconst(0).lconst(0).lload(Locals.L0).lload(Locals.L1);
                bytesAt(e, 16 - Math.min(imm, 16) + 8 * lane);
            }
            default -> throw new IllegalArgumentException(e.in.mnemonic.name());
        }
    }

    private static void dwords(Emission e, int pick) {
        e.c.lload(Locals.L0).lload(Locals.L1).iconst(pick).invokeStatic(SHUFFLES, "pickDwords", "(JJI)J");
    }

    private static void bytesAt(Emission e, int n) {
        e.c.iconst(n).invokeStatic(SHUFFLES, "bytesAt", "(JJJJI)J");
    }

    private static void interleave(Emission e, int lane, String elements) {
        int half = e.in.mnemonic.name().charAt(e.in.mnemonic.name().indexOf("PCK") + 3) == 'H' ? 1 : 0;
        push(e, 0, half).lload(half == 0 ? Locals.L0 : Locals.L1);
        e.c.invokeStatic(SHUFFLES, "interleave" + (lane == 0 ? "Low" : "High") + elements, "(JJ)J");
    }

    static boolean pmovmskb(Emission e) {
        if (!enabled(e) || !xmm(e, 1) || e.in.kind[0] != Instruction.GPR) return false;
        push(e, 1, 0).invokeStatic(LANES, "signsOfBytes", "(J)I");
        push(e, 1, 1)
                .invokeStatic(LANES, "signsOfBytes", "(J)I")
                .iconst(8)
                .op(ISHL, IOR)
                .op(I2L);
        e.set(e.in.reg[0]);
        return true;
    }
}
