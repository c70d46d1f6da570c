package ringside.memory;

import ringside.cpu.Cpu;

/** Walks the guest's page tables. Source: Intel SDM vol. 3, chapter 4. */
final class PageWalker {
    private final Cpu cpu;
    private final PhysicalMemory physical;

    PageWalker(Cpu cpu, PhysicalMemory physical) {
        this.cpu = cpu;
        this.physical = physical;
    }

    /** Drops cached paging-structure entries, if any are cached. */
    void flush() {}

    /**
     * @param access LinearMemory.READ, WRITE or FETCH, with USER for an access at CPL 3
     * @param acOverride supervisor access that SMAP does not forbid
     * @return guest physical address; throws the page fault
     */
    long translate(long la, int access, boolean acOverride) {
        if ((cpu.cr0 & Cpu.CR0_PG) == 0) return la & 0xffff_ffffL;
        throw cpu.pageFault(la, access);
    }

    long probe(long la) {
        return (cpu.cr0 & Cpu.CR0_PG) == 0 ? la & 0xffff_ffffL : -1;
    }
}
