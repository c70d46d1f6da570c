package ringside.translator.support;

import ringside.cpu.Flags;

/** Functions that generated code calls and that have no shorter form as bytecode. Pure. */
public final class Arithmetic {
    private Arithmetic() {}

    /** @return aux after a signed multiplication a * b = r of operands sign-extended from {@code size} bytes */
    public static long multiplyAux(long aux, long a, long b, long r, int size) {
        int unused = 64 - 8 * size;
        boolean lost = size == 8 ? Math.multiplyHigh(a, b) != r >> 63 : r << unused >> unused != r;
        return Flags.withCarryOverflow(aux, lost, lost);
    }
}
