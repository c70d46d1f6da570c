package ringside.workbench.gdb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Puts packets on the wire: checksum, escapes, and runs of equal bytes said once; from any thread. Source: GDB manual,
 * appendix E.1.
 */
final class PacketWriter {
    /** Fewest repeats that a run is written for, and most that one count can say. */
    private static final int SHORTEST_RUN = 4, LONGEST_RUN = 97;

    private static final int COUNT_BASE = 29;

    private final OutputStream out;
    private byte[] last = {};

    PacketWriter(OutputStream out) {
        this.out = out;
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    synchronized void send(byte[] data) throws IOException {
        last = frame(data);
        again();
    }

    /** Sends the last packet once more: its receiver could not read it. */
    synchronized void again() throws IOException {
        out.write(last);
        out.flush();
    }

    /** @param good whether the packet that came could be read */
    synchronized void acknowledge(boolean good) throws IOException {
        out.write(good ? '+' : '-');
        out.flush();
    }

    static byte[] frame(byte[] data) {
        ByteArrayOutputStream body = new ByteArrayOutputStream(data.length + 4);
        for (int i = 0; i < data.length; ) {
            int b = data[i] & 0xff;
            int run = 1;
            while (i + run < data.length && run <= LONGEST_RUN && data[i + run] == data[i]) run++;
            int repeats = run - 1;
            if (special(b)) {
                body.write('}');
                body.write(b ^ 0x20);
                i++;
            } else if (repeats >= SHORTEST_RUN) {
                // counts that would be written as '#' or '$' end the packet
                if (repeats + COUNT_BASE == '#' || repeats + COUNT_BASE == '$') repeats = '"' - COUNT_BASE;
                body.write(b);
                body.write('*');
                body.write(repeats + COUNT_BASE);
                i += repeats + 1;
            } else {
                body.write(b);
                i++;
            }
        }
        int sum = 0;
        byte[] bytes = body.toByteArray();
        for (byte b : bytes) sum += b;
        byte[] framed = new byte[bytes.length + 4];
        framed[0] = '$';
        System.arraycopy(bytes, 0, framed, 1, bytes.length);
        framed[bytes.length + 1] = '#';
        framed[bytes.length + 2] = (byte) Character.forDigit(sum >> 4 & 15, 16);
        framed[bytes.length + 3] = (byte) Character.forDigit(sum & 15, 16);
        return framed;
    }

    private static boolean special(int b) {
        return b == '$' || b == '#' || b == '}' || b == '*';
    }
}
