package ringside.unwinder.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Types laid out by hand as Documentation/bpf/btf.rst says. */
class BtfTest {
    private final ByteArrayOutputStream types = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();

    private int name(String s) {
        int at = strings.size();
        strings.writeBytes((s + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return at;
    }

    private void words(int... w) {
        for (int x : w) types.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(x).array());
    }

    private byte[] section() {
        ByteBuffer b = ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(24).putInt(0).putInt(types.size()).putInt(types.size()).putInt(strings.size());
        return b.put(types.toByteArray()).put(strings.toByteArray()).array();
    }

    private static int info(int kind, int members) {
        return kind << 24 | members;
    }

    @Test
    void findsMembersThroughNamesQualifiersAndAnonymousStructures() {
        name("");
        // 1: int; 2: struct inner { int a; int b; }; 3: const inner; 4: anonymous union { int x; }
        words(name("int"), info(1, 0), 4, 0x20);
        words(name("inner"), info(4, 2), 8, name("a"), 1, 0, name("b"), 1, 32);
        words(0, info(10, 0), 2);
        words(0, info(5, 1), 4, name("x"), 1, 0);
        // 5: struct outer { int first; const inner in; union { int x; }; }
        words(name("outer"), info(4, 3), 16, name("first"), 1, 0, name("in"), 3, 32, 0, 4, 96);
        Btf b = Btf.of(section());
        assertEquals(5, b.count());
        assertEquals(OptionalInt.of(16), b.size("outer"));
        assertEquals(OptionalInt.of(0), b.offset("outer", "first"));
        assertEquals(OptionalInt.of(8), b.offset("outer", "in", "b"));
        assertEquals(OptionalInt.of(12), b.offset("outer", "x"));
        assertEquals(OptionalInt.empty(), b.offset("outer", "y"));
        assertEquals(OptionalInt.empty(), b.offset("none", "x"));
    }

    @Test
    void otherBytesAreNoTypes() {
        assertNull(Btf.of(new byte[100]));
        assertNull(Btf.of(new byte[3]));
    }
}
