package ringside.snapshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import ringside.machine.Machine;
import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;

/**
 * A machine's whole state at one instruction count, held in memory: every field by its path ("cpu0/rip"), and the RAM.
 * The RAM copy lies off-heap and is reused by the next {@link #take}; {@link #close} gives it back.
 */
public final class Snapshot implements AutoCloseable {
    private Map<String, Object> fields = Map.of();
    private long instructions;
    private long ram;
    private long ramBytes;
    /** The pages of {@link #ram} that were not untouched zeroes. */
    private BitSet used = new BitSet();

    /** A snapshot of nothing; {@link #take} fills it. */
    public Snapshot() {}

    /**
     * Replaces the content by the machine's present state; the machine must not be running.
     *
     * @param m the machine
     */
    public void take(Machine m) {
        instructions = m.cpu().instructions();
        fields = StateFields.of(m, (host, bytes) -> copyRam(m.memory(), host, bytes));
    }

    /**
     * Puts the machine back into the state that was taken; the machine must be built from the same configuration.
     *
     * @param m the machine, which must not be running
     */
    public void restore(Machine m) {
        StateFields.restore(m, fields, (host, bytes) -> putRam(m.memory(), host, bytes));
        m.restored(instructions);
    }

    /** {@return the count of retired instructions at which it was taken} */
    public long instructions() {
        return instructions;
    }

    /**
     * {@return each field whose value differs, as "path: here / there"; RAM as the first differing addresses}
     *
     * @param a one machine, the "here"
     * @param b the other, the "there"
     * @param most how many are wanted at most
     */
    public static List<String> differences(Machine a, Machine b, int most) {
        long[] ra = new long[2];
        long[] rb = new long[2];
        Map<String, Object> fa = StateFields.of(a, (host, bytes) -> keep(ra, host, bytes));
        Map<String, Object> fb = StateFields.of(b, (host, bytes) -> keep(rb, host, bytes));
        List<String> out = new ArrayList<>();
        if (a.cpu().instructions() != b.cpu().instructions()) {
            out.add("instructions: " + a.cpu().instructions() + " / " + b.cpu().instructions());
        }
        fa.forEach((path, value) -> {
            Object other = fb.get(path);
            if (!Objects.deepEquals(value, other)) describe(out, path, value, other);
        });
        if (ra[1] != rb[1]) {
            out.add("RAM size: " + ra[1] + " / " + rb[1]);
        } else {
            long first = HostMemory.mismatch(ra[0], rb[0], ra[1]);
            for (long o = first < 0 ? ra[1] : first & -8; o < ra[1] && out.size() < most; o += 8) {
                long x = HostMemory.get64(ra[0] + o);
                long y = HostMemory.get64(rb[0] + o);
                if (x != y) out.add(String.format("ram[%xh]: %016x / %016x", o, x, y));
            }
        }
        return out.size() > most ? out.subList(0, most) : out;
    }

    /**
     * {@return whether the two machines are in the same state, every field and every byte of RAM}
     *
     * @param a one machine
     * @param b the other
     */
    public static boolean same(Machine a, Machine b) {
        return differences(a, b, 1).isEmpty();
    }

    private static void describe(List<String> out, String path, Object x, Object y) {
        if (x instanceof long[] p && y instanceof long[] q && p.length == q.length) {
            for (int i = 0; i < p.length; i++) {
                if (p[i] != q[i]) out.add(String.format("%s[%d]: %016x / %016x", path, i, p[i], q[i]));
            }
        } else if (x instanceof byte[] p && y instanceof byte[] q) {
            out.add(path + "[" + Arrays.mismatch(p, q) + "...]: bytes differ");
        } else {
            out.add(path + ": " + hex(x) + " / " + hex(y));
        }
    }

    private static String hex(Object v) {
        return switch (v) {
            case Long l -> String.format("%016x", l);
            case Integer i -> String.format("%08x", i);
            case null -> "absent";
            default -> v.toString();
        };
    }

    @Override
    public void close() {
        if (ram != 0) HostMemory.free(ram);
        ram = 0;
    }

    private static void keep(long[] ram, long host, long bytes) {
        ram[0] = host;
        ram[1] = bytes;
    }

    /** Copies the pages that are not untouched zeroes. */
    private void copyRam(PhysicalMemory memory, long host, long bytes) {
        if (ram != 0 && ramBytes != bytes) close();
        boolean fresh = ram == 0;
        if (fresh) ram = HostMemory.allocate(bytes);
        ramBytes = bytes;
        int pages = (int) (bytes / PhysicalMemory.PAGE_SIZE);
        BitSet before = used;
        used = new BitSet(pages);
        for (int p = 0; p < pages; p++) {
            boolean now = memory.isUsed(p);
            if (now) used.set(p);
            if (now || !fresh && before.get(p))
                HostMemory.copy(
                        host + (long) p * PhysicalMemory.PAGE_SIZE,
                        ram + (long) p * PhysicalMemory.PAGE_SIZE,
                        PhysicalMemory.PAGE_SIZE);
        }
    }

    /** Writes only the pages that differ, so that code decoded from the others stays valid. */
    private void putRam(PhysicalMemory memory, long host, long bytes) {
        if (bytes != ramBytes)
            throw new IllegalStateException("the snapshot is of a machine with " + ramBytes + " bytes of RAM");
        for (long p = 0; p < bytes; p += PhysicalMemory.PAGE_SIZE) {
            int page = (int) (p / PhysicalMemory.PAGE_SIZE);
            if (!used.get(page) && !memory.isUsed(page)) continue;
            if (HostMemory.mismatch(host + p, ram + p, PhysicalMemory.PAGE_SIZE) >= 0) memory.replacePage(p, ram + p);
        }
    }
}
