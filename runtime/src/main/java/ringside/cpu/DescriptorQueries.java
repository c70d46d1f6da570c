package ringside.cpu;

/** What LAR, LSL, VERR and VERW find out about a selector, without ever faulting on it. Source: Intel SDM vol. 2. */
public final class DescriptorQueries {
    private static final int LAR_TYPES = 0x1a3e | 1 << 5, LSL_TYPES = 0x0a0e, LONG_TYPES = 0x0a04;

    private DescriptorQueries() {}

    /** @return the descriptor, or 0 if the selector leads to none */
    private static long descriptor(Cpu cpu, int selector) {
        if (Descriptors.isNull(selector)) return 0;
        long at = Descriptors.address(cpu, selector, 8);
        return at == -1 ? 0 : cpu.mem.systemLoad(at, 8);
    }

    private static boolean visible(Cpu cpu, int selector, long d) {
        return Descriptors.code(d) && Descriptors.conforming(d)
                || Descriptors.dpl(d) >= Math.max(cpu.cpl, selector & 3);
    }

    private static boolean known(Cpu cpu, long d, int types) {
        if (d == 0) return false;
        if (Descriptors.codeOrData(d)) return true;
        int allowed = cpu.longMode() ? types & (LONG_TYPES | 1 << 12) : types;
        return (allowed >> Descriptors.type(d) & 1) != 0;
    }

    /**
     * LAR.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     * @return the access rights, or -1
     */
    public static long accessRights(Cpu cpu, int selector) {
        long d = descriptor(cpu, selector);
        return known(cpu, d, LAR_TYPES) && visible(cpu, selector, d) ? d >>> 32 & 0x00ff_ff00L : -1;
    }

    /**
     * LSL.
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     * @return the limit in bytes, or -1
     */
    public static long limit(Cpu cpu, int selector) {
        long d = descriptor(cpu, selector);
        return known(cpu, d, LSL_TYPES) && visible(cpu, selector, d) ? Descriptors.limit(d) : -1;
    }

    /**
     * {@return whether VERR finds the segment readable}
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     */
    public static boolean readable(Cpu cpu, int selector) {
        long d = descriptor(cpu, selector);
        return d != 0
                && Descriptors.codeOrData(d)
                && visible(cpu, selector, d)
                && (Descriptors.data(d) || Descriptors.readableOrWritable(d));
    }

    /**
     * {@return whether VERW finds the segment writable}
     *
     * @param cpu the processor
     * @param selector index, table and requested privilege level
     */
    public static boolean writable(Cpu cpu, int selector) {
        long d = descriptor(cpu, selector);
        return d != 0 && Descriptors.data(d) && visible(cpu, selector, d) && Descriptors.readableOrWritable(d);
    }
}
