package ringside.translator;

import java.util.HexFormat;
import ringside.cpu.Cpu;
import ringside.machine.Core;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * Bare guests in 64-bit mode with paging, for tests of what may happen to code between two visits: the first 2 MiB
 * mapped one to one by two sets of page tables, at {@link #TABLES} and {@link #OTHER}; the second maps page 2000h to
 * 3000h. Handlers: #PF at 4000h, #NM at 4100h, #DB at 4200h. Data at 8000h (RBX).
 */
final class PagedGuest {
    /** CR3; the page table of 4 KiB pages lies 3 pages behind. */
    static final int TABLES = 0x20000, OTHER = 0x28000;

    static final int DATA = 0x8000;
    private static final int GDT = 0x30000, IDT = 0x31000;

    private PagedGuest() {}

    /** @param code places and bytes, "1000:90c3" */
    static Machine start(Machine.EngineFactory engine, String... code) {
        return start(1, engine, code);
    }

    /** With several processors, of which the second starts at 2000h in the same state as the first. */
    static Machine start(int processors, Machine.EngineFactory engine, String... code) {
        MachineConfig standard = MachineConfig.standard();
        Machine m = new Machine(
                new MachineConfig(4 << 20, standard.model(), standard.devices(), false, processors), engine);
        for (String c : code)
            m.memory()
                    .write(
                            Integer.parseInt(c.substring(0, 4), 16),
                            HexFormat.of().parseHex(c.substring(5)));
        tables(m, TABLES);
        tables(m, OTHER);
        map(m, OTHER, 0x2000, 0x3000);
        m.memory().write(GDT + 8, 8, 0x00af_9b00_0000_ffffL);
        m.memory().write(GDT + 16, 8, 0x00cf_9300_0000_ffffL);
        gate(m, 14, 0x4000);
        gate(m, 7, 0x4100);
        gate(m, 1, 0x4200);
        gate(m, 0x40, 0x4300);
        for (Core c : m.cores()) state(c.cpu(), 0x1000 * (c.number() + 1), 0x7000 - 0x800 * c.number());
        return m;
    }

    private static void state(Cpu cpu, int rip, int stack) {
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 23;
        cpu.idtBase = IDT;
        cpu.idtLimit = 0xfff;
        cpu.halted = cpu.waitsForStartup = false;
        cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_OSFXSR;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE;
        cpu.cr3 = TABLES;
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_ET | Cpu.CR0_PG & 0xffff_ffffL;
        Guests.segments(cpu);
        cpu.seg[Cpu.CS].selector = 8;
        for (int i : new int[] {Cpu.SS, Cpu.DS, Cpu.ES}) cpu.seg[i].selector = 16;
        cpu.mem.flushAll();
        cpu.updateMode();
        cpu.rip = rip;
        cpu.gpr[Cpu.RBX] = DATA;
        cpu.gpr[Cpu.RSP] = stack;
    }

    private static void tables(Machine m, int cr3) {
        for (int level = 0; level < 3; level++)
            m.memory().write(cr3 + 0x1000 * level, 8, cr3 + 0x1000 * (level + 1) | 7);
        for (int page = 0; page < 512; page++) map(m, cr3, page << 12, page << 12);
    }

    static void map(Machine m, int cr3, int linear, long physical) {
        m.memory().write(cr3 + 0x3000 + (linear >> 12) * 8, 8, physical | 7);
    }

    private static void gate(Machine m, int vector, int handler) {
        m.memory().write(IDT + vector * 16, 8, handler | 8L << 16 | 0x8eL << 40);
    }

    /** @return registers, flags, CR2, count, call chain and memory, as text */
    static String state(Machine m) {
        StringBuilder s = new StringBuilder(Guests.state(m)).append(" cr2 ").append(m.cpu().cr2);
        m.cpu().shadow.chain().forEach(e -> s.append(' ').append(e));
        return s.toString();
    }
}
