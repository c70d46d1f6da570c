package ringside.workbench.gdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The wire form of packets, with examples counted by hand. */
class PacketTest {
    private static List<String> items(String stream) {
        PacketReader r = new PacketReader(new ByteArrayInputStream(stream.getBytes(StandardCharsets.ISO_8859_1)));
        List<String> l = new ArrayList<>();
        PacketReader.Item i;
        do {
            i = r.next();
            l.add(
                    i.kind() == PacketReader.Kind.PACKET
                            ? new String(i.data(), StandardCharsets.ISO_8859_1)
                            : i.kind().name());
        } while (i.kind() != PacketReader.Kind.END);
        return l;
    }

    private static String framed(String data) {
        return new String(PacketWriter.frame(data.getBytes(StandardCharsets.ISO_8859_1)), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aPacketIsItsContentWithTheSumOfItsBytes() {
        assertEquals("$OK#9a", framed("OK"));
        assertEquals("$#00", framed(""));
        assertEquals(List.of("OK", "", "END"), items("$OK#9a$#00"));
    }

    @Test
    void aWrongSumAndAPacketCutOffByTheNextAreDamaged() {
        assertEquals(List.of("DAMAGED", "OK", "END"), items("$OK#9b$OK#9a"));
        assertEquals(List.of("DAMAGED", "OK", "END"), items("$m12$OK#9a"));
        assertEquals(List.of("DAMAGED", "END"), items("$OK#zz"));
        assertEquals(List.of("END"), items("$OK"));
    }

    @Test
    void whatStandsBetweenPacketsIsTakenOneByOne() {
        assertEquals(List.of("ACKNOWLEDGED", "AGAIN", "INTERRUPTED", "OK", "END"), items("+-\u0003 noise \n$OK#9a"));
    }

    @Test
    void lettersOfTheFrameAreEscaped() {
        assertEquals(
                "$}\u0003}\u0004}]}\n#" + String.format("%02x", (4 * '}' + 3 + 4 + ']' + '\n') & 0xff), framed("#$}*"));
        assertEquals(
                List.of("#$}*", "END"),
                items("$}\u0003}\u0004}]}\n#" + String.format("%02x", (4 * '}' + 3 + 4 + ']' + '\n') & 0xff)));
    }

    @Test
    void longRunsAreSaidOnce() {
        // the GDB manual's own example: "0* " is 0000
        assertEquals("$0*!#" + String.format("%02x", '0' + '*' + '!'), framed("00000"));
        assertEquals("$0000#c0", framed("0000"));
        for (int n = 1; n < 300; n++)
            assertEquals("x" + "0".repeat(n) + "y", expanded(framed("x" + "0".repeat(n) + "y")));
    }

    /** @return the content of a frame, runs written out */
    private static String expanded(String frame) {
        StringBuilder s = new StringBuilder();
        for (int i = 1; i < frame.length() - 3; i++) {
            char c = frame.charAt(i);
            if (c == '*') {
                char count = frame.charAt(++i);
                if (count < 32 || count > 126 || count == '#' || count == '$')
                    throw new AssertionError("count " + (int) count);
                s.append(String.valueOf(s.charAt(s.length() - 1)).repeat(count - 29));
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }

    @Test
    void anOversizedPacketIsReadToItsEndAndNotKept() {
        String big = "A".repeat(PacketReader.LARGEST + 1);
        assertEquals(
                List.of("OVERSIZED", "OK", "END"),
                items("$" + big + "#" + String.format("%02x", 'A' * big.length() & 0xff) + "$OK#9a"));
        byte[] zeros = new byte[3];
        assertArrayEquals("$\0\0\0#00".getBytes(StandardCharsets.ISO_8859_1), PacketWriter.frame(zeros));
    }
}
