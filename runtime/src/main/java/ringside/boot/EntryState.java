package ringside.boot;

import java.util.Arrays;
import ringside.cpu.Cpu;
import ringside.cpu.Segment;

/**
 * Puts the CPU into the state in which a boot protocol enters a kernel: registers zero, interrupts off, and one of
 * three modes. The descriptor tables and page tables it needs are placed in conventional memory, because kernels reload
 * segments before they have tables of their own. Sources: Intel SDM vol. 3, 3.4.5 (descriptors), 4.5 (4-level paging),
 * 9.1 (real mode).
 */
final class EntryState {
    /** Access bits as {@link Segment} keeps them. */
    private static final int CODE32 = 0xc09b, CODE64 = 0xa09b, DATA32 = 0xc093, REAL_CODE = 0x9b, REAL_DATA = 0x93;

    private static final int TSS32_BUSY = 0x8b, LDT = 0x82;
    private static final int IDENTITY_GIB = 4;

    private EntryState() {}

    /** Real mode at {@code address}, interrupt table at 0, all data segments 0. */
    static void real(Cpu cpu, long address) {
        clear(cpu);
        boolean low = address < 0x10000;
        segment(cpu.seg[Cpu.CS], low ? 0 : (int) (address >> 4), low ? 0 : address & ~0xfL, 0xffff, REAL_CODE);
        for (int s : new int[] {Cpu.ES, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS}) segment(cpu.seg[s], 0, 0, 0xffff, REAL_DATA);
        cpu.rip = low ? address : address & 0xf;
        finish(cpu);
    }

    /** Real mode in Linux setup code: CS 20h paragraphs behind the segment of all others, IP 0. @param stack SP */
    static void setup(Cpu cpu, long address, int stack) {
        real(cpu, address);
        for (int s : new int[] {Cpu.ES, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS})
            segment(cpu.seg[s], (int) (address >> 4), address, 0xffff, REAL_DATA);
        segment(cpu.seg[Cpu.CS], (int) (address >> 4) + 0x20, address + 0x200, 0xffff, REAL_CODE);
        cpu.rip = 0;
        cpu.gpr[Cpu.RSP] = stack;
        finish(cpu);
    }

    /** Flat 32-bit protected mode without paging, with these selectors in a GDT of ours. */
    static void protectedFlat(GuestRam ram, Cpu cpu, int codeSelector, int dataSelector, long entry)
            throws BootException {
        clear(cpu);
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_ET;
        gdt(ram, cpu, codeSelector, CODE32, dataSelector);
        segment(cpu.seg[Cpu.CS], codeSelector, 0, 0xffff_ffffL, CODE32);
        data(cpu, dataSelector);
        cpu.rip = entry & 0xffff_ffffL;
        finish(cpu);
    }

    /** 64-bit mode with the first 4 GiB identity-mapped by 2 MiB pages. */
    static void longMode(GuestRam ram, Cpu cpu, int codeSelector, int dataSelector, long entry) throws BootException {
        clear(cpu);
        cpu.cr3 = identityMap(ram);
        cpu.cr4 = Cpu.CR4_PAE;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA;
        cpu.cr0 = (Cpu.CR0_PE | Cpu.CR0_ET) | Cpu.CR0_PG & 0xffff_ffffL;
        gdt(ram, cpu, codeSelector, CODE64, dataSelector);
        segment(cpu.seg[Cpu.CS], codeSelector, 0, 0xffff_ffffL, CODE64);
        data(cpu, dataSelector);
        cpu.rip = entry;
        finish(cpu);
    }

    private static void clear(Cpu cpu) {
        Arrays.fill(cpu.gpr, 0);
        cpu.cr0 = Cpu.CR0_ET;
        cpu.cr2 = cpu.cr3 = cpu.cr4 = cpu.efer = 0;
        cpu.cpl = 0;
        cpu.gdtBase = cpu.idtBase = 0;
        cpu.gdtLimit = 0xffff;
        cpu.idtLimit = 0x3ff;
        Arrays.fill(cpu.dr, 0);
        cpu.dr[6] = 0xffff_0ff0L;
        cpu.dr[7] = 0x400;
        segment(cpu.ldtr, 0, 0, 0xffff, LDT);
        segment(cpu.tr, 0, 0, 0xffff, TSS32_BUSY);
    }

    private static void finish(Cpu cpu) {
        cpu.setRflags(2);
        cpu.halted = false;
        cpu.mem.flushAll();
        cpu.updateMode();
    }

    private static void data(Cpu cpu, int selector) {
        for (int s : new int[] {Cpu.ES, Cpu.SS, Cpu.DS, Cpu.FS, Cpu.GS})
            segment(cpu.seg[s], selector, 0, 0xffff_ffffL, DATA32);
    }

    private static void segment(Segment s, int selector, long base, long limit, int access) {
        s.selector = selector;
        s.base = base;
        s.limit = limit;
        s.access = access;
        s.usable = true;
    }

    private static void gdt(GuestRam ram, Cpu cpu, int codeSelector, int codeAccess, int dataSelector)
            throws BootException {
        int bytes = Math.max(codeSelector, dataSelector) + 8;
        long at = ram.table(bytes, 16, "GDT");
        ram.put64(at + codeSelector, descriptor(codeAccess));
        ram.put64(at + dataSelector, descriptor(DATA32));
        cpu.gdtBase = at;
        cpu.gdtLimit = bytes - 1;
    }

    /** @return a descriptor with base 0 and limit 4 GiB */
    private static long descriptor(int access) {
        return 0xf_0000_0000_ffffL | (long) (access & 0xf0ff) << 40;
    }

    private static long identityMap(GuestRam ram) throws BootException {
        long pml4 = ram.table(4096L * (2 + IDENTITY_GIB), 4096, "page tables");
        long pdpt = pml4 + 4096;
        ram.put64(pml4, pdpt | 3);
        for (int d = 0; d < IDENTITY_GIB; d++) {
            long directory = pdpt + 4096 + 4096L * d;
            ram.put64(pdpt + 8L * d, directory | 3);
            for (int e = 0; e < 512; e++) ram.put64(directory + 8L * e, (long) d << 30 | (long) e << 21 | 0x83);
        }
        return pml4;
    }
}
