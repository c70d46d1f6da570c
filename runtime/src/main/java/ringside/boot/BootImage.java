package ringside.boot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of a file that goes into the guest, with little-endian reads that never leave it: whatever a header claims,
 * a read outside is a {@link BootException} that names the file. Offsets are unsigned and counted from the start of the
 * file.
 */
public final class BootImage {
    private static final long MAX_FILE = 1L << 30;

    private final String name;
    private final byte[] bytes;
    private final ByteBuffer view;

    BootImage(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
        this.view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static BootImage read(Path file) throws BootException {
        try {
            if (Files.isDirectory(file)) throw new BootException(file + ": is a directory");
            long size = Files.size(file);
            if (size > MAX_FILE)
                throw new BootException(file + ": " + size + " bytes are more than a kernel or initrd may have");
            return new BootImage(file.toString(), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new BootException(file + ": no such file", e);
        } catch (IOException e) {
            throw new BootException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** @return the image, unpacked if it is a gzip file */
    BootImage unpacked() throws BootException {
        if (!startsWith(0, "\037\213\b")) return this;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] content = in.readNBytes((int) MAX_FILE);
            if (in.read() >= 0) throw error("more than " + MAX_FILE + " bytes when unpacked");
            return new BootImage(name, content);
        } catch (IOException e) {
            throw error("damaged gzip file: " + e.getMessage());
        }
    }

    /** @return its CRC-32 (IEEE 802.3) */
    int crc32() {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** @return whether it begins as programs for Windows and EFI do */
    boolean isPortableExecutable() throws BootException {
        return startsWith(0, "MZ") && has(0x3c, 4) && startsWith(u32(0x3c, "PE header"), "PE\0\0");
    }

    String name() {
        return name;
    }

    int size() {
        return bytes.length;
    }

    byte[] bytes() {
        return bytes;
    }

    BootException error(String message) {
        return new BootException(name + ": " + message);
    }

    boolean has(long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= bytes.length && length <= bytes.length - offset;
    }

    /** Checks that a range lies in the file. @return its offset */
    int require(long offset, long length, String what) throws BootException {
        if (!has(offset, length)) {
            throw error("truncated: " + what + " at " + Long.toHexString(offset) + "h needs "
                    + Long.toUnsignedString(length) + " bytes, the file has " + bytes.length);
        }
        return (int) offset;
    }

    int u8(long offset, String what) throws BootException {
        return view.get(require(offset, 1, what)) & 0xff;
    }

    int u16(long offset, String what) throws BootException {
        return view.getShort(require(offset, 2, what)) & 0xffff;
    }

    long u32(long offset, String what) throws BootException {
        return view.getInt(require(offset, 4, what)) & 0xffff_ffffL;
    }

    long u64(long offset, String what) throws BootException {
        return view.getLong(require(offset, 8, what));
    }

    boolean startsWith(long offset, String magic) {
        byte[] m = magic.getBytes(StandardCharsets.ISO_8859_1);
        if (!has(offset, m.length)) return false;
        for (int i = 0; i < m.length; i++) {
            if (bytes[(int) offset + i] != m[i]) return false;
        }
        return true;
    }
}
