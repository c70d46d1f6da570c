package ringside.cpu.fpu;

import ringside.cpu.Cpu;
import ringside.cpu.XsaveLayout;
import ringside.memory.LinearMemory;

/**
 * XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR and XRSTORS for the components of {@link XsaveLayout}. {@code la} is the
 * guest linear address of the area, {@code requested} is EDX:EAX. Every check and page translation comes first, so that
 * a fault leaves processor and memory as they were. The modified optimisation is not made: XSAVEOPT and XSAVES write
 * every component in use. Source: Intel SDM vol. 1, 13.6 to 13.13.
 */
public final class XsaveImage {
    private static final int XSTATE_BV = 512, XCOMP_BV = 520;
    private static final long SSE = XsaveLayout.SSE_BIT, AVX = XsaveLayout.AVX_BIT, PKRU = XsaveLayout.PKRU_BIT;

    private XsaveImage() {}

    private static long at(Cpu cpu, long la, int offset) {
        return FpuEnvironment.at(cpu, la, offset);
    }

    private static void checkAligned(Cpu cpu, long la) {
        if ((la & 63) != 0) throw cpu.gp(0);
    }

    // ---- saving ----

    /** XSAVE and XSAVEOPT. @param optimised components in their initial configuration are marked so and not written */
    public static void save(Cpu cpu, long la, long requested, boolean wide, boolean optimised) {
        checkAligned(cpu, la);
        LinearMemory mem = cpu.mem;
        long rfbm = cpu.xcr0 & requested;
        mem.checkWrite(la, XsaveLayout.EXTENDED_OFFSET);
        if ((rfbm & AVX) != 0)
            mem.checkWrite(at(cpu, la, XsaveLayout.offset(XsaveLayout.AVX)), XsaveLayout.size(XsaveLayout.AVX));
        int keys = XsaveLayout.offset(XsaveLayout.PKRU);
        if ((rfbm & PKRU) != 0) mem.checkWrite(at(cpu, la, keys), XsaveLayout.size(XsaveLayout.PKRU));
        long inUse = savedState(cpu);
        long old = mem.load64(at(cpu, la, XSTATE_BV));
        long write = optimised ? rfbm & inUse : rfbm;
        storeComponents(cpu, la, write, wide, XsaveLayout.offset(XsaveLayout.AVX));
        if ((write & PKRU) != 0) mem.store64(at(cpu, la, keys), cpu.pkru & 0xffff_ffffL);
        if ((rfbm & (SSE | AVX)) != 0) FxsaveImage.storeMxcsr(cpu, la);
        mem.store64(at(cpu, la, XSTATE_BV), old & ~rfbm | rfbm & inUse);
    }

    /**
     * XSAVEC, and XSAVES where {@code components} also holds those of IA32_XSS.
     * @param components the enabled ones, XCR0 or XCR0 | IA32_XSS
     */
    public static void saveCompacted(Cpu cpu, long la, long components, long requested, boolean wide) {
        checkAligned(cpu, la);
        LinearMemory mem = cpu.mem;
        long rfbm = components & requested;
        mem.checkWrite(la, XsaveLayout.EXTENDED_OFFSET);
        int avx = XsaveLayout.compactedOffset(XsaveLayout.AVX, rfbm);
        long write = rfbm & savedState(cpu);
        if ((write & AVX) != 0) mem.checkWrite(at(cpu, la, avx), XsaveLayout.size(XsaveLayout.AVX));
        int keys = XsaveLayout.compactedOffset(XsaveLayout.PKRU, rfbm);
        if ((write & PKRU) != 0) mem.checkWrite(at(cpu, la, keys), XsaveLayout.size(XsaveLayout.PKRU));
        CetImage cet = new CetImage(cpu, la, write, rfbm);
        cet.checkWrite();
        storeComponents(cpu, la, write, wide, avx);
        if ((write & PKRU) != 0) mem.store64(at(cpu, la, keys), cpu.pkru & 0xffff_ffffL);
        cet.save();
        if ((write & SSE) != 0) FxsaveImage.storeMxcsr(cpu, la);
        mem.store64(at(cpu, la, XSTATE_BV), write);
        mem.store64(at(cpu, la, XCOMP_BV), rfbm | XsaveLayout.COMPACTED);
    }

    /** XINUSE, with SSE counted as in use when only MXCSR differs from its initial value. */
    private static long savedState(Cpu cpu) {
        return inUse(cpu) | (cpu.mxcsr != FxsaveImage.MXCSR_INIT ? SSE : 0);
    }

    private static void storeComponents(Cpu cpu, long la, long components, boolean wide, int avxOffset) {
        if ((components & XsaveLayout.X87_BIT) != 0) FxsaveImage.storeX87(cpu, la, wide);
        if ((components & SSE) != 0) FxsaveImage.storeXmm(cpu, la);
        if ((components & AVX) != 0) {
            for (int i = 0; i < registers(cpu); i++) {
                cpu.mem.store64(at(cpu, la, avxOffset + 16 * i), cpu.vec[4 * i + 2]);
                cpu.mem.store64(at(cpu, la, avxOffset + 16 * i + 8), cpu.vec[4 * i + 3]);
            }
        }
    }

    // ---- restoring ----

    /** XRSTOR: the area's format is chosen by XCOMP_BV[63]. */
    public static void restore(Cpu cpu, long la, long requested, boolean wide, boolean compactedKnown) {
        checkAligned(cpu, la);
        LinearMemory mem = cpu.mem;
        mem.checkRead(la, XsaveLayout.EXTENDED_OFFSET);
        long state = mem.load64(at(cpu, la, XSTATE_BV));
        long layout = mem.load64(at(cpu, la, XCOMP_BV));
        if (layout < 0) {
            if (!compactedKnown) throw cpu.gp(0);
            restoreCompacted(cpu, la, state, layout, cpu.xcr0, requested, wide);
            return;
        }
        if ((state & ~cpu.xcr0) != 0 || layout != 0 || mem.load64(at(cpu, la, XCOMP_BV + 8)) != 0) throw cpu.gp(0);
        long rfbm = cpu.xcr0 & requested;
        int avx = XsaveLayout.offset(XsaveLayout.AVX);
        if ((rfbm & state & AVX) != 0) mem.checkRead(at(cpu, la, avx), XsaveLayout.size(XsaveLayout.AVX));
        int keys = keys(cpu, la, XsaveLayout.offset(XsaveLayout.PKRU), rfbm, state);
        boolean mxcsr = (rfbm & (SSE | AVX)) != 0;
        if (mxcsr) FxsaveImage.checkMxcsr(cpu, la);
        loadComponents(cpu, la, rfbm, state, wide, avx);
        if (mxcsr) FxsaveImage.loadMxcsr(cpu, la);
        // last, because it may forbid what lies there
        cpu.setProtectionKeys(keys, cpu.pkrs);
    }

    /** XRSTORS: only the compacted format. */
    public static void restoreSupervisor(Cpu cpu, long la, long requested, boolean wide) {
        checkAligned(cpu, la);
        cpu.mem.checkRead(la, XsaveLayout.EXTENDED_OFFSET);
        long state = cpu.mem.load64(at(cpu, la, XSTATE_BV));
        long layout = cpu.mem.load64(at(cpu, la, XCOMP_BV));
        if (layout >= 0) throw cpu.gp(0);
        restoreCompacted(cpu, la, state, layout, cpu.xcr0 | cpu.msrs.xss, requested, wide);
    }

    private static void restoreCompacted(
            Cpu cpu, long la, long state, long layout, long enabled, long requested, boolean wide) {
        LinearMemory mem = cpu.mem;
        if ((layout & ~XsaveLayout.COMPACTED & ~enabled) != 0 || (state & ~(layout & ~XsaveLayout.COMPACTED)) != 0)
            throw cpu.gp(0);
        for (int i = XCOMP_BV + 8; i < XsaveLayout.EXTENDED_OFFSET; i += 8) {
            if (mem.load64(at(cpu, la, i)) != 0) throw cpu.gp(0);
        }
        long rfbm = enabled & requested;
        int avx = XsaveLayout.compactedOffset(XsaveLayout.AVX, layout);
        if ((rfbm & state & AVX) != 0) mem.checkRead(at(cpu, la, avx), XsaveLayout.size(XsaveLayout.AVX));
        int keys = keys(cpu, la, XsaveLayout.compactedOffset(XsaveLayout.PKRU, layout), rfbm, state);
        boolean mxcsr = (rfbm & state & SSE) != 0;
        if (mxcsr) FxsaveImage.checkMxcsr(cpu, la);
        CetImage cet = new CetImage(cpu, la, rfbm & state, layout);
        cet.checkRead();
        loadComponents(cpu, la, rfbm, state, wide, avx);
        cet.restore(rfbm);
        if (mxcsr) {
            FxsaveImage.loadMxcsr(cpu, la);
        } else if ((rfbm & SSE) != 0) {
            cpu.mxcsr = FxsaveImage.MXCSR_INIT;
        }
        cpu.setProtectionKeys(keys, cpu.pkrs);
    }

    /** @return PKRU after a restore */
    private static int keys(Cpu cpu, long la, int offset, long rfbm, long state) {
        if ((rfbm & PKRU) == 0) return cpu.pkru;
        return (state & PKRU) == 0 ? 0 : cpu.mem.load32(at(cpu, la, offset));
    }

    private static void loadComponents(Cpu cpu, long la, long rfbm, long state, boolean wide, int avxOffset) {
        if ((rfbm & XsaveLayout.X87_BIT) != 0) {
            if ((state & XsaveLayout.X87_BIT) != 0) {
                FxsaveImage.loadX87(cpu, la, wide);
            } else {
                FpuState.initAll(cpu);
            }
        }
        if ((rfbm & SSE) != 0) {
            if ((state & SSE) != 0) {
                FxsaveImage.loadXmm(cpu, la);
            } else {
                FxsaveImage.initXmm(cpu);
            }
        }
        if ((rfbm & AVX) != 0) {
            boolean load = (state & AVX) != 0;
            for (int i = 0; i < registers(cpu); i++) {
                cpu.vec[4 * i + 2] = load ? cpu.mem.load64(at(cpu, la, avxOffset + 16 * i)) : 0;
                cpu.vec[4 * i + 3] = load ? cpu.mem.load64(at(cpu, la, avxOffset + 16 * i + 8)) : 0;
            }
        }
    }

    private static int registers(Cpu cpu) {
        return cpu.code64() ? 16 : 8;
    }

    /**
     * @return XINUSE: the components that are not in their initial configuration, a subset of XCR0 | IA32_XSS (XGETBV
     *     with ECX=1)
     */
    public static long inUse(Cpu cpu) {
        long used = FpuState.initial(cpu) ? 0 : XsaveLayout.X87_BIT;
        int registers = cpu.code64() ? 16 : 8;
        for (int n = 0; n < registers; n++) {
            if ((cpu.vec[4 * n] | cpu.vec[4 * n + 1]) != 0) used |= XsaveLayout.SSE_BIT;
            if ((cpu.vec[4 * n + 2] | cpu.vec[4 * n + 3]) != 0) used |= XsaveLayout.AVX_BIT;
        }
        if (cpu.pkru != 0) used |= XsaveLayout.PKRU_BIT;
        if ((cpu.msrs.uCet | cpu.msrs.plSsp[3]) != 0) used |= XsaveLayout.CET_U_BIT;
        if ((cpu.msrs.plSsp[0] | cpu.msrs.plSsp[1] | cpu.msrs.plSsp[2]) != 0) used |= XsaveLayout.CET_S_BIT;
        return used & (cpu.xcr0 | cpu.msrs.xss);
    }
}
