package ringside.cpu;

import ringside.cpu.CpuModel.Feature;
import ringside.memory.PhysicalMemory;

/**
 * Writes of CR0, CR3, CR4, CR8, EFER and XCR0 with all their checks and what follows from them. Source: Intel SDM vol.
 * 3, 2.5, 4.1, 9.8.
 */
public final class ControlRegisters {
    private static final long CR0_KNOWN = Cpu.CR0_PE
            | Cpu.CR0_MP
            | Cpu.CR0_EM
            | Cpu.CR0_TS
            | Cpu.CR0_NE
            | Cpu.CR0_WP
            | Cpu.CR0_AM
            | Cpu.CR0_NW
            | Cpu.CR0_CD
            | Cpu.CR0_PG & 0xffff_ffffL;
    private static final long CR0_FLUSHES = Cpu.CR0_PE | Cpu.CR0_WP | Cpu.CR0_PG & 0xffff_ffffL;
    private static final long CR4_FLUSHES = Cpu.CR4_PSE
            | Cpu.CR4_PAE
            | Cpu.CR4_PGE
            | Cpu.CR4_SMEP
            | Cpu.CR4_SMAP
            | Cpu.CR4_PCIDE
            | Cpu.CR4_LA57
            | Cpu.CR4_PKE
            | Cpu.CR4_PKS;
    private static final long NO_FLUSH = 1L << 63;
    /** AMD's in EFER. */
    private static final long AUTOMATIC_IBRS = 1 << 21;

    private static final long PDPTE_RESERVED = 0x1e6L | ~PhysicalMemory.ADDRESS_MASK;

    private ControlRegisters() {}

    /**
     * {@return the value that MOV from a control register reads}
     *
     * @param cpu the processor
     * @param n number of the register
     */
    public static long read(Cpu cpu, int n) {
        if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        return switch (n) {
            case 0 -> cpu.cr0;
            case 2 -> cpu.cr2;
            case 3 -> cpu.cr3;
            case 4 -> cpu.cr4;
            default -> cpu.bus.taskPriority();
        };
    }

    /**
     * Writes a control register as MOV does, with its faults and flushes.
     *
     * @param cpu the processor
     * @param n number of the register
     * @param v the value
     */
    public static void write(Cpu cpu, int n, long v) {
        if (n != 0 && n != 2 && n != 3 && n != 4 && n != 8) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        switch (n) {
            case 0 -> writeCr0(cpu, v);
            case 2 -> cpu.cr2 = v;
            case 3 -> writeCr3(cpu, v);
            case 4 -> writeCr4(cpu, v);
            default -> {
                if (v >>> 4 != 0) throw cpu.gp(0);
                int old = cpu.bus.taskPriority();
                cpu.bus.setTaskPriority((int) v);
                cpu.observers.control(8, old);
            }
        }
        cpu.attention = true;
    }

    private static boolean set(long v, int bit) {
        return (v & bit & 0xffff_ffffL) != 0;
    }

    /**
     * Writes CR0, with its faults and what follows from a change of mode.
     *
     * @param cpu the processor
     * @param v the value
     */
    public static void writeCr0(Cpu cpu, long v) {
        if (v >>> 32 != 0 || set(v, Cpu.CR0_PG) && !set(v, Cpu.CR0_PE) || set(v, Cpu.CR0_NW) && !set(v, Cpu.CR0_CD))
            throw cpu.gp(0);
        if (!set(v, Cpu.CR0_WP) && (cpu.cr4 & Cpu.CR4_CET) != 0) throw cpu.gp(0);
        v = v & CR0_KNOWN | Cpu.CR0_ET;
        long changed = cpu.cr0 ^ v;
        boolean paging = set(v, Cpu.CR0_PG);
        boolean lme = (cpu.efer & Cpu.EFER_LME) != 0;
        if (set(changed, Cpu.CR0_PG)) {
            if (paging
                    && lme
                    && ((cpu.cr4 & Cpu.CR4_PAE) == 0
                            || cpu.seg[Cpu.CS].isLong()
                            || cpu.tr.usable && (cpu.tr.access & 8) == 0)) throw cpu.gp(0);
            if (!paging && (cpu.code64() || (cpu.cr4 & Cpu.CR4_PCIDE) != 0)) throw cpu.gp(0);
        }
        boolean loads = paging
                && !lme
                && (cpu.cr4 & Cpu.CR4_PAE) != 0
                && (set(changed, Cpu.CR0_PG) || set(changed, Cpu.CR0_CD) || set(changed, Cpu.CR0_NW));
        if (loads) loadPdptes(cpu, cpu.cr3);
        long old = cpu.cr0;
        cpu.cr0 = v;
        cpu.efer = lme && paging ? cpu.efer | Cpu.EFER_LMA : cpu.efer & ~Cpu.EFER_LMA;
        if ((changed & CR0_FLUSHES) != 0) cpu.mem.flushAll();
        cpu.updateMode();
        cpu.observers.control(0, old);
    }

    private static void writeCr3(Cpu cpu, long v) {
        boolean keep = false;
        if (cpu.longMode()) {
            if ((cpu.cr4 & Cpu.CR4_PCIDE) != 0) {
                keep = (v & NO_FLUSH) != 0;
                v &= ~NO_FLUSH;
            }
            if ((v & ~PhysicalMemory.ADDRESS_MASK) != 0) throw cpu.gp(0);
        } else {
            v &= 0xffff_ffffL;
            if ((cpu.cr4 & Cpu.CR4_PAE) != 0 && set(cpu.cr0, Cpu.CR0_PG)) loadPdptes(cpu, v);
        }
        long old = cpu.cr3;
        cpu.cr3 = v;
        cpu.mem.addressSpaceChanged(keep);
        cpu.observers.control(3, old);
    }

    /** CR3 of a 32-bit TSS. */
    static void taskCr3(Cpu cpu, long v) {
        writeCr3(cpu, v);
    }

    private static void writeCr4(Cpu cpu, long v) {
        if ((v & ~allowedCr4(cpu.model)) != 0) throw cpu.gp(0);
        long changed = cpu.cr4 ^ v;
        if (cpu.longMode() && (changed & (Cpu.CR4_PAE | Cpu.CR4_LA57)) != 0) throw cpu.gp(0);
        if ((changed & v & Cpu.CR4_PCIDE) != 0 && (!cpu.longMode() || (cpu.cr3 & 0xfff) != 0)) throw cpu.gp(0);
        if ((v & Cpu.CR4_CET) != 0 && !set(cpu.cr0, Cpu.CR0_WP)) throw cpu.gp(0);
        boolean loads = set(cpu.cr0, Cpu.CR0_PG)
                && !cpu.longMode()
                && (v & Cpu.CR4_PAE) != 0
                && (changed & (Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_PSE | Cpu.CR4_SMEP)) != 0;
        if (loads) loadPdptes(cpu, cpu.cr3);
        long old = cpu.cr4;
        cpu.cr4 = v;
        if ((changed & CR4_FLUSHES) != 0) cpu.mem.flushAll();
        cpu.updateMode();
        cpu.observers.control(4, old);
    }

    private static long allowedCr4(CpuModel m) {
        return Cpu.CR4_VME
                | Cpu.CR4_PVI
                | Cpu.CR4_TSD
                | Cpu.CR4_DE
                | Cpu.CR4_PSE
                | Cpu.CR4_PAE
                | Cpu.CR4_MCE
                | Cpu.CR4_PGE
                | Cpu.CR4_PCE
                | Cpu.CR4_OSFXSR
                | Cpu.CR4_OSXMMEXCPT
                | (m.has(Feature.UMIP) ? Cpu.CR4_UMIP : 0)
                | (m.has(Feature.LA57) ? Cpu.CR4_LA57 : 0)
                | (m.has(Feature.FSGSBASE) ? Cpu.CR4_FSGSBASE : 0)
                | (m.has(Feature.PCID) ? Cpu.CR4_PCIDE : 0)
                | (m.has(Feature.XSAVE) ? Cpu.CR4_OSXSAVE : 0)
                | (m.has(Feature.SMEP) ? Cpu.CR4_SMEP : 0)
                | (m.has(Feature.SMAP) ? Cpu.CR4_SMAP : 0)
                | (m.has(Feature.PKU) ? Cpu.CR4_PKE : 0)
                | (m.has(Feature.PKS) ? Cpu.CR4_PKS : 0)
                | (m.has(Feature.SHSTK) || m.has(Feature.IBT) ? Cpu.CR4_CET : 0);
    }

    private static void loadPdptes(Cpu cpu, long cr3) {
        long[] e = new long[4];
        for (int i = 0; i < 4; i++) {
            e[i] = cpu.physical.read((cr3 & 0xffff_ffe0L) + 8 * i, 8);
            if ((e[i] & 1) != 0 && (e[i] & PDPTE_RESERVED) != 0) throw cpu.gp(0);
        }
        System.arraycopy(e, 0, cpu.pdpte, 0, 4);
    }

    static void writeEfer(Cpu cpu, long v) {
        v &= ~(long) Cpu.EFER_LMA;
        long automaticIbrs = cpu.model.amd() && cpu.model.has(Feature.IBRS_ALL) ? AUTOMATIC_IBRS : 0;
        if ((v & ~(Cpu.EFER_SCE | Cpu.EFER_LME | Cpu.EFER_NXE | automaticIbrs)) != 0) throw cpu.gp(0);
        if (((v ^ cpu.efer) & Cpu.EFER_LME) != 0 && set(cpu.cr0, Cpu.CR0_PG)) throw cpu.gp(0);
        cpu.efer = v | cpu.efer & Cpu.EFER_LMA;
        cpu.mem.flushAll();
        cpu.updateMode();
    }

    /**
     * LMSW: PE can be set but not cleared.
     *
     * @param cpu the processor
     * @param v the operand
     */
    public static void loadMachineStatus(Cpu cpu, long v) {
        if (cpu.cpl != 0) throw cpu.gp(0);
        writeCr0(cpu, cpu.cr0 & ~0xeL | v & 0xf | cpu.cr0 & 1);
    }
}
