package ringside.workbench.snapshot;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Compressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.IOException;
import java.util.Arrays;
import ringside.memory.PhysicalMemory;

/**
 * Up to {@link #PAGES} different pages of RAM, compressed together by LZ4; in memory, or in a file from which they are
 * read and checked when they are wanted.
 */
final class Chunk {
    static final int PAGES = 64;
    static final int BYTES = PAGES * PhysicalMemory.PAGE_SIZE;

    /** Reads the compressed bytes. */
    interface Source {
        byte[] read() throws IOException;
    }

    private final Source source;
    private final int pages;

    /** @param pages 1 to {@link #PAGES} */
    Chunk(Source source, int pages) {
        this.source = source;
        this.pages = pages;
    }

    /** @param raw the pages one behind the other */
    static Chunk compress(byte[] raw, int pages) {
        Lz4Compressor lz4 = new Lz4Compressor();
        byte[] packed = new byte[lz4.maxCompressedLength(pages * PhysicalMemory.PAGE_SIZE)];
        int n = lz4.compress(raw, 0, pages * PhysicalMemory.PAGE_SIZE, packed, 0, packed.length);
        byte[] kept = Arrays.copyOf(packed, n);
        return new Chunk(() -> kept, pages);
    }

    int pages() {
        return pages;
    }

    byte[] packed() throws IOException {
        return source.read();
    }

    /** @return the same chunk in memory: its bytes are read, and checked, here */
    Chunk loaded() throws IOException {
        byte[] kept = source.read();
        return new Chunk(() -> kept, pages);
    }

    /** Unpacks all pages. @param into at least {@link #BYTES} long */
    void unpack(byte[] into) throws IOException {
        byte[] packed = source.read();
        int n;
        try {
            n = new Lz4Decompressor().decompress(packed, 0, packed.length, into, 0, BYTES);
        } catch (MalformedInputException e) {
            throw new DamagedException("pages of RAM cannot be unpacked");
        }
        if (n != pages * PhysicalMemory.PAGE_SIZE) throw new DamagedException("pages of RAM have " + n + " bytes");
    }
}
