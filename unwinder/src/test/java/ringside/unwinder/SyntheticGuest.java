package ringside.unwinder;

import java.util.List;
import java.util.Set;
import ringside.cpu.Cpu;
import ringside.cpu.CpuModel;
import ringside.cpu.Segment;
import ringside.guest.GuestView;
import ringside.machine.Machine;
import ringside.machine.MachineConfig;
import ringside.unwinder.symbols.Symbols;

/**
 * A machine in 64-bit mode with page tables of its own, on which a test lays out code and stacks by hand. Code lies at
 * {@link #TEXT}: functions of 100h bytes, f0, f1, ..., each beginning with {@code push %rbp; mov %rsp, %rbp}. Behind a
 * call, and so a return address, is each multiple of 16.
 */
final class SyntheticGuest {
    static final long TEXT = 0xffff_ffff_8100_0000L;
    /** Four pages for tables, near enough to the code for 32-bit distances. */
    static final long DATA = TEXT + 0x1_0000;

    static final long STACK = 0xffff_c900_0000_0000L;
    static final long OTHER_STACK = 0xffff_c900_0010_0000L;
    static final int FUNCTIONS = 64;
    static final int PAGES = 8;

    final Machine machine = Machine.interpreted(new MachineConfig(4 << 20, CpuModel.standard(), Set.of(), false));
    final Cpu cpu = machine.cpu();
    private long nextTable = 0x1000;
    final long root = table();
    private long nextPage = 0x10_0000;

    SyntheticGuest() {
        cpu.cr0 = Cpu.CR0_PE | Cpu.CR0_PG;
        cpu.cr4 = Cpu.CR4_PAE;
        cpu.efer = Cpu.EFER_LME | Cpu.EFER_LMA | Cpu.EFER_NXE;
        cpu.cr3 = root;
        Segment cs = cpu.seg[Cpu.CS];
        cs.selector = 0x10;
        cs.usable = true;
        cs.access = Segment.PRESENT | Segment.CODE_OR_DATA | Segment.CODE | Segment.READABLE | Segment.LONG;
        cpu.tr.usable = false;
        cpu.updateMode();
        for (int p = 0; p < 4; p++) {
            map(root, TEXT + 4096L * p);
            map(root, DATA + 4096L * p);
        }
        for (int p = 0; p < PAGES; p++) {
            map(root, STACK + 4096L * p);
            map(root, OTHER_STACK + 4096L * p);
        }
        for (int f = 0; f < FUNCTIONS; f++) {
            write(function(f), 0x55, 0x48, 0x89, 0xe5);
            for (int i = 4; i < 0xf0; i++) write(function(f) + i, 0x90);
            for (int i = 0x10; i <= 0xf0; i += 0x10) write(function(f) + i - 5, 0xe8, 0, 0x80, 0, 0);
            write(function(f) + 0xf0, 0x5d, 0xc3);
        }
    }

    private long table() {
        long t = nextTable;
        nextTable += 4096;
        return t;
    }

    /** Maps a new page of RAM. @return its physical address */
    long map(long cr3, long la) {
        long pa = nextPage;
        nextPage += 4096;
        long t = cr3;
        for (int shift = 39; shift > 12; shift -= 9) {
            long at = t + (la >>> shift & 0x1ff) * 8;
            long e = machine.memory().read(at, 8);
            if (e == 0) {
                e = table() | 3;
                machine.memory().write(at, 8, e);
            }
            t = e & -4096L;
        }
        machine.memory().write(t + (la >>> 12 & 0x1ff) * 8, 8, pa | 3);
        return pa;
    }

    long newRoot() {
        return table();
    }

    static long function(int n) {
        return TEXT + 0x100L * n;
    }

    void write(long la, int... bytes) {
        for (int i = 0; i < bytes.length; i++) machine.memory().write(cpu.mem.probe(la + i), 1, bytes[i]);
    }

    void put(long la, long word) {
        for (int i = 0; i < 8; i++) machine.memory().write(cpu.mem.probe(la + i), 1, word >>> 8 * i & 0xff);
    }

    void put4(long la, int word) {
        for (int i = 0; i < 4; i++) machine.memory().write(cpu.mem.probe(la + i), 1, word >>> 8 * i & 0xff);
    }

    void put(long la, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) machine.memory().write(cpu.mem.probe(la + i), 1, bytes[i]);
    }

    /** Stores a pt_regs with every general register 1000h + its word number, except those given. */
    void regs(long la, long rip, long rsp, long rbp, boolean user) {
        for (int w = 0; w < 21; w++) put(la + 8L * w, 0x1000 + w);
        put(la + 8 * PtRegs.RIP, rip);
        put(la + 8 * PtRegs.RSP, rsp);
        put(la + 8 * PtRegs.RBP, rbp);
        put(la + 8 * PtRegs.CS, user ? 0x33 : 0x10);
        put(la + 8 * PtRegs.SS, user ? 0x2b : 0x18);
        put(la + 8 * PtRegs.RFLAGS, 0x246);
        put(la + 8 * PtRegs.ORIG_RAX, -1);
    }

    GuestView at(long rip, long rsp, long rbp) {
        cpu.rip = rip;
        cpu.gpr[Cpu.RSP] = rsp;
        cpu.gpr[Cpu.RBP] = rbp;
        return new GuestView(cpu);
    }

    /** The functions, and further symbols given as name and address, of which those in the code's pages are code. */
    static Symbols symbols(Object... more) {
        record One(long at, String name, byte type) {}
        List<One> l = new java.util.ArrayList<>();
        for (int f = 0; f < FUNCTIONS; f++) l.add(new One(function(f), "f" + f, (byte) 'T'));
        for (int i = 0; i < more.length; i += 2) {
            long a = (Long) more[i + 1];
            l.add(new One(a, (String) more[i], (byte) (a >= TEXT && a < TEXT + 0x4000 ? 'T' : 'D')));
        }
        l.sort(java.util.Comparator.comparingLong(One::at));
        byte[] types = new byte[l.size()];
        for (int i = 0; i < types.length; i++) types[i] = l.get(i).type;
        return new Symbols(
                l.stream().mapToLong(One::at).toArray(),
                new long[l.size()],
                types,
                i -> l.get(i).name,
                List.of(new Symbols.Range(TEXT, TEXT + 0x4000)));
    }

    static List<String> names(Trace t) {
        return t.frames().stream()
                .map(f -> (f.regs() == null ? "" : "RIP ")
                        + (f.function() == null
                                ? Long.toHexString(f.address())
                                : f.function() + "+" + Long.toHexString(f.offset())))
                .toList();
    }
}
