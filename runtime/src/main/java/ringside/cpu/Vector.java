package ringside.cpu;

/** Exception vectors (Intel SDM vol. 3, table 6-1). */
public final class Vector {
    /** Vectors of the exceptions, by the names of the manual (SDM vol. 3, table 6-1). */
    public static final int DE = 0,
            DB = 1,
            NMI = 2,
            BP = 3,
            OF = 4,
            BR = 5,
            UD = 6,
            NM = 7,
            DF = 8,
            TS = 10,
            NP = 11,
            SS = 12,
            GP = 13,
            PF = 14,
            MF = 16,
            AC = 17,
            MC = 18,
            XM = 19,
            VE = 20,
            CP = 21;

    private Vector() {}

    /**
     * {@return whether the exception pushes an error code}
     *
     * @param vector 0 to 255
     */
    public static boolean hasErrorCode(int vector) {
        return vector == DF || vector >= TS && vector <= PF || vector == AC || vector == CP;
    }
}
