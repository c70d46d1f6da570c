package ringside.memory;

/**
 * How translated code reaches memory, in two steps: whether the data TLB has the page, and then the access by its entry
 * alone, unchecked. A miss leaves the region, and the interpreter executes the instruction. So no call stands in the
 * way of the access, around which the JVM's compilers would have to keep every register of the guest in memory, and
 * nothing is thrown that would give every access an edge to an exception handler.
 */
public final class TlbAccess {
    private TlbAccess() {}

    /**
     * {@return whether the data TLB has an entry by which a byte can be loaded}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean readHit8(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK)) == (la & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which a byte can be stored}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean writeHit8(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 8)
                == (la & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 2 bytes can be loaded}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean readHit16(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK))
                == (la + 1 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 2 bytes can be stored}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean writeHit16(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 8)
                == (la + 1 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 4 bytes can be loaded}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean readHit32(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK))
                == (la + 3 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 4 bytes can be stored}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean writeHit32(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 8)
                == (la + 3 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 8 bytes can be loaded}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean readHit64(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK))
                == (la + 7 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 8 bytes can be stored}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean writeHit64(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 8)
                == (la + 7 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 16 bytes can be loaded}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean readHit128(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK))
                == (la + 15 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return whether the data TLB has an entry by which 16 bytes can be stored}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static boolean writeHit128(LinearMemory m, long la) {
        return HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 8)
                == (la + 15 & LinearMemory.PAGE_MASK);
    }

    /**
     * {@return a byte, zero-extended, loaded by the entry that {@link #readHit8} or {@link #writeHit8} has just found}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static int loadHit8(LinearMemory m, long la) {
        return HostMemory.get8(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16));
    }

    /**
     * Stores by the entry that {@link #writeHit8} has just found.
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void storeHit8(LinearMemory m, long la, int v) {
        HostMemory.put8(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16), v);
    }

    /**
     * {@return 2 bytes, zero-extended, loaded by the entry that {@link #readHit16} or {@link #writeHit16} has just
     * found}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static int loadHit16(LinearMemory m, long la) {
        return HostMemory.get16(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16));
    }

    /**
     * Stores by the entry that {@link #writeHit16} has just found.
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     * @param v the value; higher bits are ignored
     */
    public static void storeHit16(LinearMemory m, long la, int v) {
        HostMemory.put16(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16), v);
    }

    /**
     * {@return 4 bytes, loaded by the entry that {@link #readHit32} or {@link #writeHit32} has just found}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static int loadHit32(LinearMemory m, long la) {
        return HostMemory.get32(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16));
    }

    /**
     * Stores by the entry that {@link #writeHit32} has just found.
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     * @param v the value
     */
    public static void storeHit32(LinearMemory m, long la, int v) {
        HostMemory.put32(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16), v);
    }

    /**
     * {@return 8 bytes, loaded by the entry that {@link #readHit64} or {@link #writeHit64} has just found}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     */
    public static long loadHit64(LinearMemory m, long la) {
        return HostMemory.get64(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16));
    }

    /**
     * Stores by the entry that {@link #writeHit64} has just found.
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first byte
     * @param v the value
     */
    public static void storeHit64(LinearMemory m, long la, long v) {
        HostMemory.put64(la + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16), v);
    }

    /**
     * {@return the upper 8 of 16 bytes, loaded by the entry that {@link #readHit128} has just found for them}
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first of the 16 bytes
     */
    public static long loadHitHigh64(LinearMemory m, long la) {
        return HostMemory.get64(la + 8 + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16));
    }

    /**
     * Stores the upper 8 of 16 bytes by the entry that {@link #writeHit128} has just found for them.
     *
     * @param m the memory of the CPU that runs the code
     * @param la linear address of the first of the 16 bytes
     * @param v the upper 8 bytes
     */
    public static void storeHitHigh64(LinearMemory m, long la, long v) {
        HostMemory.put64(la + 8 + HostMemory.get64(m.dataTlb + (la >>> 7 & LinearMemory.DATA_INDEX_MASK) + 16), v);
    }
}
