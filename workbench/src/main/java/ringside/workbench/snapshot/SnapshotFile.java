package ringside.workbench.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import ringside.machine.Machine;
import ringside.workbench.snapshot.Records.Entry;

/**
 * A snapshot in a file: a record about it, chunks of pages, the image, and an end that holds a checksum of all heads,
 * which hold those of all bytes. Pages that are as in the parent are not in it. Chunks are read when the snapshot is
 * put into a machine; everything else when it is opened.
 */
public final class SnapshotFile implements AutoCloseable {
    /** The version of the format, of snapshots and recordings. */
    public static final int VERSION = Records.VERSION;

    static final int ABOUT = 1, CHUNK = 2, IMAGE = 3, END = 4;
    /** Longest chain of parents. */
    private static final int DEEPEST = 200;

    private final Path file;
    private final About about;
    private final Image image;
    /** What {@link #id} is made of, until somebody asks for it. */
    private byte[][] named;

    private String id;
    private final SnapshotFile parent;
    private final Records.Reader reader;

    private SnapshotFile(
            Path file, About about, Image image, byte[][] named, SnapshotFile parent, Records.Reader reader) {
        this.file = file;
        this.about = about;
        this.image = image;
        this.named = named;
        this.parent = parent;
        this.reader = reader;
    }

    public Path file() {
        return file;
    }

    public About about() {
        return about;
    }

    public Image image() {
        return image;
    }

    /** @return 32 hexadecimal digits that name this very state, by which children know their parent */
    public String id() {
        if (id == null) id = id(named[0], named[1]);
        named = null;
        return id;
    }

    /** @return the snapshot that holds the pages this one does not, or null */
    public SnapshotFile parent() {
        return parent;
    }

    /** @return whether a file starts as snapshots and recordings do, of whatever version */
    public static boolean isOne(Path file) {
        if (!Files.isRegularFile(file)) return false;
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(8), Arrays.copyOf(Records.header(), 8));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Saves a machine's present state; the file appears whole or not at all.
     * @param parent in the same folder, or null
     * @return what was written
     */
    public static SnapshotFile save(Path file, Machine m, Map<String, String> labels, SnapshotFile parent)
            throws IOException {
        if (parent != null && !sameFolder(file, parent.file))
            throw new IllegalArgumentException("the parent lies in another folder");
        About about = new About(
                About.Kind.SNAPSHOT,
                m.config(),
                labels,
                parent == null ? "" : parent.file.getFileName().toString(),
                parent == null ? "" : parent.id());
        Image image = Image.of(m, parent == null ? null : parent.image);
        WholeFile.write(file, c -> write(c, about, image, parent == null ? null : parent.image));
        return open(file);
    }

    private static boolean sameFolder(Path a, Path b) {
        return a.toAbsolutePath()
                .normalize()
                .getParent()
                .equals(b.toAbsolutePath().normalize().getParent());
    }

    private static void write(FileChannel to, About about, Image image, Image base) throws IOException {
        java.util.zip.CRC32C heads = new java.util.zip.CRC32C();
        put(to, ByteBuffer.wrap(Records.header()));
        put(to, heads, Records.record(ABOUT, about.bytes()));
        Map<Chunk, Integer> numbers = new IdentityHashMap<>();
        for (Chunk c : image.own()) {
            numbers.put(c, numbers.size());
            put(to, heads, Records.record(CHUNK, ImageCodec.chunk(c)));
        }
        put(to, heads, Records.record(IMAGE, ImageCodec.image(image, base, numbers)));
        put(
                to,
                Records.record(
                        END, ByteBuffer.allocate(8).putLong(heads.getValue()).array()));
    }

    private static void put(FileChannel to, java.util.zip.CRC32C heads, ByteBuffer record) throws IOException {
        heads.update(record.array(), 0, Records.HEAD);
        put(to, record);
    }

    static void put(FileChannel to, ByteBuffer b) throws IOException {
        while (b.hasRemaining()) to.write(b);
    }

    /**
     * Opens a snapshot and its parents.
     * @throws DamagedException if it is none, is damaged, or its parent is not there
     */
    public static SnapshotFile open(Path file) throws IOException {
        return open(file, 0);
    }

    private static SnapshotFile open(Path file, int depth) throws IOException {
        Records.Reader r = new Records.Reader(file);
        SnapshotFile parent = null;
        try {
            Entry first = r.next();
            if (first == null || first.kind() != ABOUT) throw r.bad("is damaged: it does not begin with what it is of");
            byte[] aboutBytes = r.bytes(first);
            About about = About.read(aboutBytes);
            if (about.kind() != About.Kind.SNAPSHOT) throw r.bad("is a recording, not a snapshot");
            if (!about.parent().isEmpty()) parent = parent(r, about, depth);
            java.util.zip.CRC32C heads = new java.util.zip.CRC32C();
            heads.update(r.peek(new Entry(0, first.at() - Records.HEAD, 0, 0), Records.HEAD));
            List<Chunk> chunks = new ArrayList<>();
            byte[] image = null;
            for (Entry e; ; ) {
                e = r.next();
                if (e == null) throw r.bad("is cut off after " + r.size() + " bytes");
                if (e.kind() == END) {
                    byte[] end = r.bytes(e);
                    if (end.length != 8 || ByteBuffer.wrap(end).getLong() != heads.getValue())
                        throw r.bad("is damaged: its records are not those that were written");
                    break;
                }
                heads.update(r.peek(new Entry(0, e.at() - Records.HEAD, 0, 0), Records.HEAD));
                if (e.kind() == CHUNK && image == null) chunks.add(ImageCodec.chunk(r, e));
                else if (e.kind() == IMAGE && image == null) image = r.bytes(e);
                else throw r.bad("is damaged: a record of kind " + e.kind() + " stands where none may be");
            }
            if (image == null) throw r.bad("is damaged: there is no image in it");
            if (r.position() != r.size()) throw r.bad("has " + (r.size() - r.position()) + " bytes behind its end");
            return new SnapshotFile(
                    file,
                    about,
                    ImageCodec.image(
                            image,
                            parent == null ? null : parent.image,
                            chunks,
                            about.config().memory()),
                    new byte[][] {aboutBytes, image},
                    parent,
                    r);
        } catch (EOFException e) {
            closeAll(r, parent);
            throw r.bad("is cut off after " + r.size() + " bytes");
        } catch (DamagedException e) {
            closeAll(r, parent);
            throw e.getMessage().startsWith(file.toString()) ? e : r.bad(e.getMessage());
        } catch (java.io.UTFDataFormatException | IllegalArgumentException e) {
            closeAll(r, parent);
            throw r.bad("is damaged: it holds a name that is none");
        } catch (IOException | RuntimeException e) {
            closeAll(r, parent);
            throw e;
        }
    }

    private static void closeAll(Records.Reader r, SnapshotFile parent) throws IOException {
        r.close();
        if (parent != null) parent.close();
    }

    private static SnapshotFile parent(Records.Reader r, About about, int depth) throws IOException {
        Path name = Path.of(about.parent());
        if (name.getNameCount() != 1 || name.isAbsolute() || about.parent().equals(".."))
            throw r.bad("names a parent outside its folder");
        if (depth >= DEEPEST) throw r.bad("has more than " + DEEPEST + " parents");
        Path at = r.file().toAbsolutePath().resolveSibling(name);
        if (!Files.exists(at)) throw r.bad("needs the snapshot " + name + " beside it, which is not there");
        SnapshotFile p = open(at, depth + 1);
        if (!p.id().equals(about.parentId())
                || p.about.config().memory() != about.config().memory()) {
            p.close();
            throw r.bad("needs the snapshot " + name + " as it was, and it is another one now");
        }
        return p;
    }

    private static String id(byte[] about, byte[] image) {
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            d.update(about);
            return HexFormat.of().formatHex(d.digest(image), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @return a machine in this state, which the caller closes; its RAM is unpacked as it is used, so that a file which
     *     was made to be wrong fails there, with a {@link DamagedException} inside an UncheckedIOException
     */
    public Machine machine(Machine.EngineFactory engine) throws IOException {
        Machine m = new Machine(about.config(), engine);
        try {
            image.restoreFresh(m);
            return m;
        } catch (IOException | RuntimeException e) {
            m.close();
            if (e instanceof DamagedException && !e.getMessage().startsWith(file.toString()))
                throw new DamagedException(file + ": " + e.getMessage());
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
        if (parent != null) parent.close();
    }
}
