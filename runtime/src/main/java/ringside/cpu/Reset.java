package ringside.cpu;

import java.util.Arrays;

/**
 * The processor's state after power-on and INIT, and where a startup IPI sends it. Source: Intel SDM vol. 3, table 9-1
 * and 8.4.
 */
public final class Reset {
    private static final int CODE = 0x9b, DATA = 0x93, LDT = 0x82, TSS16_BUSY = 0x8b;
    /** EDX after reset: the processor's signature, as CPUID leaf 1 gives it. */
    private static final int SIGNATURE_LEAF = 1;

    private Reset() {}

    /**
     * RESET#: everything.
     *
     * @param cpu the processor
     */
    public static void powerOn(Cpu cpu) {
        Arrays.fill(cpu.vec, 0);
        cpu.mxcsr = 0x1f80;
        cpu.random = 0;
        Arrays.fill(cpu.fpMantissa, 0);
        Arrays.fill(cpu.fpExponent, 0);
        cpu.fpControl = 0x40;
        cpu.fpStatus = 0;
        cpu.fpTag = 0x5555;
        cpu.xcr0 = 1;
        cpu.pkru = cpu.pkrs = 0;
        cpu.cr0 = Cpu.CR0_ET | Cpu.CR0_NW | Cpu.CR0_CD;
        init(cpu);
    }

    /**
     * INIT#: as a reset, but x87 and vector state, model-specific registers and CR0.CD and NW stay.
     *
     * @param cpu the processor
     */
    public static void init(Cpu cpu) {
        Arrays.fill(cpu.gpr, 0);
        cpu.cr0 = cpu.cr0 & (Cpu.CR0_CD | Cpu.CR0_NW) | Cpu.CR0_ET;
        cpu.cr2 = cpu.cr3 = cpu.cr4 = cpu.efer = 0;
        cpu.cpl = 0;
        for (int s = 0; s < 6; s++) segment(cpu.seg[s], s == Cpu.CS ? CODE : DATA);
        cpu.seg[Cpu.CS].selector = 0xf000;
        cpu.seg[Cpu.CS].base = 0xffff_0000L;
        segment(cpu.ldtr, LDT);
        segment(cpu.tr, TSS16_BUSY);
        cpu.gdtBase = cpu.idtBase = 0;
        cpu.gdtLimit = cpu.idtLimit = 0xffff;
        Arrays.fill(cpu.dr, 0);
        cpu.dr[6] = DebugTraps.DR6_ONES;
        cpu.dr[7] = DebugTraps.DR7_ONES;
        cpu.gpr[Cpu.RDX] = Cpuid.leaf(cpu, SIGNATURE_LEAF, 0)[0] & 0xffff_ffffL;
        cpu.rip = 0xfff0;
        cpu.halted = cpu.waitsForStartup = false;
        cpu.endShadow();
        cpu.shadowFromMovSs = cpu.nmiBlocked = cpu.nmiPending = false;
        cpu.pendingDebug = 0;
        cpu.setRflags(2);
        cpu.mem.flushAll();
        cpu.updateMode();
        cpu.attention = true;
    }

    /**
     * INIT# to a processor that is not the boot processor: it halts and hears nothing but a startup IPI.
     *
     * @param cpu the processor
     */
    public static void initAndWait(Cpu cpu) {
        init(cpu);
        cpu.halted = cpu.waitsForStartup = true;
    }

    /**
     * Startup IPI to a processor that waits for one after INIT.
     *
     * @param cpu the processor
     * @param page vector of the IPI: real-mode code at page * 4096
     */
    public static void startup(Cpu cpu, int page) {
        Segment cs = cpu.seg[Cpu.CS];
        cs.selector = page << 8;
        cs.base = (long) page << 12;
        cpu.rip = 0;
        cpu.halted = cpu.waitsForStartup = false;
        cpu.updateMode();
        cpu.attention = true;
    }

    private static void segment(Segment s, int access) {
        s.selector = 0;
        s.base = 0;
        s.limit = 0xffff;
        s.access = access;
        s.usable = true;
    }
}
