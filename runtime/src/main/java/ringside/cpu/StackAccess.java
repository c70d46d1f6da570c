package ringside.cpu;

/**
 * A stack during one instruction or one delivery: pushes and pops move only this object's pointer, so that the CPU's
 * registers change when everything has succeeded ({@link #commit}). Source: Intel SDM vol. 1, 6.2; vol. 3, 6.12.1.
 */
final class StackAccess {
    private final Cpu cpu;
    private final Segment ss;
    private final int context;
    private final int error;
    /** Wraps the stack pointer: 16, 32 or 64 bits. */
    private final long mask;

    private final boolean wide;
    long sp;

    /**
     * @param ss segment, or null for the flat stack of 64-bit mode
     * @param cpl level whose rights the accesses have
     * @param error code of #SS
     */
    private StackAccess(Cpu cpu, Segment ss, long sp, int cpl, int error) {
        this.cpu = cpu;
        this.ss = ss;
        this.wide = ss == null;
        this.mask = wide ? -1 : ss.big() ? 0xffff_ffffL : 0xffff;
        this.sp = sp;
        this.context = cpu.mem.contextAt(cpl);
        this.error = error;
    }

    /** The stack the running code uses. */
    static StackAccess current(Cpu cpu) {
        return new StackAccess(cpu, cpu.code64() ? null : cpu.seg[Cpu.SS], cpu.gpr[Cpu.RSP], cpu.cpl, 0);
    }

    static StackAccess long64(Cpu cpu, long sp, int cpl) {
        return new StackAccess(cpu, null, sp, cpl, 0);
    }

    static StackAccess of(Cpu cpu, Segment ss, long sp, int cpl, int error) {
        return new StackAccess(cpu, ss, sp, cpl, error);
    }

    private long linear(long offset, int bytes) {
        if (wide) {
            if (!cpu.canonical(offset) || !cpu.canonical(offset + bytes - 1)) throw cpu.fault(Vector.SS, error);
            return offset;
        }
        long last = offset + bytes - 1;
        boolean inside;
        if (cpu.protectedMode() && (ss.access & (Segment.CODE | Segment.EXPAND_DOWN)) == Segment.EXPAND_DOWN) {
            inside = offset > ss.limit && last <= mask;
        } else {
            inside = last <= ss.limit;
        }
        if (!inside || !ss.usable) throw cpu.fault(Vector.SS, error);
        return ss.base + offset & 0xffff_ffffL;
    }

    void push(int bytes, long v) {
        long at = sp - bytes & mask;
        cpu.mem.storeAs(context, linear(at, bytes), bytes, v);
        sp = sp & ~mask | at;
    }

    long pop(int bytes) {
        long v = peek(0, bytes);
        sp = sp & ~mask | sp + bytes & mask;
        return v;
    }

    /** Reads {@code distance} bytes above the top, without moving the pointer. */
    long peek(long distance, int bytes) {
        return cpu.mem.loadAs(context, linear(sp + distance & mask, bytes), bytes);
    }

    void skip(long bytes) {
        sp = sp & ~mask | sp + bytes & mask;
    }

    /**
     * Makes this stack's pointer the CPU's; a 16-bit stack leaves the upper bits of ESP alone, a 32-bit one clears
     * those of RSP.
     */
    void commit() {
        long old = cpu.gpr[Cpu.RSP];
        cpu.gpr[Cpu.RSP] = wide ? sp : mask == 0xffff ? old & ~mask | sp & mask : sp & mask;
    }
}
