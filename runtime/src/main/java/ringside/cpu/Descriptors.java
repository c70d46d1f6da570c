package ringside.cpu;

/**
 * Segment descriptors in the GDT and the current LDT. A descriptor is handled as the 64-bit value it has in memory.
 * Faults name the selector with RPL cleared; bit EXT is added by {@link Interrupts} where it applies. Source: Intel SDM
 * vol. 3, 3.4 and 3.5.
 */
final class Descriptors {
    // System descriptor types (S = 0).
    static final int TSS16_AVAILABLE = 1,
            LDT = 2,
            TSS16_BUSY = 3,
            CALL_GATE16 = 4,
            TASK_GATE = 5,
            INTERRUPT_GATE16 = 6,
            TRAP_GATE16 = 7,
            TSS32_AVAILABLE = 9,
            TSS32_BUSY = 11,
            CALL_GATE32 = 12,
            INTERRUPT_GATE32 = 14,
            TRAP_GATE32 = 15;
    static final int BUSY = 2;

    private Descriptors() {}

    static boolean isNull(int selector) {
        return (selector & 0xfffc) == 0;
    }

    /** @return linear address of the descriptor, or -1 if the table has none there */
    static long address(Cpu cpu, int selector, int bytes) {
        int offset = selector & 0xfff8;
        if ((selector & 4) == 0) return offset + bytes - 1 > cpu.gdtLimit ? -1 : cpu.gdtBase + offset;
        Segment ldt = cpu.ldtr;
        return !ldt.usable || offset + bytes - 1 > ldt.limit ? -1 : ldt.base + offset;
    }

    /**
     * Reads an 8-byte descriptor.
     * @param vector fault to raise with the selector if the table has none there (#GP or #TS)
     */
    static long read(Cpu cpu, int selector, int vector) {
        long at = address(cpu, selector, 8);
        if (at == -1) throw cpu.fault(vector, selector & 0xfffc);
        return cpu.mem.systemLoad(at, 8);
    }

    /**
     * @return bits 63:32 of the base (or offset) of a 16-byte system descriptor of long mode; #GP(selector) if
     *     malformed
     */
    static long readHigh(Cpu cpu, int selector, int vector) {
        long at = address(cpu, selector, 16);
        if (at == -1) throw cpu.fault(vector, selector & 0xfffc);
        long high = cpu.mem.systemLoad(at + 8, 8);
        if ((high >> 40 & 0x1f) != 0) throw cpu.fault(vector, selector & 0xfffc);
        return high << 32;
    }

    static int type(long d) {
        return (int) (d >> 40) & 15;
    }

    /** @return whether it is a code or data segment, S = 1 */
    static boolean codeOrData(long d) {
        return (d & 1L << 44) != 0;
    }

    static boolean code(long d) {
        return (d >> 43 & 3) == 3;
    }

    static boolean data(long d) {
        return (d >> 43 & 3) == 2;
    }

    static boolean conforming(long d) {
        return (d & 1L << 42) != 0;
    }

    /** @return readable code or writable data */
    static boolean readableOrWritable(long d) {
        return (d & 1L << 41) != 0;
    }

    static int dpl(long d) {
        return (int) (d >> 45) & 3;
    }

    static boolean present(long d) {
        return (d & 1L << 47) != 0;
    }

    static boolean isLong(long d) {
        return (d & 1L << 53) != 0;
    }

    static boolean big(long d) {
        return (d & 1L << 54) != 0;
    }

    static long base(long d) {
        return d >>> 16 & 0xff_ffff | d >>> 32 & 0xff00_0000L;
    }

    static long limit(long d) {
        long l = d & 0xffff | d >>> 32 & 0xf_0000;
        return (d & 1L << 55) != 0 ? l << 12 | 0xfff : l;
    }

    static int access(long d) {
        return (int) (d >> 40) & 0xf0ff;
    }

    /** Fills a segment register's visible and hidden part. */
    static void fill(Segment s, int selector, long d) {
        s.selector = selector & 0xffff;
        s.base = base(d);
        s.limit = limit(d);
        s.access = access(d);
        s.usable = true;
    }

    /** Sets the accessed bit of a code or data descriptor in memory. @return the descriptor with it */
    static long markAccessed(Cpu cpu, int selector, long d) {
        long marked = d | 1L << 40;
        if (marked != d) cpu.mem.systemStore(address(cpu, selector, 8) + 5, 1, marked >> 40 & 0xff);
        return marked;
    }

    /** Sets or clears the busy bit of a TSS descriptor in memory. */
    static void setBusy(Cpu cpu, int selector, boolean busy) {
        long at = cpu.gdtBase + (selector & 0xfff8) + 5;
        int access = (int) cpu.mem.systemLoad(at, 1);
        cpu.mem.systemStore(at, 1, busy ? access | BUSY : access & ~BUSY);
    }
}
