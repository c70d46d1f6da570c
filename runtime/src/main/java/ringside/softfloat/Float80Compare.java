package ringside.softfloat;

import static ringside.cpu.fpu.FpuState.C0;
import static ringside.cpu.fpu.FpuState.C1;
import static ringside.cpu.fpu.FpuState.C2;
import static ringside.cpu.fpu.FpuState.C3;
import static ringside.cpu.fpu.FpuState.DE;
import static ringside.cpu.fpu.FpuState.IE;

/**
 * Comparison and examination. Results are the condition bits as FCOM and FXAM set them. Source: Intel SDM vol. 1, 8.1.3
 * and vol. 2, FCOM, FXAM.
 */
public final class Float80Compare {
    public static final int GREATER = 0, LESS = C0, EQUAL = C3, UNORDERED = C0 | C2 | C3;

    private Float80Compare() {}

    /**
     * @param quiet FUCOM: a quiet NaN is not invalid
     * @return GREATER, LESS, EQUAL or UNORDERED for a against b; r.flags gets IE or DE
     */
    public static int compare(Float80Result r, int ase, long am, int bse, long bm, boolean quiet) {
        r.flags = 0;
        if (!Float80.normal(ase, am) || !Float80.normal(bse, bm)) {
            if (Float80.unsupported(ase, am) || Float80.unsupported(bse, bm)) {
                r.flags = IE;
                return UNORDERED;
            }
            if (Float80.nan(ase, am) || Float80.nan(bse, bm)) {
                if (!quiet || Float80.signaling(ase, am) || Float80.signaling(bse, bm)) r.flags = IE;
                return UNORDERED;
            }
            if (Float80.denormal(ase, am) || Float80.denormal(bse, bm)) r.flags = DE;
            if (am == 0 && bm == 0) return EQUAL;
        }
        int as = ase >>> 15;
        int bs = bse >>> 15;
        if (am == 0) return bs != 0 ? GREATER : LESS;
        if (bm == 0) return as != 0 ? LESS : GREATER;
        if (as != bs) return as != 0 ? LESS : GREATER;
        int c = Integer.compare(Math.max(1, ase & Float80.MAX_EXPONENT), Math.max(1, bse & Float80.MAX_EXPONENT));
        if (c == 0) c = Long.compareUnsigned(am, bm);
        if (c == 0) return EQUAL;
        return c < 0 == (as == 0) ? LESS : GREATER;
    }

    /** FXAM of a register that is not empty. */
    public static int examine(int se, long m) {
        int sign = (se & 0x8000) != 0 ? C1 : 0;
        if (Float80.zero(se, m)) return sign | C3;
        if (Float80.denormal(se, m)) return sign | C3 | C2;
        if (Float80.unsupported(se, m)) return sign;
        if ((se & Float80.MAX_EXPONENT) != Float80.MAX_EXPONENT) return sign | C2;
        return sign | C0 | (m == Float80.INTEGER ? C2 : 0);
    }
}
