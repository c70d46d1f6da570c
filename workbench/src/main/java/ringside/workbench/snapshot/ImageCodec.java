package ringside.workbench.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import ringside.memory.PhysicalMemory;
import ringside.workbench.snapshot.Image.Place;

/**
 * An {@link Image} as records: its chunks, then one of its fields and of the pages that are not as in the image it is a
 * difference to.
 */
final class ImageCodec {
    private static final int ENTRY = 4 + 4 + 4 + 16;

    private ImageCodec() {}

    static byte[] chunk(Chunk c) throws IOException {
        byte[] packed = c.packed();
        return ByteBuffer.allocate(4 + packed.length)
                .putInt(c.pages())
                .put(packed)
                .array();
    }

    /** The pages themselves are read, and checked, when they are wanted. */
    static Chunk chunk(Records.Reader file, Records.Entry e) throws IOException {
        if (e.length() < 4 || e.length() > 2 * Chunk.BYTES)
            throw file.bad("is damaged: a record of pages has " + e.length() + " bytes");
        byte[] head = file.peek(e, 4);
        int pages = ByteBuffer.wrap(head).getInt();
        if (pages < 1 || pages > Chunk.PAGES)
            throw file.bad("is damaged: the record at byte " + e.at() + " has " + pages + " pages");
        return new Chunk(
                () -> {
                    byte[] b = file.bytes(e);
                    return Arrays.copyOfRange(b, 4, b.length);
                },
                pages);
    }

    /** @param base what the image is a difference to, or null @param numbers of the chunks in this file */
    static byte[] image(Image image, Image base, Map<Chunk, Integer> numbers) throws IOException {
        Place[] places = image.places();
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(table);
        for (int p = 0; p < places.length; p++) {
            if (base == null ? places[p] == null : image.samePage(base, p)) continue;
            out.writeInt(p);
            out.writeInt(places[p] == null ? -1 : numbers.get(places[p].chunk()));
            out.writeInt(places[p] == null ? 0 : places[p].slot());
            out.writeLong(image.hashes()[2 * p]);
            out.writeLong(image.hashes()[2 * p + 1]);
        }
        byte[] fields = Packed.fields(image.fields());
        byte[] pages = Packed.compress(table.toByteArray());
        return ByteBuffer.allocate(8 + 4 + 4 + fields.length + pages.length)
                .putLong(image.instructions())
                .putInt(places.length)
                .putInt(fields.length)
                .put(fields)
                .put(pages)
                .array();
    }

    /** @param base what it is a difference to, or null @param chunks of this file so far @param memory bytes of RAM */
    static Image image(byte[] bytes, Image base, List<Chunk> chunks, long memory) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        if (bytes.length < 16) throw new DamagedException("an image of " + bytes.length + " bytes");
        long instructions = b.getLong();
        int pages = b.getInt();
        int fields = b.getInt();
        if (instructions < 0 || pages != memory / PhysicalMemory.PAGE_SIZE || fields < 0 || fields > b.remaining())
            throw new DamagedException("the sizes in an image contradict each other");
        byte[] f = new byte[fields];
        b.get(f);
        byte[] packed = new byte[b.remaining()];
        b.get(packed);
        byte[] table = Packed.uncompress(packed);
        if (table.length % ENTRY != 0) throw new DamagedException("a table of pages has " + table.length + " bytes");
        Place[] places = base == null ? new Place[pages] : base.places().clone();
        long[] hashes = base == null ? new long[2 * pages] : base.hashes().clone();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(table));
        while (in.available() > 0) {
            int p = in.readInt();
            int chunk = in.readInt();
            int slot = in.readInt();
            boolean zero = chunk == -1;
            if (p < 0
                    || p >= pages
                    || !zero
                            && (chunk < 0
                                    || chunk >= chunks.size()
                                    || slot < 0
                                    || slot >= chunks.get(chunk).pages())) {
                throw new DamagedException("a page of RAM is said to lie where none is");
            }
            places[p] = zero ? null : new Place(chunks.get(chunk), slot);
            hashes[2 * p] = in.readLong();
            hashes[2 * p + 1] = in.readLong();
        }
        return new Image(instructions, Packed.fields(f), places, hashes, new ArrayList<>(chunks));
    }
}
