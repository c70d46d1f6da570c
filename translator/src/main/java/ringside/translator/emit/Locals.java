package ringside.translator.emit;

import org.objectweb.asm.Opcodes;

/**
 * Where the values of a region method live: its parameters, the guest's flags in lazy form, scratch, and one long for
 * each guest register that the region uses. All are set before the first label, so every stack map frame is the same.
 */
final class Locals {
    static final int THIS = 0;
    static final int CPU = 1;
    /** Linear address (RIP) of byte 0 of the page that the region's offsets count from. */
    static final int BASE = 2;
    /** Instructions that may still be retired; an int, because the dispatcher grants a bounded number at a time. */
    static final int BUDGET = 4;
    /** Entry number at first, afterwards the number of the instruction that may fault next. */
    static final int AT = 5;

    static final int MEM = 6;
    static final int GPR = 7;
    static final int VEC = 8;
    static final int FLAG_RESULT = 9;
    static final int FLAG_A = 11;
    static final int FLAG_B = 13;
    static final int FLAG_KIND = 15;
    /** Scratch, each dead at the end of an instruction. */
    static final int L0 = 16, L1 = 18, L2 = 20, ADDRESS = 22;

    static final int I0 = 24, I1 = 25, I2 = 26;
    /** Result of the method at a common exit. */
    static final int RESULT = I1;
    /** RIP at a common exit. */
    static final int RIP = 27;

    static final int FS_BASE = 29, GS_BASE = 31;
    private static final int FIRST_REGISTER = 33;

    private final int[] slot = new int[16];
    private final int count;
    private final Object[] frame;

    /** @param used set of the guest registers that get a local */
    Locals(int used) {
        int next = FIRST_REGISTER;
        for (int r = 0; r < 16; r++) {
            if ((used >> r & 1) != 0) {
                slot[r] = next;
                next += 2;
            }
        }
        count = next;
        Object l = Opcodes.LONG;
        Object i = Opcodes.INTEGER;
        int registers = (next - FIRST_REGISTER) / 2;
        Object[] head = {
            Names.REGION, Names.CPU, l, i, i, Names.MEMORY, "[J", "[J", l, l, l, i, l, l, l, l, i, i, i, l, l, l
        };
        frame = new Object[head.length + registers];
        System.arraycopy(head, 0, frame, 0, head.length);
        for (int k = 0; k < registers; k++) frame[head.length + k] = l;
    }

    int register(int r) {
        return slot[r] == 0 ? FIRST_REGISTER : slot[r];
    }

    int count() {
        return count;
    }

    Object[] frame() {
        return frame;
    }
}
