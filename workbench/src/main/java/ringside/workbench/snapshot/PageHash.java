package ringside.workbench.snapshot;

import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;

/**
 * 128 bits that tell pages of RAM apart, at the speed of memory. Equal pages have equal hashes; a page of zeroes has
 * 0:0, and no other page has.
 */
final class PageHash {
    private static final long M1 = 0x9e3779b97f4a7c15L,
            M2 = 0xc2b2ae3d27d4eb4fL,
            M3 = 0x165667b19e3779f9L,
            M4 = 0xd6e8feb86659fd93L;
    private static final int PAGE = PhysicalMemory.PAGE_SIZE;

    private PageHash() {}

    static boolean zero(long page) {
        for (int i = 0; i < PAGE; i += 32) {
            if ((HostMemory.get64(page + i)
                            | HostMemory.get64(page + i + 8)
                            | HostMemory.get64(page + i + 16)
                            | HostMemory.get64(page + i + 24))
                    != 0) return false;
        }
        return true;
    }

    /** Hashes a page that is not all zeroes. @param into gets the two halves from index {@code at} on */
    static void of(long page, long[] into, int at) {
        long a = M1, b = M2, c = M3, d = M4;
        for (int i = 0; i < PAGE; i += 32) {
            a = round(a, HostMemory.get64(page + i));
            b = round(b, HostMemory.get64(page + i + 8));
            c = round(c, HostMemory.get64(page + i + 16));
            d = round(d, HostMemory.get64(page + i + 24));
        }
        long x = finish(a) + 3 * finish(b);
        long y = finish(c) + 5 * finish(d);
        into[at] = finish(x ^ Long.rotateLeft(y, 23)) | 1;
        into[at + 1] = finish(y + M3 * finish(a ^ Long.rotateLeft(d, 11)));
    }

    private static long round(long h, long v) {
        return Long.rotateLeft(h ^ v * M2, 31) * M1;
    }

    private static long finish(long h) {
        h ^= h >>> 32;
        h *= M1;
        h ^= h >>> 29;
        h *= M4;
        return h ^ h >>> 32;
    }
}
