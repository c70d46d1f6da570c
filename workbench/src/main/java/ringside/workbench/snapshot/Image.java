package ringside.workbench.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import ringside.machine.Machine;
import ringside.memory.HostMemory;
import ringside.memory.PhysicalMemory;
import ringside.snapshot.StateFields;

/**
 * A machine's whole state, compressed: its fields by name, and for each page of RAM where its content is. Each content
 * is kept once; pages that are as in the parent lie in the parent's chunks. Does not change once made.
 */
public final class Image {
    private static final int PAGE = PhysicalMemory.PAGE_SIZE;
    /** Where a machine that has just been built may have bytes that are not zero. */
    private static final int FIRMWARE = 1 << 20;

    /** Where the content of a page is. */
    record Place(Chunk chunk, int slot) {}

    private record Hash(long high, long low) {}

    private final long instructions;
    private final Map<String, Object> fields;
    /** For each page of RAM; null is a page of zeroes. */
    private final Place[] places;
    /** Two for each page. */
    private final long[] hashes;

    private final List<Chunk> own;

    Image(long instructions, Map<String, Object> fields, Place[] places, long[] hashes, List<Chunk> own) {
        this.instructions = instructions;
        this.fields = fields;
        this.places = places;
        this.hashes = hashes;
        this.own = own;
    }

    public long instructions() {
        return instructions;
    }

    Map<String, Object> fields() {
        return fields;
    }

    Place[] places() {
        return places;
    }

    long[] hashes() {
        return hashes;
    }

    /** @return the chunks that are not of the parent */
    List<Chunk> own() {
        return own;
    }

    /** @return compressed bytes that this image needs besides its parent's */
    public long bytes() throws IOException {
        long n = 0;
        for (Chunk c : own) n += c.packed().length;
        return n;
    }

    /**
     * Takes a machine's present state; the machine must not be running.
     * @param parent an image of the same machine, most of whose RAM is the same; or null
     */
    public static Image of(Machine m, Image parent) {
        Gatherer[] g = new Gatherer[1];
        Map<String, Object> fields =
                StateFields.of(m, (host, bytes) -> g[0] = new Gatherer(m.memory(), host, bytes, parent));
        g[0].gather();
        return new Image(m.cpu().instructions(), fields, g[0].places, g[0].hashes, g[0].chunks);
    }

    /** Finds out which pages are new and compresses those. */
    private static final class Gatherer {
        private final PhysicalMemory memory;
        private final long host;
        private final Image parent;
        final Place[] places;
        final long[] hashes;
        final List<Chunk> chunks = new ArrayList<>();
        private final Map<Hash, Integer> seen = new HashMap<>();
        /** Pages whose content comes into the chunk that is being filled. */
        private final int[] filling = new int[Chunk.PAGES];

        private int filled;
        /** For pages whose content is another one's of this image: that page plus 1. */
        private final int[] same;

        Gatherer(PhysicalMemory memory, long host, long bytes, Image parent) {
            this.memory = memory;
            this.host = host;
            int pages = Math.toIntExact(bytes / PAGE);
            this.parent = parent != null && parent.places.length == pages ? parent : null;
            places = new Place[pages];
            hashes = new long[2 * pages];
            same = new int[pages];
        }

        void gather() {
            byte[] raw = new byte[Chunk.BYTES];
            for (int p = 0; p < places.length; p++) {
                long at = host + (long) p * PAGE;
                if (!memory.isUsed(p) || PageHash.zero(at)) continue;
                PageHash.of(at, hashes, 2 * p);
                long high = hashes[2 * p];
                long low = hashes[2 * p + 1];
                if (parent != null && parent.hashes[2 * p] == high && parent.hashes[2 * p + 1] == low) {
                    places[p] = parent.places[p];
                    continue;
                }
                Integer first = seen.putIfAbsent(new Hash(high, low), p);
                if (first != null && HostMemory.mismatch(at, host + (long) first * PAGE, PAGE) < 0) {
                    same[p] = first + 1;
                    continue;
                }
                HostMemory.read(at, raw, filled * PAGE, PAGE);
                filling[filled++] = p;
                if (filled == Chunk.PAGES) finish(raw);
            }
            if (filled > 0) finish(raw);
            for (int p = 0; p < same.length; p++) {
                if (same[p] != 0) places[p] = places[same[p] - 1];
            }
        }

        private void finish(byte[] raw) {
            Chunk c = Chunk.compress(raw, filled);
            for (int i = 0; i < filled; i++) places[filling[i]] = new Place(c, i);
            chunks.add(c);
            filled = 0;
        }
    }

    /**
     * Puts a machine into this state; it must be built from the same configuration.
     *
     * @throws DamagedException if the state is not one of such a machine, which must not be used any more then
     */
    public void restore(Machine m) throws IOException {
        try {
            IOException[] failed = new IOException[1];
            StateFields.restore(m, fields, (host, bytes) -> {
                try {
                    putRam(m.memory(), host, bytes);
                } catch (IOException e) {
                    failed[0] = e;
                }
            });
            if (failed[0] != null) throw failed[0];
            m.restored(instructions);
        } catch (RuntimeException e) {
            throw misfit(e);
        }
    }

    /** What is whole and does not fit names values that this version does not have, or lacks some. */
    private static DamagedException misfit(RuntimeException e) {
        return new DamagedException("the state does not fit this machine, so another version of Ringside wrote it: "
                + (e instanceof IllegalStateException ? e.getMessage() : e.toString()));
    }

    /**
     * Puts a machine that has just been built into this state. Its pages are unpacked when the guest first uses them;
     * their compressed bytes are read, and checked, here.
     *
     * @throws DamagedException as {@link #restore}
     */
    public void restoreFresh(Machine m) throws IOException {
        if (m.cpu().instructions() != 0) throw new IllegalArgumentException("the machine has run");
        Map<Chunk, Chunk> loaded = new IdentityHashMap<>();
        for (Place p : places) {
            if (p != null && !loaded.containsKey(p.chunk()))
                loaded.put(p.chunk(), p.chunk().loaded());
        }
        long[] absent = new long[(places.length + 63) / 64];
        for (int p = 0; p < places.length; p++) {
            if (places[p] != null) absent[p >>> 6] |= 1L << p;
        }
        try {
            StateFields.restore(m, fields, (host, bytes) -> {
                if (bytes != (long) places.length * PAGE)
                    throw new IllegalStateException(
                            "it is that of a machine with " + (long) places.length * PAGE + " bytes of RAM");
            });
        } catch (RuntimeException e) {
            throw misfit(e);
        }
        // what firmware wrote when the machine was built lies in pages that the image has too, or that are zeroes there
        long zeroes = HostMemory.allocate(PAGE);
        for (int p = 0; p < Math.min(places.length, FIRMWARE / PAGE); p++) {
            if (places[p] == null) m.memory().replacePage((long) p * PAGE, zeroes);
        }
        HostMemory.free(zeroes);
        m.memory().fillLater(absent, new Unpacking(m.memory(), places, loaded));
        m.restored(instructions);
    }

    /** Unpacks a chunk when the first of its pages is wanted, and lets go of it. */
    private static final class Unpacking implements PhysicalMemory.PageSource {
        private final PhysicalMemory memory;
        private final Map<Chunk, int[]> pages = new IdentityHashMap<>();
        private final Place[] places;
        private final Map<Chunk, Chunk> loaded;

        Unpacking(PhysicalMemory memory, Place[] places, Map<Chunk, Chunk> loaded) {
            this.memory = memory;
            this.places = places.clone();
            this.loaded = loaded;
            for (int p = 0; p < places.length; p++) {
                if (places[p] == null) continue;
                int[] of = pages.computeIfAbsent(places[p].chunk(), c -> new int[1 + Chunk.PAGES]);
                if (of[0] + 1 == of.length)
                    pages.put(places[p].chunk(), of = java.util.Arrays.copyOf(of, 2 * of.length));
                of[++of[0]] = p;
            }
        }

        @Override
        public void fetch(int page) {
            Chunk chunk = places[page].chunk();
            byte[] raw = new byte[Chunk.BYTES];
            try {
                loaded.get(chunk).unpack(raw);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            int[] of = pages.get(chunk);
            for (int i = 1; i <= of[0]; i++) {
                memory.arrive(of[i], raw, places[of[i]].slot() * PAGE);
                places[of[i]] = null;
            }
            pages.remove(chunk);
            loaded.remove(chunk);
        }
    }

    /** Writes only pages that differ, so that code decoded from the others stays valid. */
    private void putRam(PhysicalMemory memory, long host, long bytes) throws IOException {
        if (bytes != (long) places.length * PAGE)
            throw new DamagedException(
                    "it is the state of a machine with " + (long) places.length * PAGE + " bytes of RAM");
        Map<Chunk, List<Integer>> wanted = new IdentityHashMap<>();
        List<Chunk> order = new ArrayList<>();
        long scratch = HostMemory.allocate(PAGE);
        try {
            for (int p = 0; p < places.length; p++) {
                if (places[p] == null) {
                    if (memory.isUsed(p) && !PageHash.zero(host + (long) p * PAGE))
                        memory.replacePage((long) p * PAGE, scratch);
                    continue;
                }
                wanted.computeIfAbsent(places[p].chunk(), c -> {
                            order.add(c);
                            return new ArrayList<>();
                        })
                        .add(p);
            }
            byte[] raw = new byte[Chunk.BYTES];
            for (Chunk c : order) {
                c.unpack(raw);
                for (int p : wanted.get(c)) {
                    HostMemory.write(scratch, raw, places[p].slot() * PAGE, PAGE);
                    if (HostMemory.mismatch(scratch, host + (long) p * PAGE, PAGE) >= 0)
                        memory.replacePage((long) p * PAGE, scratch);
                }
            }
        } finally {
            HostMemory.free(scratch);
        }
    }

    /** @return whether a page is the same as in another image of the same machine */
    boolean samePage(Image other, int page) {
        return Arrays.equals(hashes, 2 * page, 2 * page + 2, other.hashes, 2 * page, 2 * page + 2);
    }
}
