package ringside.cpu;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;

/**
 * A 16 MiB machine for tests of the system architecture: GDT, IDT with a gate for every vector, TSS, and (in long mode)
 * page tables that map the first 2 MiB by 4 KiB pages, one to one. Handlers of the gates are HLT, so a delivery ends
 * the run there.
 */
final class SystemGuest {
    static final int PML4 = 0x1000, PDPT = 0x2000, PD = 0x3000, PT = 0x4000;
    static final int GDT = 0x6000, IDT = 0x7000, TSS = 0x9000, HANDLERS = 0xa000, CODE = 0x10000;
    static final int STACK = 0x20000, RING0_STACK = 0x21000, IST1 = 0x22008;
    static final int CODE0 = 0x08, DATA0 = 0x10, CODE3 = 0x18 | 3, DATA3 = 0x20 | 3, TASK = 0x28;
    static final int WRITABLE = 2, USER = 4;

    final Machine machine;
    final Cpu cpu;
    private final boolean wide;

    private SystemGuest(boolean wide, CpuModel model) {
        this.wide = wide;
        machine = Machine.interpreted(new MachineConfig(16 << 20, model, Set.of(), false));
        cpu = machine.cpu();
    }

    static SystemGuest longMode() {
        return longMode(CpuModel.standard());
    }

    static SystemGuest longMode(CpuModel model) {
        SystemGuest g = new SystemGuest(true, model);
        g.tables();
        g.cpu.cr4 = Cpu.CR4_PAE | Cpu.CR4_OSFXSR;
        g.cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE | Cpu.EFER_SCE;
        g.cpu.cr3 = PML4;
        g.cpu.cr0 = (Cpu.CR0_PE | Cpu.CR0_ET | Cpu.CR0_WP) | Cpu.CR0_PG & 0xffff_ffffL;
        g.put(PML4, 8, PDPT | 7);
        g.put(PDPT, 8, PD | 7);
        g.put(PD, 8, PT | 7);
        for (int i = 0; i < 512; i++) g.put(PT + 8 * i, 8, (long) i << 12 | 7);
        g.enter(0);
        return g;
    }

    static SystemGuest protectedMode() {
        SystemGuest g = new SystemGuest(false, CpuModel.standard());
        g.tables();
        g.cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_ET;
        g.enter(0);
        return g;
    }

    private void tables() {
        long code = wide ? 0x00af_9b00_0000_ffffL : 0x00cf_9b00_0000_ffffL;
        long data = 0x00cf_9300_0000_ffffL;
        long ring3 = 3L << 45;
        long[] gdt = {0, code, data, code | ring3, data | ring3, 0x0000_8900_0000_0067L | (long) TSS << 16, 0};
        for (int i = 0; i < gdt.length; i++) put(GDT + 8 * i, 8, gdt[i]);
        cpu.gdtBase = GDT;
        cpu.gdtLimit = 0xff;
        cpu.idtBase = IDT;
        cpu.idtLimit = wide ? 0xfff : 0x7ff;
        for (int v = 0; v < 256; v++) {
            gate(v, 0xee, 0);
            put(HANDLERS + v, 1, 0xf4);
        }
        if (wide) {
            put(TSS + 4, 8, RING0_STACK);
            put(TSS + 36, 8, IST1);
        } else {
            put(TSS + 4, 4, RING0_STACK);
            put(TSS + 8, 4, DATA0);
        }
        put(TSS + 102, 2, 0x68);
        Descriptors.fill(cpu.tr, TASK, gdt[5]);
        cpu.gpr[Cpu.RSP] = STACK;
        cpu.rip = CODE;
        cpu.setRflags(2);
        cpu.dr[6] = DebugTraps.DR6_ONES;
        cpu.dr[7] = DebugTraps.DR7_ONES;
    }

    /** @param access access byte: 8Eh interrupt gate, 8Fh trap gate; with DPL 3 EEh and EFh */
    void gate(int vector, int access, int ist) {
        long low = (HANDLERS + vector) & 0xffff | (long) CODE0 << 16 | (long) ist << 32 | (long) access << 40;
        put(IDT + vector * (wide ? 16 : 8), 8, low);
        if (wide) put(IDT + vector * 16 + 8, 8, 0);
    }

    /** Sets CS, SS, DS, ES to the flat segments of a level. */
    void enter(int cpl) {
        int code = cpl == 0 ? CODE0 : CODE3;
        int data = cpl == 0 ? DATA0 : DATA3;
        cpu.cpl = cpl;
        Descriptors.fill(cpu.seg[Cpu.CS], code, get(GDT + (code & ~7), 8));
        for (int s : new int[] {Cpu.SS, Cpu.DS, Cpu.ES}) Descriptors.fill(cpu.seg[s], data, get(GDT + (data & ~7), 8));
        cpu.mem.flushAll();
        cpu.updateMode();
    }

    void put(long pa, int bytes, long v) {
        machine.memory().write(pa, bytes, v);
    }

    long get(long pa, int bytes) {
        return machine.memory().read(pa, bytes);
    }

    /** Puts machine code at CODE. */
    void code(String hex) {
        machine.memory().write(CODE, HexFormat.of().parseHex(hex.replace(" ", "")));
        cpu.rip = CODE;
    }

    /** Runs at most {@code n} instructions. @return the vector whose handler's HLT ended the run, or -1 */
    int run(int n) {
        machine.run(cpu.instructions() + n);
        long at = cpu.rip - 1 - HANDLERS;
        return cpu.halted && at >= 0 && at < 256 ? (int) at : -1;
    }

    /** @return {@code n} stack slots from the top */
    long[] frame(int n) {
        long[] f = new long[n];
        int size = wide ? 8 : 4;
        Arrays.setAll(f, i -> get(cpu.gpr[Cpu.RSP] + (long) size * i, size));
        return f;
    }
}
