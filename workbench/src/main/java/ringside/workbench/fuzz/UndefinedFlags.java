package ringside.workbench.fuzz;

import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;

/**
 * Follows which arithmetic flags hold a value that the manuals leave undefined while a program runs: the rule by which
 * flags are masked when two processors are compared. Source: Intel SDM vol. 2, "Flags Affected" of each instruction.
 */
final class UndefinedFlags {
    private static final int C = 1, P = 4, A = 0x10, Z = 0x40, S = 0x80, O = 0x800, ALL = C | P | A | Z | S | O;

    private int undefined;
    private boolean used;

    /** Flags that are undefined at this point. */
    int mask() {
        return undefined;
    }

    /** Whether an instruction has used one of them, so that other registers may differ too. */
    boolean used() {
        return used;
    }

    /** Takes the next instruction of the program. */
    void executed(Instruction i) {
        used |= (reads(i.mnemonic) & undefined) != 0;
        int u = left(i);
        undefined = undefined & ~written(i.mnemonic) | u;
    }

    private static boolean between(Mnemonic m, Mnemonic first, Mnemonic last) {
        return m.compareTo(first) >= 0 && m.compareTo(last) <= 0;
    }

    /** Flags that the instruction leaves undefined, for some operands at least. */
    static int left(Instruction i) {
        return switch (i.mnemonic) {
            case AND, OR, XOR, TEST -> A;
            case MUL, IMUL -> S | Z | A | P;
            case DIV, IDIV -> ALL;
            case SHL, SHR -> A | O | (i.size[0] < 4 ? C : 0);
            case SAR -> A | O;
            case ROL, ROR, RCL, RCR -> O;
            case SHLD, SHRD -> i.size[0] == 2 ? ALL : A | O;
            case BT, BTS, BTR, BTC -> O | S | A | P;
            case BSF, BSR -> C | O | S | A | P;
            case TZCNT, LZCNT -> O | S | A | P;
            case BEXTR -> A | S | P;
            case ANDN, BLSI, BLSMSK, BLSR, BZHI -> A | P;
            case DAA, DAS -> O;
            case AAA, AAS -> O | S | Z | P;
            case AAM, AAD -> O | A | C;
            default -> 0;
        };
    }

    /** Flags that the instruction gives a value whatever its operands are. */
    private static int written(Mnemonic m) {
        return switch (m) {
            case ADD,
                    OR,
                    ADC,
                    SBB,
                    AND,
                    SUB,
                    XOR,
                    CMP,
                    TEST,
                    NEG,
                    XADD,
                    CMPXCHG,
                    POPF,
                    PTEST,
                    COMISS,
                    COMISD,
                    UCOMISS,
                    UCOMISD,
                    POPCNT,
                    FCOMI,
                    FCOMIP,
                    FUCOMI,
                    FUCOMIP,
                    MUL,
                    IMUL -> ALL;
            case INC, DEC -> ALL & ~C;
            case SAHF -> ALL & ~O;
            case CLC, STC -> C;
            default -> 0;
        };
    }

    private static int reads(Mnemonic m) {
        if (between(m, Mnemonic.CMOVO, Mnemonic.SETG)
                || between(m, Mnemonic.JO, Mnemonic.JG)
                || between(m, Mnemonic.FCMOVB, Mnemonic.FCMOVNU)) return ALL;
        return switch (m) {
            case ADC, SBB, RCL, RCR, CMC, SALC, ADCX, DAA, DAS, AAA, AAS, LOOPE, LOOPNE, INTO, ADOX -> ALL;
            case PUSHF, LAHF -> ALL;
            default -> 0;
        };
    }
}
