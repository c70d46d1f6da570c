package ringside.cpu;

/**
 * Single stepping (RFLAGS.TF) and the debug registers' breakpoints: execution, data, I/O. Single steps and execution
 * breakpoints are looked for in step mode, which the machine chooses by {@link Cpu#stepping}. Breakpoints cost nothing
 * elsewhere: the exec TLB holds no entry for a page with an execution breakpoint, so that engines come to it by their
 * look-up only and leave it to step mode; the data TLB holds none for a watched page, and an access that hits leaves
 * the block.
 * What an instruction hits is held in {@link Cpu#pendingDebug} up to its end, over MOV SS to the end of the next one,
 * and goes into the DR6 of the next #DB, whatever causes that one; a fault of another kind drops it. Source: Intel SDM
 * vol. 3, 6.8.3, 6.9, 18.2, 18.3 and 27.7.3.
 */
public final class DebugTraps {
    // Bits of DR6.
    private static final int BREAKPOINTS = 15;
    /** Bits of DR6: debug register access, single step, task switch. */
    public static final int BD = 1 << 13, BS = 1 << 14, BT = 1 << 15;
    /** General detect, DR7. */
    public static final int GD = 1 << 13;
    /** Bits of DR6 that always read 1, among them RTM: no transactional regions. */
    public static final long DR6_ONES = 0xffff_0ff0L;

    /** The bit of DR7 that is always set. */
    public static final long DR7_ONES = 0x400;

    private static final int EXECUTE = 0, WRITE = 1, IO = 2;
    /** LE0..LE3 and LE: cleared by a task switch. */
    private static final int LOCAL = 0x155;

    private DebugTraps() {}

    /**
     * Executes one instruction with TF or breakpoints active.
     *
     * @param cpu the processor
     * @param interpreter executes the instruction
     * @param noTrap the instruction is in the shadow of MOV SS or POP SS
     */
    public static void step(Cpu cpu, Engine interpreter, boolean noTrap) {
        boolean resume = (cpu.systemFlags & Flags.RF) != 0;
        boolean single = (cpu.systemFlags & Flags.TF) != 0;
        if (!resume && !noTrap) {
            int hit = executionHits(cpu);
            if (hit != 0) {
                record(cpu, hit);
                cpu.fault(Vector.DB, 0);
                Interrupts.deliverFault(cpu);
                cpu.attention = true;
                return;
            }
        }
        cpu.systemFlags &= ~Flags.RF;
        long rip = cpu.rip;
        int cs = cpu.seg[Cpu.CS].selector;
        long retired = cpu.instructions();
        cpu.stepSuppressed = false;
        cpu.eventCounted = false;
        cpu.oneIteration = single || cpu.stopsHere();
        interpreter.step();
        cpu.oneIteration = false;
        boolean completed = cpu.instructions() != retired && !cpu.eventCounted;
        if (!completed) return;
        if (resume && cpu.rip == rip && cpu.seg[Cpu.CS].selector == cs && repeating(cpu)) cpu.systemFlags |= Flags.RF;
        if (single && !cpu.stepSuppressed) cpu.pendingDebug |= BS;
        cpu.stepSuppressed = false;
        if (cpu.pendingDebug != 0 && !cpu.shadowFromMovSs) deliver(cpu);
    }

    /**
     * Delivers the #DB for what is held, behind the instruction that caused it.
     *
     * @param cpu the processor
     */
    public static void deliver(Cpu cpu) {
        cpu.halted = false;
        cpu.endShadow();
        record(cpu, 0);
        Interrupts.deliverTrap(cpu);
    }

    /** Puts the causes of a #DB, with those that are held, into DR6, in place of the breakpoints of an earlier one. */
    private static void record(Cpu cpu, int causes) {
        cpu.dr[6] = cpu.dr[6] & ~BREAKPOINTS | causes | cpu.pendingDebug;
        cpu.pendingDebug = 0;
    }

    /** INT1, a #DB of its own: it leaves DR6 alone unless something is held from MOV SS. */
    static void int1(Cpu cpu) {
        if (cpu.pendingDebug != 0) record(cpu, 0);
        cpu.stepSuppressed = true;
    }

    /** @return whether RIP stayed because a REP string instruction has iterations left */
    private static boolean repeating(Cpu cpu) {
        long la = cpu.codeLinear();
        for (int k = 0; k < 14; k++) {
            long pa = cpu.mem.probe(la + k);
            if (pa == -1) return false;
            int b = (int) cpu.physical.read(pa, 1);
            if (b == 0xf2 || b == 0xf3) return true;
            boolean prefix = b == 0x66 || b == 0x67 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64
                    || b == 0x65;
            if (!prefix) return false;
        }
        return false;
    }

    // ---- breakpoints ----

    private static int type(long dr7, int n) {
        return (int) (dr7 >> 16 + 4 * n) & 3;
    }

    /** @return length in bytes of breakpoint n: 1, 2, 8 or 4 for LEN 0..3 */
    private static int length(long dr7, int n) {
        return switch ((int) (dr7 >> 18 + 4 * n) & 3) {
            case 0 -> 1;
            case 1 -> 2;
            case 2 -> 8;
            default -> 4;
        };
    }

    private static boolean enabled(long dr7, int n) {
        return (dr7 >> 2 * n & 3) != 0;
    }

    /** @return whether DR7 enables a data breakpoint, so that accesses must be watched */
    static boolean watches(long dr7) {
        for (int n = 0; n < 4; n++) {
            if (watches(dr7, n)) return true;
        }
        return false;
    }

    /**
     * @return whether DR7 enables an execution breakpoint, for which instructions of its page must run one at a time
     */
    static boolean stops(long dr7) {
        for (int n = 0; n < 4; n++) {
            if (stops(dr7, n)) return true;
        }
        return false;
    }

    static boolean stops(long dr7, int n) {
        return enabled(dr7, n) && type(dr7, n) == EXECUTE;
    }

    /**
     * {@return whether DR7 has data breakpoint {@code n} enabled}
     *
     * @param dr7 debug register 7
     * @param n number of the breakpoint, 0 to 3
     */
    public static boolean watches(long dr7, int n) {
        return enabled(dr7, n) && (type(dr7, n) & 1) != 0;
    }

    private static int executionHits(Cpu cpu) {
        long dr7 = cpu.dr[7];
        if ((dr7 & 0xff) == 0) return 0;
        long la = cpu.codeLinear();
        int hit = 0;
        for (int n = 0; n < 4; n++) {
            if (stops(dr7, n) && cpu.dr[n] == la) hit |= 1 << n;
        }
        return hit;
    }

    /**
     * Compares a data access with the breakpoints; a hit leaves the block before anything is done.
     *
     * @param cpu the processor
     * @param la linear address of the first byte
     * @param bytes width of the access
     * @param write whether it is a store
     * @param changes the access is the read of a read-modify-write: it hits as a read, and leaves the block for its
     *     write too
     */
    public static void access(Cpu cpu, long la, int bytes, boolean write, boolean changes) {
        int reads = 0, writes = 0;
        for (int n = 0; n < 4; n++) {
            if (!watches(cpu.dr[7], n) || !matches(cpu, n, la, bytes)) continue;
            writes |= 1 << n;
            if (type(cpu.dr[7], n) != WRITE) reads |= 1 << n;
        }
        if ((write || changes ? writes : reads) != 0) cpu.needStepMode();
        hold(cpu, write ? writes : reads);
    }

    /**
     * Compares a port access with the I/O breakpoints.
     *
     * @param cpu the processor
     * @param port 0..FFFFh
     * @param bytes 1, 2 or 4
     */
    public static void io(Cpu cpu, int port, int bytes) {
        if ((cpu.dr[7] & 0xff) == 0 || (cpu.cr4 & Cpu.CR4_DE) == 0) return;
        int hit = 0;
        for (int n = 0; n < 4; n++) {
            if (enabled(cpu.dr[7], n) && type(cpu.dr[7], n) == IO && matches(cpu, n, port, bytes)) hit |= 1 << n;
        }
        if (hit != 0) cpu.needStepMode();
        hold(cpu, hit);
    }

    private static boolean matches(Cpu cpu, int n, long at, int bytes) {
        int length = length(cpu.dr[7], n);
        long start = cpu.dr[n] & -length;
        return at + bytes - 1 >= start && at <= start + length - 1;
    }

    private static void hold(Cpu cpu, int hits) {
        if (hits == 0) return;
        cpu.pendingDebug |= hits;
        cpu.attention = true;
    }

    /** A task switch drops the local breakpoints. */
    static void taskSwitched(Cpu cpu) {
        cpu.dr[7] &= ~LOCAL;
    }

    // ---- MOV to and from debug registers ----

    private static int checked(Cpu cpu, int n) {
        if (n > 7) throw cpu.ud();
        if (n == 4 || n == 5) {
            if ((cpu.cr4 & Cpu.CR4_DE) != 0) throw cpu.ud();
            n += 2;
        }
        if (cpu.cpl != 0) throw cpu.gp(0);
        if ((cpu.dr[7] & GD) != 0) {
            record(cpu, BD);
            throw cpu.fault(Vector.DB, 0);
        }
        return n;
    }

    /**
     * {@return the value that MOV from a debug register reads}
     *
     * @param cpu the processor
     * @param n number of the register, 0 to 7
     */
    public static long read(Cpu cpu, int n) {
        return cpu.dr[checked(cpu, n)];
    }

    /**
     * Writes a debug register as MOV does.
     *
     * @param cpu the processor
     * @param n number of the register, 0 to 7
     * @param v the value
     */
    public static void write(Cpu cpu, int n, long v) {
        n = checked(cpu, n);
        if (n >= 6 && v >>> 32 != 0) throw cpu.gp(0);
        cpu.dr[n] = switch (n) {
            case 6 -> v & 0xe00fL | DR6_ONES;
            case 7 -> v & 0xffff_23ffL | DR7_ONES;
            default -> v;
        };
        cpu.updateMode();
        cpu.attention = true;
    }
}
