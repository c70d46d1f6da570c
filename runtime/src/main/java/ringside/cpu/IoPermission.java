package ringside.cpu;

/**
 * Whether the running code may use an I/O port: IOPL, and the permission bitmap of the 32- or 64-bit TSS. Source: Intel
 * SDM vol. 1, 19.5.
 */
public final class IoPermission {
    private static final int MAP_BASE = 102;

    private IoPermission() {}

    /**
     * Throws #GP(0) if the access is not allowed.
     *
     * @param cpu the processor
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     */
    public static void check(Cpu cpu, int port, int bytes) {
        if ((cpu.cr0 & Cpu.CR0_PE) == 0 || cpu.cpl <= cpu.iopl() && !cpu.v86()) return;
        Segment tr = cpu.tr;
        if (!tr.usable || (tr.access & 8) == 0 || tr.limit < MAP_BASE + 1) throw cpu.gp(0);
        long at = cpu.mem.systemLoad(tr.base + MAP_BASE, 2) + (port >> 3);
        if (at + 1 > tr.limit) throw cpu.gp(0);
        long bits = cpu.mem.systemLoad(tr.base + at, 2) >> (port & 7);
        if ((bits & (1 << bytes) - 1) != 0) throw cpu.gp(0);
    }
}
