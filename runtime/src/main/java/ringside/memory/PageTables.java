package ringside.memory;

/**
 * Translates linear addresses as a debugger does: without protection checks, faults, accessed and dirty bits, or
 * caches. 32-bit, PAE, 4-level and 5-level paging; Intel SDM vol. 3, chapter 4. {@link PageWalker} is the processor's
 * own way, with all of these.
 *
 * <p>What was found last stands in {@link #shift}, {@link #entry} and {@link #upper} until the next translation.
 */
public final class PageTables {
    /** Control register bits that decide how an address is translated. */
    private static final long CR0_PG = 1L << 31,
            CR4_PSE = 1 << 4,
            CR4_PAE = 1 << 5,
            CR4_LA57 = 1 << 12,
            EFER_LMA = 1 << 10;

    private static final long P = 1, PS = 0x80;
    private static final long FRAME = PhysicalMemory.ADDRESS_MASK & -4096L;
    private static final long LOW = 0xffff_ffffL;

    private final GuestMemory memory;
    private long cr0, cr3, cr4, efer;
    private long[] pdpte;
    private int shift;
    private long entry, upper;

    /**
     * A walker of page tables.
     *
     * @param memory where the tables lie
     */
    public PageTables(GuestMemory memory) {
        this.memory = memory;
    }

    /**
     * Says which tables hold from now on.
     *
     * @param cr0 control register 0
     * @param cr3 control register 3, with the guest physical address of the top table
     * @param cr4 control register 4
     * @param efer IA32_EFER
     * @param pdpte the four entries that PAE paging has loaded, or null to read them where CR3 points
     */
    public void use(long cr0, long cr3, long cr4, long efer, long[] pdpte) {
        this.cr0 = cr0;
        this.cr3 = cr3;
        this.cr4 = cr4;
        this.efer = efer;
        this.pdpte = pdpte;
    }

    /**
     * {@return the guest physical address, or -1 if nothing is mapped there}
     *
     * @param la guest linear
     */
    public long translate(long la) {
        upper = -1;
        if ((cr0 & CR0_PG) == 0) return found(12, P, la & LOW, la);
        if ((cr4 & CR4_PAE) == 0) return translate32(la & LOW);
        if ((efer & EFER_LMA) == 0) {
            la &= LOW;
            long e = pdpte(la >>> 30);
            if ((e & P) == 0) return hole(30, e);
            return walk(la, e & FRAME, 21);
        }
        int top = (cr4 & CR4_LA57) != 0 ? 48 : 39;
        int unused = 64 - top - 9;
        if (la << unused >> unused != la) return hole(top, 0);
        return walk(la, cr3 & FRAME, top);
    }

    private long pdpte(long n) {
        return pdpte != null ? pdpte[(int) n] : word((cr3 & 0xffff_ffe0L) + 8 * n);
    }

    private long walk(long la, long table, int top) {
        for (int s = top; ; s -= 9) {
            long e = word(table + (la >>> s & 0x1ff) * 8);
            if ((e & P) == 0) return hole(s, e);
            if (s == 12 || (e & PS) != 0 && s <= 30) return found(s, e, e & FRAME, la);
            upper &= e;
            table = e & FRAME;
        }
    }

    private long translate32(long la) {
        long e = word((cr3 & 0xffff_f000L) + (la >>> 22) * 4) & LOW;
        if ((e & P) == 0) return hole(22, e);
        if ((e & PS) != 0 && (cr4 & CR4_PSE) != 0) return found(22, e, e & 0xffc0_0000L | (e & 0x1f_e000L) << 19, la);
        upper &= e;
        long last = word((e & 0xffff_f000L) + (la >>> 12 & 0x3ff) * 4) & LOW;
        return (last & P) == 0 ? hole(12, last) : found(12, last, last & 0xffff_f000L, la);
    }

    private long found(int size, long e, long frame, long la) {
        shift = size;
        entry = e;
        long offset = (1L << size) - 1;
        return frame & ~offset | la & offset;
    }

    private long hole(int size, long e) {
        shift = size;
        entry = e;
        return -1;
    }

    /**
     * @return a table's entry; 0 if the table is no RAM. The last four bytes of a page are the upper half of an 8-byte
     *     read
     */
    private long word(long pa) {
        if (!memory.holds(pa)) return 0;
        return (pa & 0xfff) == 0xffc ? memory.read64(pa - 4) >>> 32 : memory.read64(pa);
    }

    /** {@return log2 of the size of the page, or of the hole, that decided about the last address} */
    public int shift() {
        return shift;
    }

    /** {@return the entry that decided; 0 if it could not be read} */
    public long entry() {
        return entry;
    }

    /** {@return the bits that all entries above the last one have} */
    public long upper() {
        return upper;
    }
}
