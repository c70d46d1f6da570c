package ringside.cpu;

import ringside.memory.GuestFault;

/**
 * Hardware task switches through TSS descriptors and task gates, with 16- and 32-bit TSSs. Faults found before the old
 * task is left are the old task's; later ones are delivered in the new task. Source: Intel SDM vol. 3, 7.3.
 */
final class TaskSwitch {
    private enum Cause {
        JUMP,
        CALL,
        RETURN,
        INTERRUPT
    }

    private static final int NO_ERROR = -1;
    private static final int[] SEGMENT_ORDER = {Cpu.ES, Cpu.CS, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS};

    private TaskSwitch() {}

    static void byJump(Cpu cpu, int selector) {
        long old = cpu.stackLinear();
        switchTo(
                cpu,
                selector,
                Cause.JUMP,
                NO_ERROR,
                cpu.rflags(),
                () -> cpu.shadow.switched(old, cpu.stackLinear(), false));
    }

    static void byCall(Cpu cpu, int selector) {
        long old = cpu.stackLinear();
        switchTo(
                cpu,
                selector,
                Cause.CALL,
                NO_ERROR,
                cpu.rflags(),
                () -> cpu.shadow.switched(old, cpu.stackLinear(), true));
    }

    /**
     * @param selector what the task gate of the IDT names
     * @param error error code for the new task's stack, or -1
     * @param flags to be saved in the old TSS
     * @param entered records the entry
     */
    static void byInterrupt(Cpu cpu, int selector, int error, long flags, Runnable entered) {
        checkAvailable(cpu, selector);
        switchTo(cpu, selector, Cause.INTERRUPT, error, flags, entered);
    }

    /** IRET with NT: back to the task whose selector the current TSS links to. */
    static void byReturn(Cpu cpu) {
        int selector = (int) cpu.mem.systemLoad(cpu.tr.base, 2);
        if ((selector & 4) != 0) throw cpu.fault(Vector.TS, selector & 0xfffc);
        long d = Descriptors.read(cpu, selector, Vector.TS);
        int type = Descriptors.type(d);
        boolean busy = type == Descriptors.TSS16_BUSY || type == Descriptors.TSS32_BUSY;
        if (Descriptors.codeOrData(d) || !busy) throw cpu.fault(Vector.TS, selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        long old = cpu.stackLinear();
        switchTo(
                cpu,
                selector,
                Cause.RETURN,
                NO_ERROR,
                cpu.rflags(),
                () -> cpu.returned(old, cpu.stackLinear(), cpu.cpl == 3));
    }

    /** @return the TSS selector in a task gate, checked to be an available task */
    static int gateTarget(Cpu cpu, long gate) {
        int selector = (int) (gate >> 16) & 0xffff;
        checkAvailable(cpu, selector);
        return selector;
    }

    private static void checkAvailable(Cpu cpu, int selector) {
        if ((selector & 4) != 0 || Descriptors.isNull(selector)) throw cpu.gp(selector & 0xfffc);
        long d = Descriptors.read(cpu, selector, Vector.GP);
        int type = Descriptors.type(d);
        boolean available = type == Descriptors.TSS16_AVAILABLE || type == Descriptors.TSS32_AVAILABLE;
        if (Descriptors.codeOrData(d) || !available) throw cpu.gp(selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
    }

    /** What a TSS holds, in either format. */
    private static final class Image {
        long cr3, eip, eflags;
        final long[] gpr = new long[8];
        final int[] selectors = new int[6];
        int ldt;
        boolean trap;
    }

    private static Image read(Cpu cpu, long base, boolean wide) {
        Image t = new Image();
        var mem = cpu.mem;
        if (wide) {
            t.cr3 = mem.systemLoad(base + 28, 4);
            t.eip = mem.systemLoad(base + 32, 4);
            t.eflags = mem.systemLoad(base + 36, 4);
            for (int i = 0; i < 8; i++) t.gpr[i] = mem.systemLoad(base + 40 + 4 * i, 4);
            for (int i = 0; i < 6; i++) t.selectors[i] = (int) mem.systemLoad(base + 72 + 4 * i, 2);
            t.ldt = (int) mem.systemLoad(base + 96, 2);
            t.trap = (mem.systemLoad(base + 100, 2) & 1) != 0;
        } else {
            t.eip = mem.systemLoad(base + 14, 2);
            t.eflags = mem.systemLoad(base + 16, 2);
            for (int i = 0; i < 8; i++) t.gpr[i] = mem.systemLoad(base + 18 + 2 * i, 2) | 0xffff_0000L;
            for (int i = 0; i < 4; i++) t.selectors[i] = (int) mem.systemLoad(base + 34 + 2 * i, 2);
            t.ldt = (int) mem.systemLoad(base + 42, 2);
        }
        return t;
    }

    private static void save(Cpu cpu, long base, boolean wide, long flags) {
        int size = wide ? 4 : 2;
        int at = wide ? 32 : 14;
        cpu.mem.systemStore(base + at, size, cpu.rip);
        cpu.mem.systemStore(base + at + size, size, flags);
        for (int i = 0; i < 8; i++) cpu.mem.systemStore(base + at + size * (2 + i), size, cpu.gpr[i]);
        for (int i = 0; i < (wide ? 6 : 4); i++)
            cpu.mem.systemStore(base + at + size * (10 + i), 2, cpu.seg[i].selector);
    }

    /** @param switched tells the shadow stack, once the new task's registers are there */
    private static void switchTo(Cpu cpu, int selector, Cause cause, int error, long flags, Runnable switched) {
        long d = Descriptors.read(cpu, selector, cause == Cause.RETURN ? Vector.TS : Vector.GP);
        boolean wide = (Descriptors.type(d) & 8) != 0;
        if (Descriptors.limit(d) < (wide ? 0x67 : 0x2b)) throw cpu.fault(Vector.TS, selector & 0xfffc);
        long base = Descriptors.base(d);
        Image t = read(cpu, base, wide);
        Segment tr = cpu.tr;
        boolean oldWide = (tr.access & 8) != 0;
        boolean nested = cause == Cause.CALL || cause == Cause.INTERRUPT;
        save(cpu, tr.base, oldWide, cause == Cause.RETURN ? flags & ~Flags.NT : flags);
        if (nested) cpu.mem.systemStore(base, 2, tr.selector);
        if (!nested) Descriptors.setBusy(cpu, tr.selector, false);
        if (cause != Cause.RETURN) Descriptors.setBusy(cpu, selector, true);

        Descriptors.fill(tr, selector, d | (long) Descriptors.BUSY << 40);
        cpu.cr0 |= Cpu.CR0_TS;
        DebugTraps.taskSwitched(cpu);
        try {
            enter(cpu, t, wide, nested, error);
        } catch (GuestFault f) {
            if (cause == Cause.INTERRUPT && cpu.faultVector >= Vector.TS && cpu.faultVector <= Vector.GP)
                cpu.faultError |= 1;
            cpu.updateMode();
            switched.run();
            Interrupts.deliverFault(cpu);
            cpu.attention = true;
            return;
        }
        cpu.updateMode();
        switched.run();
        cpu.attention = true;
        if (t.trap) {
            cpu.dr[6] |= DebugTraps.BT;
            Interrupts.deliverTrap(cpu);
        }
    }

    /** Loads the new task's registers; what faults here is found by the new task. */
    private static void enter(Cpu cpu, Image t, boolean wide, boolean nested, int error) {
        cpu.rip = t.eip;
        System.arraycopy(t.gpr, 0, cpu.gpr, 0, 8);
        for (int r : SEGMENT_ORDER) SegmentLoading.makeNull(cpu.seg[r], t.selectors[r]);
        SegmentLoading.makeNull(cpu.ldtr, t.ldt);
        long flags = t.eflags & 0x3f_7fd7 | 2 | (nested ? Flags.NT : 0);
        boolean v86 = wide && (flags & Flags.VM) != 0;
        cpu.cpl = v86 ? 3 : t.selectors[Cpu.CS] & 3;
        cpu.setRflags(flags);
        if (wide && (cpu.cr0 & Cpu.CR0_PG) != 0) ControlRegisters.taskCr3(cpu, t.cr3);
        loadLdt(cpu, t.ldt);
        if (v86) {
            for (int r : SEGMENT_ORDER) SegmentLoading.loadReal(cpu, cpu.seg[r], t.selectors[r]);
        } else {
            loadCode(cpu, t.selectors[Cpu.CS]);
            loadStack(cpu, t.selectors[Cpu.SS]);
            for (int r : new int[] {Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
                SegmentLoading.loadData(cpu, cpu.seg[r], t.selectors[r], Vector.TS);
            }
        }
        cpu.updateMode();
        if (t.eip > cpu.seg[Cpu.CS].limit) throw cpu.gp(0);
        if (error != NO_ERROR) {
            StackAccess stack = StackAccess.current(cpu);
            stack.push(wide ? 4 : 2, error);
            stack.commit();
        }
    }

    private static void loadLdt(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) return;
        if ((selector & 4) != 0) throw cpu.fault(Vector.TS, selector & 0xfffc);
        long d = Descriptors.read(cpu, selector, Vector.TS);
        boolean usable = !Descriptors.codeOrData(d) && Descriptors.type(d) == Descriptors.LDT && Descriptors.present(d);
        if (!usable) throw cpu.fault(Vector.TS, selector & 0xfffc);
        Descriptors.fill(cpu.ldtr, selector, d);
    }

    private static void loadCode(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) throw cpu.fault(Vector.TS, 0);
        long d = Descriptors.read(cpu, selector, Vector.TS);
        int rpl = selector & 3;
        boolean level = Descriptors.conforming(d) ? Descriptors.dpl(d) <= rpl : Descriptors.dpl(d) == rpl;
        if (!Descriptors.code(d) || !level) throw cpu.fault(Vector.TS, selector & 0xfffc);
        if (!Descriptors.present(d)) throw cpu.fault(Vector.NP, selector & 0xfffc);
        Descriptors.fill(cpu.seg[Cpu.CS], selector, Descriptors.markAccessed(cpu, selector, d));
    }

    private static void loadStack(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) throw cpu.fault(Vector.TS, 0);
        long d = SegmentLoading.stackDescriptor(cpu, selector, cpu.cpl, Vector.TS);
        Descriptors.fill(cpu.seg[Cpu.SS], selector, Descriptors.markAccessed(cpu, selector, d));
    }
}
