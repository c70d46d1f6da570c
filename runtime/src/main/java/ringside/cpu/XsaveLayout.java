package ringside.cpu;

/**
 * Where the state components of the XSAVE area lie: one table that the XSAVE family, CPUID leaf 0Dh and XSETBV share.
 * Offsets are those of the standard format; in the compacted format components from 2 on follow each other. Source:
 * Intel SDM vol. 1, 13.4 and 13.5.
 */
public final class XsaveLayout {
    /** Numbers of state components (SDM vol. 1, 13.1). */
    public static final int X87 = 0, SSE = 1, AVX = 2, PKRU = 9, CET_U = 11, CET_S = 12;
    /** Bits of XCR0 and of state-component bitmaps. */
    public static final long X87_BIT = 1,
            SSE_BIT = 2,
            AVX_BIT = 4,
            PKRU_BIT = 1 << PKRU,
            CET_U_BIT = 1 << CET_U,
            CET_S_BIT = 1 << CET_S;
    /** Bytes of the legacy region, as FXSAVE, and of the header behind it. */
    public static final int LEGACY_SIZE = 512, HEADER_SIZE = 64, EXTENDED_OFFSET = LEGACY_SIZE + HEADER_SIZE;
    /** Bit 63 of XCOMP_BV: the area has the compacted format. */
    public static final long COMPACTED = 1L << 63;

    /** PKRU lies where it does on processors with AVX-512 and MPX, as on those of Intel's that have neither. */
    private static final int[] OFFSET = {0, 160, 576, 0, 0, 0, 0, 0, 0, 2688, 0, 0, 0};

    private static final int[] SIZE = {160, 256, 256, 0, 0, 0, 0, 0, 0, 8, 0, 16, 24};
    /** Components that are aligned to 64 bytes in the compacted format. */
    private static final long ALIGNED = 0;

    private XsaveLayout() {}

    /**
     * {@return the components that XCR0 may enable on this model}
     *
     * @param model the processor
     */
    public static long userComponents(CpuModel model) {
        return X87_BIT
                | SSE_BIT
                | (model.has(CpuModel.Feature.AVX) ? AVX_BIT : 0)
                | (model.has(CpuModel.Feature.PKU) ? PKRU_BIT : 0);
    }

    /**
     * {@return the components that IA32_XSS may enable on this model}
     *
     * @param model the processor
     */
    public static long supervisorComponents(CpuModel model) {
        return model.has(CpuModel.Feature.SHSTK) || model.has(CpuModel.Feature.IBT) ? CET_U_BIT | CET_S_BIT : 0;
    }

    /**
     * {@return the value of XCR0 is one that XSETBV accepts on this model (Intel SDM vol. 1, 13.3)}
     *
     * @param model the processor
     * @param v the value
     */
    public static boolean validXcr0(CpuModel model, long v) {
        return (v & X87_BIT) != 0 && (v & ~userComponents(model)) == 0 && ((v & AVX_BIT) == 0 || (v & SSE_BIT) != 0);
    }

    /**
     * {@return bytes of a component}
     *
     * @param component its number
     */
    public static int size(int component) {
        return component < SIZE.length ? SIZE[component] : 0;
    }

    /**
     * {@return offset of a component in the standard format, bytes}
     *
     * @param component its number
     */
    public static int offset(int component) {
        return component < OFFSET.length ? OFFSET[component] : 0;
    }

    /**
     * {@return whether the compacted format aligns a component to 64 bytes}
     *
     * @param component its number
     */
    public static boolean aligned(int component) {
        return (ALIGNED >> component & 1) != 0;
    }

    /**
     * {@return bytes of a standard-format area that holds these components}
     *
     * @param components a bit for each
     */
    public static int standardSize(long components) {
        int n = EXTENDED_OFFSET;
        for (int c = AVX; c < OFFSET.length; c++) {
            if ((components >> c & 1) != 0) n = Math.max(n, OFFSET[c] + SIZE[c]);
        }
        return n;
    }

    /**
     * {@return offset of a component from 2 on in a compacted area with these components, bytes}
     *
     * @param component its number
     * @param components those in the area, a bit for each
     */
    public static int compactedOffset(int component, long components) {
        int at = EXTENDED_OFFSET;
        for (int c = AVX; c < OFFSET.length; c++) {
            if ((components >> c & 1) == 0) continue;
            if (aligned(c)) at = at + 63 & -64;
            if (c == component) return at;
            at += SIZE[c];
        }
        return at;
    }

    /**
     * {@return bytes of a compacted area that holds these components}
     *
     * @param components a bit for each
     */
    public static int compactedSize(long components) {
        return compactedOffset(OFFSET.length, components);
    }
}
