package ringside.snapshot;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import ringside.machine.Machine;
import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;
import ringside.state.StateVisitor;

/**
 * A machine's whole state at one instruction count, held in memory: every field by its path ("cpu0/rip"), and the RAM.
 * The RAM copy lies off-heap and is reused by the next {@link #take}; {@link #close} gives it back.
 */
public final class Snapshot implements AutoCloseable {
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private long instructions;
    private long ram;
    private long ramBytes;

    /** Replaces the content by the machine's present state; the machine must not be running. */
    public void take(Machine m) {
        fields.clear();
        instructions = m.cpu().instructions();
        m.visit(new Saver());
    }

    /** Puts the machine back into the state that was taken; the machine must be built from the same configuration. */
    public void restore(Machine m) {
        m.visit(new Restorer(m.memory()));
        m.restored(instructions);
    }

    public long instructions() {
        return instructions;
    }

    /** @return each field whose value differs, as "path: here / there"; RAM as the first differing addresses */
    public static List<String> differences(Machine a, Machine b, int most) {
        Lister la = new Lister();
        Lister lb = new Lister();
        a.visit(la);
        b.visit(lb);
        List<String> out = new ArrayList<>();
        if (a.cpu().instructions() != b.cpu().instructions()) {
            out.add("instructions: " + a.cpu().instructions() + " / " + b.cpu().instructions());
        }
        la.values.forEach((path, value) -> {
            Object other = lb.values.get(path);
            if (!Objects.deepEquals(value, other)) describe(out, path, value, other);
        });
        if (la.ramBytes != lb.ramBytes) {
            out.add("RAM size: " + la.ramBytes + " / " + lb.ramBytes);
        } else {
            long first = HostMemory.mismatch(la.ram, lb.ram, la.ramBytes);
            for (long o = first < 0 ? la.ramBytes : first & -8; o < la.ramBytes && out.size() < most; o += 8) {
                long x = HostMemory.get64(la.ram + o);
                long y = HostMemory.get64(lb.ram + o);
                if (x != y) out.add(String.format("ram[%xh]: %016x / %016x", o, x, y));
            }
        }
        return out.size() > most ? out.subList(0, most) : out;
    }

    /** @return whether the two machines are in the same state, every field and every byte of RAM */
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

    /** Keeps track of the path of the field visited. */
    private abstract static class Walk implements StateVisitor {
        private final Deque<String> parts = new ArrayDeque<>();
        private final Map<String, Integer> seen = new HashMap<>();

        /** A path that occurs twice (parts with equal names) gets a number. */
        String path(String name) {
            StringBuilder s = new StringBuilder();
            parts.descendingIterator().forEachRemaining(p -> s.append(p).append('/'));
            String p = s.append(name).toString();
            int n = seen.merge(p, 1, Integer::sum);
            return n == 1 ? p : p + "#" + n;
        }

        @Override
        public void enter(String part) {
            parts.push(part);
        }

        @Override
        public void leave() {
            parts.pop();
        }
    }

    private abstract static class Recorder extends Walk {
        abstract void put(String path, Object value);

        @Override
        public long i64(String name, long value) {
            put(path(name), value);
            return value;
        }

        @Override
        public int i32(String name, int value) {
            put(path(name), value);
            return value;
        }

        @Override
        public boolean flag(String name, boolean value) {
            put(path(name), value);
            return value;
        }

        @Override
        public void longs(String name, long[] values) {
            put(path(name), values.clone());
        }

        @Override
        public void bytes(String name, byte[] values) {
            put(path(name), values.clone());
        }
    }

    private final class Saver extends Recorder {
        @Override
        void put(String path, Object value) {
            fields.put(path, value);
        }

        @Override
        public void ram(String name, long host, long bytes) {
            if (ram != 0 && ramBytes != bytes) close();
            if (ram == 0) ram = HostMemory.allocate(bytes);
            ramBytes = bytes;
            HostMemory.copy(host, ram, bytes);
        }
    }

    private static final class Lister extends Recorder {
        final Map<String, Object> values = new LinkedHashMap<>();
        long ram;
        long ramBytes;

        @Override
        void put(String path, Object value) {
            values.put(path, value);
        }

        @Override
        public void ram(String name, long host, long bytes) {
            ram = host;
            ramBytes = bytes;
        }
    }

    private final class Restorer extends Walk {
        private final PhysicalMemory memory;

        Restorer(PhysicalMemory memory) {
            this.memory = memory;
        }

        private Object get(String name) {
            String p = path(name);
            Object v = fields.get(p);
            if (v == null) throw new IllegalStateException("the snapshot has no " + p);
            return v;
        }

        @Override
        public long i64(String name, long value) {
            return (Long) get(name);
        }

        @Override
        public int i32(String name, int value) {
            return (Integer) get(name);
        }

        @Override
        public boolean flag(String name, boolean value) {
            return (Boolean) get(name);
        }

        @Override
        public void longs(String name, long[] values) {
            long[] v = (long[]) get(name);
            System.arraycopy(v, 0, values, 0, values.length);
        }

        @Override
        public void bytes(String name, byte[] values) {
            byte[] v = (byte[]) get(name);
            System.arraycopy(v, 0, values, 0, values.length);
        }

        /** Writes only the pages that differ, so that code decoded from the others stays valid. */
        @Override
        public void ram(String name, long host, long bytes) {
            if (bytes != ramBytes) throw new IllegalStateException("the snapshot is of a machine with " + ramBytes + " bytes of RAM");
            for (long p = 0; p < bytes; p += PhysicalMemory.PAGE_SIZE) {
                if (!samePage(host + p, ram + p)) memory.replacePage(p, ram + p);
            }
        }

        private static boolean samePage(long a, long b) {
            for (int o = 0; o < PhysicalMemory.PAGE_SIZE; o += 8) {
                if (HostMemory.get64(a + o) != HostMemory.get64(b + o)) return false;
            }
            return true;
        }
    }
}
