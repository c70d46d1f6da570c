package ringside.cpu;

/**
 * Single stepping (RFLAGS.TF) and the debug registers' breakpoints: execution, data, I/O. All of it happens in step mode; the machine
 * chooses that mode by {@link Cpu#stepping}. Source: Intel SDM vol. 3, chapter 18.
 */
public final class DebugTraps {
    // Bits of DR6.
    public static final int BD = 1 << 13, BS = 1 << 14, BT = 1 << 15;
    /** General detect, DR7. */
    public static final int GD = 1 << 13;
    /** Bits of DR6 that always read 1, among them RTM: no transactional regions. */
    public static final long DR6_ONES = 0xffff_0ff0L;
    public static final long DR7_ONES = 0x400;
    private static final int EXECUTE = 0, WRITE = 1, IO = 2;
    /** LE0..LE3 and LE: cleared by a task switch. */
    private static final int LOCAL = 0x155;

    private DebugTraps() {}

    /** Executes one instruction with TF or breakpoints active. @param noTrap the instruction is in the shadow of MOV SS or POP SS */
    public static void step(Cpu cpu, Engine interpreter, boolean noTrap) {
        boolean resume = (cpu.systemFlags & Flags.RF) != 0;
        boolean single = (cpu.systemFlags & Flags.TF) != 0;
        if (!resume && !noTrap) {
            int hit = executionHits(cpu);
            if (hit != 0) {
                cpu.dr[6] |= hit;
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
        interpreter.step();
        boolean completed = cpu.instructions() != retired && !cpu.eventCounted;
        if (!completed) {
            cpu.pendingDebug = 0;
            return;
        }
        if (resume && cpu.rip == rip && cpu.seg[Cpu.CS].selector == cs && repeating(cpu)) cpu.systemFlags |= Flags.RF;
        if (cpu.shadowFromMovSs) return;
        int traps = cpu.pendingDebug;
        cpu.pendingDebug = 0;
        if (single && !cpu.stepSuppressed) traps |= BS;
        cpu.stepSuppressed = false;
        if (traps != 0) {
            cpu.halted = false;
            cpu.dr[6] |= traps;
            Interrupts.deliverTrap(cpu);
        }
    }

    /** @return whether RIP stayed because a REP string instruction has iterations left */
    private static boolean repeating(Cpu cpu) {
        long la = cpu.codeLinear();
        for (int k = 0; k < 14; k++) {
            long pa = cpu.mem.probe(la + k);
            if (pa == -1) return false;
            int b = (int) cpu.physical.read(pa, 1);
            if (b == 0xf2 || b == 0xf3) return true;
            boolean prefix = b == 0x66 || b == 0x67 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65;
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
            if (enabled(dr7, n) && (type(dr7, n) & 1) != 0) return true;
        }
        return false;
    }

    private static int executionHits(Cpu cpu) {
        long dr7 = cpu.dr[7];
        if ((dr7 & 0xff) == 0) return 0;
        long la = cpu.codeLinear();
        int hit = 0;
        for (int n = 0; n < 4; n++) {
            if (type(dr7, n) == EXECUTE && cpu.dr[n] == la) hit |= 1 << n | (enabled(dr7, n) ? 16 : 0);
        }
        return (hit & 16) != 0 ? hit & 15 : 0;
    }

    /** Compares a data access with the breakpoints; hits are delivered behind the instruction. */
    public static void access(Cpu cpu, long la, int bytes, boolean write) {
        for (int n = 0; n < 4; n++) {
            int type = type(cpu.dr[7], n);
            if (type == 3 || type == WRITE && write) compare(cpu, n, la, bytes);
        }
    }

    /** Compares a port access with the I/O breakpoints. */
    public static void io(Cpu cpu, int port, int bytes) {
        if ((cpu.dr[7] & 0xff) == 0 || (cpu.cr4 & Cpu.CR4_DE) == 0) return;
        for (int n = 0; n < 4; n++) {
            if (type(cpu.dr[7], n) == IO) compare(cpu, n, port, bytes);
        }
    }

    private static void compare(Cpu cpu, int n, long at, int bytes) {
        if (!enabled(cpu.dr[7], n)) return;
        int length = length(cpu.dr[7], n);
        long start = cpu.dr[n] & -length;
        if (at + bytes - 1 >= start && at <= start + length - 1) cpu.pendingDebug |= 1 << n;
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
            cpu.dr[6] |= BD;
            throw cpu.fault(Vector.DB, 0);
        }
        return n;
    }

    public static long read(Cpu cpu, int n) {
        return cpu.dr[checked(cpu, n)];
    }

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
