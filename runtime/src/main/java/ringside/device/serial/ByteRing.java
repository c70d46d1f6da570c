package ringside.device.serial;

import ringside.state.StateVisitor;

/** A growing first-in first-out queue of bytes. Not safe for threads. */
final class ByteRing {
    /** More than a port ever keeps: what a snapshot may claim. */
    private static final int LARGEST = 1 << 20;

    private byte[] data = new byte[16];
    private int first;
    private int size;

    int size() {
        return size;
    }

    void add(int v) {
        if (size == data.length) grow();
        data[first + size++ & data.length - 1] = (byte) v;
    }

    /** Puts a byte back in front. */
    void addFirst(int v) {
        if (size == data.length) grow();
        first = first - 1 & data.length - 1;
        data[first] = (byte) v;
        size++;
    }

    int remove() {
        int v = data[first] & 0xff;
        first = first + 1 & data.length - 1;
        size--;
        return v;
    }

    /** Removes the byte that was added last. */
    int removeLast() {
        return data[first + --size & data.length - 1] & 0xff;
    }

    void clear() {
        size = 0;
    }

    private void grow() {
        byte[] larger = new byte[data.length * 2];
        for (int i = 0; i < size; i++) larger[i] = data[first + i & data.length - 1];
        data = larger;
        first = 0;
    }

    void visit(StateVisitor v, String name) {
        v.enter(name);
        int n = v.i32("size", size);
        if (n < 0 || n > LARGEST) throw new IllegalStateException(name + " holds " + n + " bytes");
        while (size < n) add(0);
        size = n;
        for (int i = 0; i < n; i++) {
            int k = first + i & data.length - 1;
            data[k] = (byte) v.i32(Integer.toString(i), data[k]);
        }
        v.leave();
    }
}
