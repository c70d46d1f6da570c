package ringside.unwinder;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Makes a kernel's description of its types (Documentation/bpf/btf.rst) of structures with members at given places. */
final class BtfBuilder {
    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private int count;

    BtfBuilder() {
        name("");
        type(name("long"), 1 << 24, 8, 0x40);
        type(name("char"), 1 << 24, 1, 0x8);
    }

    private int name(String s) {
        int at = strings.size();
        strings.writeBytes((s + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return at;
    }

    private int type(int... words) {
        ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int w : words) b.putInt(w);
        types.writeBytes(b.array());
        return ++count;
    }

    /** @return the number of a pointer to a type */
    int pointer(int to) {
        return type(0, 2 << 24, to);
    }

    /** The number of the type of 8-byte integers. */
    static final int LONG = 1;

    /** @param members name, byte offset and type number of each @return the structure's number */
    int struct(String name, int size, Object... members) {
        int[] w = new int[3 + members.length];
        w[0] = name(name);
        w[1] = 4 << 24 | members.length / 3;
        w[2] = size;
        for (int i = 0; i < members.length; i += 3) {
            w[3 + i] = name((String) members[i]);
            w[4 + i] = (Integer) members[i + 2];
            w[5 + i] = 8 * (Integer) members[i + 1];
        }
        return type(w);
    }

    byte[] section() {
        ByteBuffer b = ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort((short) 0xeb9f).putShort((short) 1).putInt(24).putInt(0).putInt(types.size());
        b.putInt(types.size()).putInt(strings.size());
        return b.put(types.toByteArray()).put(strings.toByteArray()).array();
    }
}
