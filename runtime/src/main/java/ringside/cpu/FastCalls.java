package ringside.cpu;

import ringside.shadow.ShadowEntry;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT and SWAPGS. Source: Intel SDM vol. 2; vol. 3, 5.8.7 and 5.8.8. On AMD's processors
 * SYSCALL and SYSRET are there outside 64-bit mode, SYSENTER and SYSEXIT are not there in long mode, and SYSRET neither
 * looks at its target nor loads more of SS than the selector: AMD64 APM vol. 3.
 */
public final class FastCalls {
    private static final int CODE64 = 0xa09b, CODE32 = 0xc09b, DATA32 = 0xc093;
    private static final int USER = 3 << 5;

    private FastCalls() {}

    /**
     * SYSCALL.
     *
     * @param cpu the processor
     */
    public static void syscall(Cpu cpu) {
        if ((cpu.efer & Cpu.EFER_SCE) == 0 || !cpu.code64() && !cpu.model.amd()) throw cpu.ud();
        if (!cpu.longMode()) {
            legacySyscall(cpu);
            return;
        }
        Cet.fastEntry(cpu);
        cpu.entered(ShadowEntry.Kind.SYSCALL, -1, 0, cpu.rip, cpu.gpr[Cpu.RSP], cpu.cpl == 3, false);
        cpu.gpr[Cpu.RCX] = cpu.rip;
        long flags = cpu.rflags();
        cpu.gpr[11] = flags;
        cpu.rip = handler(cpu, ShadowEntry.Kind.SYSCALL);
        int selector = (int) (cpu.msrs.star >> 32) & 0xfffc;
        enter(cpu, selector, selector + 8, CODE64, 0);
        long kept = flags & ~(cpu.msrs.fmask | Flags.RF | Flags.VM) | 2;
        cpu.flagResult = Flags.resultOf(kept);
        cpu.flagAux = Flags.auxOf(kept);
        cpu.systemFlags = kept & ~Flags.ARITHMETIC;
        cpu.stepSuppressed = (kept & Flags.TF) == 0;
        cpu.updateMode();
        IndirectBranchTracking.far(cpu);
    }

    /**
     * {@return where SYSCALL or SYSENTER leads to, by the present mode}
     *
     * @param cpu the processor, before the instruction
     * @param kind which of the two
     */
    public static long handler(Cpu cpu, ShadowEntry.Kind kind) {
        if (kind == ShadowEntry.Kind.SYSENTER) return cpu.msrs.sysenterEip;
        if (!cpu.longMode()) return cpu.msrs.star & 0xffff_ffffL;
        return cpu.code64() ? cpu.msrs.lstar : cpu.msrs.cstar;
    }

    /** SYSCALL of 32-bit processors: the target is in IA32_STAR, and no flags are kept. */
    private static void legacySyscall(Cpu cpu) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) throw cpu.ud();
        cpu.entered(ShadowEntry.Kind.SYSCALL, -1, 0, cpu.rip, cpu.stackLinear(), cpu.cpl == 3, false);
        cpu.gpr[Cpu.RCX] = cpu.rip & 0xffff_ffffL;
        cpu.rip = cpu.msrs.star & 0xffff_ffffL;
        int selector = (int) (cpu.msrs.star >> 32) & 0xfffc;
        enter(cpu, selector, selector + 8, CODE32, 0);
        cpu.systemFlags &= ~(Flags.VM | Flags.IF | Flags.RF);
        cpu.updateMode();
    }

    /**
     * SYSRET.
     *
     * @param cpu the processor
     * @param size operand size in bytes; 8 returns to 64-bit mode
     */
    public static void sysret(Cpu cpu, int size) {
        boolean amd = cpu.model.amd();
        if ((cpu.efer & Cpu.EFER_SCE) == 0 || !cpu.code64() && !(amd && cpu.protectedMode())) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        boolean wide = size == 8;
        long target = cpu.gpr[Cpu.RCX];
        if (wide && !amd && !cpu.canonical(target)) throw cpu.gp(0);
        cpu.rip = wide ? target : target & 0xffff_ffffL;
        int base = (int) (cpu.msrs.star >> 48) & 0xffff;
        int cs = (base + (wide ? 16 : 0)) | 3;
        int access = (wide ? CODE64 : CODE32) | USER;
        if (amd) {
            flat(cpu.seg[Cpu.CS], cs, access);
            cpu.seg[Cpu.SS].selector = base + 8 & 0xffff;
            cpu.cpl = 3;
        } else {
            enter(cpu, cs, (base + 8) | 3, access, 3);
        }
        if (cpu.longMode()) {
            cpu.setRflags(cpu.gpr[11] & 0x3c_7fd7 | 2);
        } else {
            cpu.setRflags(cpu.rflags() | Flags.IF);
        }
        // TF that SYSRET sets traps before the first instruction there, unlike that of IRET and POPF
        if ((cpu.systemFlags & Flags.TF) != 0) cpu.pendingDebug |= DebugTraps.BS;
        cpu.updateMode();
        Cet.fastReturn(cpu);
        cpu.returned(cpu.gpr[Cpu.RSP], cpu.stackLinear(), true);
    }

    /**
     * SYSENTER.
     *
     * @param cpu the processor
     */
    public static void sysenter(Cpu cpu) {
        if (cpu.model.amd() && cpu.longMode()) throw cpu.ud();
        if ((cpu.cr0 & Cpu.CR0_PE) == 0 || (cpu.msrs.sysenterCs & 0xfffc) == 0) throw cpu.gp(0);
        boolean wide = cpu.longMode();
        long mask = wide ? -1 : 0xffff_ffffL;
        Cet.fastEntry(cpu);
        cpu.entered(ShadowEntry.Kind.SYSENTER, -1, 0, cpu.rip, cpu.stackLinear(), cpu.cpl == 3, false);
        cpu.systemFlags &= ~(Flags.VM | Flags.IF | Flags.RF);
        cpu.gpr[Cpu.RSP] = cpu.msrs.sysenterEsp & mask;
        cpu.rip = cpu.msrs.sysenterEip & mask;
        int selector = (int) cpu.msrs.sysenterCs & 0xfffc;
        enter(cpu, selector, selector + 8, wide ? CODE64 : CODE32, 0);
        cpu.updateMode();
        IndirectBranchTracking.far(cpu);
    }

    /**
     * SYSEXIT.
     *
     * @param cpu the processor
     * @param size operand size in bytes; 8 returns to 64-bit mode
     */
    public static void sysexit(Cpu cpu, int size) {
        if (cpu.model.amd() && cpu.longMode()) throw cpu.ud();
        int base = (int) cpu.msrs.sysenterCs & 0xfffc;
        if ((cpu.cr0 & Cpu.CR0_PE) == 0 || base == 0 || cpu.cpl != 0) throw cpu.gp(0);
        boolean wide = size == 8;
        long sp = cpu.gpr[Cpu.RCX];
        long target = cpu.gpr[Cpu.RDX];
        if (wide && (!cpu.canonical(sp) || !cpu.canonical(target))) throw cpu.gp(0);
        long old = cpu.stackLinear();
        cpu.gpr[Cpu.RSP] = wide ? sp : sp & 0xffff_ffffL;
        cpu.rip = wide ? target : target & 0xffff_ffffL;
        int selector = base + (wide ? 32 : 16);
        enter(cpu, selector | 3, selector + 8 | 3, (wide ? CODE64 : CODE32) | USER, 3);
        cpu.updateMode();
        Cet.fastReturn(cpu);
        cpu.returned(old, cpu.stackLinear(), true);
    }

    /** Loads CS and SS with the fixed flat segments of these instructions. */
    private static void enter(Cpu cpu, int cs, int ss, int codeAccess, int cpl) {
        flat(cpu.seg[Cpu.CS], cs, codeAccess);
        flat(cpu.seg[Cpu.SS], ss, DATA32 | codeAccess & USER);
        cpu.cpl = cpl;
    }

    private static void flat(Segment s, int selector, int access) {
        s.selector = selector & 0xffff;
        s.base = 0;
        s.limit = 0xffff_ffffL;
        s.access = access;
        s.usable = true;
    }

    /**
     * SWAPGS.
     *
     * @param cpu the processor
     */
    public static void swapgs(Cpu cpu) {
        if (!cpu.code64()) throw cpu.ud();
        if (cpu.cpl != 0) throw cpu.gp(0);
        Segment gs = cpu.seg[Cpu.GS];
        long base = gs.base;
        gs.base = cpu.msrs.kernelGsBase;
        cpu.msrs.kernelGsBase = base;
    }
}
