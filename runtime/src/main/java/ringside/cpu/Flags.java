package ringside.cpu;

/**
 * The arithmetic flags in lazy form, two longs that both engines share ({@link Cpu#flagResult}, {@link Cpu#flagAux}):
 *
 * <ul>
 * <li>{@code result}: the operation's result, sign-extended from the operand size. ZF = (result == 0).
 * <li>{@code aux}: bit 63 = CF; bit 62 = CF xor OF (the carry into the sign bit); bit 3 = AF; bits 15:8 are xored into
 *     the result's low byte before the parity is taken (PF); bit 0 is xored with the result's sign (SF). All other bits
 *     are zero.
 * </ul>
 *
 * An ALU operation computes {@code aux} from the carry vector by one formula without a branch, and no flag needs to
 * know which operation it was. All methods are pure. Source: Intel SDM vol. 1, 3.4.3.1.
 */
public final class Flags {
    /** Bits of RFLAGS (SDM vol. 1, 3.4.3). */
    public static final int CF = 1,
            PF = 4,
            AF = 0x10,
            ZF = 0x40,
            SF = 0x80,
            TF = 0x100,
            IF = 0x200,
            DF = 0x400,
            OF = 0x800,
            IOPL = 0x3000,
            NT = 0x4000,
            RF = 0x10000,
            VM = 0x20000,
            AC = 0x40000,
            VIF = 0x80000,
            VIP = 0x100000,
            ID = 0x200000;
    /** The six flags that the lazy form holds. */
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;

    private static final long KEEP64 = 0xC000_0000_0000_0008L;

    private Flags() {}

    /**
     * {@return aux of a 64-bit addition a + b (+ carry) = r}
     *
     * @param a first operand
     * @param b second operand
     * @param r the result
     */
    public static long addAux64(long a, long b, long r) {
        return ((a & b) | ((a | b) & ~r)) & KEEP64;
    }

    /**
     * {@return aux of a 64-bit subtraction a - b (- borrow) = r}
     *
     * @param a first operand
     * @param b second operand
     * @param r the result
     */
    public static long subAux64(long a, long b, long r) {
        return ((~a & b) | ((~a | b) & r)) & KEEP64;
    }

    /**
     * As {@link #addAux64} for operands of {@code bits} = 8, 16 or 32 bits; upper bits of a, b, r are ignored.
     *
     * @param a first operand
     * @param b second operand
     * @param r the result
     * @param bits width of the operands
     * @return the auxiliary word
     */
    public static long addAux(long a, long b, long r, int bits) {
        long c = (a & b) | ((a | b) & ~r);
        return (c << (64 - bits)) & 0xC000_0000_0000_0000L | c & 8;
    }

    /**
     * {@return the auxiliary word of a subtraction of any width}
     *
     * @param a first operand
     * @param b second operand
     * @param r the result
     * @param bits width of the operands
     */
    public static long subAux(long a, long b, long r, int bits) {
        long c = (~a & b) | ((~a | b) & r);
        return (c << (64 - bits)) & 0xC000_0000_0000_0000L | c & 8;
    }

    /**
     * {@return aux with CF and OF as given and AF clear: of shifts, multiplications and rotates}
     *
     * @param cf the carry flag
     * @param of the overflow flag
     */
    public static long aux(boolean cf, boolean of) {
        return (cf ? 1L << 63 : 0) | (cf != of ? 1L << 62 : 0);
    }

    /**
     * {@return the carry flag}
     *
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean cf(long aux) {
        return aux < 0;
    }

    /**
     * {@return the overflow flag}
     *
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean of(long aux) {
        return (aux ^ aux << 1) < 0;
    }

    /**
     * {@return the auxiliary carry flag}
     *
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean af(long aux) {
        return (aux & 8) != 0;
    }

    /**
     * {@return the zero flag}
     *
     * @param result the last result, sign-extended
     */
    public static boolean zf(long result) {
        return result == 0;
    }

    /**
     * {@return the sign flag}
     *
     * @param result the last result, sign-extended
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean sf(long result, long aux) {
        return (result ^ aux << 63) < 0;
    }

    /**
     * {@return the parity flag}
     *
     * @param result the last result, sign-extended
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean pf(long result, long aux) {
        return (Long.bitCount((result ^ aux >>> 8) & 0xff) & 1) == 0;
    }

    /**
     * {@return aux with CF and OF replaced, the rest kept: rotates, BT, CLC, STC, CMC}
     *
     * @param aux the auxiliary word of the lazy flags
     * @param cf the new carry flag
     * @param of the new overflow flag
     */
    public static long withCarryOverflow(long aux, boolean cf, boolean of) {
        return aux & ~0xC000_0000_0000_0000L | aux(cf, of);
    }

    /**
     * {@return aux with CF replaced and OF and all others kept}
     *
     * @param aux the auxiliary word of the lazy flags
     * @param cf the new carry flag
     */
    public static long withCarry(long aux, boolean cf) {
        return withCarryOverflow(aux, cf, of(aux));
    }

    /**
     * {@return aux with the CF of {@code old} and its own OF and the rest: INC, DEC}
     *
     * @param aux the auxiliary word of the lazy flags
     * @param old the word whose carry flag stays
     */
    public static long keepCarry(long aux, long old) {
        long differs = (aux ^ old) & 1L << 63;
        return aux ^ (differs | differs >>> 1);
    }

    /**
     * {@return the condition of Jcc/SETcc/CMOVcc number 0..15 (Intel SDM vol. 1, appendix B)}
     *
     * @param cc number of the condition, 0 (O) to 15 (G)
     * @param result the last result, sign-extended
     * @param aux the auxiliary word of the lazy flags
     */
    public static boolean condition(int cc, long result, long aux) {
        boolean v = switch (cc >> 1) {
            case 0 -> of(aux);
            case 1 -> cf(aux);
            case 2 -> result == 0;
            case 3 -> cf(aux) || result == 0;
            case 4 -> sf(result, aux);
            case 5 -> pf(result, aux);
            case 6 -> sf(result, aux) != of(aux);
            default -> result == 0 || sf(result, aux) != of(aux);
        };
        return v ^ (cc & 1) != 0;
    }

    /**
     * {@return CF|PF|AF|ZF|SF|OF at their places in RFLAGS}
     *
     * @param result the last result, sign-extended
     * @param aux the auxiliary word of the lazy flags
     */
    public static int pack(long result, long aux) {
        return (cf(aux) ? CF : 0)
                | (pf(result, aux) ? PF : 0)
                | (af(aux) ? AF : 0)
                | (zf(result) ? ZF : 0)
                | (sf(result, aux) ? SF : 0)
                | (of(aux) ? OF : 0);
    }

    /**
     * {@return a result that gives the ZF of these RFLAGS; goes with {@link #auxOf}}
     *
     * @param rflags the flags, of which the six arithmetic ones count
     */
    public static long resultOf(long rflags) {
        return (rflags & ZF) != 0 ? 0 : 1;
    }

    /**
     * {@return the aux that, with {@link #resultOf}, gives the arithmetic flags of these RFLAGS}
     *
     * @param rflags the flags, of which the six arithmetic ones count
     */
    public static long auxOf(long rflags) {
        long aux = aux((rflags & CF) != 0, (rflags & OF) != 0);
        if ((rflags & AF) != 0) aux |= 8;
        if ((rflags & SF) != 0) aux |= 1;
        // parity of result's low byte: even for 0, odd for 1
        boolean even = (rflags & ZF) != 0;
        if (even != ((rflags & PF) != 0)) aux |= 0x100;
        return aux;
    }
}
