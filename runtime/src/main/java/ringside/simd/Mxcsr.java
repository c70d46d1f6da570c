package ringside.simd;

import ringside.cpu.Cpu;
import ringside.cpu.Vector;

/** The SSE control and status register and the delivery of its exceptions. Intel SDM vol. 1, 10.2.3 and 11.5. */
public final class Mxcsr {
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, DAZ = 64;
    /** All exceptions masked. */
    public static final int MASKS = 0x1f80;

    public static final int UM = UE << 7, OM = OE << 7;
    public static final int FTZ = 0x8000;
    /** Rounding control, as in MXCSR[14:13] and the immediate of ROUND. */
    public static final int NEAREST = 0, DOWN = 1, UP = 2, ZERO = 3;

    private static final int CONTROL = 0xffc0;

    private Mxcsr() {}

    /**
     * @return whether rounding is to nearest, nothing is flushed and no exception can be delivered: what Java's
     *     arithmetic does
     */
    public static boolean plain(Cpu cpu) {
        return (cpu.mxcsr & CONTROL) == MASKS;
    }

    static int rounding(Cpu cpu) {
        return cpu.mxcsr >> 13 & 3;
    }

    /**
     * Ends the computing part of an instruction, before its result is written: the exceptions gathered in
     * {@link Cpu#simdFlags} become sticky, and an unmasked one is delivered. With an unmasked exception of the operands
     * (IE, DE, ZE) nothing was computed, so those of results are not reported.
     */
    public static void commit(Cpu cpu) {
        if (cpu.simdFlags != 0) raise(cpu);
    }

    private static void raise(Cpu cpu) {
        int raised = cpu.simdFlags;
        cpu.simdFlags = 0;
        int unmasked = raised & ~(cpu.mxcsr >> 7);
        if ((unmasked & (IE | DE | ZE)) != 0) raised &= IE | DE | ZE;
        cpu.mxcsr |= raised;
        if (unmasked == 0) return;
        throw (cpu.cr4 & Cpu.CR4_OSXMMEXCPT) != 0 ? cpu.fault(Vector.XM, 0) : cpu.ud();
    }
}
