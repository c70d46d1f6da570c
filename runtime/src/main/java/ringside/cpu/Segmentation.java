package ringside.cpu;

import java.util.EnumSet;
import java.util.Set;
import ringside.decoder.Instruction;
import ringside.decoder.Mnemonic;
import ringside.memory.GuestFault;

/**
 * From an offset in a segment to a linear address, with the limit and type checks of each mode. 64-bit mode has no
 * limits, only the bases of FS and GS; whether the address is canonical is checked where it misses the TLB. Source:
 * Intel SDM vol. 3, 5.3 and 5.5; vol. 1, 3.3.7.
 */
public final class Segmentation {
    private static final Set<Mnemonic> STACK_INSTRUCTIONS = EnumSet.of(
            Mnemonic.PUSH,
            Mnemonic.POP,
            Mnemonic.PUSHF,
            Mnemonic.POPF,
            Mnemonic.CALL,
            Mnemonic.RET,
            Mnemonic.CALL_FAR,
            Mnemonic.RET_FAR,
            Mnemonic.ENTER,
            Mnemonic.LEAVE,
            Mnemonic.IRET);

    private Segmentation() {}

    /**
     * {@return the linear address; throws #GP(0), or #SS(0) for the stack segment, if the segment forbids the access}
     *
     * @param cpu the processor
     * @param segment number 0..5
     * @param offset effective address, zero-extended from the address size
     * @param bytes size of the access
     * @param write whether it is a store
     */
    public static long linear(Cpu cpu, int segment, long offset, int bytes, boolean write) {
        if (cpu.code64()) return segment >= Cpu.FS ? cpu.seg[segment].base + offset : offset;
        Segment s = cpu.seg[segment];
        if (cpu.protectedMode()) {
            boolean code = (s.access & Segment.CODE) != 0;
            if (!s.usable
                    || write && (code || (s.access & Segment.WRITABLE) == 0)
                    || !write && code && (s.access & Segment.READABLE) == 0) {
                throw violation(cpu, segment);
            }
            if (!code && (s.access & Segment.EXPAND_DOWN) != 0) {
                if (offset <= s.limit || offset + bytes - 1 > (s.big() ? 0xffff_ffffL : 0xffff))
                    throw violation(cpu, segment);
                return s.base + offset & 0xffff_ffffL;
            }
        }
        if (offset + bytes - 1 > s.limit) throw violation(cpu, segment);
        return s.base + offset & 0xffff_ffffL;
    }

    private static GuestFault violation(Cpu cpu, int segment) {
        return cpu.fault(segment == Cpu.SS ? Vector.SS : Vector.GP, 0);
    }

    /**
     * Turns the #GP of a non-canonical address into #SS when the instruction reached it through the stack segment.
     * Called by engines before they deliver a fault.
     *
     * @param cpu the processor
     * @param i the instruction that faulted
     */
    public static void refineFault(Cpu cpu, Instruction i) {
        if (!cpu.faultNonCanonical) return;
        cpu.faultNonCanonical = false;
        boolean viaStack;
        if (i.memoryOperand() >= 0 && i.memSegment == Cpu.SS) {
            viaStack = true;
        } else {
            viaStack = STACK_INSTRUCTIONS.contains(i.mnemonic)
                    && (i.memoryOperand() < 0 || Math.abs(cpu.faultLinear - cpu.gpr[Cpu.RSP]) <= 8);
        }
        if (viaStack) cpu.faultVector = Vector.SS;
    }
}
