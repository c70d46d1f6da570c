package ringside.memory;

/**
 * Guest linear memory as one CPU sees it: the software TLB, and loads and stores through it. One data TLB and one exec
 * TLB for each context (supervisor, supervisor that may touch user pages, user) of each recent address space; direct
 * mapped, off-heap, in {@link TlbTables}.
 *
 * <p>Data entry, 32 bytes: read tag, write tag, addend, attributes. A tag is the linear page address, or -1. A hit
 * needs tag == (la + size - 1) &amp; PAGE_MASK with the entry chosen by la, so an access that crosses a page misses by
 * construction. host address = la + addend. Pages that hold decoded code have no write tag, device pages no tag at all.
 *
 * <p>Linear addresses given to this class are full 64-bit canonical-or-not in 64-bit mode and zero-extended 32-bit
 * otherwise; segmentation is done.
 */
public final class LinearMemory {
    /** Contexts, each with a TLB of its own: supervisor, supervisor that SMAP lets access user pages, user. */
    public static final int CONTEXT_KERNEL = 0, CONTEXT_KERNEL_AC = 1, CONTEXT_USER = 2;
    /** Binary logarithm of the entries of a data TLB and of an exec TLB. */
    public static final int DATA_BITS = 12, EXEC_BITS = 12;
    /** Bytes of a data TLB. */
    public static final int DATA_SIZE = 32 << DATA_BITS;
    /** Bytes of an exec TLB. */
    public static final int EXEC_SIZE = 32 << EXEC_BITS;

    static final long PAGE_MASK = -4096L;
    static final int DATA_INDEX_MASK = (1 << DATA_BITS) - 1 << 5;
    private static final int EXEC_INDEX_MASK = (1 << EXEC_BITS) - 1 << 5;

    /** Kinds of access, bits of a page-fault error code: write = 2, user = 4, fetch = 16. */
    public static final int READ = 0, WRITE = 2, USER = 4, FETCH = 16;

    private final Processor cpu;
    private final PhysicalMemory physical;
    private final PageWalker walker;
    private final TlbTables tables;
    /** Host address of the data TLB of the current context; read for translated code by {@link TlbAccess}. */
    long dataTlb;

    private long execTlb;
    private int context = -1;
    /** A data TLB that never holds anything: every access of a checked context takes the slow path. */
    private final long emptyTlb;
    /** Alignment (#AC) must be looked at for every access of the running code. */
    private boolean checked;
    /** Accesses are made for the processor itself: neither alignment nor breakpoints count. */
    private boolean implicit;
    /** Pages with data breakpoints, which get no entry in the data TLBs; {@link #NO_PAGE} where there is none. */
    private final long[] watched = {NO_PAGE, NO_PAGE, NO_PAGE, NO_PAGE};
    /** Pages of code with an execution breakpoint: they get no entry in the exec TLBs. */
    private final long[] stopped = {NO_PAGE, NO_PAGE, NO_PAGE, NO_PAGE};

    private static final long NO_PAGE = 1;
    private AccessWatch watch;
    /**
     * Statistics: data TLB fills; everything dropped, one address space dropped, switched without dropping, one page
     * dropped.
     */
    public long fills, flushes, spaceFlushes, spaceSwitches, pageFlushes;

    /**
     * Linear memory with empty TLBs.
     *
     * @param cpu whose paging registers count
     * @param physical guest physical address space
     */
    public LinearMemory(Processor cpu, PhysicalMemory physical) {
        this.cpu = cpu;
        this.physical = physical;
        this.walker = new PageWalker(cpu, physical);
        this.tables = new TlbTables(DATA_SIZE, EXEC_SIZE, (int) (physical.size() / PhysicalMemory.PAGE_SIZE));
        this.emptyTlb = HostMemory.allocate(DATA_SIZE);
        HostMemory.fill(emptyTlb, DATA_SIZE, 0xff);
        select(CONTEXT_KERNEL);
    }

    /** Gives the TLBs back to the host. */
    public void free() {
        tables.free();
        HostMemory.free(emptyTlb);
    }

    // ---- contexts and flushing ----

    /**
     * Chooses the TLB for the CPU's present CPL, SMAP, AC and breakpoints; called by the processor whenever one of them
     * changes.
     */
    public void selectContext() {
        int c = contextAt(cpu.cpl);
        boolean check = cpu.watchingAll || alignmentChecked();
        if (c != context || check != checked) {
            checked = check;
            select(c);
        }
    }

    /**
     * {@return the context of an explicit access made at this privilege level}
     *
     * @param cpl 0 to 3
     */
    public int contextAt(int cpl) {
        return cpl == 3
                ? CONTEXT_USER
                : (cpu.cr4 & Processor.CR4_SMAP) == 0 || (cpu.systemFlags & Processor.RFLAGS_AC) != 0
                        ? CONTEXT_KERNEL_AC
                        : CONTEXT_KERNEL;
    }

    /**
     * Says whether data breakpoint {@code n} is on, and where; its page then gets no entry in the data TLBs.
     *
     * @param n 0 to 3
     * @param on whether it sees data accesses
     * @param la linear address it watches
     */
    public void watch(int n, boolean on, long la) {
        keepOut(watched, n, on, la);
    }

    /**
     * Says whether execution breakpoint {@code n} is on, and where; its page then gets no entry in the exec TLBs.
     *
     * @param n 0 to 3
     * @param on whether it is enabled and one of execution
     * @param la linear address where it stops
     */
    public void stop(int n, boolean on, long la) {
        keepOut(stopped, n, on, la);
    }

    private void keepOut(long[] pages, int n, boolean on, long la) {
        long page = on ? la & PAGE_MASK : NO_PAGE;
        if (page == pages[n]) return;
        pages[n] = page;
        if (on) tables.dropPage(page, (int) (page >>> 7) & DATA_INDEX_MASK, (int) (page >>> 7) & EXEC_INDEX_MASK);
    }

    /**
     * {@return whether the page of an address has an execution breakpoint}
     *
     * @param la guest linear
     */
    public boolean stopsOnPage(long la) {
        long page = la & PAGE_MASK;
        return page == stopped[0] || page == stopped[1] || page == stopped[2] || page == stopped[3];
    }

    /**
     * {@return whether a page with a data breakpoint lies within so many bytes of an address}
     *
     * @param la guest linear
     * @param bytes how far from it
     */
    public boolean watchedNear(long la, long bytes) {
        for (long page : watched) {
            if (page != NO_PAGE && la + bytes >= page && la - bytes < page + 4096) return true;
        }
        return false;
    }

    private boolean alignmentChecked() {
        return cpu.cpl == 3 && (cpu.cr0 & Processor.CR0_AM) != 0 && (cpu.systemFlags & Processor.RFLAGS_AC) != 0;
    }

    /**
     * Sets who sees the accesses to chosen pages, or null.
     *
     * @param w sees them; null for nobody
     */
    public void watch(AccessWatch w) {
        watch = w;
        flushAll();
    }

    private void select(int c) {
        context = c;
        dataTlb = checked ? emptyTlb : tables.data(c);
        execTlb = tables.code(c);
    }

    /** {@return the context of accesses made now} */
    public int context() {
        return context;
    }

    /** Drops every translation of every address space, global ones too (CR0 and CR4 paging bits, EFER, INVPCID). */
    public void flushAll() {
        flushes++;
        tables.clear(addressSpace());
        walker.flush();
        walker.forgetKeys();
        select(context);
    }

    /** @param changed bits of PKRU or IA32_PKRS that have changed; those of key 0 are the low two */
    void protectionKeysChanged(int changed) {
        if ((cpu.cr4 & (Processor.CR4_PKE | Processor.CR4_PKS)) == 0) return;
        if ((changed & 3) != 0 || walker.sawKeys()) flushAll();
    }

    /** @return the number of the address space CR3 names: its PCID, or 0 */
    private int addressSpace() {
        return (cpu.cr4 & Processor.CR4_PCIDE) != 0 ? (int) cpu.cr3 & 0xfff : 0;
    }

    /**
     * Goes over to the address space that CR3 now names.
     * @param keep translations held for it stay valid (bit 63 of the value written)
     */
    public void addressSpaceChanged(boolean keep) {
        boolean held = tables.select(addressSpace());
        walker.select(tables.space(), held && keep);
        if (held && !keep) {
            spaceFlushes++;
            tables.dropLocal(tables.space());
        } else {
            spaceSwitches++;
        }
        select(context);
    }

    /**
     * Drops what is not global of one address space (INVPCID).
     *
     * @param pcid process-context identifier of the address space
     */
    public void flushSpace(int pcid) {
        int s = tables.find(pcid);
        if (s < 0) return;
        spaceFlushes++;
        tables.dropLocal(s);
        walker.flush();
    }

    /** Drops what is not global of every address space (INVPCID). */
    public void flushLocal() {
        for (int s = 0; s < TlbTables.SPACES; s++) tables.dropLocal(s);
        spaceFlushes++;
        walker.flush();
    }

    /**
     * Drops the translation of one page, whatever its size, in every context and address space (INVLPG).
     *
     * @param la guest linear
     */
    public void flushPage(long la) {
        pageFlushes++;
        tables.dropPage(la, (int) (la >>> 7) & DATA_INDEX_MASK, (int) (la >>> 7) & EXEC_INDEX_MASK);
        walker.flush();
    }

    /**
     * Takes write permission off every entry that maps this RAM page, because it now holds decoded code.
     *
     * @param pa guest physical
     */
    public void protectCodePage(long pa) {
        long host = physical.ramPage(pa);
        if (host != 0) tables.protect(physical.pageNumber(host), host);
    }

    // ---- loads ----

    /**
     * {@return a byte at a linear address, zero-extended; faults as the guest's load would}
     *
     * @param la linear address of the first byte
     */
    public int load8(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e) == (la & PAGE_MASK)) return HostMemory.get8(la + HostMemory.get64(e + 16));
        return (int) loadSlow(la, 1);
    }

    /**
     * {@return 2 bytes at a linear address, zero-extended; faults as the guest's load would}
     *
     * @param la linear address of the first byte
     */
    public int load16(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e) == (la + 1 & PAGE_MASK)) return HostMemory.get16(la + HostMemory.get64(e + 16));
        return (int) loadSlow(la, 2);
    }

    /**
     * {@return 4 bytes at a linear address; faults as the guest's load would}
     *
     * @param la linear address of the first byte
     */
    public int load32(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e) == (la + 3 & PAGE_MASK)) return HostMemory.get32(la + HostMemory.get64(e + 16));
        return (int) loadSlow(la, 4);
    }

    /**
     * {@return 8 bytes at a linear address; faults as the guest's load would}
     *
     * @param la linear address of the first byte
     */
    public long load64(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e) == (la + 7 & PAGE_MASK)) return HostMemory.get64(la + HostMemory.get64(e + 16));
        return loadSlow(la, 8);
    }

    // ---- stores ----

    /**
     * Stores a byte at a linear address; faults as the guest's store would.
     *
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public void store8(long la, int v) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la & PAGE_MASK)) {
            HostMemory.put8(la + HostMemory.get64(e + 16), v);
        } else {
            storeSlow(la, 1, v);
        }
    }

    /**
     * Stores 2 bytes at a linear address; faults as the guest's store would.
     *
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public void store16(long la, int v) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 1 & PAGE_MASK)) {
            HostMemory.put16(la + HostMemory.get64(e + 16), v);
        } else {
            storeSlow(la, 2, v);
        }
    }

    /**
     * Stores 4 bytes at a linear address; faults as the guest's store would.
     *
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public void store32(long la, int v) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 3 & PAGE_MASK)) {
            HostMemory.put32(la + HostMemory.get64(e + 16), v);
        } else {
            storeSlow(la, 4, v);
        }
    }

    /**
     * Stores 8 bytes at a linear address; faults as the guest's store would.
     *
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public void store64(long la, long v) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 7 & PAGE_MASK)) {
            HostMemory.put64(la + HostMemory.get64(e + 16), v);
        } else {
            storeSlow(la, 8, v);
        }
    }

    // ---- 16 bytes: one look at the TLB if they lie in one page, otherwise as two accesses of 8 ----

    /**
     * Loads into {@code to[at]} and {@code to[at + 1]}, which are as before if it faults.
     *
     * @param la linear address of the first byte
     * @param to where the 16 bytes go, low half first
     * @param at index of the low half
     */
    public void load128(long la, long[] to, int at) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e) == (la + 15 & PAGE_MASK)) {
            long host = la + HostMemory.get64(e + 16);
            to[at] = HostMemory.get64(host);
            to[at + 1] = HostMemory.get64(host + 8);
        } else {
            if ((la & 0xfff) > 0xff0) checkRead(la, 16);
            long low = load64(la);
            to[at + 1] = load64(wrap(la + 8));
            to[at] = low;
        }
    }

    /**
     * Stores, or faults with nothing stored.
     *
     * @param la linear address of the first byte
     * @param low the first 8 bytes
     * @param high the last 8 bytes
     */
    public void store128(long la, long low, long high) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 15 & PAGE_MASK)) {
            long host = la + HostMemory.get64(e + 16);
            HostMemory.put64(host, low);
            HostMemory.put64(host + 8, high);
        } else {
            if ((la & 0xfff) > 0xff0) checkWrite(la, 16);
            store64(la, low);
            store64(wrap(la + 8), high);
        }
    }

    // ---- by size: 1, 2, 4 or 8 bytes ----

    /**
     * {@return the value, zero-extended}
     *
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     */
    public long load(long la, int bytes) {
        return switch (bytes) {
            case 1 -> load8(la);
            case 2 -> load16(la);
            case 4 -> load32(la) & 0xffff_ffffL;
            default -> load64(la);
        };
    }

    /**
     * Stores at a linear address; faults as the guest's store would.
     *
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @param v the value; higher bytes are ignored
     */
    public void store(long la, int bytes, long v) {
        switch (bytes) {
            case 1 -> store8(la, (int) v);
            case 2 -> store16(la, (int) v);
            case 4 -> store32(la, (int) v);
            default -> store64(la, v);
        }
    }

    /**
     * Reads for a read-modify-write.
     *
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @return the value, zero-extended
     */
    public long modify(long la, int bytes) {
        return switch (bytes) {
            case 1 -> modify8(la);
            case 2 -> modify16(la);
            case 4 -> modify32(la) & 0xffff_ffffL;
            default -> modify64(la);
        };
    }

    // ---- read for a read-modify-write: write permission is checked first, so that the fault reports a write ----

    /**
     * {@return a byte read for a read-modify-write, which faults as a store}
     *
     * @param la linear address of the first byte
     */
    public int modify8(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la & PAGE_MASK)) return HostMemory.get8(la + HostMemory.get64(e + 16));
        return (int) modifySlow(la, 1);
    }

    /**
     * {@return 2 bytes read for a read-modify-write, which faults as a store}
     *
     * @param la linear address of the first byte
     */
    public int modify16(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 1 & PAGE_MASK)) return HostMemory.get16(la + HostMemory.get64(e + 16));
        return (int) modifySlow(la, 2);
    }

    /**
     * {@return 4 bytes read for a read-modify-write, which faults as a store}
     *
     * @param la linear address of the first byte
     */
    public int modify32(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 3 & PAGE_MASK)) return HostMemory.get32(la + HostMemory.get64(e + 16));
        return (int) modifySlow(la, 4);
    }

    /**
     * {@return 8 bytes read for a read-modify-write, which faults as a store}
     *
     * @param la linear address of the first byte
     */
    public long modify64(long la) {
        long e = dataTlb + (la >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(e + 8) == (la + 7 & PAGE_MASK)) return HostMemory.get64(la + HostMemory.get64(e + 16));
        return modifySlow(la, 8);
    }

    /**
     * Faults as a write of these bytes would (CR2 is where the missing page is entered), without writing; for
     * instructions that store several pieces or may not store at all.
     *
     * @param la linear address of the first byte
     * @param bytes how many
     */
    public void checkWrite(long la, int bytes) {
        checkCanonical(la, la + bytes - 1);
        translate(la, WRITE, bytes);
        checkSecondPage(la, WRITE, bytes);
    }

    /**
     * Faults as a read of these bytes would.
     *
     * @param la linear address of the first byte
     * @param bytes how many
     */
    public void checkRead(long la, int bytes) {
        checkCanonical(la, la + bytes - 1);
        translate(la, READ, bytes);
        checkSecondPage(la, READ, bytes);
    }

    /**
     * Faults if alignment is checked and {@code la} is not aligned to {@code unit}: for operands in several pieces,
     * after their pages.
     *
     * @param la linear address of the first byte
     * @param unit bytes, a power of two
     */
    public void checkAligned(long la, int unit) {
        if (alignmentChecked() && (la & unit - 1) != 0) throw cpu.misaligned();
    }

    /** A fault of the second page reports the page's first byte, as processors do. */
    private void checkSecondPage(long la, int access, int bytes) {
        long last = la + bytes - 1;
        if (((la ^ last) & PAGE_MASK) != 0) translate(wrap(last & PAGE_MASK), access, (int) (last & 0xfff) + 1);
    }

    /** An access that reaches out of the canonical range is a #GP, whatever its first bytes would meet. */
    private void checkCanonical(long first, long last) {
        if (!cpu.canonical(last) && cpu.canonical(first) && cpu.code64()) throw cpu.nonCanonical(first);
    }

    private long wrap(long la) {
        return cpu.code64() ? la : la & 0xffff_ffffL;
    }

    // ---- several elements at once, for string instructions ----

    /**
     * Copies forward as much of {@code bytes} as lies in one source and one destination page that are plain RAM in the
     * TLB, unless the ranges overlap in a way that makes a forward copy repeat itself.
     *
     * @param from linear address of the source
     * @param to linear address of the destination
     * @param bytes at most so many
     * @param unit bytes of an element
     * @return bytes copied, a multiple of {@code unit}; 0 if the caller must go element by element
     */
    public int copyForward(long from, long to, int bytes, int unit) {
        long r = dataTlb + (from >>> 7 & DATA_INDEX_MASK);
        long w = dataTlb + (to >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(r) != (from & PAGE_MASK) || HostMemory.get64(w + 8) != (to & PAGE_MASK)) return 0;
        int n = (int) Math.min(bytes, 4096 - Math.max(from & 0xfff, to & 0xfff)) / unit * unit;
        long source = from + HostMemory.get64(r + 16);
        long destination = to + HostMemory.get64(w + 16);
        if (destination > source && destination < source + n) return 0;
        HostMemory.copy(source, destination, n);
        return n;
    }

    /**
     * Fills as much of {@code bytes} as lies in one page of plain RAM in the TLB with copies of the {@code unit} low
     * bytes of {@code v}.
     *
     * @param to linear address of the first byte
     * @param bytes at most so many
     * @param unit bytes of an element
     * @param v the element
     * @return bytes filled, a multiple of {@code unit}; 0 if the caller must go element by element
     */
    public int fillForward(long to, int bytes, int unit, long v) {
        long w = dataTlb + (to >>> 7 & DATA_INDEX_MASK);
        if (HostMemory.get64(w + 8) != (to & PAGE_MASK)) return 0;
        int n = (int) Math.min(bytes, 4096 - (to & 0xfff)) / unit * unit;
        long host = to + HostMemory.get64(w + 16);
        long pattern = unit == 8
                ? v
                : unit == 4
                        ? (v & 0xffff_ffffL) * 0x1_0000_0001L
                        : unit == 2 ? (v & 0xffff) * 0x0001_0001_0001_0001L : (v & 0xff) * 0x0101_0101_0101_0101L;
        int k = 0;
        for (; k + 8 <= n; k += 8) HostMemory.put64(host + k, pattern);
        for (; k < n; k++) HostMemory.put8(host + k, (int) (pattern >>> 8 * (k & 7)));
        return n;
    }

    // ---- slow paths ----

    /**
     * Translates for a data access in the current context, filling the TLB; in block mode leaves if the page is a
     * device's, or if a write would change decoded code.
     *
     * @return the guest physical address
     */
    private long translate(long la, int access, int bytes) {
        if (!cpu.canonical(la)) throw cpu.nonCanonical(la);
        long pa = walker.translate(la, access | (context == CONTEXT_USER ? USER : 0), context == CONTEXT_KERNEL_AC);
        int inPage = (int) Math.min(bytes, 4096 - (la & 0xfff));
        long hostPage = physical.ramPage(pa);
        if (hostPage == 0) {
            cpu.needStepMode();
            return pa;
        }
        if (access == WRITE && physical.hitsCode(pa, inPage)) cpu.needStepMode();
        if (!checked
                && (!cpu.watching || !watchedNear(la & PAGE_MASK, 0))
                && (watch == null || !watch.watchesPage(la & PAGE_MASK)))
            fill(la & PAGE_MASK, hostPage, access == WRITE && !physical.hasCode(pa));
        return pa;
    }

    private void fill(long page, long hostPage, boolean write) {
        fills++;
        long e = dataTlb + (page >>> 7 & DATA_INDEX_MASK);
        long addend = hostPage - page;
        boolean same = HostMemory.get64(e + 16) == addend;
        HostMemory.put64(e, page);
        if (write) {
            HostMemory.put64(e + 8, page);
            tables.writable(physical.pageNumber(hostPage));
        } else if (!same || HostMemory.get64(e + 8) != page) {
            HostMemory.put64(e + 8, -1);
        }
        HostMemory.put64(e + 16, addend);
        HostMemory.put64(e + 24, walker.attributes());
        tables.filled(context, false, e, page);
    }

    /**
     * Alignment and breakpoints, once the page allows the access.
     * @param changes it is the read of a read-modify-write
     */
    private void check(long la, int bytes, boolean write, boolean changes) {
        if (!implicit) {
            if (checked && (la & bytes - 1) != 0 && alignmentChecked()) throw cpu.misaligned();
            if (cpu.watching || cpu.watchingAll) cpu.watched(la, bytes, write, changes);
        }
        if (watch != null && watch.watches(la, bytes, write)) {
            // in step mode, so that the run can stop behind this very instruction
            cpu.needStepMode();
            watch.accessed(la, bytes, write);
        }
    }

    private long loadSlow(long la, int bytes) {
        if (((la ^ la + bytes - 1) & PAGE_MASK) == 0) {
            long pa = translate(la, READ, bytes);
            check(la, bytes, false, false);
            return read(pa, bytes);
        }
        checkRead(la, bytes);
        check(la, bytes, false, false);
        return loadBytes(la, bytes);
    }

    private long read(long pa, int bytes) {
        long v = physical.read(pa, bytes);
        if (cpu.watchingDevices && physical.ramPage(pa) == 0) cpu.deviceAccessed(pa, bytes, v, false);
        return v;
    }

    private long loadBytes(long la, int bytes) {
        long v = 0;
        for (int i = 0; i < bytes; i++) v |= (long) load8(wrap(la + i)) << (8 * i);
        return v;
    }

    private long modifySlow(long la, int bytes) {
        if (((la ^ la + bytes - 1) & PAGE_MASK) == 0) {
            long pa = translate(la, WRITE, bytes);
            check(la, bytes, false, true);
            return read(pa, bytes);
        }
        checkWrite(la, bytes);
        check(la, bytes, false, true);
        return loadBytes(la, bytes);
    }

    private void storeSlow(long la, int bytes, long v) {
        if (((la ^ la + bytes - 1) & PAGE_MASK) == 0) {
            long pa = translate(la, WRITE, bytes);
            check(la, bytes, true, false);
            physical.write(pa, bytes, v);
            if (cpu.watchingDevices && physical.ramPage(pa) == 0) cpu.deviceAccessed(pa, bytes, v, true);
            return;
        }
        checkWrite(la, bytes);
        check(la, bytes, true, false);
        for (int i = 0; i < bytes; i++) store8(wrap(la + i), (int) (v >>> 8 * i));
    }

    // ---- shadow stacks ----

    private long shadow(long la, int bytes, int access, boolean user) {
        if (!cpu.canonical(la)) throw cpu.gp(0);
        long pa = walker.shadow(la, access | (user ? USER : 0));
        if (physical.ramPage(pa) == 0
                || access == WRITE && physical.hitsCode(pa, Math.min(bytes, 4096 - (int) (la & 0xfff))))
            cpu.needStepMode();
        return pa;
    }

    private static boolean crosses(long la, int bytes) {
        return ((la ^ la + bytes - 1) & PAGE_MASK) != 0;
    }

    /**
     * Reads a shadow stack, with the rights of user or supervisor shadow-stack accesses.
     *
     * @param la a multiple of 4
     * @param bytes 4 or 8
     * @param user true for user accesses, false for those of the supervisor
     * @return the value, zero-extended
     */
    public long shadowLoad(long la, int bytes, boolean user) {
        if (crosses(la, bytes)) return shadowLoad(la, 4, user) & 0xffff_ffffL | shadowLoad(la + 4, 4, user) << 32;
        long v = physical.read(shadow(la, bytes, READ, user), bytes);
        return bytes == 4 ? v & 0xffff_ffffL : v;
    }

    /**
     * Writes a shadow stack, with the rights of user or supervisor shadow-stack accesses.
     *
     * @param la a multiple of 4
     * @param bytes 4 or 8
     * @param v the value
     * @param user true for user accesses, false for those of the supervisor
     */
    public void shadowStore(long la, int bytes, long v, boolean user) {
        if (crosses(la, bytes)) {
            shadowCheck(la, bytes, user);
            shadowStore(la, 4, v & 0xffff_ffffL, user);
            shadowStore(la + 4, 4, v >>> 32, user);
        } else {
            physical.write(shadow(la, bytes, WRITE, user), bytes, v);
        }
    }

    /**
     * Faults as a shadow-stack write of these bytes would.
     *
     * @param la linear address of the first byte
     * @param bytes how many
     * @param user true for user accesses, false for those of the supervisor
     */
    public void shadowCheck(long la, int bytes, boolean user) {
        shadow(la, bytes, WRITE, user);
        if (crosses(la, bytes)) shadow(la + 4, 4, WRITE, user);
    }

    /**
     * {@return whether a page is a shadow-stack page of the user or of the supervisor; no side effects}
     *
     * @param la guest linear
     * @param user true for user accesses, false for those of the supervisor
     */
    public boolean isShadowPage(long la, boolean user) {
        return walker.isShadow(la, user);
    }

    // ---- code ----

    /**
     * Translates the address of an instruction fetch.
     *
     * @param la guest linear
     * @return the host address of the byte, or 0 if the page is not RAM (fetch it by {@link #fetchPhysical})
     */
    public long execHost(long la) {
        long e = execTlb + (la >>> 7 & EXEC_INDEX_MASK);
        if (HostMemory.get64(e) == (la & PAGE_MASK)) return la + HostMemory.get64(e + 16);
        long pa = fetchPhysical(la);
        long hostPage = physical.ramPage(pa);
        if (hostPage == 0) return 0;
        if (cpu.stopping && stopsOnPage(la)) return hostPage + (la & 0xfff);
        HostMemory.put64(e, la & PAGE_MASK);
        HostMemory.put64(e + 16, hostPage - (la & PAGE_MASK));
        HostMemory.put64(e + 24, walker.attributes());
        tables.filled(context, true, e, la);
        return hostPage + (la & 0xfff);
    }

    /**
     * {@return what {@link #execHost} would, if the exec TLB knows the page, otherwise 0; changes nothing}
     *
     * @param la guest linear
     */
    public long execHit(long la) {
        long e = execTlb + (la >>> 7 & EXEC_INDEX_MASK);
        return HostMemory.get64(e) == (la & PAGE_MASK) ? la + HostMemory.get64(e + 16) : 0;
    }

    /**
     * {@return whether the exec TLB knows the page of this address and maps the address to this host address; changes
     * nothing}
     *
     * @param la guest linear
     * @param host host address
     */
    public boolean execIs(long la, long host) {
        return execHit(la) == host;
    }

    /**
     * {@return the guest physical address of an instruction byte; faults as a fetch}
     *
     * @param la guest linear
     */
    public long fetchPhysical(long la) {
        if (!cpu.canonical(la)) throw cpu.gp(0);
        return walker.translate(la, FETCH | (context == CONTEXT_USER ? USER : 0), context == CONTEXT_KERNEL_AC);
    }

    // ---- accesses on behalf of another privilege level ----

    /**
     * Reads descriptor tables, IDT and TSS: always supervisor, SMAP enforced (SDM vol. 3, 4.6).
     *
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @return the value, zero-extended
     */
    public long systemLoad(long la, int bytes) {
        return loadAs(implicitContext(), la, bytes);
    }

    /**
     * Writes descriptor tables and TSS, as {@link #systemLoad} reads them.
     *
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @param v the value
     */
    public void systemStore(long la, int bytes, long v) {
        storeAs(implicitContext(), la, bytes, v);
    }

    private int implicitContext() {
        return (cpu.cr4 & Processor.CR4_SMAP) == 0 ? CONTEXT_KERNEL_AC : CONTEXT_KERNEL;
    }

    /**
     * Reads with the rights of a context, without alignment check or breakpoints: stacks of other privilege levels.
     *
     * @param as the context
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @return the value, zero-extended
     */
    public long loadAs(int as, long la, int bytes) {
        int saved = context;
        boolean savedChecked = checked, savedImplicit = implicit;
        checked = false;
        implicit = true;
        select(as);
        try {
            return load(la, bytes);
        } finally {
            checked = savedChecked;
            implicit = savedImplicit;
            select(saved);
        }
    }

    /**
     * Writes with the rights of a context, as {@link #loadAs} reads.
     *
     * @param as the context
     * @param la linear address of the first byte
     * @param bytes how many: 1, 2, 4 or 8
     * @param v the value
     */
    public void storeAs(int as, long la, int bytes, long v) {
        int saved = context;
        boolean savedChecked = checked, savedImplicit = implicit;
        checked = false;
        implicit = true;
        select(as);
        try {
            store(la, bytes, v);
        } finally {
            checked = savedChecked;
            implicit = savedImplicit;
            select(saved);
        }
    }

    /**
     * Translates without side effects (no A/D bits, no faults, no TLB fill), as a debugger does, with the CPU's paging
     * registers.
     *
     * @param la guest linear
     * @return the guest physical address, or -1 if not mapped
     */
    public long probe(long la) {
        return walker.probe(la);
    }
}
