package ringside.cpu;

/**
 * A segment register with its hidden part (Intel SDM vol. 3, 3.4.3), also used for LDTR and TR. {@code base} is a
 * linear address; {@code limit} is in bytes, already scaled by G. {@code access} holds the descriptor's bits 55:40 as
 * they stand in the second doubleword shifted right by 8: type in 3:0, S bit 4, DPL 6:5, P bit 7, AVL bit 12, L bit 13,
 * D/B bit 14, G bit 15.
 */
public final class Segment {
    /**
     * Bits of {@link #access}; WRITABLE and EXPAND_DOWN are those of data segments, READABLE and CONFORMING of code.
     */
    public static final int ACCESSED = 1,
            WRITABLE = 2,
            READABLE = 2,
            EXPAND_DOWN = 4,
            CONFORMING = 4,
            CODE = 8,
            CODE_OR_DATA = 16,
            PRESENT = 0x80,
            LONG = 0x2000,
            BIG = 0x4000,
            GRANULARITY = 0x8000;

    /** The visible part: index, table and requested privilege level. */
    public int selector;
    /** Linear address of the first byte. */
    public long base;
    /** Unsigned 32-bit limit, 0..FFFFFFFFh. */
    public long limit;

    /** Access rights: bits 8 to 23 of the descriptor's high half, moved to bit 0. */
    public int access;
    /** False after a null selector was loaded: any use is #GP (#SS). */
    public boolean usable;

    /** A segment register that is all zeroes. */
    public Segment() {}

    /** {@return the descriptor privilege level, 0 to 3} */
    public int dpl() {
        return access >> 5 & 3;
    }

    /** {@return the B or D bit: 32-bit stack or code} */
    public boolean big() {
        return (access & BIG) != 0;
    }

    /** {@return the L bit: 64-bit code} */
    public boolean isLong() {
        return (access & LONG) != 0;
    }

    /** {@return whether this is a code segment} */
    public boolean code() {
        return (access & (CODE | CODE_OR_DATA)) == (CODE | CODE_OR_DATA);
    }

    /**
     * Takes over all of another segment register, hidden part too.
     *
     * @param o the other one
     */
    public void copyFrom(Segment o) {
        selector = o.selector;
        base = o.base;
        limit = o.limit;
        access = o.access;
        usable = o.usable;
    }
}
