package ringside.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import ringside.memory.HostMemory;
import ringside.state.StateVisitor;

/**
 * A 64-bit hash of everything a visit passes: names, values and RAM. RAM pages of zeroes count as absent. Four
 * independent multiply-rotate lanes over 8-byte words, so that RAM is hashed at memory speed.
 */
public final class StateHash implements StateVisitor {
    private static final long M1 = 0x9e3779b97f4a7c15L, M2 = 0xc2b2ae3d27d4eb4fL;
    private static final int PAGE = 4096;

    private final Map<String, Long> names = new HashMap<>();
    private long hash = M2;

    /** The hash of nothing visited. */
    public StateHash() {}

    /**
     * {@return the hash of a machine's whole state and its instruction count, as 16 hexadecimal digits}
     *
     * @param machine the machine, which must not be running
     */
    public static String of(ringside.machine.Machine machine) {
        StateHash h = new StateHash();
        h.i64("instructions", machine.cpu().instructions());
        machine.visit(h);
        return String.format("%016x", h.value());
    }

    /** {@return the hash of everything visited so far} */
    public long value() {
        return finish(hash);
    }

    private static long finish(long h) {
        h ^= h >>> 32;
        h *= M1;
        h ^= h >>> 29;
        h *= M2;
        return h ^ h >>> 32;
    }

    private static long round(long h, long v) {
        return Long.rotateLeft(h ^ v * M2, 31) * M1;
    }

    private void name(String s) {
        mix(names.computeIfAbsent(s, StateHash::hashName));
    }

    private static long hashName(String s) {
        long h = s.length();
        for (byte b : s.getBytes(StandardCharsets.UTF_8)) h = round(h, b);
        return h;
    }

    private void mix(long v) {
        hash = round(hash, v);
    }

    @Override
    public void enter(String part) {
        name(part);
    }

    @Override
    public void leave() {
        mix(-1);
    }

    @Override
    public long i64(String name, long value) {
        name(name);
        mix(value);
        return value;
    }

    @Override
    public int i32(String name, int value) {
        i64(name, value);
        return value;
    }

    @Override
    public boolean flag(String name, boolean value) {
        i64(name, value ? 1 : 0);
        return value;
    }

    @Override
    public void longs(String name, long[] values) {
        name(name);
        for (long v : values) mix(v);
    }

    @Override
    public void bytes(String name, byte[] values) {
        name(name);
        for (byte b : values) mix(b);
    }

    @Override
    public void ram(String name, long host, long bytes) {
        name(name);
        for (long p = 0; p < bytes; p += PAGE) {
            if (zero(host + p)) continue;
            mix(p);
            mix(page(host + p));
        }
    }

    private static boolean zero(long page) {
        for (int i = 0; i < PAGE; i += 32) {
            if ((HostMemory.get64(page + i)
                            | HostMemory.get64(page + i + 8)
                            | HostMemory.get64(page + i + 16)
                            | HostMemory.get64(page + i + 24))
                    != 0) {
                return false;
            }
        }
        return true;
    }

    private static long page(long page) {
        long a = M1, b = M2, c = ~M1, d = ~M2;
        for (int i = 0; i < PAGE; i += 32) {
            a = round(a, HostMemory.get64(page + i));
            b = round(b, HostMemory.get64(page + i + 8));
            c = round(c, HostMemory.get64(page + i + 16));
            d = round(d, HostMemory.get64(page + i + 24));
        }
        return finish(a) + 3 * finish(b) + 5 * finish(c) + 7 * finish(d);
    }
}
