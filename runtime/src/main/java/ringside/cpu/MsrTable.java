package ringside.cpu;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import ringside.cpu.CpuModel.Feature;

/**
 * The model-specific registers: number, what a read gives, which writes are allowed. One that is not here raises
 * #GP(0). The local APIC's are asked for on the bus first. Source: Intel SDM vol. 4, chapter 2.
 */
public final class MsrTable {
    private interface Read {
        long get(Cpu cpu);
    }

    private interface Write {
        void set(Cpu cpu, long v);
    }

    private record Entry(Read read, Write write) {}

    private static final int APIC_BASE = 0x1b,
            TSC_DEADLINE = 0x6e0,
            PAT = 0x277,
            XSS = 0xda0,
            PKRS = 0x6e1,
            TSC_AUX = 0xc000_0103,
            X2APIC_TIMER = 0x832,
            SPEC_CTRL = 0x48,
            PRED_CMD = 0x49,
            MTRR_PHYS = 0x200,
            MTRR_DEF_TYPE = 0x2ff;
    /** AMD's hardware configuration; the TSC counts at the rate of performance state 0. */
    private static final int HWCR = 0xc001_0015, TSC_OF_P0 = 1 << 24;

    private static final long X2APIC_ENABLE = 1 << 10, DEADLINE_MODE = 1 << 18;
    private static final long PHYSICAL = (1L << 46) - 1;
    /**
     * RDCL_NO, SKIP_L1DFL, SSB_NO, MDS_NO, PSCHANGE_MC_NO, TAA_NO, SBDR_SSDP_NO, FBSDP_NO, PSDP_NO, BHI_NO, PBRSB_NO,
     * GDS_NO, RFDS_NO, ITS_NO.
     */
    private static final long NOT_VULNERABLE = 0x179L | 0xe000L | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27 | 1L << 62;

    private static final long IBRS_ALL = 2, IBRS = 1, STIBP = 2, SSBD = 4, BHI_DIS_S = 1 << 10, IBPB = 1;
    /**
     * Stored without effect: thermal, power, debug and error-reporting registers that kernels touch on any processor of
     * this family.
     */
    private static final int[] PLAIN = {
        0x79, 0x140, 0x17a, 0x199, 0x19a, 0x19b, 0x1b0, 0x1b1, 0x1b2, 0x1d9, 0x1fc, 0x1f2, 0x1f3
    };

    /** What only Intel's processors have. */
    private static final Set<Integer> INTEL = Set.of(
            0x17, 0x34, 0x3a, 0x3b, 0x79, 0xce, 0x10a, 0x140, 0x198, 0x199, 0x19a, 0x19b, 0x19c, 0x1a0, 0x1ad, 0x1b0,
            0x1b1, 0x1b2, 0x1f2, 0x1f3, 0x1fc, 0x606, 0x611, 0x619, 0x639, 0x641);
    /**
     * Stored without effect on AMD's: SYSCFG, NB_CFG1, patch loader, OSVW, configuration of cores. LFENCE is ordered
     * anyhow.
     */
    private static final int[] AMD_PLAIN = {
        0xc001_0010,
        0xc001_001f,
        0xc001_0020,
        0xc001_0055,
        0xc001_0140,
        0xc001_0141,
        0xc001_1020,
        0xc001_1021,
        0xc001_1022,
        0xc001_1023,
        0xc001_1029,
        0xc001_102a,
        0xc001_102b,
        0xc001_102c
    };

    private static final int[] ZERO = {
        0x17, 0x34, 0x179, 0x198, 0x19c, 0x1ad, 0x1db, 0x1dc, 0x1dd, 0x1de, 0x606, 0x611, 0x639, 0x641, 0x619
    };
    private static final int[] MTRR_FIXED = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f
    };
    private static final Map<Integer, Entry> TABLE = table();

    private MsrTable() {}

    private static Map<Integer, Entry> table() {
        Map<Integer, Entry> t = new HashMap<>();
        Write none = (c, v) -> {
            throw c.gp(0);
        };
        t.put(0x10, new Entry(MsrTable::tsc, (c, v) -> adjust(c, v - tsc(c))));
        t.put(0x3a, new Entry(c -> 1, none));
        t.put(0x3b, new Entry(c -> c.msrs.tscAdjust, (c, v) -> adjust(c, v - c.msrs.tscAdjust)));
        t.put(0x8b, new Entry(c -> 1L << 32, (c, v) -> {}));
        t.put(0xce, new Entry(c -> 10 << 8, none));
        t.put(0xfe, new Entry(c -> 0x508, none));
        t.put(0x10a, new Entry(c -> NOT_VULNERABLE | (c.model.has(Feature.IBRS_ALL) ? IBRS_ALL : 0), none));
        t.put(
                SPEC_CTRL,
                new Entry(
                        c -> c.msrs.specCtrl, (c, v) -> c.msrs.specCtrl = masked(c, v, speculationControls(c.model))));
        t.put(
                PRED_CMD,
                new Entry(
                        c -> {
                            throw c.gp(0);
                        },
                        (c, v) -> masked(c, v, IBPB)));
        t.put(0x174, new Entry(c -> c.msrs.sysenterCs, (c, v) -> c.msrs.sysenterCs = v & 0xffff_ffffL));
        t.put(0x175, new Entry(c -> c.msrs.sysenterEsp, (c, v) -> c.msrs.sysenterEsp = canonical(c, v)));
        t.put(0x176, new Entry(c -> c.msrs.sysenterEip, (c, v) -> c.msrs.sysenterEip = canonical(c, v)));
        t.put(0x1a0, new Entry(c -> c.msrs.miscEnable, (c, v) -> c.msrs.miscEnable = v));
        t.put(PAT, new Entry(c -> c.msrs.pat, (c, v) -> c.msrs.pat = patTypes(c, v)));
        t.put(
                MTRR_DEF_TYPE,
                new Entry(
                        c -> c.msrs.mtrrDefType,
                        (c, v) -> c.msrs.mtrrDefType = memoryTypes(c, masked(c, v, 0xcff), 1)));
        for (int i = 0; i < 16; i++) {
            int slot = i;
            t.put(
                    MTRR_PHYS + i,
                    new Entry(
                            c -> c.msrs.mtrrPhys[slot],
                            (c, v) -> c.msrs.mtrrPhys[slot] = (slot & 1) == 0
                                    ? memoryTypes(c, masked(c, v, PHYSICAL & ~0xf00L), 1)
                                    : masked(c, v, PHYSICAL & ~0x7ffL)));
        }
        for (int i = 0; i < MTRR_FIXED.length; i++) {
            int slot = i;
            t.put(
                    MTRR_FIXED[i],
                    new Entry(c -> c.msrs.mtrrFixed[slot], (c, v) -> c.msrs.mtrrFixed[slot] = memoryTypes(c, v, 8)));
        }
        for (int i = 0; i < PLAIN.length; i++) {
            int slot = i;
            t.put(PLAIN[i], new Entry(c -> c.msrs.plain[slot], (c, v) -> c.msrs.plain[slot] = v));
        }
        for (int i = 0; i < AMD_PLAIN.length; i++) {
            int slot = PLAIN.length + i;
            t.put(AMD_PLAIN[i], new Entry(c -> c.msrs.plain[slot], (c, v) -> c.msrs.plain[slot] = v));
        }
        int hwcr = PLAIN.length + AMD_PLAIN.length;
        t.put(HWCR, new Entry(c -> c.msrs.plain[hwcr] | TSC_OF_P0, (c, v) -> c.msrs.plain[hwcr] = v));
        for (int n : ZERO) t.put(n, new Entry(c -> 0, none));
        t.put(
                XSS,
                new Entry(
                        c -> c.msrs.xss,
                        (c, v) -> c.msrs.xss = masked(c, v, XsaveLayout.supervisorComponents(c.model))));
        t.put(
                PKRS,
                new Entry(
                        c -> c.pkrs & 0xffff_ffffL,
                        (c, v) -> c.setProtectionKeys(c.pkru, (int) masked(c, v, 0xffff_ffffL))));
        t.put(0x6a0, new Entry(c -> controlled(c).uCet, (c, v) -> controlled(c).uCet = control(c, v)));
        t.put(0x6a2, new Entry(c -> controlled(c).sCet, (c, v) -> {
            controlled(c).sCet = control(c, v);
            c.updateMode();
        }));
        for (int i = 0; i < 4; i++) {
            int level = i;
            t.put(
                    0x6a4 + i,
                    new Entry(
                            c -> shadowed(c).plSsp[level],
                            (c, v) -> shadowed(c).plSsp[level] = masked(c, canonical(c, v), ~3L)));
        }
        t.put(
                0x6a8,
                new Entry(
                        c -> shadowed(c).interruptSspTable, (c, v) -> shadowed(c).interruptSspTable = canonical(c, v)));
        t.put(0xc000_0080, new Entry(c -> c.efer, ControlRegisters::writeEfer));
        t.put(0xc000_0081, new Entry(c -> c.msrs.star, (c, v) -> c.msrs.star = v));
        t.put(0xc000_0082, new Entry(c -> c.msrs.lstar, (c, v) -> c.msrs.lstar = canonical(c, v)));
        t.put(0xc000_0083, new Entry(c -> c.msrs.cstar, (c, v) -> c.msrs.cstar = canonical(c, v)));
        t.put(0xc000_0084, new Entry(c -> c.msrs.fmask, (c, v) -> c.msrs.fmask = masked(c, v, 0xffff_ffffL)));
        t.put(0xc000_0100, new Entry(c -> c.seg[Cpu.FS].base, (c, v) -> c.seg[Cpu.FS].base = canonical(c, v)));
        t.put(0xc000_0101, new Entry(c -> c.seg[Cpu.GS].base, (c, v) -> c.seg[Cpu.GS].base = canonical(c, v)));
        t.put(0xc000_0102, new Entry(c -> c.msrs.kernelGsBase, (c, v) -> c.msrs.kernelGsBase = canonical(c, v)));
        t.put(TSC_AUX, new Entry(c -> c.msrs.tscAux, (c, v) -> c.msrs.tscAux = masked(c, v, 0xffff_ffffL)));
        return Map.copyOf(t);
    }

    /** @return the registers, if the processor has shadow stacks */
    private static Msrs shadowed(Cpu cpu) {
        if (!cpu.model.has(Feature.SHSTK)) throw cpu.gp(0);
        return cpu.msrs;
    }

    /** @return the registers, if the processor has shadow stacks or tracks indirect branches */
    private static Msrs controlled(Cpu cpu) {
        if (!cpu.model.has(Feature.SHSTK) && !cpu.model.has(Feature.IBT)) throw cpu.gp(0);
        return cpu.msrs;
    }

    /** @return the bits of IA32_SPEC_CTRL that the processor has; nothing is speculated here, so they are only kept */
    private static long speculationControls(CpuModel m) {
        return IBRS
                | (m.amd() ? SSBD : 0)
                | (m.has(Feature.STIBP) ? STIBP : 0)
                | (m.has(Feature.BHI_CTRL) ? BHI_DIS_S : 0);
    }

    private static long control(Cpu cpu, long v) {
        if (!Cet.validControl(cpu, v)) throw cpu.gp(0);
        return v;
    }

    private static long canonical(Cpu cpu, long v) {
        if (!cpu.canonical(v)) throw cpu.gp(0);
        return v;
    }

    private static long masked(Cpu cpu, long v, long allowed) {
        if ((v & ~allowed) != 0) throw cpu.gp(0);
        return v;
    }

    /** @param bytes how many of the low bytes are memory types: UC, WC, WT, WP, WB (SDM vol. 3, 11.11) */
    private static long memoryTypes(Cpu cpu, long v, int bytes) {
        for (int i = 0; i < bytes; i++) {
            int type = (int) (v >> 8 * i) & 0xff;
            if (type > 6 || type == 2 || type == 3) throw cpu.gp(0);
        }
        return v;
    }

    private static long patTypes(Cpu cpu, long v) {
        for (int i = 0; i < 64; i += 8) {
            int type = (int) (v >> i) & 0xff;
            if (type > 7 || type == 2 || type == 3) throw cpu.gp(0);
        }
        return v;
    }

    private static void adjust(Cpu cpu, long delta) {
        cpu.msrs.tscOffset += delta;
        cpu.msrs.tscAdjust += delta;
        cpu.bus.timestampMoved();
    }

    /** @return whether the processor has the feature that a register belongs to */
    private static boolean offered(CpuModel m, int msr) {
        if (m.amd() ? INTEL.contains(msr) : msr >>> 16 == 0xc001) return false;
        return switch (msr) {
            case TSC_DEADLINE -> m.has(Feature.TSC_DEADLINE);
            case SPEC_CTRL, PRED_CMD -> m.has(Feature.SPEC_CTRL);
            case XSS -> m.has(Feature.XSAVES);
            case PKRS -> m.has(Feature.PKS);
            case TSC_AUX -> m.has(Feature.RDTSCP) || m.has(Feature.RDPID);
            default -> true;
        };
    }

    /** @return bits of a register that are reserved because the processor does not have their feature */
    private static long withoutFeature(CpuModel m, int msr) {
        if (msr == APIC_BASE && !m.has(Feature.X2APIC)) return X2APIC_ENABLE;
        if (msr == X2APIC_TIMER && !m.has(Feature.TSC_DEADLINE)) return DEADLINE_MODE;
        return 0;
    }

    /**
     * {@return the time-stamp counter}
     *
     * @param cpu the processor
     */
    public static long tsc(Cpu cpu) {
        return cpu.bus.timestamp() + cpu.msrs.tscOffset;
    }

    /**
     * {@return what RDMSR reads; #GP if there is no such register}
     *
     * @param cpu the processor
     * @param msr number of the register
     */
    public static long read(Cpu cpu, int msr) {
        if (!offered(cpu.model, msr)) throw cpu.gp(0);
        long[] v = new long[1];
        if (cpu.bus.readApicMsr(msr, v)) return cpu.observers.msr(msr, v[0], false);
        Entry e = TABLE.get(msr);
        if (e == null) throw cpu.gp(0);
        return cpu.observers.msr(msr, e.read.get(cpu), false);
    }

    /**
     * Writes a register as WRMSR does; #GP if there is none or the value is not allowed.
     *
     * @param cpu the processor
     * @param msr number of the register
     * @param v the value
     */
    public static void write(Cpu cpu, int msr, long v) {
        if (!offered(cpu.model, msr) || (v & withoutFeature(cpu.model, msr)) != 0) throw cpu.gp(0);
        if (!cpu.bus.writeApicMsr(msr, v)) {
            Entry e = TABLE.get(msr);
            if (e == null) throw cpu.gp(0);
            e.write.set(cpu, v);
        }
        cpu.observers.msr(msr, v, true);
    }
}
