package ringside.cpu.fpu;

import java.util.Arrays;
import ringside.cpu.Cpu;

/**
 * The x87 registers of a {@link Cpu} as the programmer sees them: status word, tag word, register stack.
 *
 * <p>Invariants: {@link Cpu#fpTag} holds for each register 00b (in use) or 11b (empty) only, the kinds 01b and 10b are
 * found from the register's contents when an instruction stores the tag word; bits 7 (ES) and 15 (B) of
 * {@link Cpu#fpStatus} are set exactly when an unmasked exception is pending. Source: Intel SDM vol. 1, 8.1.
 */
public final class FpuState {
    public static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, SF = 64, ES = 128;
    public static final int C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, BUSY = 0x8000;
    public static final int TOP_SHIFT = 11, TOP_MASK = 7 << TOP_SHIFT;
    public static final int EXCEPTIONS = 0x3f;
    /** Bits of the control word that can be set; bit 6 always reads as one. */
    private static final int CONTROL_BITS = 0x1f7f, CONTROL_ONES = 0x40;

    public static final int CONTROL_INIT = 0x37f;
    public static final int TAG_EMPTY = 3;

    private FpuState() {}

    /** FNINIT: everything but the registers' contents. */
    public static void init(Cpu cpu) {
        cpu.fpControl = CONTROL_INIT;
        cpu.fpStatus = 0;
        cpu.fpTag = 0xffff;
        cpu.fpIp = 0;
        cpu.fpDp = 0;
        cpu.fpCs = 0;
        cpu.fpDs = 0;
        cpu.fpOpcode = 0;
    }

    /** The initial configuration of XSAVE component 0: as FNINIT, and all registers zero. */
    public static void initAll(Cpu cpu) {
        init(cpu);
        Arrays.fill(cpu.fpMantissa, 0);
        Arrays.fill(cpu.fpExponent, 0);
    }

    /** @return whether component 0 is in its initial configuration */
    public static boolean initial(Cpu cpu) {
        if (cpu.fpControl != CONTROL_INIT
                || cpu.fpStatus != 0
                || cpu.fpTag != 0xffff
                || cpu.fpIp != 0
                || cpu.fpDp != 0
                || cpu.fpCs != 0
                || cpu.fpDs != 0
                || cpu.fpOpcode != 0) return false;
        for (int i = 0; i < 8; i++) {
            if (cpu.fpMantissa[i] != 0 || cpu.fpExponent[i] != 0) return false;
        }
        return true;
    }

    public static int top(Cpu cpu) {
        return cpu.fpStatus >> TOP_SHIFT & 7;
    }

    /** Sets the control word as FLDCW does: reserved bits are dropped, pending exceptions may become unmasked. */
    public static void setControl(Cpu cpu, int v) {
        cpu.fpControl = v & CONTROL_BITS | CONTROL_ONES;
        updateSummary(cpu);
    }

    /** Sets the status word; ES and B follow from the exception bits and the masks. */
    public static void setStatus(Cpu cpu, int v) {
        cpu.fpStatus = v & 0xffff;
        updateSummary(cpu);
    }

    /** Recomputes ES and B after a change of exception bits or masks. */
    public static void updateSummary(Cpu cpu) {
        int s = cpu.fpStatus & ~(ES | BUSY);
        if ((s & ~cpu.fpControl & EXCEPTIONS) != 0) s |= ES | BUSY;
        cpu.fpStatus = s;
    }

    /** FNCLEX. */
    public static void clearExceptions(Cpu cpu) {
        cpu.fpStatus &= ~(BUSY | ES | SF | EXCEPTIONS);
    }

    /** @return whether physical register {@code r} is empty */
    public static boolean empty(Cpu cpu, int r) {
        return (cpu.fpTag >> 2 * r & 3) == TAG_EMPTY;
    }

    /**
     * @return the tag word as FNSTENV stores it, two bits for each physical register: 0 valid, 1 zero, 2 special, 3
     *     empty
     */
    public static int tagWord(Cpu cpu) {
        int w = 0;
        for (int r = 0; r < 8; r++) {
            int tag = empty(cpu, r) ? TAG_EMPTY : kind(cpu.fpExponent[r], cpu.fpMantissa[r]);
            w |= tag << 2 * r;
        }
        return w;
    }

    private static int kind(int signExponent, long mantissa) {
        int e = signExponent & 0x7fff;
        if (e == 0) return mantissa == 0 ? 1 : 2;
        return e == 0x7fff || mantissa >= 0 ? 2 : 0;
    }

    /** Sets the tags from a tag word in full form: all but 11b mean "in use". */
    public static void setTagWord(Cpu cpu, int w) {
        int both = w & w >> 1 & 0x5555;
        cpu.fpTag = both | both << 1;
    }

    /** @return the tag byte of FXSAVE: bit r set = physical register r in use */
    public static int abridgedTag(Cpu cpu) {
        int b = 0;
        for (int r = 0; r < 8; r++) {
            if (!empty(cpu, r)) b |= 1 << r;
        }
        return b;
    }

    public static void setAbridgedTag(Cpu cpu, int b) {
        int w = 0;
        for (int r = 0; r < 8; r++) {
            if ((b >> r & 1) == 0) w |= TAG_EMPTY << 2 * r;
        }
        cpu.fpTag = w;
    }
}
