package ringside.cpu;

/** IRET in all its cases. Unblocks NMI even if it faults. Source: Intel SDM vol. 2, IRET/IRETD/IRETQ; vol. 3, 6.7.1. */
public final class InterruptReturn {
    private static final long ALWAYS = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT;
    private static final long WIDE = Flags.RF | Flags.AC | Flags.ID;

    private InterruptReturn() {}

    /**
     * IRET in every mode.
     *
     * @param cpu the processor
     * @param size operand size in bytes
     */
    public static void iret(Cpu cpu, int size) {
        cpu.nmiBlocked = false;
        if (cpu.nmiPending) cpu.attention = true;
        long old = cpu.stackLinear();
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) {
            fromReal(cpu, size);
        } else if (cpu.v86()) {
            fromVirtual(cpu, size);
        } else if ((cpu.systemFlags & Flags.NT) != 0) {
            if (cpu.longMode()) throw cpu.gp(0);
            TaskSwitch.byReturn(cpu);
            return;
        } else {
            fromProtected(cpu, size);
        }
        cpu.returned(old, cpu.stackLinear(), cpu.cpl == 3);
    }

    private static void fromReal(Cpu cpu, int size) {
        StackAccess stack = StackAccess.current(cpu);
        long ip = stack.pop(size);
        int cs = (int) stack.pop(size) & 0xffff;
        long flags = stack.pop(size);
        if (ip > FarTransfer.realLimit(cpu)) throw cpu.gp(0);
        stack.commit();
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.CS], cs);
        cpu.rip = ip;
        setFlags(cpu, flags, ALWAYS | Flags.IF | Flags.IOPL | (size == 2 ? 0 : WIDE));
        cpu.updateMode();
    }

    private static void fromVirtual(Cpu cpu, int size) {
        boolean virtualIf = cpu.iopl() < 3;
        if (virtualIf && ((cpu.cr4 & Cpu.CR4_VME) == 0 || size != 2)) throw cpu.gp(0);
        StackAccess stack = StackAccess.current(cpu);
        long ip = stack.pop(size);
        int cs = (int) stack.pop(size) & 0xffff;
        long flags = stack.pop(size);
        if (ip > 0xffff) throw cpu.gp(0);
        if (virtualIf && ((flags & Flags.TF) != 0 || (flags & Flags.IF) != 0 && (cpu.systemFlags & Flags.VIP) != 0))
            throw cpu.gp(0);
        stack.commit();
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.CS], cs);
        cpu.rip = ip;
        if (virtualIf) {
            long vif = (flags & Flags.IF) != 0 ? Flags.VIF : 0;
            setFlags(cpu, flags & ~Flags.VIF | vif, ALWAYS | Flags.VIF);
        } else {
            setFlags(cpu, flags, ALWAYS | Flags.IF | (size == 2 ? 0 : WIDE));
        }
        cpu.updateMode();
    }

    private static void fromProtected(Cpu cpu, int size) {
        StackAccess stack = StackAccess.current(cpu);
        long ip = stack.pop(size);
        int cs = (int) stack.pop(size) & 0xffff;
        long flags = stack.pop(size);
        if (size == 4 && (flags & Flags.VM) != 0 && cpu.cpl == 0 && !cpu.longMode()) {
            toVirtual(cpu, stack, ip, cs, flags);
            return;
        }
        long allowed = ALWAYS | (size == 2 ? 0 : WIDE);
        if (cpu.cpl == 0) allowed |= Flags.IOPL | (size == 2 ? 0 : Flags.VIF | Flags.VIP);
        if (cpu.cpl <= cpu.iopl()) allowed |= Flags.IF;
        long code = FarTransfer.returnCode(cpu, cs);
        boolean outer = (cs & 3) > cpu.cpl;
        if (outer || cpu.code64()) {
            long sp = stack.pop(size);
            int ss = (int) stack.pop(size) & 0xffff;
            Cet.Transfer cet = outer
                    ? Cet.returnOuter(cpu, cs & 3, cs, linear(cpu, code, ip))
                    : Cet.returnSame(cpu, cs, linear(cpu, code, ip));
            FarTransfer.returnOuter(cpu, cs, code, ip, ss, sp);
            cet.commit(cpu);
            setFlags(cpu, flags, allowed);
            if (outer) SegmentLoading.dropPrivilegedData(cpu);
        } else {
            FarTransfer.checkOffset(cpu, code, ip);
            code = Descriptors.markAccessed(cpu, cs, code);
            Cet.returnSame(cpu, cs, linear(cpu, code, ip)).commit(cpu);
            stack.commit();
            Descriptors.fill(cpu.seg[Cpu.CS], cs, code);
            cpu.rip = ip;
            setFlags(cpu, flags, allowed);
        }
        cpu.updateMode();
    }

    /** @return linear address of {@code ip} in a code segment */
    static long linear(Cpu cpu, long code, long ip) {
        return cpu.longMode() && Descriptors.isLong(code) ? ip : Descriptors.base(code) + ip & 0xffff_ffffL;
    }

    private static void toVirtual(Cpu cpu, StackAccess stack, long ip, int cs, long flags) {
        long sp = stack.pop(4);
        int ss = (int) stack.pop(4) & 0xffff;
        int[] data = new int[4];
        for (int i = 0; i < 4; i++) data[i] = (int) stack.pop(4) & 0xffff;
        if (ip > 0xffff) throw cpu.gp(0);
        cpu.cpl = 3;
        setFlags(cpu, flags, ALWAYS | WIDE | Flags.IF | Flags.IOPL | Flags.VM | Flags.VIF | Flags.VIP);
        int[] registers = {Cpu.ES, Cpu.DS, Cpu.FS, Cpu.GS};
        for (int i = 0; i < 4; i++) SegmentLoading.loadReal(cpu, cpu.seg[registers[i]], data[i]);
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.SS], ss);
        SegmentLoading.loadReal(cpu, cpu.seg[Cpu.CS], cs);
        cpu.gpr[Cpu.RSP] = sp;
        cpu.rip = ip;
        cpu.updateMode();
    }

    /** Replaces the flags in {@code mask}; the others stay. */
    private static void setFlags(Cpu cpu, long flags, long mask) {
        cpu.setRflags(cpu.rflags() & ~mask | flags & mask);
    }
}
