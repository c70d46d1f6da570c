package ringside.cpu;

/**
 * Virtual-8086 mode extensions and protected-mode virtual interrupts: CR4.VME redirects INT n through the 8086
 * interrupt table, and VIF stands in for IF below IOPL 3. Source: Intel SDM vol. 3, 21.2 to 21.4.
 */
public final class VirtualInterrupts {
    private VirtualInterrupts() {}

    /**
     * Handles INT n of virtual-8086 code by the redirection bitmap.
     * @return whether it was delivered to the 8086 program's own handler
     */
    static boolean redirected(Cpu cpu, int vector) {
        if ((cpu.cr4 & Cpu.CR4_VME) == 0) return false;
        Segment tr = cpu.tr;
        if (103 > tr.limit) return false;
        int map = (int) cpu.mem.systemLoad(tr.base + 102, 2) - 32 + vector / 8;
        if (map < 0 || map > tr.limit) return false;
        if ((cpu.mem.systemLoad(tr.base + map, 1) >> (vector & 7) & 1) != 0) return false;
        long entry = cpu.mem.loadAs(cpu.mem.contextAt(3), vector * 4L, 4);
        Interrupts.enterVector16(cpu, entry, vector, ringside.shadow.ShadowEntry.Kind.SOFTWARE_INTERRUPT);
        cpu.deliveries[vector]++;
        return true;
    }

    /** @return FLAGS as virtual-8086 code sees them when pushed: below IOPL 3, IF shows VIF and IOPL shows 3 */
    static long image(Cpu cpu, long flags) {
        if (cpu.iopl() == 3) return flags;
        return flags & ~Flags.IF | ((flags & Flags.VIF) != 0 ? Flags.IF : 0) | Flags.IOPL;
    }

    /**
     * CLI and STI.
     *
     * @param cpu the processor
     * @param enabling whether IF is to be set
     * @return whether they act on VIF instead of IF; throws #GP(0) if they are not allowed
     */
    public static boolean virtualized(Cpu cpu, boolean enabling) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0) return false;
        boolean virtual = false;
        if (cpu.v86()) {
            if (cpu.iopl() == 3) return false;
            virtual = (cpu.cr4 & Cpu.CR4_VME) != 0;
        } else {
            if (cpu.cpl <= cpu.iopl()) return false;
            virtual = cpu.cpl == 3 && (cpu.cr4 & Cpu.CR4_PVI) != 0;
        }
        if (!virtual || enabling && (cpu.systemFlags & Flags.VIP) != 0) throw cpu.gp(0);
        return true;
    }
}
