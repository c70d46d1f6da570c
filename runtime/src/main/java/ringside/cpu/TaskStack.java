package ringside.cpu;

/**
 * The stack that the current TSS holds for an inner privilege level (protected mode), and the stack pointers of the
 * 64-bit TSS. Source: Intel SDM vol. 3, 7.2.1 and 7.7.
 *
 * @param selector SS
 * @param descriptor its checked descriptor
 * @param pointer SP or ESP
 */
record TaskStack(int selector, long descriptor, long pointer) {
    /** Reads SSn:ESPn for level {@code dpl} and checks the segment; #TS, #SS with the selector as the manual says. */
    static TaskStack read(Cpu cpu, int dpl) {
        Segment tr = cpu.tr;
        boolean wide = (tr.access & 8) != 0;
        int at = wide ? dpl * 8 + 4 : dpl * 4 + 2;
        if (!tr.usable || at + (wide ? 5 : 3) > tr.limit) throw cpu.fault(Vector.TS, tr.selector & 0xfffc);
        long sp = cpu.mem.systemLoad(tr.base + at, wide ? 4 : 2);
        int selector = (int) cpu.mem.systemLoad(tr.base + at + (wide ? 4 : 2), 2);
        if (Descriptors.isNull(selector)) throw cpu.fault(Vector.TS, 0);
        return new TaskStack(selector, SegmentLoading.stackDescriptor(cpu, selector, dpl, Vector.TS), sp);
    }

    /** Reads a stack pointer of the 64-bit TSS. @param at its offset: RSPn or ISTn */
    static long pointer64(Cpu cpu, int at) {
        Segment tr = cpu.tr;
        if (!tr.usable || at + 7 > tr.limit) throw cpu.fault(Vector.TS, tr.selector & 0xfffc);
        return cpu.mem.systemLoad(tr.base + at, 8);
    }
}
