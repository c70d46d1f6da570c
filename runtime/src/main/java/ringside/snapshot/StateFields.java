package ringside.snapshot;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import ringside.machine.Machine;
import ringside.state.StateVisitor;

/**
 * A machine's state as named values: every field by its path ("cpu0/rip") as Long, Integer, Boolean, long[] or byte[],
 * in the order of the visit. RAM, which is too large for a value, goes to a function.
 */
public final class StateFields {
    /** Takes the machine's RAM where it lies. */
    @FunctionalInterface
    public interface Ram {
        /**
         * Takes the RAM.
         *
         * @param host host address of its first byte
         * @param bytes length of it
         */
        void at(long host, long bytes);
    }

    private StateFields() {}

    /**
     * {@return all fields but RAM, copied}
     *
     * @param m the machine, which must not be running
     * @param ram takes the RAM
     */
    public static Map<String, Object> of(Machine m, Ram ram) {
        Recorder r = new Recorder(ram);
        m.visit(r);
        return r.values;
    }

    /**
     * Puts the fields back; the caller then calls {@link Machine#restored}.
     *
     * @param m the machine, which must not be running
     * @param values the fields, as {@link #of} gives them
     * @param ram puts the RAM back
     * @throws IllegalStateException if a field is missing, of another kind or length, or unknown to this machine: it is
     *     then in no state at all
     */
    public static void restore(Machine m, Map<String, Object> values, Ram ram) {
        Restorer r = new Restorer(values, ram);
        m.visit(r);
        r.checkAllUsed();
    }

    /** Keeps track of the path of the field visited. */
    private abstract static class Walk implements StateVisitor {
        private final Deque<String> parts = new ArrayDeque<>();
        private final Map<String, Integer> seen = new HashMap<>();
        private String prefix = "";

        /** A path that occurs twice (parts with equal names) gets a number. */
        String path(String name) {
            String p = prefix + name;
            int n = seen.merge(p, 1, Integer::sum);
            return n == 1 ? p : p + "#" + n;
        }

        @Override
        public void enter(String part) {
            parts.push(prefix);
            prefix = prefix + part + "/";
        }

        @Override
        public void leave() {
            prefix = parts.pop();
        }
    }

    private static final class Recorder extends Walk {
        final Map<String, Object> values = new LinkedHashMap<>();
        private final Ram ram;

        Recorder(Ram ram) {
            this.ram = ram;
        }

        @Override
        public long i64(String name, long value) {
            values.put(path(name), value);
            return value;
        }

        @Override
        public int i32(String name, int value) {
            values.put(path(name), value);
            return value;
        }

        @Override
        public boolean flag(String name, boolean value) {
            values.put(path(name), value);
            return value;
        }

        @Override
        public void longs(String name, long[] value) {
            values.put(path(name), value.clone());
        }

        @Override
        public void bytes(String name, byte[] value) {
            values.put(path(name), value.clone());
        }

        @Override
        public byte[] loaded(String name, byte[] value) {
            bytes(name, value);
            return value;
        }

        @Override
        public void ram(String name, long host, long bytes) {
            ram.at(host, bytes);
        }
    }

    private static final class Restorer extends Walk {
        private final Map<String, Object> values;
        private final Set<String> unused;
        private final Ram ram;

        Restorer(Map<String, Object> values, Ram ram) {
            this.values = values;
            this.unused = new HashSet<>(values.keySet());
            this.ram = ram;
        }

        private <T> T get(String name, Class<T> kind) {
            String p = path(name);
            Object v = values.get(p);
            if (v == null) throw new IllegalStateException("there is no value for " + p);
            if (!kind.isInstance(v))
                throw new IllegalStateException("the value of " + p + " is no " + kind.getSimpleName());
            unused.remove(p);
            return kind.cast(v);
        }

        void checkAllUsed() {
            if (!unused.isEmpty())
                throw new IllegalStateException("this machine has no "
                        + unused.stream().sorted().findFirst().orElseThrow());
        }

        private static void fill(String name, int there, int wanted, Object from, Object to) {
            if (there != wanted)
                throw new IllegalStateException(name + " has " + there + " elements in place of " + wanted);
            System.arraycopy(from, 0, to, 0, wanted);
        }

        @Override
        public long i64(String name, long value) {
            return get(name, Long.class);
        }

        @Override
        public int i32(String name, int value) {
            return get(name, Integer.class);
        }

        @Override
        public boolean flag(String name, boolean value) {
            return get(name, Boolean.class);
        }

        @Override
        public void longs(String name, long[] value) {
            long[] v = get(name, long[].class);
            fill(name, v.length, value.length, v, value);
        }

        @Override
        public void bytes(String name, byte[] value) {
            byte[] v = get(name, byte[].class);
            fill(name, v.length, value.length, v, value);
        }

        @Override
        public byte[] loaded(String name, byte[] value) {
            return get(name, byte[].class);
        }

        @Override
        public void ram(String name, long host, long bytes) {
            ram.at(host, bytes);
        }
    }
}
