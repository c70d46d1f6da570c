package ringside.guest;

import java.util.Arrays;
import ringside.cpu.Cpu;
import ringside.memory.GuestMemory;
import ringside.memory.PageTables;

/**
 * A guest at one instruction: the registers, and linear memory read without any side effect. Every read says whether it
 * succeeded; nothing here throws for bad addresses.
 *
 * <p>A view of a live machine is reused: {@link #refresh} takes the registers anew and forgets the translations it has
 * cached. The guest must not run in between. Addresses are guest linear unless they are called otherwise.
 */
public final class GuestView {
    private static final int PAGES = 256;
    /** Of a page table's entry. */
    private static final long WRITABLE = 2, NO_EXECUTE = 1L << 63;

    private final GuestState state;
    private final GuestMemory memory;
    private final PageTables tables;
    /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15. */
    private final long[] gpr = new long[16];

    private long rip, rflags, cr3, gsBase, kernelGsBase;
    private int cs;
    private boolean elsewhere;
    private long task;
    private final long[] cachedPage = new long[PAGES];
    private final long[] cachedPhysical = new long[PAGES];
    private long value;

    /**
     * A view of this CPU's present state, in its present address space.
     *
     * @param cpu the CPU to look at; the view reads it, never changes it
     */
    public GuestView(Cpu cpu) {
        this(new LiveGuest(cpu));
    }

    /**
     * A view of a guest's present state, in its present address space.
     *
     * @param state the registers and the memory to look at
     */
    public GuestView(GuestState state) {
        this.state = state;
        this.memory = state.memory();
        this.tables = new PageTables(memory);
        refresh();
    }

    /** Takes registers and address space from the guest again. */
    public void refresh() {
        for (int i = 0; i < 16; i++) gpr[i] = state.gpr(i);
        rip = state.rip();
        rflags = state.rflags();
        cs = state.selector(Cpu.CS);
        gsBase = state.base(Cpu.GS);
        kernelGsBase = state.kernelGsBase();
        elsewhere = false;
        task = 0;
        in(state.cr3(), state.pdptes());
        forget();
    }

    private void in(long addressSpace, long[] pdptes) {
        cr3 = addressSpace;
        tables.use(state.cr0(), cr3, state.cr4(), state.efer(), pdptes);
    }

    /**
     * Looks at memory through other page tables than the processor's, until {@link #refresh}; in long mode.
     *
     * @param addressSpace control register 3 of the other address space
     */
    public void lookIn(long addressSpace) {
        in(addressSpace, null);
        forget();
    }

    /** Forgets cached translations; for when memory or page tables changed under the same registers. */
    public void forget() {
        Arrays.fill(cachedPage, -1);
    }

    /**
     * {@return a view of the same guest in another address space and at other registers: code that is not running}
     *
     * @param otherCr3 control register 3 of the other address space
     * @param otherRip instruction pointer there, linear
     * @param otherRsp stack pointer there, linear
     * @param otherRbp frame pointer there, linear
     */
    public GuestView elsewhere(long otherCr3, long otherRip, long otherRsp, long otherRbp) {
        GuestView v = new GuestView(state);
        v.in(otherCr3, otherCr3 == cr3 ? state.pdptes() : null);
        v.elsewhere = true;
        v.task = task;
        v.rip = otherRip;
        v.cs = otherRip < 0 ? cs & ~3 : cs;
        Arrays.fill(v.gpr, 0);
        v.gpr[Cpu.RSP] = otherRsp;
        v.gpr[Cpu.RBP] = otherRbp;
        return v;
    }

    /**
     * Says whose stack this is if it is not that of the task on the CPU.
     * @param address of what the kernel describes a task by
     * @return this
     */
    public GuestView ofTask(long address) {
        task = address;
        return this;
    }

    /** {@return what {@link #ofTask} said; 0 for the task on the CPU} */
    public long task() {
        return task;
    }

    /** {@return the registers and memory this view reads} */
    public GuestState state() {
        return state;
    }

    /** {@return the instruction pointer: that of the CPU, or the one given to {@link #elsewhere}} */
    public long rip() {
        return rip;
    }

    /** {@return the stack pointer: that of the CPU, or the one given to {@link #elsewhere}} */
    public long rsp() {
        return gpr[Cpu.RSP];
    }

    /** {@return RBP: that of the CPU, or the one given to {@link #elsewhere}} */
    public long rbp() {
        return gpr[Cpu.RBP];
    }

    /**
     * {@return a general register}
     *
     * @param n its number in instruction encoding, 0 (RAX) to 15 (R15)
     */
    public long gpr(int n) {
        return gpr[n];
    }

    /** {@return RFLAGS of the CPU} */
    public long rflags() {
        return rflags;
    }

    /** {@return the selector in CS} */
    public int cs() {
        return cs;
    }

    /** {@return control register 3 of the address space this view looks into} */
    public long cr3() {
        return cr3;
    }

    /** {@return whether the CPU was in user mode} */
    public boolean user() {
        return (cs & 3) == 3;
    }

    /** {@return the GS base in use} */
    public long gsBase() {
        return gsBase;
    }

    /**
     * {@return the kernel's GS base: the one of the two that lies in the upper half of the address space, the active
     * one first; 0 if none does}
     */
    public long kernelGs() {
        return gsBase < 0 ? gsBase : kernelGsBase < 0 ? kernelGsBase : 0;
    }

    /** {@return whether this was made by {@link #elsewhere}: its registers are not the CPU's} */
    public boolean isElsewhere() {
        return elsewhere;
    }

    // ---- memory ----

    /**
     * Reads the 8 bytes at an address.
     *
     * @param la guest linear address of the first byte; the 8 bytes may span two pages
     * @return whether all of them are RAM; they are {@link #value} then
     */
    public boolean load(long la) {
        if ((la & 0xfff) > 0xff8) return loadAcross(la);
        long page = page(la);
        if (page == -1) return false;
        value = memory.read64(page + (la & 0xfff));
        return true;
    }

    /** {@return the word of the last successful {@link #load}} */
    public long value() {
        return value;
    }

    /**
     * {@return the 8 bytes at an address, or {@code otherwise} if they cannot be read}
     *
     * @param la guest linear address of the first byte
     * @param otherwise what to return if a byte of them is not RAM
     */
    public long load(long la, long otherwise) {
        return load(la) ? value : otherwise;
    }

    private boolean loadAcross(long la) {
        long v = 0;
        for (int i = 7; i >= 0; i--) {
            int b = load8(la + i);
            if (b < 0) return false;
            v = v << 8 | b;
        }
        value = v;
        return true;
    }

    /**
     * {@return the byte at an address, or -1}
     *
     * @param la guest linear address
     */
    public int load8(long la) {
        long page = page(la);
        return page == -1 ? -1 : memory.read8(page + (la & 0xfff));
    }

    /**
     * Copies bytes out.
     *
     * @param la guest linear address of the first byte
     * @param into where the bytes go
     * @param offset index of the first one in {@code into}
     * @param length how many are wanted
     * @return how many could be read before the first that could not
     */
    public int read(long la, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            long page = page(la + done);
            if (page == -1) break;
            int n = (int) Math.min(length - done, 4096 - (la + done & 0xfff));
            memory.copy(page + (la + done & 0xfff), into, offset + done, n);
            done += n;
        }
        return done;
    }

    /**
     * {@return whether the page of this address is mapped to RAM}
     *
     * @param la guest linear address
     */
    public boolean mapped(long la) {
        return page(la) != -1;
    }

    /** @return the physical address of the page of RAM that this address lies in, or -1 */
    private long page(long la) {
        long page = la >>> 12;
        int slot = (int) (page ^ page >>> 8) & PAGES - 1;
        if (cachedPage[slot] == page) return cachedPhysical[slot];
        long pa = tables.translate(la);
        long physical = pa == -1 || !memory.holds(pa) ? -1 : pa & -4096L;
        cachedPage[slot] = page;
        cachedPhysical[slot] = physical;
        return physical;
    }

    /**
     * {@return the guest physical address, or -1 if nothing is mapped there}
     *
     * @param la guest linear address
     */
    public long translate(long la) {
        return tables.translate(la);
    }

    /**
     * {@return whether an address is mapped, but to be neither written nor executed there: by the last of the entries
     * that lead to it}
     *
     * @param la guest linear address
     */
    public boolean constant(long la) {
        return tables.translate(la) != -1 && (tables.entry() & (WRITABLE | NO_EXECUTE)) == NO_EXECUTE;
    }

    /**
     * Finds how far the mapping of an address reaches at the level of the page tables that decides about it.
     *
     * @param la guest linear address
     * @return the first address behind the page (4 KiB, 2 MiB, 1 GiB) or hole of any size that {@code la} lies in; 0 if
     *     it wraps
     */
    public long endOfMapping(long la) {
        tables.translate(la);
        long size = 1L << tables.shift();
        return (la & -size) + size;
    }
}
