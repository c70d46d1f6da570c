package ringside.lab;

import ringside.cpu.Cpu;
import ringside.cpu.CpuModel.Feature;
import ringside.cpu.Segment;
import ringside.cpu.XsaveLayout;
import ringside.cpu.fpu.FpuState;

/**
 * Puts a processor into the mode of an experiment, with descriptor tables in a hidden supervisor page: selectors 8
 * (32-bit code, CPL 0), 10h (64-bit code, CPL 0), 18h (data, CPL 0), 23h (32-bit code, CPL 3), 2Bh (data, CPL 3), 33h
 * (64-bit code, CPL 3), 38h (TSS with a CPL 0 stack of its own and no I/O bitmap).
 */
final class LabProcessor {
    private static final int CODE32 = 0xc09b,
            CODE64 = 0xa09b,
            DATA = 0xc093,
            REAL_CODE = 0x9b,
            REAL_DATA = 0x93,
            TSS = 0x8b;
    private static final int TSS_OFFSET = 0x100, TSS_SIZE = 104, GDT_SIZE = 0x48;
    /** Two pages at the end of the linear address space: tables, and the stack for entries from CPL 3. */
    private static final long HIDDEN64 = -0x2000, HIDDEN32 = 0xffff_e000L;

    private LabProcessor() {}

    /** @return linear address of the pages that belong to the laboratory; nothing may be mapped at or above it */
    static long hidden(Mode mode) {
        return mode == Mode.LONG || mode == Mode.COMPAT
                ? HIDDEN64
                : mode == Mode.PROTECTED ? HIDDEN32 : LabMemory.REAL_END;
    }

    static void enter(Cpu cpu, LabMemory memory, Mode mode, int cpl) {
        java.util.Arrays.fill(cpu.gpr, 0);
        FpuState.init(cpu);
        if (mode == Mode.REAL) {
            real(cpu);
            return;
        }
        boolean wide = mode != Mode.PROTECTED;
        long hidden = hidden(mode);
        memory.map(hidden, true, true, false, false);
        memory.map(hidden + 4096, true, true, false, false);
        tables(memory, hidden, wide);
        cpu.cr0 = (Cpu.CR0_PE | Cpu.CR0_MP | Cpu.CR0_ET | Cpu.CR0_NE | Cpu.CR0_WP | Cpu.CR0_AM)
                | Cpu.CR0_PG & 0xffff_ffffL;
        features(cpu);
        cpu.cr4 |= Cpu.CR4_PAE;
        cpu.efer = Cpu.EFER_NXE | (wide ? Cpu.EFER_LME | Cpu.EFER_LMA : 0);
        cpu.cr3 = memory.root();
        if (!wide) {
            for (int i = 0; i < 4; i++) cpu.pdpte[i] = cpu.physical.read(cpu.cr3 + 8 * i, 8);
        }
        cpu.cpl = cpl;
        cpu.gdtBase = hidden;
        cpu.gdtLimit = GDT_SIZE - 1;
        cpu.idtLimit = 0;
        int dpl = cpl << 5;
        int code = mode == Mode.LONG ? cpl == 0 ? 0x10 : 0x33 : cpl == 0 ? 8 : 0x23;
        segment(cpu.seg[Cpu.CS], code, 0xffff_ffffL, (mode == Mode.LONG ? CODE64 : CODE32) | dpl);
        for (int s : new int[] {Cpu.ES, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS})
            segment(cpu.seg[s], cpl == 0 ? 0x18 : 0x2b, 0xffff_ffffL, DATA | dpl);
        segment(cpu.ldtr, 0, 0, 0);
        cpu.ldtr.usable = false;
        segment(cpu.tr, 0x38, TSS_SIZE - 1, TSS);
        cpu.tr.base = hidden + TSS_OFFSET;
    }

    private static void real(Cpu cpu) {
        cpu.cr0 = Cpu.CR0_ET;
        features(cpu);
        for (int s : new int[] {Cpu.ES, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS}) segment(cpu.seg[s], 0, 0xffff, REAL_DATA);
        segment(cpu.seg[Cpu.CS], 0, 0xffff, REAL_CODE);
        cpu.idtLimit = 0x3ff;
    }

    private static void features(Cpu cpu) {
        cpu.cr4 = Cpu.CR4_OSFXSR
                | Cpu.CR4_OSXMMEXCPT
                | (cpu.model.has(Feature.XSAVE) ? Cpu.CR4_OSXSAVE : 0)
                | (cpu.model.has(Feature.FSGSBASE) ? Cpu.CR4_FSGSBASE : 0);
        cpu.xcr0 = cpu.model.has(Feature.XSAVE) ? XsaveLayout.userComponents(cpu.model) : 1;
    }

    private static void segment(Segment s, int selector, long limit, int access) {
        s.selector = selector;
        s.base = 0;
        s.limit = limit;
        s.access = access;
        s.usable = true;
    }

    private static void tables(LabMemory memory, long hidden, boolean wide) {
        int[] access = {0, CODE32, CODE64, DATA, CODE32 | 0x60, DATA | 0x60, CODE64 | 0x60};
        for (int i = 1; i < access.length; i++)
            memory.write(hidden + 8 * i, 8, 0xf_0000_0000_ffffL | (long) (access[i] & 0xf0ff) << 40);
        long tss = hidden + TSS_OFFSET;
        memory.write(
                hidden + 0x38,
                8,
                TSS_SIZE - 1 | (tss & 0xff_ffff) << 16 | (long) TSS << 40 | (tss >>> 24 & 0xff) << 56);
        memory.write(hidden + 0x40, 8, wide ? tss >>> 32 : 0);
        long stack = hidden + 0x2000 - 16;
        memory.write(tss + 4, wide ? 8 : 4, stack);
        if (!wide) memory.write(tss + 8, 4, 0x18);
        memory.write(tss + 102, 2, TSS_SIZE);
    }
}
