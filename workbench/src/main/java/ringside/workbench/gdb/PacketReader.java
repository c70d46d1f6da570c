package ringside.workbench.gdb;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Takes a client's byte stream apart: packets {@code $data#checksum}, acknowledgements, and the interrupt character
 * 03h, which may stand anywhere between packets. Whatever bytes come, one item after the other comes out and memory
 * stays bounded. Source: GDB manual, appendix E.1.
 */
final class PacketReader {
    /** Most bytes of a packet, before escapes are undone; a longer one is read to its end and thrown away. */
    static final int LARGEST = 0x10000;
    /** A packet without an end is no packet: the connection is given up. */
    private static final int ENDLESS = 1 << 24;

    static final int INTERRUPT = 3;

    enum Kind {
        PACKET,
        ACKNOWLEDGED,
        AGAIN,
        INTERRUPTED,
        DAMAGED,
        OVERSIZED,
        END
    }

    /** @param data the content of a PACKET, escapes undone; otherwise null */
    record Item(Kind kind, byte[] data) {
        Item(Kind kind) {
            this(kind, null);
        }
    }

    private final InputStream in;
    /** A byte that was read one too far: the '$' of the next packet, which ended an unfinished one. */
    private int pushed = -1;

    PacketReader(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 15);
    }

    private int read() throws IOException {
        int b = pushed;
        pushed = -1;
        return b >= 0 ? b : in.read();
    }

    /** @return the next item; END for ever when the stream has ended, in an error too */
    Item next() {
        try {
            while (true) {
                int b = read();
                switch (b) {
                    case -1 -> {
                        return new Item(Kind.END);
                    }
                    case '$' -> {
                        return packet();
                    }
                    case '+' -> {
                        return new Item(Kind.ACKNOWLEDGED);
                    }
                    case '-' -> {
                        return new Item(Kind.AGAIN);
                    }
                    case INTERRUPT -> {
                        return new Item(Kind.INTERRUPTED);
                    }
                    default -> {} // noise between packets, as on a serial line
                }
            }
        } catch (IOException e) {
            return new Item(Kind.END);
        }
    }

    private Item packet() throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int sum = 0;
        boolean escaped = false;
        long length = 0;
        while (true) {
            int b = read();
            if (b < 0 || length > ENDLESS) return new Item(Kind.END);
            if (b == '#' && !escaped) break;
            if (b == '$' && !escaped) {
                pushed = b;
                return new Item(Kind.DAMAGED);
            }
            sum += b;
            length++;
            if (length > LARGEST) continue;
            if (b == '}' && !escaped) {
                escaped = true;
            } else {
                data.write(escaped ? b ^ 0x20 : b);
                escaped = false;
            }
        }
        int high = Character.digit(read(), 16);
        int low = Character.digit(read(), 16);
        if (high < 0 || low < 0 || (sum & 0xff) != (high << 4 | low)) return new Item(Kind.DAMAGED);
        return length > LARGEST ? new Item(Kind.OVERSIZED) : new Item(Kind.PACKET, data.toByteArray());
    }
}
