package ringside.workbench.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The container of snapshots and recordings: 8 letters, a version, then records of a kind, a length and bytes. Head and
 * bytes of each have a CRC-32C of their own, so that every changed byte is noticed where it is read. All numbers are
 * big-endian.
 */
final class Records {
    /** One record's place in a file. */
    record Entry(int kind, long at, int length, int checksum) {}

    static final int VERSION = 1;
    static final int HEADER = 16, HEAD = 16;
    private static final long MAGIC = 0x52696e6753696465L; // "RingSide"
    private static final int MOST = 1 << 30;

    private Records() {}

    static byte[] header() {
        ByteBuffer b = ByteBuffer.allocate(HEADER).putLong(MAGIC).putInt(VERSION);
        return b.putInt(crc(b.array(), 0, 12)).array();
    }

    /** @return head and bytes of a record */
    static ByteBuffer record(int kind, byte[] bytes) {
        ByteBuffer b = ByteBuffer.allocate(HEAD + bytes.length)
                .putInt(kind)
                .putInt(bytes.length)
                .putInt(crc(bytes, 0, bytes.length));
        b.putInt(crc(b.array(), 0, 12));
        return b.put(bytes).flip();
    }

    static int crc(byte[] b, int from, int length) {
        CRC32C c = new CRC32C();
        c.update(b, from, length);
        return (int) c.getValue();
    }

    /** Reads a file record by record. */
    static final class Reader implements AutoCloseable {
        private final Path file;
        private final FileChannel channel;
        private final long size;
        private long at = HEADER;

        Reader(Path file) throws IOException {
            this.file = file;
            channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                size = channel.size();
                checkHeader();
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }

        private void checkHeader() throws IOException {
            byte[] h = new byte[(int) Math.min(HEADER, size)];
            read(0, h);
            if (h.length < 8 || ByteBuffer.wrap(h).getLong() != MAGIC) throw bad("is no snapshot and no recording");
            if (h.length < HEADER) throw bad("is cut off after " + size + " bytes");
            ByteBuffer b = ByteBuffer.wrap(h, 8, 8);
            int version = b.getInt();
            if (b.getInt() != crc(h, 0, 12)) throw bad("is damaged: its first " + HEADER + " bytes have changed");
            if (version != VERSION)
                throw bad("has version " + version + ", and this Ringside reads version " + VERSION);
        }

        DamagedException bad(String why) {
            return new DamagedException(file + ": " + why);
        }

        Path file() {
            return file;
        }

        /** @return bytes up to the next record */
        long position() {
            return at;
        }

        long size() {
            return size;
        }

        /**
         * @return the next record, or null at the end of the file
         * @throws EOFException if the file is cut off within it
         */
        Entry next() throws IOException {
            if (at == size) return null;
            if (size - at < HEAD) throw new EOFException();
            byte[] h = new byte[HEAD];
            read(at, h);
            ByteBuffer b = ByteBuffer.wrap(h);
            Entry e = new Entry(b.getInt(), at + HEAD, b.getInt(), b.getInt());
            if (b.getInt() != crc(h, 0, 12) || e.length < 0 || e.length > MOST)
                throw bad("is damaged: the record at byte " + at + " has changed");
            if (e.length > size - e.at) throw new EOFException();
            at = e.at + e.length;
            return e;
        }

        /** @return the bytes of a record */
        byte[] bytes(Entry e) throws IOException {
            byte[] bytes = new byte[e.length];
            read(e.at, bytes);
            if (crc(bytes, 0, bytes.length) != e.checksum)
                throw bad("is damaged: the record at byte " + (e.at - HEAD) + " has changed");
            return bytes;
        }

        /** @return the first bytes of a record, unchecked */
        byte[] peek(Entry e, int length) throws IOException {
            byte[] bytes = new byte[length];
            read(e.at, bytes);
            return bytes;
        }

        private void read(long from, byte[] into) throws IOException {
            ByteBuffer b = ByteBuffer.wrap(into);
            while (b.hasRemaining()) {
                if (channel.read(b, from + b.position()) < 0) throw bad("became shorter while it was read");
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
