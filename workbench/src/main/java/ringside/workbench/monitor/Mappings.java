package ringside.workbench.monitor;

import ringside.cpu.Cpu;
import ringside.memory.PageTables;
import ringside.memory.PhysicalMemory;

/** What the page tables in force map: page by page, and as ranges of equal rights. Read as a debugger reads. */
final class Mappings {
    private static final long WRITABLE = 2,
            USER = 4,
            ACCESSED = 0x20,
            DIRTY = 0x40,
            GLOBAL = 0x100,
            NO_EXECUTE = 1L << 63;
    private static final int MOST_LINES = 400;

    private final Cpu cpu;
    private final PageTables tables;

    Mappings(Cpu cpu) {
        this.cpu = cpu;
        tables = new PageTables(cpu.physical);
        tables.use(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer, cpu.pdpte);
    }

    private boolean paging() {
        return (cpu.cr0 & Cpu.CR0_PG & 0xffff_ffffL) != 0;
    }

    /** @return where an address leads, and by which entry of the page tables */
    String translate(long la) {
        long pa = tables.translate(la);
        if (!paging()) return String.format("0x%x -> 0x%x, paging is off%n", la, pa);
        if (pa == -1)
            return String.format(
                    "0x%x is not mapped: the entry for %s there is %x%n", la, size(tables.shift()), tables.entry());
        String what = cpu.physical.ramPage(pa) != 0
                ? "RAM"
                : pa < PhysicalMemory.LOW_RAM_LIMIT || pa >= 0x1_0000_0000L ? "no RAM" : "devices";
        return String.format(
                "0x%x -> 0x%x (%s), page of %s, %s, entry %016x%n",
                la, pa, what, size(tables.shift()), rights(), tables.entry());
    }

    private static String size(int shift) {
        return shift < 20
                ? (1 << shift - 10) + " KiB"
                : shift < 30 ? (1 << shift - 20) + " MiB" : (1L << shift - 30) + " GiB";
    }

    private String rights() {
        long e = tables.entry();
        long all = e & tables.upper();
        boolean executable = (e & NO_EXECUTE) == 0 && (tables.upper() == -1 || (tables.upper() & NO_EXECUTE) == 0);
        return ((all & USER) != 0 ? "u" : "-") + "r" + ((all & WRITABLE) != 0 ? "w" : "-") + (executable ? "x" : "-");
    }

    /** @return one line a page, from an address on */
    String pages(long from, int lines) {
        if (!paging()) return "paging is off\n";
        StringBuilder s = new StringBuilder();
        int n = 0;
        for (long la = from; n < lines; ) {
            long pa = tables.translate(la);
            long next = end(la);
            if (pa != -1) {
                long e = tables.entry();
                s.append(String.format(
                        "%016x: %012x %-6s %s%s%s%s%n",
                        la,
                        pa,
                        size(tables.shift()),
                        rights(),
                        (e & ACCESSED) != 0 ? "A" : "-",
                        (e & DIRTY) != 0 ? "D" : "-",
                        (e & GLOBAL) != 0 ? "G" : "-"));
                n++;
            }
            if (next == 0 || Long.compareUnsigned(next, la) <= 0) return s.toString();
            la = next;
        }
        return s.append("... more from there on: info tlb ADDRESS\n").toString();
    }

    /** @return one line a range of equal rights */
    String ranges() {
        if (!paging()) return "paging is off\n";
        StringBuilder s = new StringBuilder();
        long start = 0;
        String open = null;
        int n = 0;
        for (long la = 0; n < MOST_LINES; ) {
            String r = tables.translate(la) == -1 ? null : rights();
            if (!java.util.Objects.equals(r, open)) {
                if (open != null) {
                    s.append(range(start, la, open));
                    n++;
                }
                open = r;
                start = la;
            }
            long next = end(la);
            if (next == 0 || Long.compareUnsigned(next, la) <= 0) {
                if (open != null) s.append(range(start, 0, open));
                return s.toString();
            }
            la = next;
        }
        return s.append("... more\n").toString();
    }

    private static String range(long from, long to, String rights) {
        return String.format("%016x-%016x %016x %s%n", from, to, to - from, rights);
    }

    /** @return the first address behind the page or hole of the last translation; 0 at the end */
    private long end(long la) {
        long size = 1L << tables.shift();
        long next = (la & -size) + size;
        if (!cpu.longMode()) return next >>> 32 != 0 ? 0 : next;
        int top = (cpu.cr4 & Cpu.CR4_LA57) != 0 ? 56 : 47;
        return next >>> top == 1 ? -1L << top : next;
    }
}
