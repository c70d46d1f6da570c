package ringside.unwinder;

import ringside.cpu.Cpu;
import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;

/**
 * A guest as an unwinder sees it at one instruction: the registers, and linear memory read without any side effect (no accessed or dirty bits, no
 * faults, no TLB fill, no device access). Every read says whether it succeeded; nothing here throws for bad addresses.
 *
 * <p>A view of a live machine is reused: {@link #refresh} takes the registers anew and forgets the translations it has cached. The guest must not run in between.
 * Addresses are guest linear. Page walk: Intel SDM vol. 3, 4.5; without protection checks, as a debugger reads.
 */
public final class GuestView {
    private static final long PRESENT = 1, LARGE = 0x80;
    private static final long FRAME = PhysicalMemory.ADDRESS_MASK & -4096L;
    private static final int PAGES = 256;

    private final Cpu cpu;
    private final PhysicalMemory physical;
    /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15. */
    private final long[] gpr = new long[16];
    private long rip, rflags, cr3, gsBase, kernelGsBase;
    private int cs;
    private boolean foreign;
    private final long[] cachedPage = new long[PAGES];
    private final long[] cachedHost = new long[PAGES];
    private long value;

    /** A view of this CPU's present state, in its present address space. */
    public GuestView(Cpu cpu) {
        this.cpu = cpu;
        this.physical = cpu.physical;
        refresh();
    }

    /** Takes registers and address space from the CPU again. */
    public void refresh() {
        System.arraycopy(cpu.gpr, 0, gpr, 0, 16);
        rip = cpu.rip;
        rflags = cpu.rflags();
        cr3 = cpu.cr3;
        cs = cpu.seg[Cpu.CS].selector;
        gsBase = cpu.seg[Cpu.GS].base;
        kernelGsBase = cpu.msrs.kernelGsBase;
        foreign = false;
        forget();
    }

    /** Forgets cached translations; for when memory or page tables changed under the same registers. */
    public void forget() {
        java.util.Arrays.fill(cachedPage, -1);
    }

    /** @return a view of the same machine in another address space and at other registers: a task that is not running */
    public GuestView elsewhere(long otherCr3, long otherRip, long otherRsp, long otherRbp) {
        GuestView v = new GuestView(cpu);
        v.cr3 = otherCr3;
        v.foreign = true;
        v.rip = otherRip;
        v.cs = otherRip < 0 ? cs & ~3 : cs;
        java.util.Arrays.fill(v.gpr, 0);
        v.gpr[Cpu.RSP] = otherRsp;
        v.gpr[Cpu.RBP] = otherRbp;
        return v;
    }

    public Cpu cpu() {
        return cpu;
    }

    public long rip() {
        return rip;
    }

    public long rsp() {
        return gpr[Cpu.RSP];
    }

    public long rbp() {
        return gpr[Cpu.RBP];
    }

    public long gpr(int n) {
        return gpr[n];
    }

    public long rflags() {
        return rflags;
    }

    public int cs() {
        return cs;
    }

    public long cr3() {
        return cr3;
    }

    /** @return whether the CPU was in user mode */
    public boolean user() {
        return (cs & 3) == 3;
    }

    /** The GS base in use. */
    public long gsBase() {
        return gsBase;
    }

    /** The kernel's GS base: the one of the two that lies in the upper half of the address space, the active one first; 0 if none does. */
    public long kernelGs() {
        return gsBase < 0 ? gsBase : kernelGsBase < 0 ? kernelGsBase : 0;
    }

    /** @return whether the processor was created with other registers than the CPU's ({@link #elsewhere}) */
    public boolean isElsewhere() {
        return foreign;
    }

    // ---- memory ----

    /** Reads the 8 bytes at an address. @return whether all of them are RAM; they are {@link #value} then */
    public boolean load(long la) {
        if ((la & 0xfff) > 0xff8) return loadAcross(la);
        long host = hostPage(la);
        if (host == 0) return false;
        value = HostMemory.get64(host + (la & 0xfff));
        return true;
    }

    /** The word of the last successful {@link #load}. */
    public long value() {
        return value;
    }

    /** @return the 8 bytes at an address, or {@code otherwise} if they cannot be read */
    public long load(long la, long otherwise) {
        return load(la) ? value : otherwise;
    }

    private boolean loadAcross(long la) {
        long v = 0;
        for (int i = 7; i >= 0; i--) {
            long host = hostPage(la + i);
            if (host == 0) return false;
            v = v << 8 | HostMemory.get8(host + (la + i & 0xfff));
        }
        value = v;
        return true;
    }

    /** @return the byte at an address, or -1 */
    public int load8(long la) {
        long host = hostPage(la);
        return host == 0 ? -1 : HostMemory.get8(host + (la & 0xfff));
    }

    /** Copies bytes out. @return how many could be read before the first that could not */
    public int read(long la, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            long host = hostPage(la + done);
            if (host == 0) break;
            int n = (int) Math.min(length - done, 4096 - (la + done & 0xfff));
            HostMemory.read(host + (la + done & 0xfff), into, offset + done, n);
            done += n;
        }
        return done;
    }

    /** @return whether the page of this address is mapped to RAM */
    public boolean mapped(long la) {
        return hostPage(la) != 0;
    }

    private long hostPage(long la) {
        long page = la >>> 12;
        int slot = (int) (page ^ page >>> 8) & PAGES - 1;
        if (cachedPage[slot] == page) return cachedHost[slot];
        long pa = translate(la);
        long host = pa == -1 ? 0 : physical.ramPage(pa);
        cachedPage[slot] = page;
        cachedHost[slot] = host;
        return host;
    }

    /** @return the guest physical address, or -1 if nothing is mapped there */
    public long translate(long la) {
        if (!cpu.longMode() || (cpu.cr0 & Cpu.CR0_PG) == 0) return cpu.mem.probe(la);
        if (!cpu.canonical(la)) return -1;
        long table = cr3 & FRAME;
        for (int shift = (cpu.cr4 & Cpu.CR4_LA57) != 0 ? 48 : 39; ; shift -= 9) {
            long page = physical.ramPage(table);
            if (page == 0) return -1;
            long e = HostMemory.get64(page + (la >>> shift & 0x1ff) * 8);
            if ((e & PRESENT) == 0) return -1;
            if (shift == 12 || (e & LARGE) != 0 && shift <= 30) {
                long offset = (1L << shift) - 1;
                return e & FRAME & ~offset | la & offset;
            }
            table = e & FRAME;
        }
    }

    /**
     * Finds how far the mapping of an address reaches at the level of the page tables that decides about it.
     *
     * @return the first address behind the page (4 KiB, 2 MiB, 1 GiB) or hole of any size that {@code la} lies in; 0 if it wraps
     */
    public long endOfMapping(long la) {
        if (!cpu.longMode() || (cpu.cr0 & Cpu.CR0_PG) == 0) return (la & -4096L) + 4096;
        long table = cr3 & FRAME;
        for (int shift = (cpu.cr4 & Cpu.CR4_LA57) != 0 ? 48 : 39; ; shift -= 9) {
            long page = physical.ramPage(table);
            long e = page == 0 ? 0 : HostMemory.get64(page + (la >>> shift & 0x1ff) * 8);
            if ((e & PRESENT) == 0 || shift == 12 || (e & LARGE) != 0 && shift <= 30) return (la & -(1L << shift)) + (1L << shift);
            table = e & FRAME;
        }
    }
}
