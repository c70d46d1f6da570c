package ringside.memory;

import java.util.Arrays;

/**
 * Walks the guest's page tables: 32-bit, PAE, 4-level and 5-level paging, with accessed and dirty bits and every
 * protection check. Stands behind the software TLB of {@link LinearMemory}. Source: Intel SDM vol. 3, chapter 4.
 *
 * <p>Keeps a small cache for each address space of {@link TlbTables}, of the entries that point to the last-level
 * tables (a paging-structure cache, SDM vol. 3, 4.10.3); an INVLPG drops it.
 */
final class PageWalker {
    private static final long P = 1, RW = 2, US = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100, NX = 1L << 63;
    private static final long FRAME = PhysicalMemory.ADDRESS_MASK & -4096L;
    /** Physical-address bits that the processor does not have. */
    private static final long BEYOND = 0x000f_ffff_ffff_ffffL & ~PhysicalMemory.ADDRESS_MASK;
    /** Bits 62:52 are reserved in PAE entries and free in those of long mode. */
    private static final long PAE_HIGH = 0x7ff0_0000_0000_0000L;

    private static final int PRESENT_ERROR = 1, RESERVED_ERROR = 8, KEY_ERROR = 32, SHADOW_ERROR = 64;
    /** Of a key in PKRU and IA32_PKRS. */
    private static final int ACCESS_DISABLED = 1, WRITE_DISABLED = 2;

    private static final int CACHE_SIZE = 64;
    private final long[][] tags = new long[TlbTables.SPACES][CACHE_SIZE],
            tables = new long[TlbTables.SPACES][CACHE_SIZE];
    private final boolean[] cacheUsed = new boolean[TlbTables.SPACES];
    private int space;
    /** Linear address >> 21 of the entries of the selected address space, or -1. */
    private long[] cacheTag;
    /** Last-level table's physical address, with the rights gathered above it: RW, US as in an entry, NX in bit 63. */
    private long[] cacheTable;
    /** A translation since the last flush had a protection key other than 0. */
    private boolean sawKeys;
    /** Of the last translation, as {@link TlbTables} keeps them. */
    private int attributes;

    private final Processor cpu;
    private final PhysicalMemory physical;
    private final PageTables seen;

    PageWalker(Processor cpu, PhysicalMemory physical) {
        this.cpu = cpu;
        this.physical = physical;
        this.seen = new PageTables(physical);
        Arrays.fill(cacheUsed, true);
        flush();
    }

    /** Drops cached paging-structure entries of all address spaces and selects the first. */
    void flush() {
        for (int s = 0; s < TlbTables.SPACES; s++) forget(s);
        select(space, true);
    }

    /** No TLB holds anything any more. */
    void forgetKeys() {
        sawKeys = false;
    }

    /** @return whether a page with a protection key other than 0 may be in a TLB */
    boolean sawKeys() {
        return sawKeys;
    }

    private void forget(int s) {
        if (cacheUsed[s]) Arrays.fill(tags[s], -1);
        cacheUsed[s] = false;
    }

    /** Goes over to an address space. @param keep what is cached for it is still valid */
    void select(int s, boolean keep) {
        if (!keep) forget(s);
        space = s;
        cacheTag = tags[s];
        cacheTable = tables[s];
    }

    /** @return of the page last translated: whether it is global, and its size, as {@link TlbTables} has it */
    int attributes() {
        return attributes;
    }

    /**
     * @param access LinearMemory.READ, WRITE or FETCH, with USER for an access at CPL 3
     * @param acOverride supervisor access that SMAP does not forbid
     * @return guest physical address; throws the page fault
     */
    long translate(long la, int access, boolean acOverride) {
        return translateUngated(la, access, acOverride) & physical.a20Mask();
    }

    private long translateUngated(long la, int access, boolean acOverride) {
        if ((cpu.cr0 & Processor.CR0_PG) == 0) {
            attributes = 12 << TlbTables.SIZE_SHIFT;
            return la & 0xffff_ffffL;
        }
        if ((cpu.cr4 & Processor.CR4_PAE) == 0) return walk32(la & 0xffff_ffffL, access, acOverride);
        int slot = (int) (la >>> 21) & CACHE_SIZE - 1;
        if (cacheTag[slot] == la >>> 21) {
            long table = cacheTable[slot];
            return lastLevel(la, table & FRAME, table & (RW | US | NX), access, acOverride);
        }
        return cpu.longMode() ? walkLong(la, access, acOverride) : walkPae(la & 0xffff_ffffL, access, acOverride);
    }

    // ---- long mode and PAE ----

    private long walkLong(long la, int access, boolean acOverride) {
        long table = cpu.cr3 & FRAME;
        long rights = RW | US;
        for (int shift = (cpu.cr4 & Processor.CR4_LA57) != 0 ? 48 : 39; shift > 12; shift -= 9) {
            long at = table + (la >>> shift & 0x1ff) * 8;
            long e = read(at, 8);
            if ((e & P) == 0) throw fault(la, access, 0);
            boolean leaf = (e & PS) != 0 && shift <= 30;
            if ((e & reserved(shift, e)) != 0) throw fault(la, access, PRESENT_ERROR | RESERVED_ERROR);
            rights = rights & e & (RW | US) | (rights | e) & NX;
            if (leaf) return finish(la, at, e, 8, rights, shift, access, acOverride);
            accessed(at, e, 8);
            table = e & FRAME;
        }
        remember(la, table, rights);
        return lastLevel(la, table, rights, access, acOverride);
    }

    /** Bits that must be zero in the entry of a table above the last level, for the size it maps or points to. */
    private long reserved(int shift, long e) {
        long r = BEYOND | noExecuteReserved();
        if (shift >= 39) return r | PS;
        if ((e & PS) == 0) return r;
        if (shift == 30) return cpu.hugePages() ? r | 0x3fff_e000L : r | PS;
        return r | 0x1f_e000L;
    }

    private long walkPae(long la, int access, boolean acOverride) {
        long pdpte = cpu.pdpte[(int) (la >>> 30)];
        if ((pdpte & P) == 0) throw fault(la, access, 0);
        long at = (pdpte & FRAME) + (la >>> 21 & 0x1ff) * 8;
        long e = read(at, 8);
        if ((e & P) == 0) throw fault(la, access, 0);
        if ((e & (reserved(21, e) | PAE_HIGH)) != 0) throw fault(la, access, PRESENT_ERROR | RESERVED_ERROR);
        long rights = e & (RW | US | NX);
        if ((e & PS) != 0) return finish(la, at, e, 8, rights, 21, access, acOverride);
        accessed(at, e, 8);
        remember(la, e & FRAME, rights);
        return lastLevel(la, e & FRAME, rights, access, acOverride);
    }

    private void remember(long la, long table, long rights) {
        int slot = (int) (la >>> 21) & CACHE_SIZE - 1;
        cacheTag[slot] = la >>> 21;
        cacheTable[slot] = table | rights;
        cacheUsed[space] = true;
    }

    private long lastLevel(long la, long table, long rights, int access, boolean acOverride) {
        long at = table + (la >>> 12 & 0x1ff) * 8;
        long e = read(at, 8);
        if ((e & P) == 0) throw fault(la, access, 0);
        long reserved = BEYOND | noExecuteReserved() | (cpu.longMode() ? 0 : PAE_HIGH);
        if ((e & reserved) != 0) throw fault(la, access, PRESENT_ERROR | RESERVED_ERROR);
        return finish(la, at, e, 8, rights & e & (RW | US) | (rights | e) & NX, 12, access, acOverride);
    }

    private long noExecuteReserved() {
        return (cpu.efer & Processor.EFER_NXE) == 0 ? NX : 0;
    }

    // ---- shadow stacks ----

    /**
     * Translates a shadow-stack access (SDM vol. 3, 4.6.1): the page must be a shadow-stack page, dirty and read-only
     * in its own entry and writable in all above, and be the user's or the supervisor's as the access is. 32-bit paging
     * has none here.
     */
    long shadow(long la, int access) {
        if ((cpu.cr0 & Processor.CR0_PG) == 0) return la & 0xffff_ffffL & physical.a20Mask();
        if ((cpu.cr4 & Processor.CR4_PAE) == 0) throw fault(la, access, PRESENT_ERROR | SHADOW_ERROR);
        boolean wide = cpu.longMode();
        if (!wide) la &= 0xffff_ffffL;
        long table = (wide ? cpu.cr3 : cpu.pdpte[(int) (la >>> 30)]) & FRAME;
        if (!wide && (cpu.pdpte[(int) (la >>> 30)] & P) == 0) throw fault(la, access, SHADOW_ERROR);
        long upper = RW | US;
        for (int shift = !wide ? 21 : (cpu.cr4 & Processor.CR4_LA57) != 0 ? 48 : 39; ; shift -= 9) {
            long at = table + (la >>> shift & 0x1ff) * 8;
            long e = read(at, 8);
            if ((e & P) == 0) throw fault(la, access, SHADOW_ERROR);
            boolean leaf = shift == 12 || (e & PS) != 0 && shift <= 30;
            long reserved = shift == 12 ? BEYOND | noExecuteReserved() : reserved(shift, e);
            if ((e & (reserved | (wide ? 0 : PAE_HIGH))) != 0)
                throw fault(la, access, PRESENT_ERROR | RESERVED_ERROR | SHADOW_ERROR);
            if (leaf) {
                boolean user = (access & LinearMemory.USER) != 0;
                boolean suits = (upper & RW) != 0 && (e & (RW | D)) == D && ((upper & e & US) != 0) == user;
                int keyError = keyError(e, upper & e, access);
                if (!suits || keyError != 0) throw fault(la, access, PRESENT_ERROR | SHADOW_ERROR | keyError);
                accessed(at, e, 8);
                long offset = (1L << shift) - 1;
                return (e & FRAME & ~offset | la & offset) & physical.a20Mask();
            }
            upper &= e;
            accessed(at, e, 8);
            table = e & FRAME;
        }
    }

    /** @return whether {@link #shadow} would allow a read, without side effects; only in long mode */
    boolean isShadow(long la, boolean user) {
        if ((cpu.cr0 & Processor.CR0_PG) == 0 || !cpu.longMode() || probe(la) == -1) return false;
        long upper = seen.upper();
        long e = seen.entry();
        return (upper & RW) != 0 && (e & (RW | D)) == D && ((upper & e & US) != 0) == user;
    }

    // ---- 32-bit paging ----

    private long walk32(long la, int access, boolean acOverride) {
        long at = (cpu.cr3 & 0xffff_f000L) + (la >>> 22) * 4;
        long e = read(at, 4);
        if ((e & P) == 0) throw fault(la, access, 0);
        if ((e & PS) != 0 && (cpu.cr4 & Processor.CR4_PSE) != 0) {
            if ((e & 1 << 21) != 0) throw fault(la, access, PRESENT_ERROR | RESERVED_ERROR);
            check(la, e & (RW | US), access, acOverride, 0);
            setUsed(at, e, 4, access);
            attributes(e, 22);
            return (e & 0xffc0_0000L) | (e & 0x1f_e000L) << 19 | la & 0x3f_ffff;
        }
        accessed(at, e, 4);
        long ptAt = (e & 0xffff_f000L) + (la >>> 12 & 0x3ff) * 4;
        long pte = read(ptAt, 4);
        if ((pte & P) == 0) throw fault(la, access, 0);
        check(la, e & pte & (RW | US), access, acOverride, 0);
        setUsed(ptAt, pte, 4, access);
        attributes(pte, 12);
        return pte & 0xffff_f000L | la & 0xfff;
    }

    // ---- common ends ----

    private long finish(long la, long at, long e, int bytes, long rights, int shift, int access, boolean acOverride) {
        check(la, rights, access, acOverride, keyError(e, rights, access));
        setUsed(at, e, bytes, access);
        attributes(e, shift);
        long offset = (1L << shift) - 1;
        return e & FRAME & ~offset | la & offset;
    }

    private void attributes(long e, int shift) {
        attributes = shift << TlbTables.SIZE_SHIFT
                | ((e & G) != 0 && (cpu.cr4 & Processor.CR4_PGE) != 0 ? TlbTables.GLOBAL : 0);
    }

    /**
     * Protection keys (SDM vol. 3, 4.6.2): of user pages by PKRU, of supervisor pages by IA32_PKRS.
     *
     * @param e the entry that maps the page
     * @param rights U/S of all levels
     * @return the bit of the error code if the page's key forbids the access, or 0
     */
    private int keyError(long e, long rights, int access) {
        boolean userPage = (rights & US) != 0;
        if ((cpu.cr4 & (userPage ? Processor.CR4_PKE : Processor.CR4_PKS)) == 0) return 0;
        if ((access & LinearMemory.FETCH) != 0 || !cpu.longMode()) return 0;
        int key = (int) (e >>> 59) & 15;
        if (key != 0) sawKeys = true;
        int forbidden = (userPage ? cpu.pkru : cpu.pkrs) >>> 2 * key;
        boolean writes = (access & LinearMemory.WRITE) != 0
                && ((access & LinearMemory.USER) != 0 || (cpu.cr0 & Processor.CR0_WP) != 0);
        return (forbidden & ACCESS_DISABLED) != 0 || (forbidden & WRITE_DISABLED) != 0 && writes ? KEY_ERROR : 0;
    }

    /** Protection: U/S, R/W with CR0.WP, NX, SMEP, SMAP (SDM vol. 3, 4.6.1). */
    private void check(long la, long rights, int access, boolean acOverride, int keyError) {
        boolean userPage = (rights & US) != 0;
        boolean allowed;
        if ((access & LinearMemory.FETCH) != 0) {
            allowed = rights >= 0
                    && ((access & LinearMemory.USER) != 0
                            ? userPage
                            : !userPage || (cpu.cr4 & Processor.CR4_SMEP) == 0);
        } else if ((access & LinearMemory.USER) != 0) {
            allowed = userPage && ((access & LinearMemory.WRITE) == 0 || (rights & RW) != 0);
        } else {
            allowed = (!userPage || acOverride || (cpu.cr4 & Processor.CR4_SMAP) == 0)
                    && ((access & LinearMemory.WRITE) == 0 || (rights & RW) != 0 || (cpu.cr0 & Processor.CR0_WP) == 0);
        }
        if (!allowed || keyError != 0) throw fault(la, access, PRESENT_ERROR | keyError);
    }

    private RuntimeException fault(long la, int access, int bits) {
        int error = access & (LinearMemory.WRITE | LinearMemory.USER) | bits;
        boolean reportsFetch = (cpu.efer & Processor.EFER_NXE) != 0 && (cpu.cr4 & Processor.CR4_PAE) != 0
                || (cpu.cr4 & Processor.CR4_SMEP) != 0;
        if (reportsFetch) error |= access & LinearMemory.FETCH;
        return cpu.pageFault(la, error);
    }

    private long read(long pa, int bytes) {
        pa &= physical.a20Mask();
        long page = physical.ramPage(pa);
        if (page == 0) return physical.read(pa, bytes);
        long host = page + (pa & 0xfff);
        return bytes == 8 ? HostMemory.get64(host) : HostMemory.get32(host) & 0xffff_ffffL;
    }

    private void accessed(long at, long e, int bytes) {
        if ((e & A) == 0) update(at, bytes, e | A);
    }

    private void setUsed(long at, long e, int bytes, int access) {
        long used = e | A | ((access & LinearMemory.WRITE) != 0 ? D : 0);
        if (used != e) update(at, bytes, used);
    }

    /** Stores an entry with its accessed and dirty flags; it may be code too, perhaps of the block that is running. */
    private void update(long at, int bytes, long entry) {
        long pa = at & physical.a20Mask();
        if (physical.hitsCode(pa, bytes)) cpu.needStepMode();
        physical.write(pa, bytes, entry);
    }

    // ---- as a debugger ----

    /** @return the guest physical address without side effects or protection checks, or -1 if nothing is mapped */
    long probe(long la) {
        seen.use(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer, cpu.pdpte);
        long pa = seen.translate(la);
        return pa == -1 ? -1 : pa & physical.a20Mask();
    }
}
