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

    /** {@return aux after MUL of 64 bits; CF and OF if the upper half is not zero} */
    public static long unsignedWideAux64(long aux, long high, long low) {
        return Flags.withCarryOverflow(aux, high != 0, high != 0);
    }

    /** {@return aux after MUL of 32 bits} */
    public static long unsignedWideAux32(long aux, long high, long product) {
        return unsignedWideAux64(aux, high, product);
    }

    /** {@return aux after IMUL of 64 bits; CF and OF if the upper half is no extension of the lower} */
    public static long signedWideAux64(long aux, long high, long low) {
        boolean lost = high != low >> 63;
        return Flags.withCarryOverflow(aux, lost, lost);
    }

    /** {@return aux after IMUL of 32 bits} */
    public static long signedWideAux32(long aux, long high, long product) {
        boolean lost = product != (int) product;
        return Flags.withCarryOverflow(aux, lost, lost);
    }
}
