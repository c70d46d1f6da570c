package ringside.lab;

import ringside.cpu.Cpu;
import ringside.state.StateVisitor;

/** A CPU's state at one moment, put back as often as wanted; the CPU's own list of fields says what it is. */
final class InitialState {
    private long[] values = new long[512];
    private int count;

    InitialState(Cpu cpu) {
        cpu.visit(new Recorder());
    }

    void restore(Cpu cpu) {
        cpu.visit(new Restorer());
    }

    private final class Recorder implements StateVisitor {
        private void add(long v) {
            if (count == values.length) values = java.util.Arrays.copyOf(values, 2 * count);
            values[count++] = v;
        }

        @Override
        public void enter(String part) {}

        @Override
        public void leave() {}

        @Override
        public long i64(String name, long value) {
            add(value);
            return value;
        }

        @Override
        public int i32(String name, int value) {
            add(value);
            return value;
        }

        @Override
        public boolean flag(String name, boolean value) {
            add(value ? 1 : 0);
            return value;
        }

        @Override
        public void longs(String name, long[] v) {
            for (long x : v) add(x);
        }

        @Override
        public void bytes(String name, byte[] v) {
            for (byte x : v) add(x);
        }

        @Override
        public void ram(String name, long host, long bytes) {}
    }

    private final class Restorer implements StateVisitor {
        private int at;

        @Override
        public void enter(String part) {}

        @Override
        public void leave() {}

        @Override
        public long i64(String name, long value) {
            return values[at++];
        }

        @Override
        public int i32(String name, int value) {
            return (int) values[at++];
        }

        @Override
        public boolean flag(String name, boolean value) {
            return values[at++] != 0;
        }

        @Override
        public void longs(String name, long[] v) {
            for (int i = 0; i < v.length; i++) v[i] = values[at++];
        }

        @Override
        public void bytes(String name, byte[] v) {
            for (int i = 0; i < v.length; i++) v[i] = (byte) values[at++];
        }

        @Override
        public void ram(String name, long host, long bytes) {}
    }
}
