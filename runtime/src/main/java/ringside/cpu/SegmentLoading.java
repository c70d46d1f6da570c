package ringside.cpu;

/**
 * Loads of segment registers with all checks of each mode: MOV and POP to DS, ES, FS, GS, SS, the far-pointer loads,
 * LLDT and LTR. Nothing changes before the last check has passed. Source: Intel SDM vol. 3, 5.6 to 5.7; vol. 2, MOV,
 * LLDT, LTR.
 */
public final class SegmentLoading {
    private SegmentLoading() {}

    /**
     * Loads DS, ES, FS, GS or SS (not CS) as MOV does.
     *
     * @param cpu the processor
     * @param register number of the segment register, 0 (ES) to 5 (GS)
     * @param selector index, table and requested privilege level
     */
    public static void load(Cpu cpu, int register, int selector) {
        selector &= 0xffff;
        if (!cpu.protectedMode()) {
            loadReal(cpu, cpu.seg[register], selector);
        } else if (register == Cpu.SS) {
            loadStack(cpu, selector);
        } else {
            loadData(cpu, cpu.seg[register], selector, Vector.GP);
        }
        cpu.updateMode();
    }

    /**
     * Reads the code or data segment that a selector names, in protected mode, without loading it.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     * @return null if its table has none there; may raise the fault of reading the table
     */
    public static Segment find(Cpu cpu, int selector) {
        long at = Descriptors.address(cpu, selector, 8);
        if (Descriptors.isNull(selector) || at == -1) return null;
        Segment s = new Segment();
        Descriptors.fill(s, selector, cpu.mem.systemLoad(at, 8));
        return s;
    }

    /** Real-address and virtual-8086 mode: the base is the selector times 16. */
    static void loadReal(Cpu cpu, Segment s, int selector) {
        s.selector = selector;
        s.base = (long) selector << 4;
        if (cpu.v86()) {
            s.limit = 0xffff;
            s.access = 0xf3;
        } else if (!s.usable) {
            s.limit = 0xffff;
            s.access = 0x93;
        } else {
            s.access |= Segment.PRESENT | Segment.CODE_OR_DATA;
        }
        s.usable = true;
    }

    static void makeNull(Segment s, int selector) {
        s.selector = selector;
        s.base = 0;
        s.limit = 0;
        s.access = 0;
        s.usable = false;
    }

    /** @param vector #GP, or #TS when the selector came from a TSS */
    static void loadData(Cpu cpu, Segment s, int selector, int vector) {
        if (Descriptors.isNull(selector)) {
            // AMD's processors used to keep base and limit
            if (cpu.model.amd() && !cpu.model.has(CpuModel.Feature.NSCB)) {
                s.selector = selector;
                s.access = 0;
                s.usable = false;
            } else {
                makeNull(s, selector);
            }
            return;
        }
        long d = Descriptors.read(cpu, selector, vector);
        boolean code = Descriptors.code(d);
        if (!Descriptors.codeOrData(d) || code && !Descriptors.readableOrWritable(d))
            throw cpu.fault(vector, selector & 0xfffc);
        if (!(code && Descriptors.conforming(d))) {
            int dpl = Descriptors.dpl(d);
            if ((selector & 3) > dpl || cpu.cpl > dpl) throw cpu.fault(vector, selector & 0xfffc);
        }
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        Descriptors.fill(s, selector, Descriptors.markAccessed(cpu, selector, d));
    }

    private static void loadStack(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) {
            if (!cpu.code64() || cpu.cpl == 3 || (selector & 3) != cpu.cpl) throw cpu.gp(0);
            nullStack(cpu, selector, cpu.cpl);
            return;
        }
        long d = stackDescriptor(cpu, selector, cpu.cpl, Vector.GP);
        Descriptors.fill(cpu.seg[Cpu.SS], selector, Descriptors.markAccessed(cpu, selector, d));
    }

    /** SS of 64-bit mode without a segment behind it. */
    static void nullStack(Cpu cpu, int selector, int cpl) {
        Segment ss = cpu.seg[Cpu.SS];
        makeNull(ss, selector);
        ss.access = cpl << 5;
    }

    /**
     * Reads and checks the descriptor of a stack segment for a privilege level.
     *
     * @param vector #GP, or #TS when the selector came from a TSS
     */
    static long stackDescriptor(Cpu cpu, int selector, int cpl, int vector) {
        long d = Descriptors.read(cpu, selector, vector);
        if ((selector & 3) != cpl
                || Descriptors.dpl(d) != cpl
                || !Descriptors.data(d)
                || !Descriptors.readableOrWritable(d)) {
            throw cpu.fault(vector, selector & 0xfffc);
        }
        if (!Descriptors.present(d)) throw cpu.fault(Vector.SS, selector & 0xfffc);
        return d;
    }

    /**
     * After a return to an outer level: data segments that the new level may not use become null, and so do those whose
     * selector is null already, whatever their hidden part still holds (as real mode left it). Base and limit stay: in
     * 64-bit mode FS and GS go on with their base.
     */
    static void dropPrivilegedData(Cpu cpu) {
        for (int r : new int[] {Cpu.ES, Cpu.FS, Cpu.GS, Cpu.DS}) {
            Segment s = cpu.seg[r];
            boolean conformingCode = s.code() && (s.access & Segment.CONFORMING) != 0;
            if (Descriptors.isNull(s.selector) || s.usable && !conformingCode && s.dpl() < cpu.cpl) {
                s.selector = 0;
                s.access = 0;
                s.usable = false;
            }
        }
    }

    /**
     * LLDT.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     */
    public static void loadLdt(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) {
            makeNull(cpu.ldtr, selector);
            return;
        }
        if ((selector & 4) != 0) throw cpu.gp(selector & 0xfffc);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        if (Descriptors.codeOrData(d) || Descriptors.type(d) != Descriptors.LDT) throw cpu.gp(selector & 0xfffc);
        long high = cpu.longMode() ? Descriptors.readHigh(cpu, selector, Vector.GP) : 0;
        if (!cpu.canonical(high | Descriptors.base(d))) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        Descriptors.fill(cpu.ldtr, selector, d);
        cpu.ldtr.base |= high;
    }

    /**
     * LTR: an available TSS becomes busy.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     */
    public static void loadTask(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) throw cpu.gp(0);
        if ((selector & 4) != 0) throw cpu.gp(selector & 0xfffc);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        int type = Descriptors.type(d);
        boolean available =
                type == Descriptors.TSS32_AVAILABLE || type == Descriptors.TSS16_AVAILABLE && !cpu.longMode();
        if (Descriptors.codeOrData(d) || !available) throw cpu.gp(selector & 0xfffc);
        long high = cpu.longMode() ? Descriptors.readHigh(cpu, selector, Vector.GP) : 0;
        if (!cpu.canonical(high | Descriptors.base(d))) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        Descriptors.setBusy(cpu, selector, true);
        Descriptors.fill(cpu.tr, selector, d | (long) Descriptors.BUSY << 40);
        cpu.tr.base |= high;
    }
}
