package ringside.interpreter.core;

import ringside.cpu.Cpu;
import ringside.cpu.Segmentation;
import ringside.decoder.Instruction;

/**
 * A pre-decoded memory operand: base + index * scale + displacement, wrapped to the address size, in a segment. Intel
 * SDM vol. 1, 3.7.5.
 */
public final class Address {
    private final int base;
    private final int index;
    private final long baseMask;
    private final long scale;
    private final long disp;
    /** Wraps to the address size. */
    private final long mask;
    /** Neither RIP-relative nor a segment with a base, a limit or a type to check: the offset is the linear address. */
    private final boolean plain;

    private final boolean ripRelative;
    private final int segment;
    private final int bytes;

    /** @param bytes size of the access, for segment limits */
    public Address(Instruction i, int mode, int bytes) {
        boolean hasBase = i.memBase >= 0 && i.memBase < 16;
        base = hasBase ? i.memBase : 0;
        baseMask = hasBase ? -1 : 0;
        index = i.memIndex >= 0 ? i.memIndex : 0;
        scale = i.memIndex >= 0 ? i.memScale : 0;
        disp = i.disp;
        mask = i.addressSize == 8 ? -1 : i.addressSize == 4 ? 0xffff_ffffL : 0xffff;
        ripRelative = i.memBase == Instruction.RIP;
        segment = i.memSegment;
        boolean code64 = (mode & Cpu.MODE_MASK) == Cpu.MODE_64;
        boolean flatSegment = segment < Cpu.FS && (code64 || (mode & Cpu.MODE_FLAT) != 0 && segment != Cpu.CS);
        plain = flatSegment && !ripRelative;
        this.bytes = bytes;
    }

    /** The memory operand of {@code i} with its own size. */
    public static Address of(Instruction i, Registry.CpuContext c) {
        return new Address(i, c.mode(), Math.max(1, i.size[i.memoryOperand()]));
    }

    /** @return the operand's linear address for reading it; faults if the segment forbids that */
    public long forRead(Cpu cpu) {
        long[] g = cpu.gpr;
        long a = (g[base] & baseMask) + g[index] * scale + disp & mask;
        return plain ? a : checked(cpu, a, false);
    }

    /** @return the operand's linear address for writing, or for reading and writing it */
    public long forWrite(Cpu cpu) {
        long[] g = cpu.gpr;
        long a = (g[base] & baseMask) + g[index] * scale + disp & mask;
        return plain ? a : checked(cpu, a, true);
    }

    private long checked(Cpu cpu, long offset, boolean write) {
        if (ripRelative) offset = offset + cpu.rip & mask;
        return Segmentation.linear(cpu, segment, offset, bytes, write);
    }

    /**
     * @return the linear address {@code delta} bytes behind the operand's start, for operands accessed in pieces or
     *     indexed by bits
     */
    public long displaced(Cpu cpu, long delta, int bytes, boolean write) {
        return Segmentation.linear(cpu, segment, offset(cpu) + delta & mask, bytes, write);
    }

    /** @return the offset in the segment (what LEA computes) */
    public long offset(Cpu cpu) {
        long[] g = cpu.gpr;
        long a = (g[base] & baseMask) + g[index] * scale + disp;
        return (ripRelative ? a + cpu.rip : a) & mask;
    }
}
