package ringside.cpu;

/**
 * A segment register with its hidden part (Intel SDM vol. 3, 3.4.3), also used for LDTR and TR. {@code base} is a
 * linear address; {@code limit} is in bytes, already scaled by G. {@code access} holds the descriptor's bits 55:40 as
 * they stand in the second doubleword shifted right by 8: type in 3:0, S bit 4, DPL 6:5, P bit 7, AVL bit 12, L bit 13,
 * D/B bit 14, G bit 15.
 */
public final class Segment {
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

    public int selector;
    public long base;
    /** Unsigned 32-bit limit, 0..FFFFFFFFh. */
    public long limit;

    public int access;
    /** False after a null selector was loaded: any use is #GP (#SS). */
    public boolean usable;

    public int dpl() {
        return access >> 5 & 3;
    }

    public boolean big() {
        return (access & BIG) != 0;
    }

    public boolean isLong() {
        return (access & LONG) != 0;
    }

    public boolean code() {
        return (access & (CODE | CODE_OR_DATA)) == (CODE | CODE_OR_DATA);
    }

    public void copyFrom(Segment o) {
        selector = o.selector;
        base = o.base;
        limit = o.limit;
        access = o.access;
        usable = o.usable;
    }
}
