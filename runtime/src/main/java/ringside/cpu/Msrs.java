package ringside.cpu;

import ringside.state.StateVisitor;

/**
 * Storage of the model-specific registers that have state of their own; access rules are in the MSR table (class
 * MsrTable).
 */
public final class Msrs {
    /** IA32_STAR, IA32_LSTAR, IA32_CSTAR, IA32_FMASK, IA32_KERNEL_GS_BASE and IA32_TSC_AUX. */
    public long star, lstar, cstar, fmask, kernelGsBase, tscAux;
    /** IA32_SYSENTER_CS, IA32_SYSENTER_ESP and IA32_SYSENTER_EIP. */
    public long sysenterCs, sysenterEsp, sysenterEip;
    /** IA32_PAT, as after reset. */
    public long pat = 0x0007040600070406L;
    /** IA32_MISC_ENABLE: fast strings; no branch trace store, no PEBS. */
    public long miscEnable = 1 | 1 << 11 | 1 << 12;
    /** IA32_TSC_ADJUST. */
    public long tscAdjust;
    /** Value of the TSC when the virtual clock reads 0, changed by writes of IA32_TSC. */
    public long tscOffset;

    /** IA32_MTRR_DEF_TYPE. */
    public long mtrrDefType;
    /** The fixed-range MTRRs, in order of address. */
    public final long[] mtrrFixed = new long[11];
    /** Base and mask of the variable-range MTRRs, in turn. */
    public final long[] mtrrPhys = new long[16];
    /** IA32_SPEC_CTRL. */
    public long specCtrl;
    /** IA32_DEBUGCTL. */
    public long debugCtl;
    /** IA32_XSS: the supervisor state components that XSAVES manages. */
    public long xss;
    /**
     * CET: control of user and supervisor mode, shadow stack pointers of the levels, table of those of the interrupt
     * stacks.
     */
    public long uCet, sCet, interruptSspTable;

    /** IA32_PL0_SSP to IA32_PL3_SSP, linear. */
    public final long[] plSsp = new long[4];
    /** Registers that are stored and have no effect, by slot of MsrTable. */
    public final long[] plain = new long[64];

    /** The registers as they are after power-on. */
    public Msrs() {}

    /**
     * Visits all registers.
     *
     * @param v the visitor
     */
    public void visit(StateVisitor v) {
        v.enter("msr");
        star = v.i64("star", star);
        lstar = v.i64("lstar", lstar);
        cstar = v.i64("cstar", cstar);
        fmask = v.i64("fmask", fmask);
        kernelGsBase = v.i64("kernelGsBase", kernelGsBase);
        tscAux = v.i64("tscAux", tscAux);
        sysenterCs = v.i64("sysenterCs", sysenterCs);
        sysenterEsp = v.i64("sysenterEsp", sysenterEsp);
        sysenterEip = v.i64("sysenterEip", sysenterEip);
        pat = v.i64("pat", pat);
        miscEnable = v.i64("miscEnable", miscEnable);
        tscAdjust = v.i64("tscAdjust", tscAdjust);
        tscOffset = v.i64("tscOffset", tscOffset);
        mtrrDefType = v.i64("mtrrDefType", mtrrDefType);
        v.longs("mtrrFixed", mtrrFixed);
        v.longs("mtrrPhys", mtrrPhys);
        specCtrl = v.i64("specCtrl", specCtrl);
        debugCtl = v.i64("debugCtl", debugCtl);
        xss = v.i64("xss", xss);
        uCet = v.i64("uCet", uCet);
        sCet = v.i64("sCet", sCet);
        interruptSspTable = v.i64("interruptSspTable", interruptSspTable);
        v.longs("plSsp", plSsp);
        v.longs("plain", plain);
        v.leave();
    }
}
