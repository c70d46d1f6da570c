package ringside.unwinder.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
        for (int x : w)
            types.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(x)
                    .array());
    }

    private byte[] section() {
        ByteBuffer b = ByteBuffer.allocate(24 + types.size() + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
        b.putShort((short) 0xeb9f)
                .put((byte) 1)
                .put((byte) 0)
                .putInt(24)
                .putInt(0)
                .putInt(types.size())
                .putInt(types.size())
                .putInt(strings.size());
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

    @Test
    void aRecordThatEndsBehindTheTypesIsDamage() {
        name("");
        words(name("s"), info(4, 1), 4, name("m"), 1, 0);
        words(name("cut"), info(4, 0xffff), 4, name("m"), 1, 0);
        assertNull(Btf.of(section()));
        byte[] beyond = section();
        ByteBuffer.wrap(beyond)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, 0x7fff_fff0)
                .putInt(8, 0x7fff_fff0);
        assertNull(Btf.of(beyond));
    }

    /**
     * 60,000 members of each of two anonymous structures are the other one: a search that followed each would not end.
     */
    @Test
    void structuresThatHoldEachOtherAreSearchedOnce() {
        name("");
        for (int t = 1; t <= 2; t++) {
            words(name("loop" + t), info(4, 60_000), 4);
            for (int i = 0; i < 60_000; i++) words(0, 3 - t, 0);
        }
        assertTimeoutPreemptively(
                Duration.ofMinutes(1),
                () -> assertEquals(OptionalInt.empty(), Btf.of(section()).offset("loop1", "x")));
    }

    /** Strings without an end: 40,000 names of a megabyte. */
    @Test
    void namesHaveAnEnd() {
        name("");
        int at = name("a".repeat(1 << 20)) - 1;
        words(name("long"), info(4, 40_000), 4);
        for (int i = 0; i < 40_000; i++) words(at + 1 + i, 0, 0);
        assertTimeoutPreemptively(
                Duration.ofMinutes(1),
                () -> assertEquals(OptionalInt.empty(), Btf.of(section()).offset("long", "x")));
    }
}
