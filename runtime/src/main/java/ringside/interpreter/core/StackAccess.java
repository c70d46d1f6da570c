package ringside.interpreter.core;

import ringside.cpu.Cpu;
import ringside.cpu.Segmentation;

/**
 * Pushes and pops in the stack of the current mode. The kind of stack is a constant of a handler, computed from the
 * mode bits it was made for. Nothing changes when an access faults. Intel SDM vol. 1, 6.2.
 */
public final class StackAccess {
    /** RSP, no segment. */
    public static final int LONG = 0;
    /** ESP in a flat segment. */
    static final int FLAT32 = 1;
    /** SP or ESP in a segment with a base or a limit. */
    static final int SEGMENTED = 2;

    private StackAccess() {}

    public static int kind(int mode) {
        if ((mode & Cpu.MODE_MASK) == Cpu.MODE_64) return LONG;
        return (mode & (Cpu.MODE_FLAT | Cpu.MODE_STACK32)) == (Cpu.MODE_FLAT | Cpu.MODE_STACK32) ? FLAT32 : SEGMENTED;
    }

    private static long mask(Cpu cpu, int kind) {
        return kind == LONG ? -1 : kind == FLAT32 || cpu.seg[Cpu.SS].big() ? 0xffff_ffffL : 0xffff;
    }

    /** @return the stack pointer plus {@code delta}, wrapped to the stack's size */
    public static long pointer(Cpu cpu, long delta, int kind) {
        return cpu.gpr[Cpu.RSP] + delta & mask(cpu, kind);
    }

    /** Writes the stack pointer; a 16-bit one leaves the upper part of ESP alone. */
    public static void setPointer(Cpu cpu, long v, int kind) {
        long[] g = cpu.gpr;
        if (kind == LONG) {
            g[Cpu.RSP] = v;
        } else if (mask(cpu, kind) == 0xffff) {
            g[Cpu.RSP] = g[Cpu.RSP] & ~0xffffL | v & 0xffff;
        } else {
            g[Cpu.RSP] = v & 0xffff_ffffL;
        }
    }

    private static long linear(Cpu cpu, long pointer, int size, boolean write, int kind) {
        return kind == SEGMENTED ? Segmentation.linear(cpu, Cpu.SS, pointer, size, write) : pointer;
    }

    /** @return {@code size} bytes, zero-extended, at the stack offset {@code pointer} */
    public static long load(Cpu cpu, long pointer, int size, int kind) {
        return cpu.mem.load(linear(cpu, pointer, size, false, kind), size);
    }

    public static void store(Cpu cpu, long pointer, int size, long v, int kind) {
        cpu.mem.store(linear(cpu, pointer, size, true, kind), size, v);
    }

    /** Faults as a write of these bytes would. */
    public static void checkWrite(Cpu cpu, long pointer, int size, int kind) {
        cpu.mem.checkWrite(linear(cpu, pointer, size, true, kind), size);
    }

    public static void push(Cpu cpu, long v, int size, int kind) {
        long sp = pointer(cpu, -size, kind);
        store(cpu, sp, size, v, kind);
        setPointer(cpu, sp, kind);
    }

    public static long pop(Cpu cpu, int size, int kind) {
        long v = load(cpu, pointer(cpu, 0, kind), size, kind);
        setPointer(cpu, pointer(cpu, size, kind), kind);
        return v;
    }
}
